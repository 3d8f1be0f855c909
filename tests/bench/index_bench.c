/* What the sink opensearch costs: µs CPU a document, against a server that answers at once.
 *
 * usage: index_bench [DOCUMENTS]. The server is a process of its own for each connection, so that
 * what it does is not counted: it says "created" of every `_id` that it finds. */
#include "base/alloc.h"
#include "base/clock.h"
#include "flow/delivery.h"
#include "index/link.h"
#include "sinks/registry.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DOCUMENTS 200000
/* A source's batch; about what a chunk of the spool holds. */
#define BATCH 256
#define CHUNK 1000
#define MOST_BYTES ((size_t)8 * 1024 * 1024)

/* ---- the server ---- */

static void say(int client, const char *bytes, size_t length) {
    for (ssize_t done; length > 0; bytes += done, length -= (size_t)done)
        if ((done = write(client, bytes, length)) <= 0) _exit(0);
}

/* Ids are between quotes right behind `{"index":{"_id":`. */
static size_t write_items(const char *body, size_t length, char *out) {
    static const char before[] = "{\"index\":{\"_id\":";
    char *to = out + sprintf(out, "{\"errors\":false,\"items\":[");
    const char *line = body, *end = body + length;
    while (line < end) {
        const char *next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
        const char *id = line + sizeof before - 1;
        size_t id_bytes = (size_t)((const char *)memchr(id + 1, '"', 64) + 1 - id);
        to += sprintf(to, "%s{\"index\":{\"_id\":%.*s,\"status\":201}}", line == body ? "" : ",",
                      (int)id_bytes, id);
        line = (const char *)memchr(next, '\n', (size_t)(end - next)) + 1;
    }
    return (size_t)(to + sprintf(to, "]}") - out);
}

static size_t unpack(const char *body, size_t length, char *to) {
    static struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = (uint8_t *)body;
    state.avail_in = (uint32_t)length;
    state.next_out = (uint8_t *)to;
    state.avail_out = MOST_BYTES;
    isal_inflate(&state);
    return state.total_out;
}

static void answer(int client, const char *head, const char *body, size_t length, char *out) {
    static char plain[MOST_BYTES];
    char line[128];
    size_t bytes = 2;
    if (strstr(head, "gzip")) {
        length = unpack(body, length, plain);
        body = plain;
    }
    if (strstr(head, "/_bulk"))
        bytes = write_items(body, length, out);
    else
        memcpy(out, "{}", 2);
    say(client, line,
        (size_t)sprintf(line, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes));
    say(client, out, bytes);
}

static void serve(int client) {
    char *bytes = memory_alloc(MOST_BYTES), *out = memory_alloc(MOST_BYTES);
    for (size_t length = 0;;) {
        ssize_t got = read(client, bytes + length, MOST_BYTES - length - 1);
        if (got <= 0) _exit(0);
        length += (size_t)got;
        bytes[length] = '\0';
        char *end = strstr(bytes, "\r\n\r\n"), *said = strstr(bytes, "Content-Length: ");
        if (end == NULL) continue;
        size_t body = said && said < end ? strtoul(said + 16, NULL, 10) : 0;
        if (strstr(bytes, "Expect:") && length == (size_t)(end + 4 - bytes))
            say(client, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        if (length < (size_t)(end + 4 - bytes) + body) continue;
        *end = '\0';
        answer(client, bytes, end + 4, body, out);
        length = 0;
    }
}

static unsigned start_server(pid_t *pid) {
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        exit(1);
    *pid = fork();
    if (*pid == 0) {
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int client = accept(listener, NULL, NULL);
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            if (fork() == 0) serve(client);
            close(client);
        }
    }
    close(listener);
    return ntohs(address.sin_port);
}

/* ---- records ---- */

static struct {
    struct loop *loop;
    struct log *log;
    struct delivery delivery;
    struct record *records;
    struct document *documents;
    struct log_chunk *chunks;
    size_t chunk_count, passed;
    double reference_us; /* of a document */
} bench;

static void make_records(size_t count) {
    char text[512];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    bench.records = memory_zeroed(count, sizeof *bench.records);
    bench.documents = memory_zeroed(count, sizeof *bench.documents);
    for (size_t i = 0; i < count; i++) {
        char *document = memory_alloc(1024), *key = memory_alloc(32);
        size_t length =
            (size_t)sprintf(document,
                            "{\"id\":\"%zu\",\"network\":\"x\",\"text\":\"%s\",\"lang\":\"en\","
                            "\"created\":\"2026-11-27T12:00:00.000Z\",\"label\":\"neutral\","
                            "\"score\":0.125,\"hashtags\":[\"coffee\"],\"generation\":1}",
                            i, text);
        bench.documents[i] = (struct document){ .schema = SLICE("post"),
                                                .key = { key, (size_t)sprintf(key, "x:%zu", i) },
                                                .bytes = { document, length } };
        bench.records[i] = (struct record){ .sequence = i + 1,
                                            .documents = &bench.documents[i],
                                            .document_count = 1,
                                            .received_ms = 1 };
    }
}

