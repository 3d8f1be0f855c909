/* sentiment/scorer.h: the registry of engines. A new engine is one line here. */
#include "sentiment/scorer.h"

static const struct scorer_ops *const engines[] = { &vader_ops, &textblob_ops };

const struct scorer_ops *scorer_ops_find(struct slice name) {
    for (size_t i = 0; i < LENGTH(engines); i++)
        if (slice_is(name, engines[i]->name)) return engines[i];
    return NULL;
}

const char *scorer_ops_name(size_t index) {
    return index < LENGTH(engines) ? engines[index]->name : NULL;
}
