/* web/exposition.h */
#include "web/exposition.h"
#include "base/clock.h"
#include "base/utf8.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* A metric that is being written. */
struct metric {
    struct buffer *out;
    const char *name;
    bool good;
};

static void put(struct metric *metric, const char *format, ...) FORMAT(2, 3);

static void put(struct metric *metric, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t used = MIN((size_t)MAX(length, 0), sizeof text - 1);
    metric->good = metric->good && buffer_append(metric->out, slice_from(text, used));
}

static void begin(struct metric *metric, const char *name, const char *type, const char *help) {
    metric->name = name;
    put(metric, "# HELP %s %s.\n# TYPE %s %s\n", name, help, name, type);
}

/* NAME="VALUE", where the value may be anything. */
static void put_label(struct metric *metric, const char *name, const char *value) {
    bool text = utf8_valid(slice_of(value));
    put(metric, "%s=\"", name);
    for (; *value; value++) {
        bool strange = !text && (unsigned char)*value >= 0x80;
        if (*value == '\\' || *value == '"')
            put(metric, "\\%c", *value);
        else if (*value == '\n')
            put(metric, "\\n");
        else
            put(metric, "%c", strange ? '?' : *value);
    }
    put(metric, "\"");
}

static void put_count(struct metric *metric, uint64_t value) {
    put(metric, "%s %llu\n", metric->name, (unsigned long long)value);
}

static void put_seconds(struct metric *metric, double value) {
    put(metric, "%s %.9g\n", metric->name, value);
}

static void one(struct metric *metric, const char *name, const char *type, uint64_t value,
                const char *help) {
    begin(metric, name, type, help);
    put_count(metric, value);
}

static void put_labelled(struct metric *metric, const char *label, const char *value,
                         uint64_t count) {
    put(metric, "%s{", metric->name);
    put_label(metric, label, value);
    put(metric, "} %llu\n", (unsigned long long)count);
}

/* ---- histograms ------------------------------------------------------------------------------ */

static void put_bucket(struct metric *metric, const char *label, const char *value,
                       const char *bound, uint64_t count) {
    put(metric, "%s_bucket{", metric->name);
    if (label) {
        put_label(metric, label, value);
        put(metric, ",");
    }
    put(metric, "le=\"%s\"} %llu\n", bound, (unsigned long long)count);
}

/* `label` NULL: it has none. */
static void put_histogram(struct metric *metric, const char *label, const char *value,
                          const struct histogram *histogram) {
    uint64_t count = 0;
    char bound[32];
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        count += histogram->counts[i];
        snprintf(bound, sizeof bound, "%g", (double)histogram_bounds_ms[i] / 1000);
        put_bucket(metric, label, value, bound, count);
    }
    count += histogram->counts[HISTOGRAM_BOUNDS];
    put_bucket(metric, label, value, "+Inf", count);
    static const char *const ends[] = { "sum", "count" };
    for (size_t i = 0; i < LENGTH(ends); i++) {
        put(metric, "%s_%s", metric->name, ends[i]);
        if (label) {
            put(metric, "{");
            put_label(metric, label, value);
            put(metric, "}");
        }
        put(metric, " %.12g\n", i ? (double)count : (double)histogram->sum_ms / 1000);
    }
}

/* ---- sources and sinks ----------------------------------------------------------------------- */

/* A name stands once: a sink that leaves and comes back may be there twice. */
static bool is_first(const void *items, size_t size, size_t at) {
    const char *const *name = (const void *)((const char *)items + at * size);
    for (size_t i = 0; i < at; i++) {
        const char *const *other = (const void *)((const char *)items + i * size);
        if (strcmp(*other, *name) == 0) return false;
    }
    return true;
}

/* The names are first in both structs. */
static_assert(offsetof(struct source_sums, name) == 0, "the name is first");
static_assert(offsetof(struct reader_sums, name) == 0, "the name is first");

