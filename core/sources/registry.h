/* Every source that is built. */
#ifndef SOURCES_REGISTRY_H
#define SOURCES_REGISTRY_H

#include "flow/source.h"

extern const struct source_ops file_source, stdin_source, s3_source, x_source;

/* All of them; ends with NULL. */
extern const struct source_ops *const all_sources[];

#endif