static void chunk_passed(struct log_chunk *chunk) {
    (void)chunk;
    bench.passed++;
}

static void answered(struct delivery *delivery) {
    if (delivery->reader->counts.delivered == delivery->reader->counts.spooled)
        loop_stop(bench.loop);
}

static void ended(struct delivery *delivery, const struct error *err) {
    (void)delivery;
    fprintf(stderr, "%s\n", err ? err->text : "the sink ended");
    exit(1);
}

static void fill_log(size_t documents, size_t a_chunk) {
    bench.chunk_count = (documents + a_chunk - 1) / a_chunk;
    bench.chunks = memory_zeroed(bench.chunk_count, sizeof *bench.chunks);
    for (size_t i = 0; i < bench.chunk_count; i++) {
        size_t first = i * a_chunk, left = documents - first;
        bench.chunks[i] = (struct log_chunk){ .records = &bench.records[first],
                                              .count = (uint32_t)MIN(left, a_chunk),
                                              .passed = chunk_passed };
        log_append(bench.log, &bench.chunks[i]);
    }
}

static void deliver(const char *url, size_t documents, size_t a_chunk, bool gzip) {
    const struct index_settings settings = { .url = url,
                                             .auth = "none",
                                             .service = "auto",
                                             .gzip = gzip,
                                             .manage = true,
                                             .requests = 8,
                                             .timeout_ms = 60000 };
    struct part_config part = { .name = "index",
                                .kind = &opensearch_sink.kind,
                                .settings = &settings,
                                .schema_name = "post",
                                .mapping = SLICE("{\"mappings\":{\"properties\":{}}}") };
    struct error err;
    bench.loop = loop_create();
    bench.log = log_memory_create();
    struct sink_context common = { .loop = bench.loop, .delivery = &bench.delivery };
    bench.delivery = (struct delivery){ .loop = bench.loop,
                                        .reader = log_add_reader(bench.log, "index", &err),
                                        .answered = answered,
                                        .ended = ended };
    bench.delivery.fitted = fitted_sink_create(&opensearch_sink, &part, &common, &err);
    if (bench.delivery.fitted == NULL) ended(NULL, &err);
    log_open_reader(bench.delivery.reader);
    delivery_start(&bench.delivery);
    uint64_t cpu_ns = clock_cpu_ns(), wall_ns = clock_monotonic_ns();
    fill_log(documents, a_chunk);
    loop_run(bench.loop);
    double cpu_us = (double)(clock_cpu_ns() - cpu_ns) / 1e3;
    double wall_s = (double)(clock_monotonic_ns() - wall_ns) / 1e9;
    printf("%4zu at a time%-12s %6.2f us CPU a document, %9.0f documents/s/core, %9.0f/s here, "
           "%.1f of plain copies (at most 10 us)\n",
           a_chunk, gzip ? ", gzip" : "", cpu_us / (double)documents,
           (double)documents / cpu_us * 1e6, (double)documents / wall_s,
           cpu_us / (double)documents / bench.reference_us);
    delivery_close(&bench.delivery);
    log_remove_reader(bench.delivery.reader);
    log_destroy(bench.log);
    memory_free(bench.chunks);
    loop_destroy(bench.loop);
}

/* The reference: each document copied behind an action line, in requests of a thousand, which
 * nobody reads. */
static double time_plain_writes(size_t documents) {
    static char body[MOST_BYTES];
    int null = open("/dev/null", O_WRONLY);
    size_t length = 0;
    uint64_t start = clock_cpu_ns();
    for (size_t i = 0; i < documents; i++) {
        const struct document *document = &bench.documents[i];
        length += (size_t)sprintf(body + length, "{\"index\":{\"_id\":\"%.*s\"}}\n",
                                  SLICE_ARGS(document->key));
        memcpy(body + length, document->bytes.data, document->bytes.length);
        length += document->bytes.length;
        body[length++] = '\n';
        if ((i + 1) % CHUNK && i + 1 < documents) continue;
        if (write(null, body, length) != (ssize_t)length) exit(1);
        length = 0;
    }
    close(null);
    return (double)(clock_cpu_ns() - start) / 1e3 / (double)documents;
}

int main(int count, char **words) {
    size_t documents = count > 1 ? strtoul(words[1], NULL, 10) : DOCUMENTS;
    char url[64];
    pid_t server;
    unsigned port = start_server(&server);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/posts", port);
    setvbuf(stdout, NULL, _IOLBF, 0);
    make_records(documents);
    printf("%zu documents of %zu bytes\n", documents, bench.documents[0].bytes.length);
    bench.reference_us = time_plain_writes(documents);
    printf("reference, plain copies %6.2f us CPU a document\n", bench.reference_us);
    deliver(url, documents, BATCH, false);
    deliver(url, documents, CHUNK, false);
    deliver(url, documents, CHUNK, true);
    kill(server, SIGTERM);
    return 0;
}
