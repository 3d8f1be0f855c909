/* Nicolas Seriot's JSONTestSuite (tests/data/json_test_suite), each file as it is and as the value
 * of a member: nothing crashes, what is JSON is read, what is none is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "padded.h"
#include "json/walk.h"

static struct {
    struct projection *projection;
    struct projector *projector, *walker;
    struct arena arena;
    int files; /* seen */
} suite;

static void ignore_begin(void *context, bool array) { (void)context, (void)array; }
static void ignore_name(void *context, struct slice name) { (void)context, (void)name; }
static void ignore_scalar(void *context, enum json_type type, struct slice text) {
    (void)context, (void)type, (void)text;
}

static bool walks(struct slice record) {
    static const struct json_events events = { NULL, ignore_begin, ignore_begin, ignore_name,
                                               ignore_scalar };
    return json_walk(suite.walker, record, &suite.arena, &events);
}

static bool projects(struct slice record) {
    struct slice reason;
    bool done = projector_run(suite.projector, record, &suite.arena, &reason) != NULL;
    if (!done) assert_true(reason.length > 0);
    return done;
}

/* What the projection reads although it is no JSON: nobody asked for what stands behind. */
static const char *const unasked[] = { "n_object_garbage_at_end.json",
                                       "n_object_two_commas_in_a_row.json" };

static bool is_unasked(const char *name) {
    for (size_t i = 0; i < LENGTH(unasked); i++)
        if (strcmp(name, unasked[i]) == 0) return true;
    return false;
}

static struct slice as_member(struct slice json) {
    static const char head[] = "{\"a\":";
    size_t length = sizeof head - 1;
    char *bytes = arena_alloc(&suite.arena, length + json.length + 1);
    memcpy(bytes, head, length);
    memcpy(bytes + length, json.data, json.length);
    bytes[length + json.length] = '}';
    return padded(&suite.arena, slice_from(bytes, length + json.length + 1), '"');
}

static void expect(const char *name, bool walked, bool projected, bool good) {
    bool may_project = good || is_unasked(name);
    if (walked != good || projected != may_project)
        fail_msg("%s: %s by the walk, %s by the projection", name, walked ? "read" : "refused",
                 projected ? "read" : "refused");
}

/* i_ files may be read or not; the rest of their names says which it must be. */
static void look_at(void *context, const char *name) {
    (void)context;
    char path[288];
    if (!slice_ends(slice_of(name), SLICE(".json"))) return;
    snprintf(path, sizeof path, "json_test_suite/%s", name);
    struct slice bare = data_file(&suite.arena, path), member = as_member(bare);
    bool is_object = slice_starts(slice_of(name), SLICE("y_object"));
    bool walked = walks(member), projected = projects(member);
    bool bare_walked = walks(bare), bare_projected = projects(bare);
    if (name[0] != 'i') {
        expect(name, walked, projected, name[0] == 'y');
        assert_int_equal(bare_walked, is_object);
        assert_int_equal(bare_projected, is_object);
    }
    suite.files++;
    arena_reset(&suite.arena, ARENA_BLOCK_BYTES);
}

static void every_file_is_read_or_refused_as_its_name_says(void **state) {
    (void)state;
    assert_true(os_list_folder("tests/data/json_test_suite", look_at, NULL));
    assert_int_equal(suite.files, 318);
}

static int make_suite(void **state) {
    (void)state;
    arena_init(&suite.arena);
    suite.projection = projection_create();
    bool added = projection_add(suite.projection, SLICE("a")) == 0 &&
                 projection_add(suite.projection, SLICE("a.a")) == 1;
    projection_seal(suite.projection);
    suite.projector = projector_create(suite.projection);
    suite.walker = projector_create(NULL);
    return added ? 0 : -1;
}

static int free_suite(void **state) {
    (void)state;
    projector_destroy(suite.walker);
    projector_destroy(suite.projector);
    projection_destroy(suite.projection);
    arena_free(&suite.arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_read_or_refused_as_its_name_says),
    };
    return cmocka_run_group_tests_name("json_suite", tests, make_suite, free_suite);
}
