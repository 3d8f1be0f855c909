/* Verb "check": reads and proves the configuration. */
#include "base/clock.h"
#include "base/log.h"
#include "cli/check_online.h"
#include "cli/gone.h"
#include "cli/print.h"
#include "cli/rules.h"
#include "cli/setup.h"
#include "flow/process.h"

static void print_mapping(const struct snapshot *snapshot) {
    struct arena arena;
    arena_init(&arena);
    print_slice(schema_mapping(snapshot->schemas[0], &arena));
    print("\n");
    arena_free(&arena);
}

/* Posts of both built-in forms, with everything a script may ask for in one and nothing in the
 * other. */
static const char *const trial_posts[] = {
    "{\"id\":\"1\",\"text\":\"A good day, @anna! #coffee https://example.com\",\"lang\":\"en\","
    "\"created\":\"2024-01-01T12:00:00Z\",\"author\":{\"id\":\"7\",\"handle\":\"bob\",\"name\":"
    "\"Bob\"},"
    "\"hashtags\":[\"coffee\"],\"mentions\":[\"anna\"],\"urls\":[\"https://example.com\"]}",
    "{\"created_at\":\"Mon Jan 01 12:00:00 +0000 2024\",\"timestamp_ms\":\"1704110400000\","
    "\"id\":1741792550000000001,\"id_str\":\"1741792550000000001\",\"text\":\"So tired of this "
    "rain "
    "#weather\",\"truncated\":false,\"lang\":\"en\",\"user\":{\"id\":7,\"id_str\":\"7\",\"name\":"
    "\"Bob\","
    "\"screen_name\":\"bob\",\"followers_count\":3,\"verified\":false},\"coordinates\":{\"type\":"
    "\"Point\",\"coordinates\":[2.35,48.86]},\"entities\":{\"hashtags\":[{\"text\":\"weather\","
    "\"indices\":[22,30]}],\"urls\":[],\"user_mentions\":[],\"symbols\":[]}}",
    "a bare line of text",
};

/* Runs every function of the configuration over the trial posts. One that fails for each of them is
 * wrong. */
static bool try_scripts(const struct snapshot *snapshot, struct error *err) {
    log_set_level(LOG_ERROR + 1); /* what fails is told once, below */
    struct processor *processor = processor_create();
    struct batch *batch = batch_create();
    bool good = true;
    batch->snapshot = snapshot;
    batch->trial = true;
    batch->received_ms = clock_wall_ms();
    batch->place = (struct record_place){ .source = SLICE("check") };
    for (size_t i = 0; i < LENGTH(trial_posts); i++) {
        struct slice post = slice_of(trial_posts[i]);
        (void)batch_add(batch, json_padded(&batch->arena, post), i);
    }
    batch_process(processor, batch);
    for (uint32_t i = 0; i < program_count(snapshot->program) && good; i++) {
        const char *name;
        good = program_failures(snapshot->program, i, &name) < LENGTH(trial_posts);
        if (!good) *err = *processor_failure(processor, i);
    }
    err->kind = ERROR_CONFIG;
    processor_destroy(processor);
    batch_destroy(batch);
    return good;
}

static void tell_gone(const struct snapshot *snapshot, const char *name) {
    complain("linnet check: no sink has the name %s any more, and what comes is kept for it in %s\n"
             "    `linnet spool forget %s` ends that\n",
             name, snapshot->state_folder, name);
}

int verb_check(const struct arguments *arguments) {
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_NEEDED, NULL, &code);
    if (snapshot == NULL) return code;
    struct error err = { 0 };
    if (!try_scripts(snapshot, &err)) {
        snapshot_release(snapshot);
        return complain_error(&err);
    }
    rules_warn(snapshot);
    if (arguments->given[FLAG_PRINT_MAPPING])
        print_mapping(snapshot);
    else
        complain("%s: good: %zu sources, %zu queries, schema %s, %zu sinks\n", snapshot->path,
                 snapshot->source_count, query_set_count(snapshot->queries),
                 schema_name(snapshot->schemas[0]), snapshot->sink_count);
    gone_each(snapshot, tell_gone);
    bool works = !arguments->given[FLAG_ONLINE] || check_online(snapshot);
    snapshot_release(snapshot);
    return works ? 0 : 1;
}
