/* Circles on the map that the server brings, one a tile: a specification of Vega, since that is the
 * only kind of map that all versions have. */
#include "cli/saved_chart.h"
#include "json/writer.h"

/* About 600 km at the equator; more places than this on one map are a blot. */
#define PRECISION 6
#define MOST_PLACES 2000

static void open_object(struct writer *writer, const char *name) {
    write_name(writer, slice_of(name));
    write_object(writer);
}

/* Buckets of places, each with its middle. */
static void ask_places(struct writer *writer, const struct board *board) {
    struct slice place = board->roles[ROLE_PLACE].path;
    open_object(writer, "body");
    write_integer_member(writer, "size", 0);
    open_object(writer, "aggs");
    open_object(writer, "places");
    open_object(writer, "geotile_grid");
    write_text_member(writer, "field", place);
    write_integer_member(writer, "precision", PRECISION);
    write_integer_member(writer, "size", MOST_PLACES);
    write_object_end(writer);
    open_object(writer, "aggs");
    open_object(writer, "middle");
    open_object(writer, "geo_centroid");
    write_text_member(writer, "field", place);
    for (int depth = 0; depth < 6; depth++)
        write_object_end(writer);
}

static void write_data(struct writer *writer, const struct board *board) {
    write_name(writer, SLICE("data"));
    write_array(writer);
    write_object(writer);
    write_text_member(writer, "name", SLICE("places"));
    open_object(writer, "url");
    write_flag_member(writer, "%context%", true);
    write_text_member(writer, "%timefield%", board->roles[ROLE_TIME].path);
    write_text_member(writer, "index", board->pattern);
    ask_places(writer, board);
    write_object_end(writer);
    open_object(writer, "format");
    write_text_member(writer, "property", SLICE("aggregations.places.buckets"));
    write_object_end(writer);
    write_name(writer, SLICE("transform"));
    write_raw(writer, SLICE("[{\"type\":\"geopoint\",\"projection\":\"projection\",\"fields\":["
                            "{\"expr\":\"datum.middle.location.lon\"},"
                            "{\"expr\":\"datum.middle.location.lat\"}]}]"));
    write_object_end(writer);
    write_array_end(writer);
}

struct slice map_specification(const struct board *board, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 2048);
    write_object(&writer);
    write_text_member(&writer, "$schema", SLICE("https://vega.github.io/schema/vega/v4.json"));
    write_name(&writer, SLICE("config"));
    write_raw(&writer, SLICE("{\"kibana\":{\"type\":\"map\",\"latitude\":25,\"longitude\":0,"
                             "\"zoom\":1}}"));
    write_data(&writer, board);
    write_name(&writer, SLICE("scales"));
    write_raw(&writer,
              SLICE("[{\"name\":\"area\",\"type\":\"sqrt\",\"zero\":true,\"range\":[9,900],"
                    "\"domain\":{\"data\":\"places\",\"field\":\"doc_count\"}}]"));
    write_name(&writer, SLICE("marks"));
    write_raw(&writer,
              SLICE("[{\"type\":\"symbol\",\"from\":{\"data\":\"places\"},\"encode\":{\"update\":{"
                    "\"x\":{\"field\":\"x\"},\"y\":{\"field\":\"y\"},"
                    "\"size\":{\"scale\":\"area\",\"field\":\"doc_count\"},"
                    "\"fill\":{\"value\":\"#006BB4\"},\"fillOpacity\":{\"value\":0.6},"
                    "\"stroke\":{\"value\":\"white\"},"
                    "\"tooltip\":{\"signal\":\"{posts: datum.doc_count}\"}}}}]"));
    write_object_end(&writer);
    return writer_finish(&writer);
}
