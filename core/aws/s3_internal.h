/* What the files of the S3 client share: the bucket, and one request that is repeated as long as
 * that can help. */
#ifndef AWS_S3_INTERNAL_H
#define AWS_S3_INTERNAL_H

#include "aws/client.h"
#include "aws/s3.h"
#include "aws/s3_place.h"

#define S3_REPLY_BYTES                                                                             \
    ((size_t)1 << 20) /* of a reply that is an answer, not an object or a list                     \
                       */
#define S3_REASON_BYTES 600
#define S3_MOST_PARAMETERS 8

struct s3_upload;
struct s3_lane;

struct s3 {
    struct loop *loop;
    struct aws_client *client;
    struct crew *crew; /* reads and hashes, one part at a time */
    char bucket[64];
    char region[S3_REGION_BYTES]; /* of the bucket; "" until it is known: then the client's */
    enum s3_addressing addressing;
    unsigned tries;
    uint64_t multipart_above;
    bool placed;     /* the client knows region and endpoint */
    bool in_trouble; /* it was said that something does not work; not yet that it does again */
    bool not_listed; /* it was said that uploads cannot be listed */
    struct s3_upload *uploads;
    struct s3_lane *reading, *to_read; /* with the crew; in line for it */
};

/* ---- one request ---- */

struct s3_call;
struct s3_answer;

struct s3_request {
    const char *method;
    struct slice key; /* empty: of the bucket itself */
    struct http_field query[S3_MOST_PARAMETERS];
    size_t query_count;
    const struct http_field *headers;
    size_t header_count;
    struct slice body;
    struct slice hash;  /* of the body, in hex; empty: it is made */
    size_t most_bytes;  /* of a reply; 0: S3_REPLY_BYTES */
    bool error_in_good; /* a 200 may hold an error */
    /* Optional: the body of a good reply, see struct http_ask; given the call. */
    bool (*piece)(void *call, struct slice bytes);
    bool (*full)(void *call);
    /* Optional: it is about to be sent, for the first time (`last` NULL) or again, after a try that
     * ended like this. May change `headers`. True: that try has brought something, and counts as
     * none. */
    bool (*before)(struct s3_call *call, const struct s3_answer *last);
};

struct s3_answer {
    struct s3_result result;
    int status; /* 0: no whole reply came */
    struct slice code, body;
    const struct aws_reply *reply;
};

/* Lives inside its owner. All that the request names stays the owner's until the answer. */
struct s3_call {
    struct s3 *s3;
    struct s3_request request;
    void (*answered)(struct s3_call *call, const struct s3_answer *answer);
    unsigned tries, moves, rests;
    bool uncertain; /* a try that got no good answer may have had its effect all the same */
    bool futile;    /* set by whoever sees that another try would bring no more */
    bool active;
    struct aws_call *under_way;
    struct timer pause;
    struct place_wait place;
    struct arena arena; /* of one try */
};

/* `answered` comes once, never before this returns; the call may be started again within it. */
void s3_call_start(struct s3 *s3, struct s3_call *call, const struct s3_request *request,
                   void (*answered)(struct s3_call *call, const struct s3_answer *answer));
/* Does nothing with one that is not active. */
void s3_call_cancel(struct s3_call *call);
/* Header of the reply, trimmed; empty when there is none. */
struct slice s3_answer_header(const struct s3_answer *answer, const char *name);

#define S3_PARAMETER(key, text) ((struct http_field){ SLICE(key), (text) })

/* ---- parts of uploads ---- */

/* The next one of those in line is read. */
void s3_read_parts(struct s3 *s3);
/* Uploads that were cancelled while a part was read; when the crew is gone. */
void s3_free_uploads(struct s3 *s3);

#endif
