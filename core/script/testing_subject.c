/* Declarations under test: compiled once a file as a snapshot compiles them, called as workers do.
 */
#include "base/alloc.h"
#include "script/message_methods.h"
#include "script/testing_internal.h"
#include <lauxlib.h>

/* A declaration that a test has asked something. */
struct subject {
    const struct declaration *declaration;
    struct program *program;
    struct script_state *state; /* NULL: it has no function */
    struct scorer_spec scorer;
    void *engine;
    struct filter_spec filter;
    struct query_set *query; /* a filter's */
    struct query_scratch *query_scratch;
    struct reader reader; /* a schema's paths, or a dialect's */
    struct schema *schema;
    struct schema_scratch *schema_scratch;
    struct dialect_spec dialect;
    const struct lexicon *lexicon;
    struct subject *next;
};

static void subject_free(struct subject *subject) {
    script_state_destroy(subject->state);
    program_destroy(subject->program);
    if (subject->engine) subject->scorer.ops->destroy(subject->engine);
    if (subject->query_scratch) query_scratch_destroy(subject->query_scratch);
    if (subject->query) query_set_destroy(subject->query);
    if (subject->schema) schema_destroy(subject->schema);
    if (subject->schema_scratch) schema_scratch_destroy(subject->schema_scratch);
    reader_free(&subject->reader);
}

void testing_free_subjects(struct testing *testing) {
    for (struct subject *subject = testing->subjects; subject; subject = subject->next)
        subject_free(subject);
}

/* ---- compiling ------------------------------------------------------------------------------- */

/* What a kind compiles to; `index` is the declaration's. */
typedef bool subject_compile(struct testing *testing, struct subject *subject, int index,
                             const struct place *place, struct slice name, struct error *err);

static bool compile_scorer_subject(struct testing *testing, struct subject *subject, int index,
                                   const struct place *place, struct slice name,
                                   struct error *err) {
    struct scorer_spec *spec = &subject->scorer;
    if (!compile_scorer(testing->loader, index, place, name, subject->program, &testing->shelf,
                        &testing->arena, spec, err))
        return false;
    if (spec->ops) subject->engine = spec->ops->create(spec->lexicon, err);
    return spec->ops == NULL || subject->engine;
}

static bool compile_filter_subject(struct testing *testing, struct subject *subject, int index,
                                   const struct place *place, struct slice name,
                                   struct error *err) {
    struct filter_spec *spec = &subject->filter;
    size_t bad, offset;
    if (!compile_filter(testing->loader, index, place, name, subject->program, spec, err))
        return false;
    if (spec->query.length == 0) return true;
    struct query_source source = { "keep", spec->query, QUERY_LANGUAGE };
    subject->query = query_set_create(&source, 1, &bad, &offset, err);
    if (subject->query) subject->query_scratch = query_scratch_create(subject->query);
    if (subject->query == NULL)
        place_locate_text(spec->query_place, spec->query, offset, &testing->loader->arena, err);
    return subject->query != NULL;
}

static bool compile_schema_subject(struct testing *testing, struct subject *subject, int index,
                                   const struct place *place, struct slice name,
                                   struct error *err) {
    struct schema_source source;
    const struct field_spec *bad = NULL;
    if (!compile_schema(testing->loader, index, place, name, subject->program, &source, err))
        return false;
    reader_init(&subject->reader);
    subject->schema_scratch = schema_scratch_create();
    subject->schema = schema_create(&source.spec, subject->reader.projection, &bad, err);
    if (subject->schema == NULL) schema_source_locate(testing->loader, &source, bad, err);
    reader_seal(&subject->reader);
    return subject->schema != NULL;
}

static bool compile_lexicon_subject(struct testing *testing, struct subject *subject, int index,
                                    const struct place *place, struct slice name,
                                    struct error *err) {
    (void)name;
    subject->lexicon = compile_lexicon(testing->loader, index, place, &testing->shelf, err);
    return subject->lexicon != NULL;
}

static bool compile_dialect_subject(struct testing *testing, struct subject *subject, int index,
                                    const struct place *place, struct slice name,
                                    struct error *err) {
    (void)name;
    if (!compile_dialect(testing->loader, index, place, &subject->dialect, err)) return false;
    reader_init(&subject->reader);
    bool added =
        dialects_add(subject->reader.dialects, &subject->dialect, subject->reader.projection, err);
    reader_seal(&subject->reader);
    return added;
}

