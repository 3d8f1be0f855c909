/* One post (or delete, or control message) as it came, and what was found out about it.
 *
 * Owned by its batch: every slice points into the batch's arena or the bytes that were read. A
 * dialect fills the fields, process() the rest; nothing is changed once the batch is released. */
#ifndef POST_MESSAGE_H
#define POST_MESSAGE_H

#include "store/record.h"
#include <stddef.h>

enum message_kind {
    MESSAGE_POST,
    MESSAGE_EDIT,
    MESSAGE_DELETE,
    MESSAGE_SCRUB,         /* the place it was written at is to be forgotten */
    MESSAGE_AUTHOR_DELETE, /* the same two of all posts of the author `id` */
    MESSAGE_AUTHOR_SCRUB,  /* ... or the places of all */
    MESSAGE_CONTROL,       /* keep-alive, limit notice, ...: nothing to store */
    MESSAGE_MALFORMED,     /* `reason` says why */
};

/* Whether it brings a post. */
static inline bool message_is_post(enum message_kind kind) {
    return kind == MESSAGE_POST || kind == MESSAGE_EDIT;
}
static inline bool message_is_of_author(enum message_kind kind) {
    return kind == MESSAGE_AUTHOR_DELETE || kind == MESSAGE_AUTHOR_SCRUB;
}

/* What became of it. */
enum message_outcome {
    OUTCOME_PENDING,
    OUTCOME_KEPT,
    OUTCOME_FILTERED,
    OUTCOME_DUPLICATE,
};

enum message_trait {
    TRAIT_RETWEET = 1 << 0,
    TRAIT_REPLY = 1 << 1,
    TRAIT_QUOTE = 1 << 2,
    TRAIT_MEDIA = 1 << 3,
    TRAIT_IMAGES = 1 << 4,
    TRAIT_VIDEO = 1 << 5,
    TRAIT_VERIFIED = 1 << 6,
    TRAIT_PLACE = 1 << 7,       /* tagged with a place */
    TRAIT_COORDINATES = 1 << 8, /* lon and lat are set */
    TRAIT_BOT = 1 << 9,         /* its author says to be one */
    TRAIT_SENSITIVE = 1 << 10,  /* hidden behind a warning */
};

/* What a query may read beside text, id, network, language and what is told of other posts. */
enum message_part {
    PART_PEOPLE =
        1 << 0,          /* author, who is answered, whose post is repeated; TRAIT_VERIFIED, _BOT */
    PART_LISTS = 1 << 1, /* hashtags, mentions, cashtags, urls */
    PART_MEDIA = 1 << 2, /* TRAIT_MEDIA, _IMAGES, _VIDEO */
    PART_PLACE = 1 << 3, /* TRAIT_PLACE, _COORDINATES */
    PARTS_ALL = PART_PEOPLE | PART_LISTS | PART_MEDIA | PART_PLACE,
};

struct slice_list {
    struct slice *items;
    uint32_t count;
};

struct author {
    struct slice id, handle, name; /* handle without '@' */
    int64_t followers;             /* -1 = not said */
};

#define TIME_UNKNOWN INT64_MIN

struct message {
    struct slice raw; /* the record as received */
    enum message_kind kind;
    enum message_outcome outcome;
    uint32_t traits;     /* enum message_trait */
    uint64_t offset;     /* of the record in its source */
    struct slice reason; /* MESSAGE_MALFORMED: why */

    struct slice network, id, key; /* key: "x:1050118621198921728", the `_id` everywhere */
    struct slice notice_id;        /* what deletes call it, where they do not name its key */
    uint64_t up_to;                /* of an author: the number of the last post; 0: all */
    struct slice text;             /* full text; of a retweet the original's */
    struct slice quoted_text;      /* of the post that this one quotes; empty when none */
    struct slice lang;             /* as its network says; see message_language */
    struct author author;
    struct slice reply_to_id, reply_to_handle;   /* the user that is answered */
    struct slice retweeted_id, retweeted_handle; /* the user whose post this repeats */
    int64_t created_ms, received_ms;             /* since 1970 UTC; TIME_UNKNOWN when not said */
    struct slice_list hashtags;                  /* without '#' */
    struct slice_list mentions;                  /* handles without '@' */
    struct slice_list cashtags;                  /* without '$' */
    struct slice_list urls;                      /* expanded where the network says */
    double lon, lat;                             /* degrees, with TRAIT_COORDINATES */

    /* found by process() */
    const uint32_t
        *queries; /* ascending numbers of the queries that matched, in the snapshot's order */
    uint32_t query_count;
    struct slice_list query_names; /* their names, where somebody asks for them (post/query.h) */
    bool scored;
    double score;
    struct slice label, scorer;
    struct document *documents; /* one a schema of the snapshot; NULL = none */
    uint64_t key_hash;          /* hash_bytes(key) */
};

/* Its language. Where the network says none, it is looked for in the text, once, by who asks first,
 * because that costs more than all else; "und" when the text does not tell. */
struct slice message_language(struct message *message);

#endif
