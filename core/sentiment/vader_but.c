/* sentiment/vader_engine.h: "but" halves what was said before it and raises what follows.
 *
 * The reference walks through its list of values and looks each one up in that same list, which it
 * is changing: the lowest place with an equal value is changed, be it the one at hand or not. That
 * is done here without its quadratic time: each value remembers where its first place may be. */
#include "base/hash.h"
#include "sentiment/vader_engine.h"

#define BUT_BEFORE 0.5
#define BUT_AFTER 1.5
/* Up to so many values a plain search from the start is cheaper than remembering. */
#define PLAIN_SEARCH 32

/* No place before `from` has `value`. */
struct hint {
    double value; /* 0 = a free slot: zeros are not looked for */
    size_t from;
};

struct hints {
    struct hint *slots; /* NULL = every search starts at 0 */
    size_t mask;
};

static struct hint *hint_of(const struct hints *hints, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t at = (size_t)hash_fold(bits ^ HASH_SEED, HASH_STEP) & hints->mask;
    while (hints->slots[at].value != 0 && hints->slots[at].value != value)
        at = (at + 1) & hints->mask;
    return &hints->slots[at];
}

/* Each value of the list and each that one change makes of it needs a slot: at most two a value. */
static struct hints hints_make(const struct vader_value *values, size_t count,
                               struct arena *arena) {
    struct hints hints = { 0 };
    if (count <= PLAIN_SEARCH) return hints;
    size_t slots = (size_t)4 * PLAIN_SEARCH;
    while (slots < count * 4)
        slots *= 2;
    hints.slots = arena_zeroed(arena, slots, sizeof *hints.slots);
    hints.mask = slots - 1;
    for (size_t i = count; i-- > 0;)
        *hint_of(&hints, values[i].value) = (struct hint){ values[i].value, i };
    return hints;
}

static size_t first_place(const struct hints *hints, const struct vader_value *values,
                          double value) {
    struct hint *hint = hints->slots ? hint_of(hints, value) : NULL;
    size_t place = hint ? hint->from : 0;
    while (values[place].value != value)
        place++;
    if (hint) hint->from = place;
    return place;
}

static void place_moved(const struct hints *hints, size_t place, double value) {
    if (hints->slots == NULL || value == 0) return;
    struct hint *hint = hint_of(hints, value);
    bool known = hint->value != 0;
    *hint = (struct hint){ value, known ? MIN(hint->from, place) : place };
}

void vader_but_apply(const struct vader_scan *scan, struct vader_value *values, size_t count,
                     struct arena *arena) {
    size_t but = 0;
    while (but < scan->count && !(scan->tokens[but].flags & WORD_BUT))
        but++;
    if (but == scan->count) return;
    struct hints hints = hints_make(values, count, arena);
    for (size_t i = 0; i < count; i++) {
        if (values[i].value == 0) continue; /* halved to nothing */
        size_t place = first_place(&hints, values, values[i].value);
        uint32_t token = values[place].token;
        if (token == but) continue;
        double factor = token < but ? BUT_BEFORE : BUT_AFTER;
        values[place].value *= factor;
        place_moved(&hints, place, values[place].value);
        vader_step_note(scan,
                        (struct vader_step){ STEP_BUT, token, (uint32_t)but, 1, factor, NULL });
    }
}
