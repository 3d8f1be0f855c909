/* cli/saved_objects.h */
#include "cli/saved_objects.h"
#include "cli/saved_chart.h"
#include "json/writer.h"

#define COLUMNS 48
#define MOST_CHARTS 16
#define MOST_LABELS 16
#define SOURCE_REFERENCE "kibanaSavedObjectMeta.searchSourceJSON.index"

/* An object's type, and the newest version whose form ours have. */
struct kind {
    const char *name, *version;
};
static const struct kind view_kind = { "index-pattern", "6.5.0" },
                         search_kind = { "search", "7.0.0" },
                         chart_kind = { "visualization", "7.3.0" },
                         board_kind = { "dashboard", "7.3.0" };

/* One that is being written, and all that were. */
struct making {
    const struct board *board;
    struct arena *arena;
    struct writer writer;
    const struct kind *kind;
    struct slice lines[2 * (MOST_CHARTS + MOST_LABELS)];
    size_t count;
};

static struct slice id_of(const struct making *making, const char *name) {
    return ARENA_JOIN(making->arena, making->board->id, SLICE("-"), slice_of(name));
}

/* ---- what all of them have ------------------------------------------------------------------ */

static void begin(struct making *making, const struct kind *kind, struct slice id,
                  struct slice title) {
    making->kind = kind;
    writer_init(&making->writer, making->arena, 4096);
    write_object(&making->writer);
    write_text_member(&making->writer, "id", id);
    write_text_member(&making->writer, "type", slice_of(kind->name));
    write_name(&making->writer, SLICE("attributes"));
    write_object(&making->writer);
    write_text_member(&making->writer, "title", title);
}

/* Attributes are done; references follow. */
static void begin_references(struct making *making) {
    write_object_end(&making->writer);
    write_name(&making->writer, SLICE("references"));
    write_array(&making->writer);
}

static void refer(struct making *making, struct slice name, const struct kind *kind,
                  struct slice id) {
    write_object(&making->writer);
    write_text_member(&making->writer, "name", name);
    write_text_member(&making->writer, "type", slice_of(kind->name));
    write_text_member(&making->writer, "id", id);
    write_object_end(&making->writer);
}

static void end(struct making *making) {
    write_array_end(&making->writer);
    write_name(&making->writer, SLICE("migrationVersion"));
    write_object(&making->writer);
    write_text_member(&making->writer, making->kind->name, slice_of(making->kind->version));
    write_object_end(&making->writer);
    write_object_end(&making->writer);
    making->lines[making->count++] = writer_finish(&making->writer);
    making->lines[making->count++] = SLICE("\n");
}

/* What is searched: a query of Kibana's own language, "" for everything; in the data view, unless
 * that is the matter of others. */
static void write_source(struct making *making, struct slice query, bool view) {
    struct writer source;
    writer_init(&source, making->arena, 256);
    write_object(&source);
    write_name(&source, SLICE("query"));
    write_object(&source);
    write_text_member(&source, "query", query);
    write_text_member(&source, "language", SLICE("kuery"));
    write_object_end(&source);
    write_name(&source, SLICE("filter"));
    write_raw(&source, SLICE("[]"));
    if (view) write_text_member(&source, "indexRefName", SLICE(SOURCE_REFERENCE));
    write_object_end(&source);
    write_name(&making->writer, SLICE("kibanaSavedObjectMeta"));
    write_object(&making->writer);
    write_text_member(&making->writer, "searchSourceJSON", writer_finish(&source));
    write_object_end(&making->writer);
}

/* ---- the data view -------------------------------------------------------------------------- */

/* By field type: what the index calls it is its own name, this is what Kibana does. */
static const char *const view_types[] = {
    [FIELD_KEYWORD] = "string",      [FIELD_TEXT] = "string",   [FIELD_DATE] = "date",
    [FIELD_LONG] = "number",         [FIELD_DOUBLE] = "number", [FIELD_BOOLEAN] = "boolean",
    [FIELD_GEO_POINT] = "geo_point",
};

static void write_field(struct writer *writer, struct slice name, const char *type,
                        const char *index_type, bool searched, bool aggregated) {
    write_object(writer);
    write_text_member(writer, "name", name);
    write_text_member(writer, "type", slice_of(type));
    write_name(writer, SLICE("esTypes"));
    write_array(writer);
    write_text(writer, slice_of(index_type));
    write_array_end(writer);
    write_integer_member(writer, "count", 0);
    write_flag_member(writer, "scripted", false);
    write_flag_member(writer, "searchable", searched);
    write_flag_member(writer, "aggregatable", aggregated);
    write_flag_member(writer, "readFromDocValues", aggregated && index_type[0] != '_');
    write_object_end(writer);
}

