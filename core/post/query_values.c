/* Places, samples, regular expressions. */
#include "base/utf8.h"
#include "post/query_internal.h"
#include <math.h>
#include <stdlib.h>

#define KM_A_MILE 1.609344
#define HALF_EARTH_KM 20038.0 /* no two points are further apart */
/* A regular expression over one text stops after so many steps and then does not match. */
#define REGEX_MAX_STEPS 100000

static size_t value_offset(const struct query_builder *builder, const struct lexeme *lexeme) {
    return (size_t)(lexeme->value.data - builder->text.data);
}

/* Reads a decimal number at `*at`; its digits are copied because strtod needs an end. */
static bool read_number(const char **at, const char *end, double *number) {
    char digits[32];
    size_t length = 0;
    while (*at < end && length < sizeof digits - 1 &&
           ((**at >= '0' && **at <= '9') || **at == '.' || (length == 0 && **at == '-')))
        digits[length++] = *(*at)++;
    digits[length] = '\0';
    char *stop;
    *number = strtod(digits, &stop);
    return length > 0 && stop == digits + length && digits[length - 1] != '-';
}

/* Reads `count` numbers between "[" and "]", separated by spaces; the last may have a unit, which
 * goes to `unit`. */
static bool read_numbers(struct slice value, double *numbers, size_t count, struct slice *unit) {
    if (value.length < 2 || value.data[0] != '[' || value.data[value.length - 1] != ']')
        return false;
    struct slice inside = slice_trim(slice_from(value.data + 1, value.length - 2));
    const char *at = inside.data, *end = inside.data + inside.length;
    for (size_t i = 0; i < count; i++) {
        const char *from = at;
        while (at < end && (*at == ' ' || (*at >= '\t' && *at <= '\r')))
            at++;
        if ((i > 0 && at == from) || !read_number(&at, end, &numbers[i])) return false;
    }
    *unit = slice_from(at, (size_t)(end - at));
    return true;
}

static struct query_tree *area_leaf(struct query_builder *builder, const struct lexeme *lexeme,
                                    struct query_area area) {
    struct query_set *set = builder->set;
    set->areas = query_room(set->areas, set->area_count, &set->area_capacity, sizeof area);
    set->areas[set->area_count] = area;
    return query_tree_new(builder, QUERY_AREA, (uint32_t)set->area_count++, lexeme->from,
                          lexeme->to);
}

static bool is_place(double lon, double lat) { return fabs(lon) <= 180 && fabs(lat) <= 90; }

static struct query_tree *refuse_area(struct query_builder *builder, const struct lexeme *lexeme,
                                      const char *text, const char *example) {
    query_refuse(builder, value_offset(builder, lexeme), "%s", text);
    error_suggest(builder->err, "for example %s", example);
    return NULL;
}

struct query_tree *query_value_box(struct query_builder *builder, const struct lexeme *lexeme) {
    static const char example[] = "bounding_box:[2.2 48.8 2.5 48.9]";
    double sides[4];
    struct slice rest;
    if (!read_numbers(lexeme->value, sides, 4, &rest) || rest.length)
        return refuse_area(builder, lexeme,
                           "bounding_box: needs four numbers in brackets, [west south east north]",
                           example);
    struct query_area area = { sides[0], sides[1], sides[2], sides[3], 0 };
    if (!is_place(area.west, area.south) || !is_place(area.east, area.north))
        return refuse_area(builder, lexeme,
                           "west and east go from -180 to 180, south and north from -90 to 90",
                           example);
    if (area.south > area.north)
        return refuse_area(builder, lexeme, "the box's south lies north of its north", example);
    if (area.west > area.east && !(area.west > 0 && area.east < 0))
        return refuse_area(builder, lexeme, "the box's west lies east of its east", example);
    return area_leaf(builder, lexeme, area);
}

struct query_tree *query_value_circle(struct query_builder *builder, const struct lexeme *lexeme) {
    static const char example[] = "point_radius:[2.35 48.86 10km]";
    double numbers[3];
    struct slice unit;
    bool read = read_numbers(lexeme->value, numbers, 3, &unit);
    bool miles = read && (slice_is(unit, "mi") || slice_is(unit, "MI"));
    if (!read || !(miles || slice_is(unit, "km") || slice_is(unit, "KM")))
        return refuse_area(
            builder, lexeme,
            "point_radius: needs [longitude latitude radius], the radius ending in km or mi",
            example);
    if (!is_place(numbers[0], numbers[1]))
        return refuse_area(builder, lexeme,
                           "the longitude goes from -180 to 180, the latitude from -90 to 90",
                           example);
    double km = numbers[2] * (miles ? KM_A_MILE : 1);
    if (!(km > 0) || km > HALF_EARTH_KM)
        return refuse_area(builder, lexeme,
                           "the radius has to be more than 0 and less than half the earth",
                           example);
    struct query_area area = { numbers[0], numbers[1], numbers[0], numbers[1], km };
    return area_leaf(builder, lexeme, area);
}

struct query_tree *query_value_sample(struct query_builder *builder, const struct lexeme *lexeme) {
    uint32_t percent = 0;
    bool number = lexeme->value.length <= 3;
    for (size_t i = 0; number && i < lexeme->value.length; i++) {
        char digit = lexeme->value.data[i];
        number = digit >= '0' && digit <= '9';
        percent = percent * 10 + (uint32_t)(digit - '0');
    }
    if (number && percent >= 1 && percent <= 100)
        return query_tree_new(builder, QUERY_SAMPLE, percent, lexeme->from, lexeme->to);
    query_refuse(builder, value_offset(builder, lexeme),
                 "sample: needs a whole number of per cent from 1 to 100");
    error_suggest(builder->err, "for example sample:10");
    return NULL;
}

struct query_tree *query_value_regex(struct query_builder *builder, const struct lexeme *lexeme) {
    struct query_set *set = builder->set;
    struct slice pattern = lexeme->text;
    size_t start = (size_t)(pattern.data - builder->text.data);
    if (pattern.length == 0) {
        query_refuse(builder, lexeme->from, "the regular expression is empty");
        return NULL;
    }
    int code;
    PCRE2_SIZE offset;
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length,
                                      PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS |
                                          PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF,
                                      &code, &offset, NULL);
    if (regex == NULL) {
        PCRE2_UCHAR message[160];
        pcre2_get_error_message(code, message, sizeof message);
        query_refuse(builder, start + MIN(offset, pattern.length),
                     "the regular expression is wrong here: %s", (const char *)message);
        return NULL;
    }
    (void)pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE); /* without it the interpreter matches */
    if (set->regex_limits == NULL) {
        set->regex_limits = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(set->regex_limits, REGEX_MAX_STEPS);
    }
    set->regexes =
        query_room(set->regexes, set->regex_count, &set->regex_capacity, sizeof *set->regexes);
    set->regexes[set->regex_count] = regex;
    return query_tree_new(builder, QUERY_REGEX, (uint32_t)set->regex_count++, lexeme->from,
                          lexeme->to);
}