/* The parts of the sum, as label `outcome`; the rest of the table than its first. */
static void put_outcomes(struct metric *metric, const char *label, const void *sums,
                         const struct sum_part *parts, size_t count) {
    const char *name = *(const char *const *)sums;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(parts[i].name, "pending") == 0) continue;
        put(metric, "%s{", metric->name);
        put_label(metric, label, name);
        put(metric, ",outcome=\"%s\"} %llu\n", parts[i].name,
            (unsigned long long)sum_value(sums, &parts[i]));
    }
}

#define EACH_SOURCE(sums, i)                                                                       \
    for (size_t i = 0; i < (sums)->source_count; i++)                                              \
        if (is_first((sums)->sources, sizeof *(sums)->sources, i))
#define EACH_SINK(sums, i)                                                                         \
    for (size_t i = 0; i < (sums)->reader_count; i++)                                              \
        if (is_first((sums)->readers, sizeof *(sums)->readers, i))

static void write_sources(struct metric *metric, const struct pipeline_sums *sums) {
    begin(metric, "linnet_source_received_total", "counter", "Records that came in");
    EACH_SOURCE(sums, i)
    put_labelled(metric, "source", sums->sources[i].name, sums->sources[i].received);
    begin(metric, "linnet_source_records_total", "counter", "What became of records that came in");
    EACH_SOURCE(sums, i)
    put_outcomes(metric, "source", &sums->sources[i], source_parts, SOURCE_PARTS);
    begin(metric, "linnet_source_received_bytes_total", "counter", "Bytes of records that came in");
    EACH_SOURCE(sums, i)
    put_labelled(metric, "source", sums->sources[i].name, sums->sources[i].bytes);
}

static bool is_connected(const struct vitals *vitals, const char *source) {
    for (size_t i = 0; i < vitals->unready_count; i++)
        if (strcmp(vitals->unready[i].what, "source") == 0 &&
            strcmp(vitals->unready[i].name, source) == 0)
            return false;
    return true;
}

static void write_readiness(struct metric *metric, const struct vitals *vitals) {
    one(metric, "linnet_ready", "gauge", vitals->unready_count == 0,
        "Whether all sources are connected and the spool accepts");
    begin(metric, "linnet_source_connected", "gauge",
          "Whether posts can come from the source, or all have come");
    EACH_SOURCE(&vitals->sums, i)
    put_labelled(metric, "source", vitals->sums.sources[i].name,
                 is_connected(vitals, vitals->sums.sources[i].name));
}

static void write_oldest(struct metric *metric, const struct pipeline_sums *sums) {
    int64_t now_ms = clock_wall_ms();
    begin(metric, "linnet_sink_oldest_pending_seconds", "gauge",
          "Age of the oldest record that waits for the sink");
    EACH_SINK(sums, i) {
        int64_t oldest_ms = sums->readers[i].oldest_ms;
        put(metric, "%s{", metric->name);
        put_label(metric, "sink", sums->readers[i].name);
        put(metric, "} %.3f\n", oldest_ms ? (double)MAX(now_ms - oldest_ms, (int64_t)0) / 1000 : 0);
    }
}

static void write_sinks(struct metric *metric, const struct pipeline_sums *sums) {
    begin(metric, "linnet_sink_spooled_total", "counter", "Records that were kept for the sink");
    EACH_SINK(sums, i)
    put_labelled(metric, "sink", sums->readers[i].name, sums->readers[i].spooled);
    begin(metric, "linnet_sink_records_total", "counter",
          "What became of records that were kept for the sink");
    EACH_SINK(sums, i)
    put_outcomes(metric, "sink", &sums->readers[i], reader_parts, READER_PARTS);
    begin(metric, "linnet_sink_pending", "gauge", "Records that wait for the sink");
    EACH_SINK(sums, i)
    put_labelled(metric, "sink", sums->readers[i].name, sums->readers[i].pending);
    write_oldest(metric, sums);
    begin(metric, "linnet_sink_retries_total", "counter", "How often the sink was tried again");
    EACH_SINK(sums, i)
    put_labelled(metric, "sink", sums->readers[i].name, sums->readers[i].retries);
    begin(metric, "linnet_sink_delivery_seconds", "histogram",
          "Time from a record's arrival until the sink had it");
    EACH_SINK(sums, i)
    if (sums->readers[i].latency)
        put_histogram(metric, "sink", sums->readers[i].name, sums->readers[i].latency);
}

