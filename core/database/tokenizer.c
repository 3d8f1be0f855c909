/* database/tokenizer.h */
#include "database/tokenizer.h"
#include "post/vocabulary.h"
#include <string.h>

static Fts5Tokenizer *no_state(void) {
    static char nothing;
    return (Fts5Tokenizer *)&nothing;
}

static int create(void *context, const char **arguments, int count, Fts5Tokenizer **made) {
    (void)context, (void)arguments, (void)count;
    *made = no_state();
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *tokenizer) { (void)tokenizer; }

static int tokenize(Fts5Tokenizer *tokenizer, void *context, int flags, const char *text, int bytes,
                    int (*found)(void *context, int flags, const char *term, int term_bytes,
                                 int start, int end)) {
    int code = SQLITE_OK;
    (void)tokenizer, (void)flags;
    for (int at = 0; at < bytes && code == SQLITE_OK;) {
        const char *stop = memchr(text + at, VOCABULARY_END, (size_t)(bytes - at));
        int end = stop ? (int)(stop - text) : bytes;
        if (end > at) code = found(context, 0, text + at, end - at, at, end);
        at = end + 1;
    }
    return code;
}

static fts5_api *find_api(sqlite3 *handle) {
    fts5_api *api = NULL;
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_pointer(statement, 1, (void *)&api, "fts5_api_ptr", NULL);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
    return api;
}

int store_tokenizer_connect(sqlite3 *handle) {
    static fts5_tokenizer linnet = { create, destroy, tokenize };
    fts5_api *api = find_api(handle);
    return api ? api->xCreateTokenizer(api, "linnet", NULL, &linnet, NULL) : SQLITE_ERROR;
}