static const struct compiler {
    const char *maker;
    subject_compile *compile;
} compilers[] = { { "scorer", compile_scorer_subject },
                  { "filter", compile_filter_subject },
                  { "schema", compile_schema_subject },
                  { "lexicon", compile_lexicon_subject },
                  { "dialect", compile_dialect_subject } };

/* The functions run in a state of their own, from the texts that were read, as in a worker. */
static bool start_functions(struct testing *testing, struct subject *subject,
                            const struct script_file *origin, struct error *err) {
    if (program_count(subject->program) == 0) return true;
    if (origin == NULL)
        return error_set(err, ERROR_FAILED,
                         "a function under test lies in a plugin's file: require that file");
    program_keep_files(subject->program, testing->loader);
    subject->state = script_state_create(subject->program, err);
    return subject->state != NULL;
}

static bool subject_fill(struct testing *testing, struct subject *subject, int index,
                         struct error *err) {
    const struct declaration *declaration = subject->declaration;
    const struct script_file *origin = loader_origin(testing->loader, index);
    struct place *place = arena_zeroed(&testing->loader->arena, 1, sizeof *place);
    *place = (struct place){ .file = declaration->file,
                             .maker = declaration->maker,
                             .line = declaration->line };
    const char *slash = origin ? strrchr(origin->path, '/') : NULL;
    struct slice name = slice_of(slash ? slash + 1 : origin ? origin->path : "inline");
    if (slice_ends(name, SLICE(".lua"))) name.length -= 4;
    for (size_t i = 0; i < LENGTH(compilers); i++)
        if (strcmp(compilers[i].maker, declaration->maker) == 0)
            return compilers[i].compile(testing, subject, index, place, name, err) &&
                   start_functions(testing, subject, origin, err);
    return error_set(err, ERROR_FAILED, "linnet.%s{} answers nothing in a test",
                     declaration->maker);
}

/* The declaration at index 1, compiled the first time. */
static struct subject *subject_of(lua_State *lua, const char *maker) {
    struct testing *testing = testing_of(lua);
    const struct declaration *declaration = declaration_at(lua, 1);
    struct subject *subject = testing->subjects;
    struct error err = { 0 };
    if (declaration == NULL || (maker && strcmp(declaration->maker, maker) != 0))
        luaL_error(lua, "a linnet.%s{} is wanted here: write a colon before the method", maker);
    while (subject && subject->declaration != declaration)
        subject = subject->next;
    if (subject) return subject;
    subject = arena_zeroed(&testing->arena, 1, sizeof *subject);
    *subject = (struct subject){ .declaration = declaration,
                                 .program = program_create(&testing->loader->setup),
                                 .next = testing->subjects };
    testing->subjects = subject;
    if (!subject_fill(testing, subject, 1, &err)) {
        subject->declaration = NULL; /* the next question fails in the same way */
        testing_raise(lua, &err);
    }
    return subject;
}

/* ---- what they answer ------------------------------------------------------------------------ */

static int raise_failure(lua_State *lua, const struct subject *subject) {
    struct error err = *script_failure(subject->state);
    testing_raise(lua, &err);
}

