/* Does what it is told on standard input with a bucket, and says what came of it: the S3 client
 * alone, for tests with servers real and feigned.
 *
 * s3_driver BUCKET [--above BYTES] [--tries N] [--blocking]; a line is "put KEY FILE", "again KEY
 * FILE [UPLOAD_ID]", "get KEY FILE", "list PREFIX", "abort KEY [UPLOAD_ID]", "probe PREFIX",
 * "memory", "cancel KEY FILE MILLISECONDS" of an upload that takes longer, or "put-and-die KEY
 * FILE", which ends with the process when the upload has begun; words are separated by tabs. */
#include "aws/s3.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/os.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct loop *loop;
    struct s3 *s3;
    struct s3_list *list;
    struct s3_read *read;
    FILE *into;
    bool die;
} driver;

static const char *const ends[] = { "GOOD", "MISSING", "CHANGED", "REFUSED", "LATER" };

static void say_end(const struct s3_result *result) {
    printf("end\t%s\t%s\n", ends[result->end], result->reason);
    loop_stop(driver.loop);
}

static void done(void *context, const struct s3_result *result) {
    (void)context;
    say_end(result);
}

static void began(void *context, struct slice upload_id) {
    (void)context;
    printf("began\t%.*s\n", SLICE_ARGS(upload_id));
    fflush(stdout);
    if (driver.die) _Exit(9);
}

/* Ends what is under way after some milliseconds, as a program that is told to stop does. */
static void give_up(struct timer *timer) {
    (void)timer;
    printf("end\tCANCELLED\t\n");
    loop_stop(driver.loop);
}

static void put(char **words, size_t count, bool again, bool cancel) {
    struct os_info info;
    int fd = os_open(words[2], OS_READ);
    if (fd < 0 || !os_stat_fd(fd, &info)) exit(2);
    const struct http_field header = { SLICE("x-amz-meta-made-by"), SLICE("a test") };
    const struct s3_object object = {
        .key = slice_of(words[1]),
        .fd = fd,
        .bytes = (uint64_t)info.bytes,
        .content_type = SLICE("application/x-ndjson"),
        .headers = &header,
        .header_count = 1,
        .again = again,
        .upload_id = slice_of(count > 3 ? words[3] : ""),
    };
    const struct s3_upload_hooks hooks = { .began = began, .done = done };
    struct timer timer = { .fire = give_up };
    struct s3_upload *upload = s3_upload_start(driver.s3, &object, &hooks);
    if (cancel) timer_start(driver.loop, &timer, strtoull(words[3], NULL, 10));
    loop_run(driver.loop);
    if (cancel) s3_upload_cancel(upload);
    os_close(fd);
}

static void page(void *context, const struct s3_entry *entries, size_t count, bool more,
                 const struct s3_result *result) {
    (void)context;
    printf("page\t%zu\n", count);
    for (size_t i = 0; i < count; i++)
        printf("key\t%llu\t%.*s\n", (unsigned long long)entries[i].bytes,
               SLICE_ARGS(entries[i].key));
    if (more)
        s3_list_next(driver.list);
    else
        say_end(result);
}

static void ready(void *context) {
    char bytes[100000];
    (void)context;
    for (size_t got; (got = s3_read_take(driver.read, bytes, sizeof bytes)) > 0;)
        fwrite(bytes, 1, got, driver.into);
    const struct s3_result *result = s3_read_result(driver.read);
    if (result) say_end(result);
}

static void get(char **words) {
    const struct s3_read_hooks hooks = { .ready = ready };
    driver.into = fopen(words[2], "wb");
    if (driver.into == NULL) exit(2);
    driver.read = s3_read_start(driver.s3, slice_of(words[1]), &hooks);
    loop_run(driver.loop);
    s3_read_close(driver.read);
    fclose(driver.into);
}

static void tried(void *context, const char *what, const struct s3_result *result) {
    (void)context;
    printf("tried\t%s\t%s\t%s\n", what, ends[result->end], result->reason);
}

static void probed(void *context) {
    (void)context;
    loop_stop(driver.loop);
    printf("end\tGOOD\t\n");
}

/* The most that it has held so far, in KiB. */
static void tell_memory(void) {
    size_t length;
    char *status = os_read_file("/proc/self/status", 65536, &length);
    const char *most = status ? strstr(status, "VmHWM:") : NULL;
    printf("memory\t%ld\n", most ? strtol(most + 6, NULL, 10) : 0);
    memory_free(status);
}

static void obey(char *line) {
    char *words[5] = { "", "", "", "", "" };
    size_t count = 0;
    for (char *word = strtok(line, "\t\n"); word && count < 5; word = strtok(NULL, "\t\n"))
        words[count++] = word;
    const struct s3_list_hooks pages = { .page = page };
    const struct s3_probe_hooks probing = { .tried = tried, .done = probed };
    driver.die = strcmp(words[0], "put-and-die") == 0;
    if (strcmp(words[0], "put") == 0 || driver.die)
        put(words, count, false, false);
    else if (strcmp(words[0], "again") == 0)
        put(words, count, true, false);
    else if (strcmp(words[0], "cancel") == 0)
        put(words, count, false, true);
    else if (strcmp(words[0], "get") == 0)
        get(words);
    else if (strcmp(words[0], "list") == 0) {
        driver.list = s3_list_start(driver.s3, slice_of(words[1]), SLICE(""), &pages);
        loop_run(driver.loop);
        s3_list_close(driver.list);
    } else if (strcmp(words[0], "abort") == 0) {
        (void)s3_abort_start(driver.s3, slice_of(words[1]), slice_of(words[2]), done, NULL);
        loop_run(driver.loop);
    } else if (strcmp(words[0], "probe") == 0) {
        (void)s3_probe_start(driver.s3, slice_of(words[1]), true, &probing);
        loop_run(driver.loop);
    } else if (strcmp(words[0], "memory") == 0)
        tell_memory();
    else
        exit(2);
    fflush(stdout);
}

int main(int count, char **words) {
    char line[8192];
    struct error err;
    struct s3_options options = { .bucket = slice_of(count > 1 ? words[1] : ""), .threads = 1 };
    for (int i = 2; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : "0";
        if (strcmp(words[i], "--above") == 0) options.multipart_above = strtoull(value, NULL, 10);
        if (strcmp(words[i], "--tries") == 0) options.tries = (unsigned)strtoul(value, NULL, 10);
        if (strcmp(words[i], "--blocking") == 0) options.threads = 0;
    }
    driver.loop = loop_create();
    driver.s3 = s3_open(driver.loop, &options, &err);
    if (driver.s3 == NULL) return 1;
    while (fgets(line, sizeof line, stdin))
        obey(line);
    s3_close(driver.s3);
    loop_destroy(driver.loop);
    return 0;
}
