/* What a spool of make_record's records says that it knows. */
#ifndef UNIT_SPOOL_KNOWN_H
#define UNIT_SPOOL_KNOWN_H

#include "spool_records.h"

struct ids {
    uint64_t counts[SPOOL_ID_KINDS], first[SPOOL_ID_KINDS], last[SPOOL_ID_KINDS];
};

static void note_id(void *context, const struct known_id *id) {
    struct ids *ids = context;
    if (ids->counts[id->kind]++ == 0) ids->first[id->kind] = id->hash;
    ids->last[id->kind] = id->hash;
    char key[32] = "";
    if (id->kind == SPOOL_NAME)
        snprintf(key, sizeof key, "x:%llu", (unsigned long long)(id->hash - 5000));
    assert_slices(id->key, slice_of(key));
}

static inline struct ids ids_of(struct spool *spool) {
    struct ids ids = { 0 };
    struct error err;
    assert_true(spool_ids(spool, note_id, &ids, &err));
    return ids;
}

#endif
