/* flow/sums_json.h */
#include "flow/sums_json.h"

void sum_parts_write(struct writer *writer, const void *sums, const struct sum_part *parts,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_name(writer, slice_of(parts[i].name));
        write_integer(writer, (int64_t)sum_value(sums, &parts[i]));
    }
}

/* The object stays open. */
static void write_parts(struct writer *writer, const char *name, const void *sums,
                        const struct sum_part *parts, size_t count) {
    write_object(writer);
    write_text_member(writer, "name", slice_of(name));
    sum_parts_write(writer, sums, parts, count);
}

static void write_oldest(struct writer *writer, int64_t ms) {
    if (ms) {
        write_time_member(writer, "oldest", ms);
        return;
    }
    write_name(writer, SLICE("oldest"));
    write_raw(writer, SLICE("null"));
}

void sums_write(struct writer *writer, const struct pipeline_sums *sums) {
    write_name(writer, SLICE("sources"));
    write_array(writer);
    for (size_t i = 0; i < sums->source_count; i++) {
        write_parts(writer, sums->sources[i].name, &sums->sources[i], source_parts, SOURCE_PARTS);
        write_object_end(writer);
    }
    write_array_end(writer);
    write_name(writer, SLICE("sinks"));
    write_array(writer);
    for (size_t i = 0; i < sums->reader_count; i++) {
        write_parts(writer, sums->readers[i].name, &sums->readers[i], reader_parts, READER_PARTS);
        write_oldest(writer, sums->readers[i].oldest_ms);
        write_object_end(writer);
    }
    write_array_end(writer);
    write_name(writer, SLICE("spool"));
    write_object(writer);
    write_name(writer, SLICE("bytes"));
    write_integer(writer, (int64_t)sums->spool_bytes);
    write_name(writer, SLICE("waiting"));
    write_raw(writer, sums->waiting ? SLICE("true") : SLICE("false"));
    write_object_end(writer);
}
