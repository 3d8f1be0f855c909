/* sources/registry.h: one line a source. */
#include "sources/registry.h"

const struct source_ops *const all_sources[] = {
    &file_source, &stdin_source, &s3_source, &x_source, NULL,
};
