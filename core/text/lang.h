/* Which language a text is in, by CLD2; the only face of that library.
 *
 * Pure, any thread; the same text always gets the same answer. Costs some ten microseconds, and
 * takes memory of its own while it runs. */
#ifndef TEXT_LANG_H
#define TEXT_LANG_H

#ifdef __cplusplus
extern "C" {
#endif

#include "base/slice.h"

/* Its ISO 639-1 code ("en"), static; empty when the text is too short or too mixed to be sure.
 * Links and @names do not count, and only the beginning of a long text is read. `text` may be any
 * bytes. */
struct slice language_detect(struct slice text);

#ifdef __cplusplus
}
#endif

#endif
