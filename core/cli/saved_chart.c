/* cli/saved_chart.h */
#include "cli/saved_chart.h"
#include "json/writer.h"

const struct chart all_charts[] = {
    { "volume", "Posts over time", CHART_VOLUME, ROLE_TIME, 32, 12 },
    { "labels", "Labels", CHART_PARTS, ROLE_LABEL, 16, 12 },
    { "sentiment", "Sentiment over time", CHART_SHARE, ROLE_LABEL, 24, 12 },
    { "score", "Mean score over time", CHART_MEAN, ROLE_SCORE, 24, 12 },
    { "hashtags", "Top hashtags", CHART_TABLE, ROLE_HASHTAGS, 12, 14 },
    { "mentions", "Top mentions", CHART_TABLE, ROLE_MENTIONS, 12, 14 },
    { "languages", "Languages", CHART_BARS, ROLE_LANG, 12, 14 },
    { "queries", "Queries", CHART_BARS, ROLE_QUERIES, 12, 14 },
    { "map", "Where posts come from", CHART_MAP, ROLE_PLACE, 24, 18 },
    { "latest", "Latest posts", CHART_POSTS, ROLE_TIME, 24, 18 },
    { 0 },
};

bool chart_fits(const struct chart *chart, const struct board *board) {
    const struct board_member *member = &board->roles[chart->role];
    return member->path.length && (member->aggregated || member->counted);
}

struct slice counted_name(const struct board_member *member, struct arena *arena) {
    return member->aggregated ? member->path : ARENA_JOIN(arena, member->path, SLICE("_counted"));
}

/* ---- what is asked -------------------------------------------------------------------------- */

/* Which of the chart's questions it is: "metric" is drawn, the others divide. */
static void begin_question(struct writer *writer, const char *id, const char *type,
                           const char *schema) {
    write_object(writer);
    write_text_member(writer, "id", slice_of(id));
    write_flag_member(writer, "enabled", true);
    write_text_member(writer, "type", slice_of(type));
    write_text_member(writer, "schema", slice_of(schema));
    write_name(writer, SLICE("params"));
    write_object(writer);
}

static void end_question(struct writer *writer) {
    write_object_end(writer);
    write_object_end(writer);
}

static void ask_count(struct writer *writer) {
    begin_question(writer, "1", "count", "metric");
    write_text_member(writer, "customLabel", SLICE("posts"));
    end_question(writer);
}

static void ask_mean(struct writer *writer, struct slice field) {
    begin_question(writer, "1", "avg", "metric");
    write_text_member(writer, "field", field);
    write_text_member(writer, "customLabel", SLICE("mean score"));
    end_question(writer);
}

static void ask_over_time(struct writer *writer, struct slice field) {
    begin_question(writer, "2", "date_histogram", "segment");
    write_text_member(writer, "field", field);
    write_flag_member(writer, "useNormalizedEsInterval", true);
    write_text_member(writer, "interval", SLICE("auto"));
    write_flag_member(writer, "drop_partials", false);
    write_integer_member(writer, "min_doc_count", 1);
    write_name(writer, SLICE("extended_bounds"));
    write_raw(writer, SLICE("{}"));
    end_question(writer);
}

static void ask_values(struct writer *writer, const char *id, const char *schema,
                       struct slice field, int most) {
    begin_question(writer, id, "terms", schema);
    write_text_member(writer, "field", field);
    write_text_member(writer, "orderBy", SLICE("1"));
    write_text_member(writer, "order", SLICE("desc"));
    write_integer_member(writer, "size", most);
    write_flag_member(writer, "otherBucket", false);
    write_text_member(writer, "otherBucketLabel", SLICE("other"));
    write_flag_member(writer, "missingBucket", false);
    write_text_member(writer, "missingBucketLabel", SLICE("none"));
    end_question(writer);
}

/* ---- how it is drawn ------------------------------------------------------------------------ */

struct axes {
    const char *type, *drawn; /* of the chart, of its series */
    const char *mode, *scale; /* of the series, of the axis of values */
    const char *from;         /* where the axis of what divides them is */
    const char *values;       /* where the other one is */
    const char *unit;
};

static void draw_axes(struct writer *writer, const struct axes *axes) {
    struct slice drawn = slice_of(axes->drawn);
    write_text_member(writer, "type", slice_of(axes->type));
    write_name(writer, SLICE("grid"));
    write_raw(writer, SLICE("{\"categoryLines\":false}"));
    write_name(writer, SLICE("categoryAxes"));
    write_raw(writer,
              arena_format(writer->arena,
                           "[{\"id\":\"CategoryAxis-1\",\"type\":\"category\",\"position\":\"%s\","
                           "\"show\":true,\"style\":{},\"scale\":{\"type\":\"linear\"},"
                           "\"labels\":{\"show\":true,\"filter\":true,\"truncate\":100},"
                           "\"title\":{}}]",
                           axes->from));
    write_name(writer, SLICE("valueAxes"));
    write_raw(writer,
              arena_format(writer->arena,
                           "[{\"id\":\"ValueAxis-1\",\"name\":\"LeftAxis-1\",\"type\":\"value\","
                           "\"position\":\"%s\",\"show\":true,\"style\":{},"
                           "\"scale\":{\"type\":\"linear\",\"mode\":\"%s\"},"
                           "\"labels\":{\"show\":true,\"rotate\":0,\"filter\":true,"
                           "\"truncate\":100},\"title\":{\"text\":\"%s\"}}]",
                           axes->values, axes->scale, axes->unit));
    write_name(writer, SLICE("seriesParams"));
    write_raw(writer,
              arena_format(writer->arena,
                           "[{\"show\":true,\"type\":\"%.*s\",\"mode\":\"%s\","
                           "\"data\":{\"label\":\"%s\",\"id\":\"1\"},\"valueAxis\":\"ValueAxis-1\","
                           "\"drawLinesBetweenPoints\":true,\"lineWidth\":2,"
                           "\"interpolate\":\"linear\",\"showCircles\":true}]",
                           SLICE_ARGS(drawn), axes->mode, axes->unit));
    write_flag_member(writer, "addTooltip", true);
    write_flag_member(writer, "addLegend", true);
    write_text_member(writer, "legendPosition", SLICE("right"));
    write_name(writer, SLICE("times"));
    write_raw(writer, SLICE("[]"));
    write_flag_member(writer, "addTimeMarker", false);
}

