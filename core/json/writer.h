/* Writes JSON into an arena: commas and escapes are its job, the order of calls is the caller's.
 *
 * One thread. Texts are UTF-8 and stay UTF-8; broken bytes are written as U+FFFD. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct writer {
    struct arena *arena;
    char *start, *next, *end;
    bool comma; /* the next member or element needs one before it */
};

void writer_init(struct writer *writer, struct arena *arena, size_t expected_bytes);
/* What was written; the writer is spent. */
struct slice writer_finish(struct writer *writer);

void write_object(struct writer *writer);
void write_object_end(struct writer *writer);
void write_array(struct writer *writer);
void write_array_end(struct writer *writer);
/* `"name":`; the value follows. */
void write_name(struct writer *writer, struct slice name);
void write_text(struct writer *writer, struct slice text);
void write_integer(struct writer *writer, int64_t value);
void write_double(struct writer *writer, double value);
/* A name with its text, its number, true or false, null, or an instant as date_write gives it. */
void write_text_member(struct writer *writer, const char *name, struct slice text);
void write_integer_member(struct writer *writer, const char *name, int64_t value);
void write_flag_member(struct writer *writer, const char *name, bool value);
void write_null_member(struct writer *writer, const char *name);
void write_time_member(struct writer *writer, const char *name, int64_t ms);
/* A number, true, false, null, or any JSON, as it is. */
void write_raw(struct writer *writer, struct slice json);

#endif
