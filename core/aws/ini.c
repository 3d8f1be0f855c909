/* aws/ini.h */
#include "aws/ini.h"
#include <stdint.h>

#define MOST_NAME_BYTES 200

struct reading {
    struct arena *arena;
    const struct ini_section *section; /* the last; NULL: none yet */
    struct ini_setting *setting;       /* the last in the section, to which indented lines belong */
    struct ini_setting *above;         /* the last of all */
    struct ini_setting *parent;        /* of settings that are indented */
};

static bool is_blank(char byte) { return byte == ' ' || byte == '\t'; }

static struct slice next_line(struct slice *text) {
    const char *end = memchr(text->data, '\n', text->length);
    struct slice line = slice_first(*text, end ? (size_t)(end - text->data) : text->length);
    *text = slice_skip(*text, line.length + 1);
    return line;
}

/* Without a comment at its end. */
static struct slice without_comment(struct slice line) {
    for (size_t i = 0; i < line.length; i++)
        if ((line.data[i] == '#' || line.data[i] == ';') && (i == 0 || is_blank(line.data[i - 1])))
            return slice_trim(slice_first(line, i));
    return slice_trim(line);
}

static struct slice lower(struct slice text, struct arena *arena) {
    char *out = arena_alloc(arena, text.length);
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        out[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return slice_from(out, text.length);
}

/* NULL, or what is wrong with it. */
static const char *read_section(struct reading *reading, struct slice line) {
    if (line.length < 2 || line.data[line.length - 1] != ']') return "the section has no \"]\"";
    struct ini_section *section = arena_zeroed(reading->arena, 1, sizeof *section);
    section->name = slice_trim(slice_from(line.data + 1, line.length - 2));
    section->before = reading->section;
    reading->section = section;
    reading->setting = reading->parent = NULL;
    return NULL;
}

static struct ini_setting *add(struct reading *reading, struct slice name, struct slice value) {
    struct ini_setting *setting = arena_alloc(reading->arena, sizeof *setting);
    *setting = (struct ini_setting){ reading->section->name, name, value, reading->above };
    reading->above = setting;
    return setting;
}

static const char *read_setting(struct reading *reading, struct slice line, bool nested) {
    const char *equals = memchr(line.data, '=', line.length);
    if (equals == NULL || equals == line.data) return "it is no \"name = value\"";
    if (reading->section == NULL) return "a setting stands before the first section";
    size_t length = (size_t)(equals - line.data);
    if (length > MOST_NAME_BYTES) return "the name is too long";
    struct slice name = lower(slice_trim(slice_first(line, length)), reading->arena);
    struct slice value = slice_trim(slice_skip(line, length + 1));
    if (nested)
        add(reading, ARENA_JOIN(reading->arena, reading->parent->name, SLICE("."), name), value);
    else
        reading->setting = reading->parent = add(reading, name, value);
    return NULL;
}

static const char *read_indented(struct reading *reading, struct slice line) {
    if (reading->setting == NULL) return "an indented line has no setting above";
    if (reading->setting->value.length == 0) return read_setting(reading, line, true);
    struct slice *value = &reading->setting->value; /* of the same text */
    value->length = (size_t)(line.data + line.length - value->data);
    return NULL;
}

static const char *read_line(struct reading *reading, struct slice line) {
    bool indented = line.length > 0 && is_blank(line.data[0]);
    struct slice bare = without_comment(line);
    if (memchr(line.data, '\0', line.length)) return "it has a NUL";
    if (bare.length == 0) return NULL;
    if (indented) return read_indented(reading, bare);
    return bare.data[0] == '[' ? read_section(reading, bare) : read_setting(reading, bare, false);
}

bool ini_read(struct slice text, const char *path, struct arena *arena, struct ini *ini,
              struct error *err) {
    struct reading reading = { .arena = arena };
    const char *wrong = text.length > INI_MOST_BYTES ? "it is longer than 1 MiB" : NULL;
    int number = 0;
    if (slice_starts(text, SLICE("\xef\xbb\xbf"))) text = slice_skip(text, 3);
    while (wrong == NULL && text.length) {
        number++;
        wrong = read_line(&reading, next_line(&text));
    }
    *ini = (struct ini){ .last = reading.above, .sections = reading.section };
    return wrong == NULL || error_set(err, ERROR_CONFIG, "%s:%d: %s", path, number, wrong);
}

struct slice ini_value(const struct ini *ini, struct slice section, const char *name) {
    for (const struct ini_setting *at = ini->last; at; at = at->before)
        if (slice_equal(at->section, section) && slice_is(at->name, name)) return at->value;
    return slice_from(NULL, 0);
}

bool ini_has(const struct ini *ini, struct slice section) {
    for (const struct ini_section *at = ini->sections; at; at = at->before)
        if (slice_equal(at->name, section)) return true;
    return false;
}