/* The values of a text as the post has them, which the index itself cannot count. */
static void write_counted(struct writer *writer, const struct board_member *member) {
    write_object(writer);
    write_text_member(writer, "name", counted_name(member, writer->arena));
    write_text_member(writer, "type", SLICE("string"));
    write_integer_member(writer, "count", 0);
    write_flag_member(writer, "scripted", true);
    write_text_member(writer, "lang", SLICE("painless"));
    write_text_member(writer, "script",
                      arena_format(writer->arena,
                                   "def all = params._source['%.*s']; "
                                   "return all == null ? [] : all;",
                                   SLICE_ARGS(member->path)));
    write_flag_member(writer, "searchable", true);
    write_flag_member(writer, "aggregatable", true);
    write_flag_member(writer, "readFromDocValues", false);
    write_object_end(writer);
}

/* Old versions show nothing of a view until its fields were fetched, unless it brings them. */
static struct slice fields_of(const struct board *board, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 4096);
    write_array(&writer);
    write_field(&writer, SLICE("_id"), "string", "_id", true, true);
    write_field(&writer, SLICE("_index"), "string", "_index", true, true);
    write_field(&writer, SLICE("_source"), "_source", "_source", false, false);
    for (size_t i = 0; i < board->member_count; i++) {
        const struct schema_member *member = &board->members[i];
        write_field(&writer, member->path, view_types[member->type], field_type_name(member->type),
                    true, member->type != FIELD_TEXT);
    }
    for (enum board_role role = 0; role < ROLE_COUNT; role++)
        if (board_counts(board, role)) write_counted(&writer, &board->roles[role]);
    write_array_end(&writer);
    return writer_finish(&writer);
}

static void make_view(struct making *making) {
    const struct board *board = making->board;
    begin(making, &view_kind, board->id, board->pattern);
    write_text_member(&making->writer, "timeFieldName", board->roles[ROLE_TIME].path);
    write_text_member(&making->writer, "fields", fields_of(board, making->arena));
    begin_references(making);
    end(making);
}

/* ---- searches ------------------------------------------------------------------------------- */

static void write_columns(struct making *making) {
    static const enum board_role columns[] = { ROLE_AUTHOR, ROLE_TEXT, ROLE_LABEL };
    size_t count = 0;
    write_name(&making->writer, SLICE("columns"));
    write_array(&making->writer);
    for (size_t i = 0; i < LENGTH(columns); i++) {
        struct slice path = making->board->roles[columns[i]].path;
        if (path.length) write_text(&making->writer, path);
        count += path.length > 0;
    }
    if (count == 0) write_text(&making->writer, SLICE("_source"));
    write_array_end(&making->writer);
}

static void make_search(struct making *making, struct slice id, struct slice title,
                        struct slice query) {
    begin(making, &search_kind, id, title);
    write_text_member(&making->writer, "description", SLICE(""));
    write_integer_member(&making->writer, "hits", 0);
    write_columns(making);
    write_name(&making->writer, SLICE("sort"));
    write_array(&making->writer);
    write_array(&making->writer);
    write_text(&making->writer, making->board->roles[ROLE_TIME].path);
    write_text(&making->writer, SLICE("desc"));
    write_array_end(&making->writer);
    write_array_end(&making->writer);
    write_integer_member(&making->writer, "version", 1);
    write_source(making, query, true);
    begin_references(making);
    refer(making, SLICE(SOURCE_REFERENCE), &view_kind, making->board->id);
    end(making);
}

/* One for each label. */
static void make_searches(struct making *making) {
    const struct board *board = making->board;
    struct slice path = board->roles[ROLE_LABEL].path;
    for (size_t i = 0; path.length && i < MIN(board->label_count, MOST_LABELS); i++) {
        struct slice label = board->labels[i];
        struct writer query;
        writer_init(&query, making->arena, 64);
        write_raw(&query, ARENA_JOIN(making->arena, path, SLICE(" : ")));
        query.comma = false;
        write_text(&query, label);
        make_search(
            making, ARENA_JOIN(making->arena, board->id, SLICE("-label-"), label),
            ARENA_JOIN(making->arena, SLICE("Posts labelled "), label, SLICE(", "), board->pattern),
            writer_finish(&query));
    }
}

/* ---- charts --------------------------------------------------------------------------------- */

static struct slice title_of(const struct making *making, const struct chart *chart) {
    return ARENA_JOIN(making->arena, slice_of(chart->title), SLICE(", "), making->board->pattern);
}

