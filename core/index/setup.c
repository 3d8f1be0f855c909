/* index/setup.h: a request a step, each once the one before it is answered. */
#include "index/setup.h"
#include "base/log.h"
#include <stdlib.h>

#define MOST_REPLY_BYTES ((size_t)1024 * 1024)
#define OLDEST_MAJOR 7
/* Since when templates are made of parts. */
#define COMPOSABLE_MINOR 8
#define JSON_TYPE "application/json"

enum { STEP_SERVER, STEP_TEMPLATE, STEP_INDEX, STEP_MAPPING, STEP_END };

void index_setup_init(struct index_setup *setup) { arena_init(&setup->arena); }

void index_setup_free(struct index_setup *setup) { arena_free(&setup->arena); }

static void end(struct index_setup *setup, enum index_rule rule, struct slice text,
                struct slice retry_after) {
    setup->running = false;
    setup->ended(setup, rule, text, retry_after);
}

static void take_step(struct index_setup *setup, unsigned step);

/* ---- what is asked -------------------------------------------------------------------------- */

static void replied(void *context, const struct aws_reply *reply);

static void ask(struct index_setup *setup, const char *method, struct slice path,
                struct slice body) {
    setup->body = body;
    index_link_ask(setup->link, &(struct index_ask){ .method = method,
                                                     .path = path,
                                                     .content_type = body.length ? JSON_TYPE : NULL,
                                                     .body = body,
                                                     .most_bytes = MOST_REPLY_BYTES,
                                                     .replied = replied,
                                                     .context = setup });
}

/* A name of letters, digits and "-_.*" goes into paths and JSON as it is. */
static struct slice path_of(struct index_setup *setup, const char *before, struct slice name,
                            const char *behind) {
    return ARENA_JOIN(&setup->arena, slice_of(before), name, slice_of(behind));
}

static void ask_template(struct index_setup *setup) {
    struct slice pattern = index_place_pattern(setup->place, &setup->arena);
    struct slice inner = slice_skip(setup->mapping, 1);
    struct slice name =
        ARENA_JOIN(&setup->arena, SLICE("linnet-"), setup->place->before,
                   setup->place->date.length ? SLICE("date") : SLICE(""), setup->place->behind);
    const char *path = setup->composable ? "/_index_template/" : "/_template/";
    struct slice head =
        arena_format(&setup->arena, "{\"index_patterns\":[\"%.*s\"],", SLICE_ARGS(pattern));
    struct slice body =
        setup->composable ? ARENA_JOIN(&setup->arena, head, SLICE("\"priority\":200,\"template\":"),
                                       setup->mapping, SLICE("}"))
                          : ARENA_JOIN(&setup->arena, head, SLICE("\"order\":200,"), inner);
    ask(setup, "PUT", path_of(setup, path, name, ""), body);
}

/* Without {"mappings": around it. */
static void ask_mapping(struct index_setup *setup) {
    const size_t before = sizeof "{\"mappings\":" - 1;
    struct slice pattern = index_place_pattern(setup->place, &setup->arena);
    struct slice mapping = slice_skip(setup->mapping, before);
    mapping.length--;
    ask(setup, "PUT", path_of(setup, "/", pattern, "/_mapping"), mapping);
}

/* ---- what is answered ----------------------------------------------------------------------- */

/* A version that is not told is taken for a new one: `GET /` may be forbidden. */
static bool is_new_enough(struct index_setup *setup, const struct index_server *server) {
    char number[32];
    char *rest;
    size_t length = MIN(server->number.length, sizeof number - 1);
    bool other = slice_is(server->distribution, "opensearch");
    memcpy(number, length ? server->number.data : "", length);
    number[length] = '\0';
    unsigned long major = strtoul(number, &rest, 10);
    unsigned long minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
    setup->composable = other || length == 0 || major > OLDEST_MAJOR || minor >= COMPOSABLE_MINOR;
    if (other || length == 0 || major >= OLDEST_MAJOR) return true;
    struct slice text = arena_format(&setup->arena,
                                     "Elasticsearch %s is too old: it takes 7.0 or "
                                     "later",
                                     number);
    end(setup, INDEX_REFUSED, text, slice_from(NULL, 0));
    return false;
}

