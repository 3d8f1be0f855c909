/* One JSON value that is neither object nor array. */
#ifndef JSON_SCALAR_H
#define JSON_SCALAR_H

#include "json/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads `token` (white space around it is allowed): type and text as in json_value. NULL when it is
 * well-formed, else why it is not (static text). */
const char *json_scalar(struct slice token, struct arena *arena, enum json_type *type,
                        struct slice *text) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
