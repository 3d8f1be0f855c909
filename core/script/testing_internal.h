/* What script/testing*.c share. Private to them. */
#ifndef SCRIPT_TESTING_INTERNAL_H
#define SCRIPT_TESTING_INTERNAL_H

#include "post/dialect.h"
#include "post/query.h"
#include "script/compile.h"
#include "script/message.h"
#include "script/testing.h"

#define MAX_STUBS 16
#define MAX_ENGINES 8

/* How records become messages: the built-in dialects, and maybe one more. */
struct reader {
    struct projection *projection;
    struct dialects *dialects;
    struct projector *projector;
};

/* One test file while it runs. */
struct testing {
    struct loader *loader;
    struct arena arena;
    struct projector *raw_projector;
    struct reader reader;
    struct test_message *messages;
    struct subject *subjects;
    struct lexicon_shelf shelf;
    void *engines[MAX_ENGINES]; /* by the number of their name; for message:score */
    bool has_engines;
    uint64_t message_count;
    struct script_file files[MAX_STUBS];
    struct variable variables[MAX_STUBS];
};

/* A message that a test made; its call's context. */
struct test_message {
    struct script_call call;
    struct message message;
    struct testing *testing;
    struct query_set *queries; /* NULL: none were given */
    struct query_scratch *scratch;
    struct test_message *next;
};

/* The file that runs in this state. */
struct testing *testing_of(lua_State *lua);
/* Raises *err, with the line of the test where it has no place. */
_Noreturn void testing_raise(lua_State *lua, struct error *err);

void reader_init(struct reader *reader);
/* No more dialects are added. */
void reader_seal(struct reader *reader);
void reader_free(struct reader *reader);

/* linnet.message */
int testing_message(lua_State *lua);
/* Pushes a message made of the record (a table) at `index`; raises when no dialect reads it, or
 * another network's than `network` (empty: any will do). */
struct test_message *testing_read(lua_State *lua, const struct reader *reader, int index,
                                  struct slice network);
/* The test's message at `index`; raises when it is none. */
struct test_message *testing_check(lua_State *lua, int index);
void testing_free_messages(struct testing *testing);

/* What reading a declaration gives in a test. */
int testing_index(lua_State *lua);
void testing_free_subjects(struct testing *testing);

#endif
