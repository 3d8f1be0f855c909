/* cli/stats_print.h: the same for programs. */
#include "cli/stats_print.h"
#include "search/steps.h"
#include <math.h>

static void write_number(struct writer *writer, const char *name, bool known, double value,
                         double unit) {
    write_name(writer, slice_of(name));
    if (known)
        write_double(writer, round(value * unit) / unit);
    else
        write_raw(writer, SLICE("null"));
}

static void write_counts(struct writer *writer, const struct stats *stats,
                         const struct stats_counts *counts) {
    double net = 0;
    bool known = stats_net(&stats->labels, counts, &net);
    write_integer_member(writer, "posts", (int64_t)counts->posts);
    write_name(writer, SLICE("labels"));
    write_object(writer);
    for (size_t i = 0; i < stats->labels.count; i++) {
        write_name(writer, stats->labels.names[i]);
        write_integer(writer, (int64_t)counts->by_label[i]);
    }
    write_object_end(writer);
    write_number(writer, "net", known, net, 10);
    double mean = counts->scored ? (double)counts->score_sum / 1e6 / (double)counts->scored : 0;
    write_number(writer, "score", counts->scored > 0, mean, 1e6);
}

static void write_edge(struct writer *writer, const char *name, int64_t ms) {
    if (ms != MOMENT_FIRST && ms != MOMENT_LAST) {
        write_time_member(writer, name, ms);
        return;
    }
    write_null_member(writer, name);
}

static void write_head(struct writer *writer, const struct stats_question *question,
                       const struct stats *stats) {
    write_edge(writer, "since", question->span.since_ms);
    write_edge(writer, "until", question->span.until_ms);
    if (question->query.length)
        write_text_member(writer, "query", question->query);
    else
        write_null_member(writer, "query");
    write_flag_member(writer, "partial", stats->partial);
    write_counts(writer, stats, &stats->total);
}

static void write_rows(struct writer *writer, const char *name, const struct stats *stats,
                       bool times) {
    write_name(writer, slice_of(name));
    write_array(writer);
    for (size_t i = 0; i < stats->count; i++) {
        write_object(writer);
        if (times)
            write_time_member(writer, "start", stats->rows[i].start_s * 1000);
        else
            write_text_member(writer, "value", stats->rows[i].value);
        write_counts(writer, stats, &stats->rows[i].counts);
        write_object_end(writer);
    }
    write_array_end(writer);
}

void stats_write(struct writer *writer, const struct stats_question *question,
                 const struct stats *stats) {
    write_text_member(writer, "by", slice_of(stats_by_name(question->by)));
    write_head(writer, question, stats);
    write_rows(writer, "rows", stats, stats_by_step(question->by) > 0);
    if (stats->uncounted)
        write_null_member(writer, "left_out");
    else
        write_integer_member(writer, "left_out", (int64_t)stats->left_out);
}

void stats_write_overview(struct writer *writer, const struct stats_question *question,
                          const struct stats_overview *overview) {
    write_null_member(writer, "by");
    write_head(writer, question, &overview->total);
    write_integer_member(writer, "bucket_s", overview->bucket_s);
    write_name(writer, SLICE("volume"));
    write_array(writer);
    for (size_t i = 0; i < overview->buckets; i++) {
        write_object(writer);
        write_time_member(writer, "start",
                          (overview->first_s + (int64_t)i * overview->bucket_s) * 1000);
        write_integer_member(writer, "posts", (int64_t)overview->volume[i]);
        write_object_end(writer);
    }
    write_array_end(writer);
    write_rows(writer, "queries", &overview->queries, false);
    write_rows(writer, "hashtags", &overview->hashtags, false);
    write_rows(writer, "langs", &overview->langs, false);
}