static void make_chart(struct making *making, const struct chart *chart) {
    bool map = chart->kind == CHART_MAP; /* asks by itself */
    begin(making, &chart_kind, id_of(making, chart->id), title_of(making, chart));
    write_text_member(&making->writer, "visState",
                      chart_state(chart, making->board, making->arena));
    write_text_member(&making->writer, "uiStateJSON",
                      SLICE("{\"vis\":{\"colors\":{\"negative\":\"#CC5642\","
                            "\"neutral\":\"#98A2B3\",\"positive\":\"#209280\","
                            "\"unknown\":\"#D3DAE6\"}}}"));
    write_text_member(&making->writer, "description", SLICE(""));
    write_integer_member(&making->writer, "version", 1);
    write_source(making, SLICE(""), !map);
    begin_references(making);
    if (!map) refer(making, SLICE(SOURCE_REFERENCE), &view_kind, making->board->id);
    end(making);
}

/* ---- the dashboard -------------------------------------------------------------------------- */

/* A chart with its place on the dashboard. */
struct panel {
    const struct chart *chart;
    int x, y, width;
};

/* The last one of a row takes what is left of it. */
static void end_row(struct panel *panels, size_t count) {
    if (count) panels[count - 1].width = COLUMNS - panels[count - 1].x;
}

/* From left to right, row by row. */
static size_t lay_out(const struct board *board, struct panel panels[MOST_CHARTS]) {
    size_t count = 0;
    int x = 0, y = 0, height = 0;
    for (const struct chart *chart = all_charts; chart->id; chart++) {
        if (!chart_fits(chart, board)) continue;
        if (x > 0 && (x + chart->width > COLUMNS || chart->height != height)) {
            end_row(panels, count);
            y += height;
            x = 0;
        }
        height = chart->height;
        panels[count++] = (struct panel){ chart, x, y, chart->width };
        x += chart->width;
    }
    end_row(panels, count);
    return count;
}

static struct slice panels_of(const struct making *making, const struct panel *panels,
                              size_t count) {
    struct writer writer;
    writer_init(&writer, making->arena, 4096);
    write_array(&writer);
    for (size_t i = 0; i < count; i++) {
        struct slice number = arena_format(making->arena, "%zu", i + 1);
        write_object(&writer);
        write_text_member(&writer, "version", SLICE("7.3.0"));
        write_name(&writer, SLICE("gridData"));
        write_object(&writer);
        write_integer_member(&writer, "x", panels[i].x);
        write_integer_member(&writer, "y", panels[i].y);
        write_integer_member(&writer, "w", panels[i].width);
        write_integer_member(&writer, "h", panels[i].chart->height);
        write_text_member(&writer, "i", number);
        write_object_end(&writer);
        write_text_member(&writer, "panelIndex", number);
        write_name(&writer, SLICE("embeddableConfig"));
        write_object(&writer);
        write_text_member(&writer, "title", slice_of(panels[i].chart->title));
        write_object_end(&writer);
        write_text_member(&writer, "title", slice_of(panels[i].chart->title));
        write_text_member(&writer, "panelRefName", arena_format(making->arena, "panel_%zu", i));
        write_object_end(&writer);
    }
    write_array_end(&writer);
    return writer_finish(&writer);
}

static void make_board(struct making *making) {
    struct panel panels[MOST_CHARTS];
    size_t count = lay_out(making->board, panels);
    struct writer *writer = &making->writer;
    begin(making, &board_kind, id_of(making, "dashboard"),
          ARENA_JOIN(making->arena, SLICE("linnet: "), making->board->pattern));
    write_text_member(writer, "description", SLICE("Made by linnet dashboards"));
    write_integer_member(writer, "hits", 0);
    write_text_member(writer, "panelsJSON", panels_of(making, panels, count));
    write_text_member(writer, "optionsJSON",
                      SLICE("{\"useMargins\":true,\"hidePanelTitles\":false}"));
    write_integer_member(writer, "version", 1);
    write_flag_member(writer, "timeRestore", true);
    write_text_member(writer, "timeFrom", SLICE("now-24h"));
    write_text_member(writer, "timeTo", SLICE("now"));
    write_name(writer, SLICE("refreshInterval"));
    write_raw(writer, SLICE("{\"pause\":false,\"value\":30000}"));
    write_source(making, SLICE(""), false);
    begin_references(making);
    for (size_t i = 0; i < count; i++)
        refer(making, arena_format(making->arena, "panel_%zu", i),
              panels[i].chart->kind == CHART_POSTS ? &search_kind : &chart_kind,
              id_of(making, panels[i].chart->id));
    end(making);
}

struct slice saved_objects(const struct board *board, struct arena *arena) {
    struct making making = { .board = board, .arena = arena };
    make_view(&making);
    make_searches(&making);
    for (const struct chart *chart = all_charts; chart->id; chart++) {
        if (!chart_fits(chart, board)) continue;
        if (chart->kind == CHART_POSTS)
            make_search(&making, id_of(&making, chart->id), title_of(&making, chart), SLICE(""));
        else
            make_chart(&making, chart);
    }
    make_board(&making);
    return arena_join(arena, making.lines, making.count);
}
