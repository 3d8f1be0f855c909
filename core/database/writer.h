/* Writes to the embedded store: posts, and with them, in the same transaction, what is counted of
 * them and what they are found by.
 *
 * Blocking; one thread at a time. Other processes may write to the file in between. */
#ifndef DATABASE_WRITER_H
#define DATABASE_WRITER_H

#include "store/database.h"

struct store_writer;
/* The path is copied; nothing is opened. */
struct store_writer *store_writer_create(const char *path) MUST_CHECK;
void store_writer_destroy(struct store_writer *writer);
/* Opens the file, made when missing, or does nothing when it is open; one that was moved away is
 * left, and a new one begun. */
bool store_writer_open(struct store_writer *writer, struct error *err) MUST_CHECK;

bool store_writer_begin(struct store_writer *writer, struct error *err) MUST_CHECK;
/* What was put since then is durable; false: nothing is. */
bool store_writer_commit(struct store_writer *writer, struct error *err) MUST_CHECK;
/* After a call that returned false: what was begun is undone, and the next call may work. */
void store_writer_recover(struct store_writer *writer);

struct store_post {
    struct slice key, document;
    int64_t traits;      /* enum message_trait; STORE_NO_TRAITS: not known */
    int64_t received_ms; /* when the document does not say */
};
#define STORE_NO_TRAITS INT64_C(-1)

/* Adds a post, or replaces that of its key when its document is another. *reject: why it can be no
 * row, which changes nothing; it lives until the next call. */
bool store_writer_put(struct store_writer *writer, const struct store_post *post,
                      struct slice *reject, struct error *err) MUST_CHECK;
/* The post of this key goes, and what it gave is taken back; *reject as above. */
bool store_writer_remove(struct store_writer *writer, struct slice key, struct slice *reject,
                         struct error *err) MUST_CHECK;

/* The post of this key loses the place that it was written at: `patch` is a merge patch of its
 * document; *reject as above. */
bool store_writer_scrub(struct store_writer *writer, struct slice key, struct slice patch,
                        struct slice *reject, struct error *err) MUST_CHECK;

/* In a transaction of their own, a few posts; *more: there may be others. */
/* Fills in what a store of an older linnet did not have, the newest posts first. */
bool store_writer_fill(struct store_writer *writer, bool *more, struct error *err) MUST_CHECK;
/* Removes posts that were received before this second; what is counted of them stays. */
bool store_writer_prune(struct store_writer *writer, int64_t before_s, bool *more,
                        struct error *err) MUST_CHECK;

#endif
