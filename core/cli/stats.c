/* Verb "stats": what the embedded store has, counted. */
#include "base/clock.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/coverage.h"
#include "cli/print.h"
#include "cli/stats_print.h"
#include "cli/store_path.h"
#include "search/steps.h"

#define STANDARD_OUTPUT 1
#define STANDARD_LIMIT 20
#define OVERVIEW_LIMIT 5
#define OVERVIEW_BUCKETS 60
#define BUDGET_MS 2000

struct telling {
    const struct arguments *arguments;
    struct stats_question question;
    struct stored stored;
    struct arena arena;
    bool json, all;
};

/* ---- the question ---- */

static const char *by_name_at(const void *unused, size_t index) {
    (void)unused;
    return stats_by_name((enum stats_by)(index + 1));
}

static bool read_by(const struct arguments *arguments, enum stats_by *by) {
    const char *typed = argument_value(arguments, FLAG_BY);
    *by = STATS_BY_ALL;
    if (typed == NULL) return true;
    for (int one = STATS_BY_ALL + 1; one < STATS_BYS; one++)
        if (strcmp(typed, stats_by_name((enum stats_by)one)) == 0) {
            *by = (enum stats_by)one;
            return true;
        }
    const char *near = nearest_name(slice_of(typed), by_name_at, NULL);
    complain("linnet stats: there is no --by %s\n", typed);
    if (near) complain("    did you mean \"%s\"?\n", near);
    complain("    it takes %s\n", all_flags[FLAG_BY].help);
    return false;
}

/* A name that posts were kept for is that query; anything else is read as one. */
static bool read_query(struct telling *telling, struct error *err) {
    const char *typed = argument_value(telling->arguments, FLAG_ASKED);
    if (typed == NULL) return true;
    telling->question.query = slice_of(typed);
    return stats_is_query(&telling->stored, telling->question.query, &telling->question.named, err);
}

/* ---- the overview ---- */

static bool ask_part(struct telling *telling, enum stats_by by, uint64_t limit, struct stats *stats,
                     struct error *err) {
    struct stats_question question = telling->question;
    question.by = by;
    question.limit = limit;
    return stats_ask(&telling->stored, &question, &telling->arena, stats, err);
}

/* The shortest of these with which all bars find room. */
static int64_t bucket_of(int64_t length_s) {
    static const int64_t steps[] = { 60,    300,   600,    1800,       3600,       14400,
                                     43200, 86400, 604800, 30 * 86400, 360 * 86400 };
    for (size_t i = 0; i < LENGTH(steps); i++)
        if (length_s / steps[i] < OVERVIEW_BUCKETS - 1) return steps[i];
    return (length_s / OVERVIEW_BUCKETS / STEP_DAY + 1) * STEP_DAY;
}

static bool ask_volume(struct telling *telling, struct stats_overview *overview,
                       struct error *err) {
    struct stats times;
    int64_t first_s, last_s;
    bool some;
    if (!stats_extent(&telling->stored, &telling->question.span, &some, &first_s, &last_s, err))
        return false;
    if (!some) return true;
    /* What is dated later than now is in the last bar: else one such post hides all others. */
    int64_t now_s = clock_wall_ms() / 1000;
    if (first_s <= now_s) last_s = MIN(last_s, now_s);
    int64_t bucket_s = bucket_of(last_s - first_s);
    enum stats_by by = bucket_s % STEP_DAY == 0    ? STATS_BY_DAY
                       : bucket_s % STEP_HOUR == 0 ? STATS_BY_HOUR
                                                   : STATS_BY_MINUTE;
    overview->bucket_s = bucket_s;
    overview->first_s = step_start(first_s, bucket_s);
    overview->buckets = (size_t)((last_s - overview->first_s) / bucket_s) + 1;
    overview->volume = arena_zeroed(&telling->arena, overview->buckets, sizeof *overview->volume);
    if (!ask_part(telling, by, 0, &times, err)) return false;
    for (size_t i = 0; i < times.count; i++) {
        size_t at = (size_t)((MAX(times.rows[i].start_s, overview->first_s) - overview->first_s) /
                             bucket_s);
        overview->volume[MIN(at, overview->buckets - 1)] += times.rows[i].counts.posts;
    }
    return true;
}

