/* Runs *_test.lua: plugins tried with the code that workers run, under the same limits.
 *
 * Each file has a Lua state of its own, with a plugin's names and describe, it, before_each,
 * after_each, assert (lua/testing.lua), linnet.message{}, linnet.stub_file and linnet.stub_env.
 * There, declarations answer: scorer:score(message), filter:keep(message),
 * schema:document(message), dialect:message(record), lexicon[word]. One thread. */
#ifndef SCRIPT_TESTING_H
#define SCRIPT_TESTING_H

#include "base/error.h"
#include "script/keys.h"
#include "script/loader.h"

struct test_report {
    size_t passed, failed;
    /* Called for each failure. `sentence` names the test; "" when the file itself failed. */
    void (*tell)(void *context, const char *sentence, const struct error *err);
    void *context;
};

/* Runs all tests of the file at `path`. Of `setup`, share, maker and context are taken; the folder
 * is that above a plugin's KIND/, else the file's own. */
void test_file_run(const struct loader_setup *setup, const char *path, struct test_report *report);

/* What linnet.message{} takes, and what declarations answer, for editors. */
extern const struct known_key test_message_keys[];
struct test_method {
    const char *maker, *name, *signature, *help;
};
extern const struct test_method test_methods[]; /* ends without a maker */

#endif