static void push_evidence(lua_State *lua, const struct score *score) {
    lua_createtable(lua, (int)score->evidence_count, 0);
    for (size_t i = 0; i < score->evidence_count; i++) {
        const struct evidence *one = &score->evidence[i];
        lua_createtable(lua, 3, 0);
        lua_pushlstring(lua, one->word.data, one->word.length);
        lua_rawseti(lua, -2, 1);
        lua_pushnumber(lua, one->value);
        lua_rawseti(lua, -2, 2);
        if (one->note.length) {
            lua_pushlstring(lua, one->note.data, one->note.length);
            lua_rawseti(lua, -2, 3);
        }
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
}

static int scorer_score(lua_State *lua) {
    struct subject *subject = subject_of(lua, "scorer");
    struct test_message *made = testing_check(lua, 2);
    const struct scorer_spec *spec = &subject->scorer;
    struct score score = { 0 };
    if (spec->ops)
        score = spec->ops->score(subject->engine, made->message.text, made->call.arena, true);
    else if (!script_score(subject->state, spec->function - 1, &made->call, spec->lexicon, true,
                           &score))
        return raise_failure(lua, subject);
    if (!score.known) return 0;
    lua_pushnumber(lua, score.value);
    push_evidence(lua, &score);
    return 2;
}

static int filter_keep(lua_State *lua) {
    struct subject *subject = subject_of(lua, "filter");
    struct test_message *made = testing_check(lua, 2);
    struct message copy = made->message;
    bool keep = false;
    if (subject->query) {
        query_set_match(subject->query, subject->query_scratch, &copy, made->call.arena);
        keep = copy.query_count > 0;
    } else if (!script_keep(subject->state, subject->filter.function, &made->call, &keep)) {
        return raise_failure(lua, subject);
    }
    lua_pushboolean(lua, keep);
    return 1;
}

/* What a schema's function is called with. */
struct computing {
    const struct subject *subject;
    const struct test_message *made;
    bool *failed;
};

static bool compute_field(const void *computer, uint32_t function, enum field_type type,
                          struct writer *writer) {
    const struct computing *computing = computer;
    bool written = false;
    if (script_field(computing->subject->state, function, &computing->made->call, type, writer,
                     &written))
        return written;
    *computing->failed = true;
    return false;
}

/* Pushes the document as tables, as message.raw gives a record. */
static void push_document(lua_State *lua, struct test_message *made, struct slice document) {
    struct message message = { .raw = json_padded(made->call.arena, document) };
    struct script_call call = made->call;
    call.message = &message;
    message_push_raw(lua, &call);
}

static int schema_to_document(lua_State *lua) {
    struct subject *subject = subject_of(lua, "schema");
    struct test_message *made = testing_check(lua, 2);
    struct reader *reader = &subject->reader;
    struct slice reason;
    bool failed = false;
    struct computing computing = { subject, made, &failed };
    struct document_context context = { .query_names = made->call.query_names,
                                        .generation = 1,
                                        .computed = compute_field,
                                        .computer = &computing };
    const struct json_slot *slots =
        projector_run(reader->projector, made->message.raw, made->call.arena, &reason);
    if (slots == NULL) return luaL_error(lua, "the record cannot be read again");
    struct slice document = schema_document(subject->schema, subject->schema_scratch,
                                            &made->message, slots, &context, made->call.arena);
    if (failed) return raise_failure(lua, subject);
    push_document(lua, made, document);
    return 1;
}

static int dialect_message(lua_State *lua) {
    struct subject *subject = subject_of(lua, "dialect");
    luaL_checktype(lua, 2, LUA_TTABLE);
    (void)testing_read(lua, &subject->reader, 2, subject->dialect.network);
    return 1;
}

static int lexicon_value(lua_State *lua) {
    const struct lexicon *lexicon = subject_of(lua, "lexicon")->lexicon;
    struct slice word;
    word.data = luaL_checklstring(lua, 2, &word.length);
    const struct lexicon_entry *entry = lexicon_find(lexicon, LEXICON_WORDS, word);
    if (entry == NULL) return 0;
    lua_pushnumber(lua, entry->numbers[0]);
    return 1;
}

static const lua_CFunction calls[] = { scorer_score, filter_keep, schema_to_document,
                                       dialect_message };

const struct test_method test_methods[] = {
    { "scorer", "score", "fun(self: linnet.scorer, message: linnet.message): number?, table[]?",
      "the value and its evidence, or nil for no opinion" },
    { "filter", "keep", "fun(self: linnet.filter, message: linnet.message): boolean",
      "whether it keeps the message" },
    { "schema", "document", "fun(self: linnet.schema, message: linnet.message): table",
      "the document it makes of the message" },
    { "dialect", "message", "fun(self: linnet.dialect, record: table): linnet.message",
      "the message it reads from a record" },
    { 0 },
};

int testing_index(lua_State *lua) {
    const struct declaration *declaration = declaration_at(lua, 1);
    if (strcmp(declaration->maker, "lexicon") == 0) return lexicon_value(lua);
    for (size_t i = 0; test_methods[i].maker; i++) {
        if (strcmp(test_methods[i].maker, declaration->maker) != 0) continue;
        if (strcmp(test_methods[i].name, luaL_checkstring(lua, 2)) != 0)
            return luaL_error(lua, "a %s in a test has only :%s(...)", declaration->maker,
                              test_methods[i].name);
        lua_pushcfunction(lua, calls[i]);
        return 1;
    }
    return luaL_error(lua, "linnet.%s{} answers nothing in a test", declaration->maker);
}