static bool ask_overview(struct telling *telling, struct stats_overview *overview,
                         struct error *err) {
    uint64_t limit =
        telling->arguments->given[FLAG_LIMIT] ? telling->question.limit : OVERVIEW_LIMIT;
    return ask_part(telling, STATS_BY_ALL, 0, &overview->total, err) &&
           ask_volume(telling, overview, err) &&
           ask_part(telling, STATS_BY_QUERY, limit, &overview->queries, err) &&
           ask_part(telling, STATS_BY_HASHTAG, limit, &overview->hashtags, err) &&
           ask_part(telling, STATS_BY_LANG, limit, &overview->langs, err);
}

/* ---- telling ---- */

static void tell_json(struct telling *telling, const struct stats_overview *overview) {
    struct writer writer;
    writer_init(&writer, &telling->arena, 4096);
    write_object(&writer);
    if (telling->all)
        stats_write_overview(&writer, &telling->question, overview);
    else
        stats_write(&writer, &telling->question, &overview->total);
    write_object_end(&writer);
    print_slice(writer_finish(&writer));
    print("\n");
}

static void tell_table(const struct telling *telling, const struct stats_overview *overview) {
    bool terminal = os_is_terminal(STANDARD_OUTPUT);
    struct stats_view view = { .question = &telling->question,
                               .color = os_use_color(STANDARD_OUTPUT),
                               .columns = terminal ? os_terminal_columns(STANDARD_OUTPUT) : 0 };
    if (telling->all)
        stats_print_overview(&view, overview);
    else
        stats_print_table(&view, &overview->total);
}

/* Whatever is not all of it is said. */
static void tell_end(const struct telling *telling, const struct stats *stats) {
    print_flush();
    if (stats->uncounted && !telling->json)
        complain("linnet stats: the greatest %zu; --limit says how many\n", stats->count);
    else if (stats->left_out && !telling->json)
        complain("linnet stats: %llu more; --limit says how many\n",
                 (unsigned long long)stats->left_out);
    if (stats->partial)
        complain("linnet stats: partial: stopped after %d s; there are at least so many\n",
                 BUDGET_MS / 1000);
    if (telling->stored.unfilled)
        complain("linnet stats: partial: up to %lld posts of an older linnet are not counted yet\n",
                 (long long)telling->stored.unfilled);
}

static bool tell(struct telling *telling, struct error *err) {
    struct stats_overview overview = { 0 };
    bool good = telling->all ? ask_overview(telling, &overview, err)
                             : stats_ask(&telling->stored, &telling->question, &telling->arena,
                                         &overview.total, err);
    if (!good) return false;
    if (telling->json)
        tell_json(telling, &overview);
    else
        tell_table(telling, &overview);
    tell_end(telling, &overview.total);
    return true;
}

static int ask_store(struct telling *telling) {
    struct error err;
    const char *path = asked_store(telling->arguments, &telling->arena);
    if (!stored_open(&telling->stored, path, &err)) return complain_error(&err);
    bool good = read_query(telling, &err) && tell(telling, &err);
    stored_close(&telling->stored);
    return good ? 0 : complain_error(&err);
}

int verb_stats(const struct arguments *arguments) {
    struct telling telling = { .arguments = arguments, .json = arguments->given[FLAG_JSON] };
    struct stats_question *question = &telling.question;
    if (arguments->given[FLAG_COVERAGE]) return stats_coverage(arguments);
    if (!read_by(arguments, &question->by) || !asked_span(arguments, &question->span) ||
        !asked_limit(arguments, "stats", STANDARD_LIMIT, &question->limit))
        return 2;
    telling.all = question->by == STATS_BY_ALL;
    question->budget_ms = BUDGET_MS;
    arena_init(&telling.arena);
    int code = ask_store(&telling);
    arena_free(&telling.arena);
    return code;
}