/* ---- the rest ---------------------------------------------------------------------------------
 */

static void write_spool(struct metric *metric, const struct pipeline_sums *sums) {
    one(metric, "linnet_spool_bytes", "gauge", sums->spool_bytes, "How long the spool is");
    one(metric, "linnet_spool_full", "gauge", sums->waiting,
        "Whether sources wait for room in the spool");
    if (sums->durable) {
        begin(metric, "linnet_spool_durable_seconds", "histogram",
              "Time from a record's arrival until the disk had it");
        put_histogram(metric, NULL, NULL, sums->durable);
    }
}

static void write_own(struct metric *metric, const struct instance *instance,
                      const struct vitals *vitals) {
    begin(metric, "linnet_build_info", "gauge", "The version that runs");
    put(metric, "%s{", metric->name);
    put_label(metric, "version", instance->version);
    put(metric, "} 1\n");
    begin(metric, "linnet_uptime_seconds", "gauge", "Time since the start");
    put_seconds(metric, vitals->uptime_s);
    one(metric, "linnet_config_generation", "gauge", vitals->reload->generation,
        "The generation of the configuration");
    begin(metric, "linnet_reloads_total", "counter", "Reloads of the configuration");
    put_labelled(metric, "result", "good", vitals->reload->good);
    put_labelled(metric, "result", "failed", vitals->reload->failed);
    begin(metric, "linnet_config_last_reload_successful", "gauge",
          "Whether the last reload was good");
    put_count(metric, vitals->reload->err.kind == ERROR_NONE);
    begin(metric, "linnet_loop_lag_seconds", "histogram",
          "How late the loop was, looked at once a second");
    put_histogram(metric, NULL, NULL, vitals->sums.lag);
}

static void write_counters(struct metric *metric, const struct vitals *vitals) {
    begin(metric, "linnet_script_count_total", "counter", "What scripts counted");
    for (size_t i = 0; i < vitals->counter_count; i++)
        put_labelled(metric, "name", vitals->counters[i].name, vitals->counters[i].value);
}

static void write_http(struct metric *metric, const struct http_counts *http) {
    one(metric, "linnet_http_clients", "gauge", http->clients, "Connections over HTTP");
    one(metric, "linnet_http_requests_total", "counter", http->requests, "Requests over HTTP");
    one(metric, "linnet_http_refused_total", "counter", http->refused,
        "Requests that were one client too many");
    one(metric, "linnet_http_timeouts_total", "counter", http->cut,
        "Connections that were cut off because their client was slow");
}

static void write_process(struct metric *metric, const struct instance *instance,
                          const struct process_use *use) {
    begin(metric, "process_cpu_seconds_total", "counter", "CPU time, user and system");
    put_seconds(metric, (double)use->cpu_ns / 1e9);
    one(metric, "process_resident_memory_bytes", "gauge", use->resident_bytes, "Resident memory");
    one(metric, "process_virtual_memory_bytes", "gauge", use->virtual_bytes, "Virtual memory");
    one(metric, "process_open_fds", "gauge", use->descriptors, "Open file descriptors");
    one(metric, "process_max_fds", "gauge", use->most_descriptors,
        "How many file descriptors may be open");
    one(metric, "process_threads", "gauge", use->threads, "Threads");
    begin(metric, "process_start_time_seconds", "gauge", "Start, in seconds since 1970 UTC");
    put(metric, "%s %.3f\n", metric->name, (double)instance->started_ms / 1000);
}

bool metrics_write(struct buffer *out, const struct instance *instance, const struct vitals *vitals,
                   const struct process_use *process, const struct http_counts *http) {
    struct metric metric = { .out = out, .good = true };
    write_own(&metric, instance, vitals);
    write_readiness(&metric, vitals);
    write_sources(&metric, &vitals->sums);
    write_sinks(&metric, &vitals->sums);
    write_spool(&metric, &vitals->sums);
    write_counters(&metric, vitals);
    write_http(&metric, http);
    write_process(&metric, instance, process);
    return metric.good;
}
