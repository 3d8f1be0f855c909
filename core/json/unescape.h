/* JSON string escapes to UTF-8. */
#ifndef JSON_UNESCAPE_H
#define JSON_UNESCAPE_H

#ifdef __cplusplus
extern "C" {
#endif

#include "base/arena.h"
#include "base/compiler.h"

/* The text between the quotes without its escapes, in the arena (`*text` may be `inner`). Lone
 * surrogates become U+FFFD; false for any other escape that RFC 8259 does not know. */
bool json_unescape(struct slice inner, struct arena *arena, struct slice *text) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
