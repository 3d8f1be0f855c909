/* archive/options.h */
#include "archive/options.h"
#include "flow/online_s3.h"
#include <stddef.h>

/* In front of prefixes in a bucket, whose names have 1,024 bytes. */
#define LONGEST_BASE 500

#define AT(member) .offset = offsetof(struct archive_options, member)

const struct option archive_option_list[ARCHIVE_OPTIONS] = {
    { .name = "to",
      .type = OPTION_PATH,
      AT(to),
      .help = "the folder, which is made when missing, or s3://bucket/..." },
    { .name = "prefix",
      .type = OPTION_TEXT,
      AT(prefix),
      .standard = "",
      .help = "in front of objects' names, with !{timestamp:yyyy/MM/dd}, !{query}, !{lang}, "
              "!{network} and !{firehose:random-string}; without a date, yyyy/MM/dd/HH/ follows" },
    { .name = "error_prefix",
      .type = OPTION_TEXT,
      AT(error_prefix),
      .standard = "",
      .help = "the same for records that cannot be kept as they should, with "
              "!{firehose:error-output-type}; without it these are dead letters" },
    { .name = "size",
      .type = OPTION_BYTES,
      AT(size),
      .standard = "10MiB",
      .lowest = 1024,
      .highest = 5368709120,
      .help = "an object of so many bytes, before they are compressed, is sealed" },
    { .name = "interval",
      .type = OPTION_DURATION,
      AT(interval_ms),
      .standard = "900s",
      .lowest = 1000,
      .highest = 86400000,
      .help = "an object that is so old is sealed" },
    { .name = "hourly",
      .type = OPTION_BOOLEAN,
      AT(hourly),
      .standard = "false",
      .help = "whether an object is sealed when the hour is over (UTC)" },
    { .name = "delimiter",
      .type = OPTION_CHOICE,
      AT(delimiter),
      .standard = "newline",
      .choices = "newline|comma_newline",
      .help = "what follows each record" },
    { .name = "codec",
      .type = OPTION_CHOICE,
      AT(codec),
      .standard = "none",
      .choices = "none|gzip|zstd",
      .help = "how objects are compressed" },
    { .name = "level",
      .type = OPTION_INTEGER,
      AT(level),
      .standard = "1",
      .lowest = 1,
      .highest = 9,
      .help = "how hard: up to 3 for gzip, 9 for zstd" },
    { .name = "records",
      .type = OPTION_CHOICE,
      AT(records),
      .standard = "raw",
      .choices = "raw|documents",
      .help = "posts as they came, or the schema's documents" },
    { .name = "stream",
      .type = OPTION_TEXT,
      AT(stream),
      .standard = "",
      .help = "what objects' names begin with; by default the sink's name" },
    S3_SERVICE_OPTIONS(struct archive_options, s3),
};

static enum codec codec_of(const struct archive_options *options) {
    enum codec codec = CODEC_NONE;
    while (strcmp(codec_names[codec], options->codec) != 0)
        codec++;
    return codec;
}

/* As names of Firehose's streams. */
static bool check_stream(const char *stream, struct error *err) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t length = strlen(stream);
    if (length > 0 && length <= 64 && strspn(stream, letters) == length) return true;
    return error_set(
        err, ERROR_CONFIG,
        "stream takes up to 64 letters, digits, \"_\", \".\" and \"-\", not \"%.100s\"", stream);
}

static bool check_place(const char *to, struct error *err) {
    struct slice bucket, key;
    bool url = strstr(to, "://");
    if (!url) return true;
    if (strncmp(to, "s3://", 5) == 0)
        return s3_read_option("to", to, &bucket, &key, err) &&
               (key.length <= LONGEST_BASE || error_set(err, ERROR_CONFIG,
                                                        "to goes on behind the bucket with a text "
                                                        "longer than %d bytes",
                                                        LONGEST_BASE));
    return error_set(err, ERROR_CONFIG,
                     "to takes the path of a folder or s3://bucket/..., not \"%.200s\"", to);
}

static bool compile_prefixes(const struct archive_options *options, struct arena *arena,
                             struct prefix *prefix, struct prefix *error_prefix,
                             struct error *err) {
    return prefix_compile(options->prefix, PREFIX_RECORDS, arena, prefix, err) &&
           prefix_compile(options->error_prefix, PREFIX_ERRORS, arena, error_prefix, err);
}

bool archive_check(const void *settings, struct error *err) {
    const struct archive_options *options = settings;
    struct arena arena;
    struct prefix unused;
    enum codec codec = codec_of(options);
    if (options->stream && !check_stream(options->stream, err)) return false;
    if (codec != CODEC_NONE && options->level > codec_levels[codec])
        return error_set(err, ERROR_CONFIG, "level of %s takes 1 to %u, not %d", codec_names[codec],
                         codec_levels[codec], (int)options->level);
    if (!check_place(options->to, err) || !aws_settings_check(&options->s3.aws, err)) return false;
    arena_init(&arena);
    bool good = compile_prefixes(options, &arena, &unused, &unused, err);
    arena_free(&arena);
    return good;
}

bool archive_takes_bare(const void *settings) {
    const struct archive_options *options = settings;
    return strcmp(options->records, "raw") == 0 || options->error_prefix;
}

bool archive_settings(const struct archive_options *options, const struct sink_context *context,
                      struct arena *arena, struct gather_settings *settings, struct error *err) {
    bool comma = strcmp(options->delimiter, "comma_newline") == 0;
    *settings = (struct gather_settings){
        .name = context->name,
        .style = { .context = context,
                   .documents = strcmp(options->records, "documents") == 0,
                   .delimiter = comma ? SLICE(",\n") : SLICE("\n") },
        .stream = options->stream ? options->stream : context->name,
        .codec = codec_of(options),
        .level = (unsigned)options->level,
        .size = (uint64_t)options->size,
        .interval_ms = options->interval_ms,
        .hourly = options->hourly,
    };
    return compile_prefixes(options, arena, &settings->prefix, &settings->error_prefix, err);
}

void *archive_online(const void *settings, struct online *online, struct error *err) {
    const struct archive_options *options = settings;
    struct slice bucket, base;
    error_clear(err);
    if (strncmp(options->to, "s3://", 5) != 0 ||
        !s3_read_url(slice_of(options->to), &bucket, &base, err))
        return NULL;
    struct s3_options s3 = s3_settings_options(&options->s3, bucket, 1);
    return s3_online_begin(&s3, base, true, online, err);
}
