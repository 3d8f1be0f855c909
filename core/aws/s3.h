/* Objects of one bucket, on S3 or on what speaks like it: uploading, listing, reading.
 *
 * Source: "Amazon S3 API Reference", and "Error responses" there. On the loop thread; nothing here
 * blocks it: what reads files and hashes has a thread of its own. Requests are repeated with full
 * jitter (net/backoff.h, net/retry_after.h) while that can help: a server that is busy or away, a
 * reply that was cut, keys that had expired, a bucket that lives in another region.
 *
 * Whatever was started here is ended or cancelled before the bucket is closed. No callback comes
 * before the call that started it returns, and everything may be called inside of one but
 * s3_close. */
#ifndef AWS_S3_H
#define AWS_S3_H

#include "aws/settings.h"
#include "base/error.h"
#include "net/http_field.h"
#include "net/loop.h"
#include <stdbool.h>
#include <stdint.h>

struct s3;

enum s3_addressing {
    S3_AUTO, /* the bucket in the path with an endpoint or a dot in its name, else in the host */
    S3_IN_PATH,
    S3_IN_HOST,
};

struct s3_options {
    struct slice bucket;     /* its name alone */
    struct aws_settings aws; /* a bucket tells its own region, whatever stands there */
    enum s3_addressing addressing;
    unsigned threads;         /* 1, or 0 when all work is on the loop */
    unsigned tries;           /* of one request; 0: S3_TRIES */
    uint64_t multipart_above; /* bytes; 0: S3_MULTIPART_ABOVE, which is the most */
};
#define S3_TRIES 8
#define S3_MULTIPART_ABOVE ((uint64_t)16 << 20)
/* Of an object: 10,000 parts, of which two are in memory at a time. */
#define S3_PART_BYTES ((uint64_t)8 << 20)
#define S3_MOST_BYTES (10000 * S3_PART_BYTES)

/* All texts are copied. NULL with *err. */
struct s3 *s3_open(struct loop *loop, const struct s3_options *options,
                   struct error *err) MUST_CHECK;
void s3_close(struct s3 *s3);

/* "s3://BUCKET/KEY" (or "//BUCKET/KEY") taken apart: slices of `text`; the key may be empty. False
 * with *err when there is no bucket, or none that can be. */
bool s3_read_url(struct slice text, struct slice *bucket, struct slice *key,
                 struct error *err) MUST_CHECK;
/* The same of an option's value; the error begins with its name. */
bool s3_read_option(const char *option, const char *value, struct slice *bucket, struct slice *key,
                    struct error *err) MUST_CHECK;

enum s3_end {
    S3_GOOD,
    S3_MISSING, /* there is no such object */
    S3_CHANGED, /* it is another one by now */
    S3_REFUSED, /* no rights, no bucket: asking again helps only when somebody changes something */
    S3_LATER,   /* it was tried often enough for now: unreachable, busy, no keys */
};
struct s3_result {
    enum s3_end end;
    /* For people, "bucket posts: AccessDenied: Access Denied (request 44425)"; without secrets. ""
     * when all is good. Valid during the call. */
    const char *reason;
};

/* ---- uploading ---- */

struct s3_object {
    struct slice key;
    /* What it is: `bytes` of the file from `offset` on, at most S3_MOST_BYTES; open and unchanged
     * until the end. */
    int fd;
    uint64_t offset, bytes;
    struct slice content_type, content_encoding; /* empty: none */
    const struct http_field *headers;            /* "x-amz-meta-...", "x-amz-storage-class", ... */
    size_t header_count;
    /* An upload that was begun before a crash. First it is looked whether that one had won: then
     * nothing is sent. Else what it left on the server is aborted: the upload of this id (empty: it
     * is not known), and all others of this very key that the server lists. */
    bool again;
    struct slice upload_id;
};

struct s3_upload_hooks {
    /* A multipart upload has begun: an intent may note its id, so that a restart can abort it. Not
     * called for an object that is sent in one request. Optional. */
    void (*began)(void *context, struct slice upload_id);
    /* Once, unless it is cancelled: the object is there, whole, or why it is not. Then nothing of
     * it is left on the server as far as that could be reached. */
    void (*done)(void *context, const struct s3_result *result);
    void *context;
};

struct s3_upload;
/* All but the file is copied. */
struct s3_upload *s3_upload_start(struct s3 *s3, const struct s3_object *object,
                                  const struct s3_upload_hooks *hooks);
/* Nothing is called any more; what has reached the server stays there, see `again`. */
void s3_upload_cancel(struct s3_upload *upload);

/* ---- what was left behind ---- */

struct s3_abort;
/* Aborts the upload `upload_id` of the key (empty: none), and all others of this very key. An
 * upload that is not there is a good end. */
struct s3_abort *s3_abort_start(struct s3 *s3, struct slice key, struct slice upload_id,
                                void (*done)(void *context, const struct s3_result *result),
                                void *context);
void s3_abort_cancel(struct s3_abort *abort);

/* ---- listing ---- */

struct s3_entry {
    struct slice key;
    uint64_t bytes;
};

struct s3_list;
struct s3_list_hooks {
    /* A page, in the order of the keys' bytes, or why there is none (`result->end` not S3_GOOD:
     * the listing has ended). `more`: s3_list_next gives another. Entries are valid during the
     * call. */
    void (*page)(void *context, const struct s3_entry *entries, size_t count, bool more,
                 const struct s3_result *result);
    void *context;
};
/* The first page of all keys that begin with `prefix` and come behind `after` (empty: all). */
struct s3_list *s3_list_start(struct s3 *s3, struct slice prefix, struct slice after,
                              const struct s3_list_hooks *hooks);
/* The next page; not while one is under way. */
void s3_list_next(struct s3_list *list);
void s3_list_close(struct s3_list *list);

/* ---- reading ---- */

struct s3_read;
struct s3_read_hooks {
    /* A piece has come, the end, or why there is none: ask s3_read_take. */
    void (*ready)(void *context);
    void *context;
};
/* Reads an object from its start, a few MiB ahead of whoever takes them. What was cut goes on at
 * its byte, and only with the object that it began with. */
struct s3_read *s3_read_start(struct s3 *s3, struct slice key, const struct s3_read_hooks *hooks);
/* Up to `room` bytes; 0: none are here yet, or it has ended. */
size_t s3_read_take(struct s3_read *read, void *into, size_t room) MUST_CHECK;
/* Bytes can be taken without waiting. */
bool s3_read_buffered(const struct s3_read *read);
/* NULL until all was taken, or nothing more can come. */
const struct s3_result *s3_read_result(const struct s3_read *read);
/* "" until it is known. */
struct slice s3_read_etag(const struct s3_read *read);
void s3_read_close(struct s3_read *read);

/* ---- is it usable ---- */

struct s3_probe;
struct s3_probe_hooks {
    /* For each thing that was tried, in turn: "list", "put", "abort". */
    void (*tried)(void *context, const char *what, const struct s3_result *result);
    void (*done)(void *context);
    void *context;
};
/* Lists below `prefix`; begins a multipart upload below it, sends a part, and aborts it: no object
 * is made. `write`: false: it only lists. */
struct s3_probe *s3_probe_start(struct s3 *s3, struct slice prefix, bool write,
                                const struct s3_probe_hooks *hooks);
void s3_probe_cancel(struct s3_probe *probe);

#endif
