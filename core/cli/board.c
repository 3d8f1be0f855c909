/* cli/board.h */
#include "cli/board.h"

/* A role is taken by the member that has this of the message; else by one of the record's own, or a
 * computed one, of that name, or of the other. */
struct role {
    const char *name, *other;
    bool (*fits)(enum field_type type);
    const char *missing; /* what a board without it is not able to show */
};

static bool is_date(enum field_type type) { return type == FIELD_DATE; }
static bool is_text(enum field_type type) { return type == FIELD_TEXT || type == FIELD_KEYWORD; }
static bool is_keyword(enum field_type type) { return type == FIELD_KEYWORD; }
static bool is_number(enum field_type type) { return type == FIELD_DOUBLE || type == FIELD_LONG; }
static bool is_place(enum field_type type) { return type == FIELD_GEO_POINT; }

static const struct role roles[ROLE_COUNT] = {
    [ROLE_TIME] = { "created", "timestamp", is_date, NULL },
    [ROLE_LABEL] = { "label", "sentiment", is_keyword,
                     "no keyword has the label: no charts of labels" },
    [ROLE_SCORE] = { "score", "polarity", is_number,
                     "no number has the score: no chart of the mean score" },
    [ROLE_TEXT] = { "text", "text", is_text, "no text: posts are listed as whole documents" },
    [ROLE_AUTHOR] = { "author.handle", "user.name", is_text,
                      "no author: posts are listed without" },
    [ROLE_LANG] = { "lang", "language", is_keyword,
                    "no keyword has the language: no chart of languages" },
    [ROLE_HASHTAGS] = { "hashtags", "hashtags", is_text, "no hashtags: no table of them" },
    [ROLE_MENTIONS] = { "mentions", "mentions", is_text, "no mentions: no table of them" },
    [ROLE_QUERIES] = { "queries", "queries", is_keyword,
                       "no keyword has the queries that matched: no chart of them" },
    [ROLE_PLACE] = { "coordinates", "location", is_place, "no geo_point: no map" },
};

static struct board_member member_of(const struct schema_member *member) {
    bool text = member->type == FIELD_TEXT, plain = true;
    for (size_t i = 0; i < member->path.length; i++) {
        char byte = member->path.data[i];
        plain = plain && ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9' && i > 0) || byte == '_');
    }
    return (struct board_member){ member->path, !text, text && plain };
}

/* The first one that fits comes last: only time and place are told by their type alone. */
static struct board_member find(const struct board *board, enum board_role role) {
    const struct schema_member *named = NULL, *typed = NULL;
    for (size_t i = 0; i < board->member_count; i++) {
        const struct schema_member *member = &board->members[i];
        if (!roles[role].fits(member->type)) continue;
        if (member->from && strcmp(member->from, roles[role].name) == 0) return member_of(member);
        bool own =
            slice_is(member->path, roles[role].name) || slice_is(member->path, roles[role].other);
        if (named == NULL && member->from == NULL && own) named = member;
        if (typed == NULL) typed = member;
    }
    bool by_type = role == ROLE_TIME || role == ROLE_PLACE;
    const struct schema_member *found = named ? named : by_type ? typed : NULL;
    return found ? member_of(found) : (struct board_member){ 0 };
}

/* Letters, digits and single dashes. */
static struct slice id_of(struct slice pattern, struct arena *arena) {
    char *out = arena_alloc(arena, pattern.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < pattern.length; i++) {
        char byte = pattern.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool kept = letter || (byte >= '0' && byte <= '9') || byte == '_';
        if (kept)
            out[length++] = byte;
        else if (length && out[length - 1] != '-')
            out[length++] = '-';
    }
    while (length && out[length - 1] == '-')
        length--;
    return ARENA_JOIN(arena, SLICE("linnet-"), length ? slice_from(out, length) : SLICE("all"));
}

void board_init(struct board *board, struct slice pattern, const struct schema *schema,
                struct arena *arena) {
    *board = (struct board){ .pattern = pattern };
    board->id = id_of(board->pattern, arena);
    board->members = schema_members(schema, arena, &board->member_count);
    for (enum board_role role = 0; role < ROLE_COUNT; role++)
        board->roles[role] = find(board, role);
}

const char *board_note(const struct board *board, enum board_role role) {
    const struct board_member *member = &board->roles[role];
    if (member->path.length == 0) return roles[role].missing;
    if (member->aggregated || role == ROLE_TEXT || role == ROLE_AUTHOR) return NULL;
    return member->counted ? "it is text, whose values a script counts post by post: slow over "
                             "many posts, where a keyword is not"
                           : "it is text, whose values nothing can count: left out; a keyword "
                             "could be counted";
}