static const struct axes volume_axes = { "histogram", "histogram", "stacked", "normal",
                                         "bottom",    "left",      "posts" };
static const struct axes share_axes = { "area",   "area", "stacked", "percentage",
                                        "bottom", "left", "share" };
static const struct axes mean_axes = { "line",   "line", "normal",    "normal",
                                       "bottom", "left", "mean score" };
static const struct axes bar_axes = { "horizontal_bar", "histogram", "normal", "normal",
                                      "left",           "bottom",    "posts" };

static void draw_ring(struct writer *writer) {
    write_text_member(writer, "type", SLICE("pie"));
    write_flag_member(writer, "addTooltip", true);
    write_flag_member(writer, "addLegend", true);
    write_text_member(writer, "legendPosition", SLICE("right"));
    write_flag_member(writer, "isDonut", true);
    write_name(writer, SLICE("labels"));
    write_raw(writer,
              SLICE("{\"show\":false,\"values\":true,\"last_level\":true,\"truncate\":100}"));
}

static void draw_table(struct writer *writer) {
    write_integer_member(writer, "perPage", 10);
    write_flag_member(writer, "showPartialRows", false);
    write_flag_member(writer, "showMetricsAtAllLevels", false);
    write_name(writer, SLICE("sort"));
    write_raw(writer, SLICE("{\"columnIndex\":null,\"direction\":null}"));
    write_flag_member(writer, "showTotal", false);
    write_text_member(writer, "totalFunc", SLICE("sum"));
    write_text_member(writer, "percentageCol", SLICE(""));
}

/* ---- both ----------------------------------------------------------------------------------- */

static void draw(struct writer *writer, enum chart_kind kind) {
    switch (kind) {
    case CHART_VOLUME: draw_axes(writer, &volume_axes); break;
    case CHART_SHARE: draw_axes(writer, &share_axes); break;
    case CHART_MEAN: draw_axes(writer, &mean_axes); break;
    case CHART_BARS: draw_axes(writer, &bar_axes); break;
    case CHART_PARTS: draw_ring(writer); break;
    default: draw_table(writer); break;
    }
}

static void ask(struct writer *writer, const struct chart *chart, const struct board *board) {
    const struct board_member *label = &board->roles[ROLE_LABEL];
    const struct board_member *member = &board->roles[chart->role];
    struct slice name = counted_name(member, writer->arena);
    if (chart->kind == CHART_MEAN)
        ask_mean(writer, member->path);
    else
        ask_count(writer);
    switch (chart->kind) {
    case CHART_PARTS: ask_values(writer, "2", "segment", name, 10); break;
    case CHART_BARS: ask_values(writer, "2", "segment", name, 10); break;
    case CHART_TABLE: ask_values(writer, "2", "bucket", name, 20); break;
    default: ask_over_time(writer, board->roles[ROLE_TIME].path); break;
    }
    bool divided = chart->kind == CHART_VOLUME || chart->kind == CHART_SHARE;
    if (divided && label->path.length) ask_values(writer, "3", "group", label->path, 10);
}

struct slice chart_state(const struct chart *chart, const struct board *board,
                         struct arena *arena) {
    static const char *const types[] = {
        [CHART_VOLUME] = "histogram", [CHART_SHARE] = "area",          [CHART_MEAN] = "line",
        [CHART_PARTS] = "pie",        [CHART_BARS] = "horizontal_bar", [CHART_TABLE] = "table",
        [CHART_MAP] = "vega",
    };
    struct writer writer;
    bool map = chart->kind == CHART_MAP;
    struct slice specification = map ? map_specification(board, arena) : SLICE("");
    writer_init(&writer, arena, 2048);
    write_object(&writer);
    write_text_member(&writer, "title", slice_of(chart->title));
    write_text_member(&writer, "type", slice_of(types[chart->kind]));
    write_name(&writer, SLICE("params"));
    write_object(&writer);
    if (map)
        write_text_member(&writer, "spec", specification);
    else
        draw(&writer, chart->kind);
    write_object_end(&writer);
    write_name(&writer, SLICE("aggs"));
    write_array(&writer);
    if (!map) ask(&writer, chart, board);
    write_array_end(&writer);
    write_object_end(&writer);
    return writer_finish(&writer);
}
