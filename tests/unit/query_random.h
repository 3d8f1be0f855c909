/* Random queries over random texts of a few words, written out as text for the program and kept as
 * a tree for a plain evaluator that knows nothing of terms, postings or epochs. */
#define WORDS 6 /* "wa" to "wf" */
#define TEXT_MAX 10
#define SET_MAX 12

struct plain {
    char op; /* w word, p phrase, * prefix, n near, & and, | or, ! not, l lang, r regex */
    int word[2], distance;
    struct plain *left, *right;
};

struct plain_text {
    int words[TEXT_MAX], count;
    int lang; /* 0 de, 1 en */
};

static struct plain *plain_leaf(struct arena *arena) {
    struct plain *plain = arena_zeroed(arena, 1, sizeof *plain);
    plain->op = "wwwwpp*nlr"[rand() % 10];
    plain->word[0] = rand() % WORDS;
    plain->word[1] = rand() % WORDS;
    plain->distance = 1 + rand() % 3;
    return plain;
}

static struct plain *plain_random(struct arena *arena, int depth) {
    if (depth == 0 || rand() % 4 == 0) return plain_leaf(arena);
    struct plain *plain = arena_zeroed(arena, 1, sizeof *plain);
    plain->op = "&&||!"[rand() % 5];
    plain->left = plain_random(arena, depth - 1);
    if (plain->op != '!') plain->right = plain_random(arena, depth - 1);
    return plain;
}

static struct slice plain_write(const struct plain *plain, struct arena *arena) {
    char a = (char)('a' + plain->word[0]), b = (char)('a' + plain->word[1]);
    struct slice left = { 0 }, right = { 0 };
    if (plain->left) left = plain_write(plain->left, arena);
    if (plain->right) right = plain_write(plain->right, arena);
    switch (plain->op) {
    case 'w': return arena_format(arena, "w%c", a);
    case 'p': return arena_format(arena, "\"w%c w%c\"", a, b);
    case '*': return arena_format(arena, "w%c*", a);
    case 'n': return arena_format(arena, "w%c NEAR/%d w%c", a, plain->distance, b);
    case 'l': return arena_format(arena, "lang:en");
    case 'r': return arena_format(arena, "/w%c$/", a);
    case '&': return arena_format(arena, "(%.*s %.*s)", SLICE_ARGS(left), SLICE_ARGS(right));
    case '|': return arena_format(arena, "(%.*s OR %.*s)", SLICE_ARGS(left), SLICE_ARGS(right));
    default: return arena_format(arena, "-(%.*s)", SLICE_ARGS(left));
    }
}

static bool plain_pair(const struct plain *plain, const struct plain_text *text, bool near) {
    for (int i = 0; i < text->count; i++)
        for (int j = 0; j < text->count; j++) {
            bool fits = near ? i != j && abs(i - j) <= plain->distance : j == i + 1;
            if (fits && text->words[i] == plain->word[0] && text->words[j] == plain->word[1])
                return true;
        }
    return false;
}

static bool plain_has(const struct plain_text *text, int word) {
    for (int i = 0; i < text->count; i++)
        if (text->words[i] == word) return true;
    return false;
}

static bool plain_holds(const struct plain *plain, const struct plain_text *text) {
    switch (plain->op) {
    case 'w':
    case '*': return plain_has(text, plain->word[0]);
    case 'p': return plain_pair(plain, text, false);
    case 'n': return plain_pair(plain, text, true);
    case 'l': return text->lang == 1;
    case 'r': return text->count > 0 && text->words[text->count - 1] == plain->word[0];
    case '&': return plain_holds(plain->left, text) && plain_holds(plain->right, text);
    case '|': return plain_holds(plain->left, text) || plain_holds(plain->right, text);
    default: return !plain_holds(plain->left, text);
    }
}

static struct message plain_message(struct plain_text *text, struct arena *arena) {
    struct message message = { 0 };
    char out[TEXT_MAX * 3 + 1] = "";
    text->count = rand() % (TEXT_MAX + 1);
    for (int i = 0; i < text->count; i++) {
        text->words[i] = rand() % WORDS;
        snprintf(out + 3 * i, 4, " w%c", 'a' + text->words[i]);
    }
    text->lang = rand() % 2;
    message.text = arena_copy(arena, slice_of(out));
    message.lang = text->lang ? SLICE("en") : SLICE("de");
    return message;
}

static void compare_set(struct arena *arena) {
    struct plain *plains[SET_MAX];
    struct query_source sources[SET_MAX];
    struct error err;
    size_t bad_query, bad_offset, count = 1 + (size_t)rand() % SET_MAX;
    for (size_t i = 0; i < count; i++) {
        plains[i] = plain_random(arena, rand() % 4);
        sources[i] = (struct query_source){ "q", plain_write(plains[i], arena), QUERY_LANGUAGE };
    }
    struct query_set *set = query_set_create(sources, count, &bad_query, &bad_offset, &err);
    assert_non_null(set);
    struct query_scratch *scratch = query_scratch_create(set);
    for (int round = 0; round < 10; round++) {
        struct plain_text text;
        struct message message = plain_message(&text, arena);
        query_set_match(set, scratch, &message, arena);
        uint32_t next = 0;
        for (uint32_t i = 0; i < count; i++) {
            bool got = next < message.query_count && message.queries[next] == i;
            if (got) next++;
            if (got != plain_holds(plains[i], &text))
                fail_msg("%d for %s on '%s'", got, sources[i].text.data, message.text.data);
        }
        assert_int_equal(next, message.query_count);
    }
    query_scratch_destroy(scratch);
    query_set_destroy(set);
}

static void random_queries_agree_with_a_plain_evaluator(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    srand(3);
    for (int round = 0; round < 3000; round++) {
        compare_set(&arena);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    arena_free(&arena);
}
