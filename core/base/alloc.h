/* The only way to the heap. Any thread.
 *
 * Out of memory ends the process with one line and _exit(1): sizes that come from outside are
 * bounded before they reach this file, so there is nothing a caller could do better. Lua states,
 * which have a ceiling of their own, use memory_try_resize and handle NULL. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/compiler.h"
#include <stddef.h>

/* Before there are threads: they share two heaps. One of its own for each would take up 64 MiB of
 * addresses, which a limit of the process counts. */
void memory_share_heaps(void);
/* `bytes` of uninitialised memory; never NULL. */
void *memory_alloc(size_t bytes) MUST_CHECK;
/* The same at a multiple of `step`, a power of two; a resize does not keep that. */
void *memory_alloc_aligned(size_t step, size_t bytes) MUST_CHECK;
/* `count` zeroed items of `bytes` each; never NULL. */
void *memory_zeroed(size_t count, size_t bytes) MUST_CHECK;
/* Grows or shrinks `block` (NULL: allocates); never NULL. */
void *memory_resize(void *block, size_t bytes) MUST_CHECK;
/* Like memory_resize, but NULL when there is none left; `block` then stays as it was. */
void *memory_try_resize(void *block, size_t bytes) MUST_CHECK;
/* A heap copy of `text` with a closing NUL. */
char *memory_copy_text(const char *text) MUST_CHECK;
void memory_free(void *block);

/* What is called before the process ends for lack of memory; it may allocate nothing. */
void memory_set_farewell(void (*call)(void));

#endif