static bool is_there(const struct index_item *said) {
    return slice_is(said->type, "resource_already_exists_exception") ||
           slice_is(said->type, "index_already_exists_exception") ||
           slice_is(said->type, "invalid_index_name_exception"); /* it is an alias */
}

/* Whether the next step may be taken although this one was refused. */
static bool goes_on(struct index_setup *setup, const struct index_item *said) {
    bool dated = setup->place->date.length > 0;
    switch (setup->step) {
    case STEP_SERVER: return said->status == 403 || said->status == 404 || said->status == 405;
    case STEP_TEMPLATE: /* without one a single index is as good, as long as nobody deletes it */
        if (dated || said->status == 401 || said->status / 100 != 4 || said->status == 429)
            return false;
        log_warning(setup->name, "its template is refused: %.*s",
                    SLICE_ARGS(index_item_text(said, &setup->arena)));
        return true;
    case STEP_INDEX: return said->status == 403 || (said->status == 400 && is_there(said));
    default:
        if (dated && said->status == 404) return true; /* there is none yet */
        if (said->status != 400) return false;
        log_warning(setup->name,
                    "the index has another mapping than its schema: %.*s; documents go there as "
                    "they fit",
                    SLICE_ARGS(index_item_text(said, &setup->arena)));
        return true;
    }
}

static void take_server(struct index_setup *setup, const struct aws_reply *reply) {
    struct index_server server = { 0 };
    if (reply->status == 200)
        server = index_server_read(reply->body, setup->projector, &setup->arena);
    if (is_new_enough(setup, &server)) take_step(setup, STEP_TEMPLATE);
}

static void replied(void *context, const struct aws_reply *reply) {
    struct index_setup *setup = context;
    if (reply->outcome != HTTP_REPLIED) {
        end(setup, reply->keyless ? INDEX_REFUSED : INDEX_AWAY, slice_of(reply->reason),
            slice_from(NULL, 0));
        return;
    }
    struct index_item said =
        index_error_read(reply->status, reply->body, setup->projector, &setup->arena);
    bool good = reply->status / 100 == 2;
    if (!good && !goes_on(setup, &said)) {
        enum index_rule rule = index_request_rule(&said, false);
        if (rule == INDEX_WRONG || rule == INDEX_MISSING) rule = INDEX_BLOCKED;
        end(setup, rule, index_item_text(&said, &setup->arena),
            aws_reply_header(reply, "retry-after"));
        return;
    }
    if (setup->step == STEP_SERVER)
        take_server(setup, reply);
    else if (setup->step == STEP_INDEX && good)
        take_step(setup, STEP_END);
    else
        take_step(setup, setup->step + 1);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void take_step(struct index_setup *setup, unsigned step) {
    if (!setup->manage && step > STEP_SERVER) step = STEP_END;
    if (step == STEP_INDEX && setup->place->date.length) step = STEP_MAPPING;
    setup->step = step;
    switch (step) {
    case STEP_SERVER: ask(setup, "GET", SLICE("/"), SLICE("")); break;
    case STEP_TEMPLATE: ask_template(setup); break;
    case STEP_INDEX:
        ask(setup, "PUT", path_of(setup, "/", setup->place->before, ""), setup->mapping);
        break;
    case STEP_MAPPING: ask_mapping(setup); break;
    default: end(setup, INDEX_DONE, SLICE(""), slice_from(NULL, 0));
    }
}

void index_setup_start(struct index_setup *setup) {
    if (setup->running) return;
    setup->running = true;
    arena_reset(&setup->arena, ARENA_BLOCK_BYTES);
    setup->composable = true;
    take_step(setup, STEP_SERVER);
}
