/* index/place.h */
#include "index/place.h"
#include "base/date.h"
#include "net/address.h"
#include <stdio.h>

#define DATE_BEGIN SLICE("!{timestamp:")
#define LONGEST_NAME 200

static bool is_plain_address(struct slice url) {
    for (size_t i = 0; i < url.length; i++)
        if ((unsigned char)url.data[i] <= ' ' || (unsigned char)url.data[i] >= 0x7F) return false;
    return true;
}

/* Cuts the text behind its last `mark`, which is in neither; false when it has none. */
static bool cut_last(struct slice text, char mark, struct slice *before, struct slice *behind) {
    for (size_t i = text.length; i-- > 0;)
        if (text.data[i] == mark) {
            *before = slice_first(text, i);
            *behind = slice_skip(text, i + 1);
            return true;
        }
    return false;
}

static struct slice without_slashes(struct slice text) {
    while (slice_ends(text, SLICE("/")))
        text.length--;
    return text;
}

/* The parts of "https://host:9200/base". */
static bool read_address(struct slice url, struct index_place *place, struct error *err) {
    bool https = slice_starts(url, SLICE("https://")), http = slice_starts(url, SLICE("http://"));
    size_t at = https ? 8 : 7;
    while (at < url.length && url.data[at] != '/')
        at++;
    place->origin = slice_first(url, at);
    place->base = without_slashes(slice_skip(url, at));
    struct slice host = slice_skip(place->origin, https ? 8 : 7);
    if (!(https || http) || host.length == 0 || !is_plain_address(url))
        return error_set(err, ERROR_CONFIG, "url takes https://HOST[:PORT][/PATH]");
    if (memchr(host.data, '@', host.length))
        return error_set(err, ERROR_CONFIG,
                         "url takes no user: give auth = \"basic\", user and password");
    if (memchr(url.data, '?', url.length) || memchr(url.data, '#', url.length))
        return error_set(err, ERROR_CONFIG, "url takes no \"?\" and no \"#\"");
    return authority_read(host, &place->host) ||
           error_set(err, ERROR_CONFIG,
                     "url takes a name or an address, and a port from 1 to 65535: not \"%.*s\"",
                     SLICE_ARGS(slice_first(host, 200)));
}

/* What servers take in a name: no capital letters, nothing that means something in a path. */
static bool is_of_name(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           (byte && strchr("-_.", byte));
}

static bool is_of_date(struct slice date) {
    while (date.length) {
        static const struct slice parts[] = { { "yyyy", 4 }, { "MM", 2 }, { "dd", 2 }, { "HH", 2 },
                                              { "-", 1 },    { "_", 1 },  { ".", 1 } };
        size_t i = 0;
        while (i < LENGTH(parts) && !slice_starts(date, parts[i]))
            i++;
        if (i == LENGTH(parts)) return false;
        date = slice_skip(date, parts[i].length);
    }
    return true;
}

/* `option` is where the name was said. */
static bool check_name(const struct index_place *place, struct slice name, const char *option,
                       struct error *err) {
    const struct slice parts[] = { place->before, place->behind };
    bool good = name.length > 0 && name.length <= LONGEST_NAME && place->before.length > 0 &&
                !strchr("-_.", name.data[0]);
    for (size_t part = 0; part < LENGTH(parts); part++)
        for (size_t i = 0; i < parts[part].length; i++)
            good = good && is_of_name(parts[part].data[i]);
    if (!good)
        return error_set(err, ERROR_CONFIG,
                         "%s: \"%.*s\" is no name of an index: it takes small letters, digits, - "
                         "_ . and begins with a letter or digit",
                         option, SLICE_ARGS(slice_first(name, 200)));
    if (!is_of_date(place->date))
        return error_set(err, ERROR_CONFIG,
                         "%s: \"%.*s\": the date of an index is made of yyyy MM dd HH with - _ . "
                         "between them",
                         option, SLICE_ARGS(slice_first(name, 200)));
    return true;
}

static bool read_name(struct slice name, const char *option, struct index_place *place,
                      struct error *err) {
    const char *begin = memmem(name.data, name.length, DATE_BEGIN.data, DATE_BEGIN.length);
    place->before = name;
    if (begin) {
        place->before = slice_first(name, (size_t)(begin - name.data));
        struct slice rest = slice_skip(name, place->before.length + DATE_BEGIN.length);
        const char *end = memchr(rest.data, '}', rest.length);
        if (end == NULL || end == rest.data)
            return error_set(err, ERROR_CONFIG, "%s: \"%.*s\": write !{timestamp:yyyy.MM.dd}",
                             option, SLICE_ARGS(slice_first(name, 200)));
        place->date = slice_first(rest, (size_t)(end - rest.data));
        place->behind = slice_skip(rest, place->date.length + 1);
    }
    return check_name(place, name, option, err);
}

bool index_place_read(const char *url, const char *index, struct arena *arena,
                      struct index_place *place, struct error *err) {
    struct slice address = without_slashes(arena_copy(arena, slice_of(url)));
    struct slice name = arena_copy(arena, slice_of(index)), base;
    *place = (struct index_place){ 0 };
    if (!read_address(address, place, err)) return false;
    if (index == NULL) {
        if (!cut_last(place->base, '/', &base, &name))
            return error_set(err, ERROR_CONFIG,
                             "url ends with no name of an index: https://HOST/NAME, or say index = "
                             "...");
        place->base = base;
    }
    return read_name(name, index ? "index" : "url", place, err);
}

struct slice index_place_name(const struct index_place *place, int64_t ms,
                              char into[INDEX_NAME_BYTES]) {
    char moment[DATE_BYTES];
    size_t length = place->before.length;
    if (place->date.length == 0) return place->before;
    date_write(ms, moment);
    memcpy(into, place->before.data, length);
    for (struct slice left = place->date; left.length;) {
        char letter = left.data[0];
        size_t digits = letter == 'y' ? 4 : 2;
        const char *at = letter == 'y' ? moment : moment + (letter == 'M' ? 5 : 8);
        if (letter == 'H') at = moment + 11;
        if (!strchr("yMdH", letter)) {
            digits = 1;
            at = left.data;
        }
        memcpy(into + length, at, digits);
        length += digits;
        left = slice_skip(left, digits);
    }
    if (place->behind.length) memcpy(into + length, place->behind.data, place->behind.length);
    return slice_from(into, length + place->behind.length);
}

struct slice index_place_pattern(const struct index_place *place, struct arena *arena) {
    struct slice star = place->date.length ? SLICE("*") : SLICE("");
    return ARENA_JOIN(arena, place->before, star, place->behind);
}

/* Whether the schema has a date of this name, outside of objects. */
static bool is_date(struct slice mapping, const char *name) {
    char member[160];
    int length = snprintf(member, sizeof member, "\"%s\":{\"type\":\"date\"", name);
    return length > 0 && (size_t)length < sizeof member &&
           memmem(mapping.data, mapping.length, member, (size_t)length);
}

const char *index_place_member(const char *asked, const char *schema, struct slice mapping,
                               struct error *err) {
    const char *name = asked;
    if (name == NULL) name = is_date(mapping, "created") ? "created" : "timestamp";
    if (is_date(mapping, name)) return name;
    if (asked)
        error_set(err, ERROR_CONFIG, "time takes a date of schema %.60s, which has no \"%.100s\"",
                  schema, name);
    else
        error_set(err, ERROR_CONFIG,
                  "schema %.60s has no date \"%s\" to name an index by: say time = ...", schema,
                  name);
    return NULL;
}
