/* Which names objects show, and in which order: learned from the objects before, so that a name is
 * compared with the one that came there last time instead of being looked up.
 *
 * Posts of one network have the same members in the same order, but for a few. A guess is compared
 * whole, so what was learned decides how long it takes to find a name and never what is found.
 * Private to this folder; one thread. */
#ifndef JSON_NAME_ORDER_H
#define JSON_NAME_ORDER_H

#include "base/compiler.h"
#include "json/path_tree.h"

class name_order {
    static constexpr size_t longest =
        32; /* of a name with its quotes; longer ones are not learned */
    struct known_name {
        uint64_t words[longest / 8];  /* with its quotes, all ones behind */
        uint64_t behind[longest / 8]; /* the bits that are not its */
        const path_node *child;       /* nullptr: nobody asked for it */
        bool is_long;                 /* more than two words */
        uint8_t next, other;          /* which came behind it lately */
    };
    /* The first stands for the object's beginning. It matches nothing, nor does any other that is
     * all zero: a name begins with its quote. */
    known_name names[64];
    uint8_t newest; /* the one behind it is written over next */

    static uint64_t differ(const known_name &known, const char *quote, size_t word) {
        uint64_t bytes;
        memcpy(&bytes, quote + word * 8, 8);
        return (bytes | known.behind[word]) ^ known.words[word];
    }

    static bool equal(const known_name &known, const char *quote) {
        if (differ(known, quote, 0) | differ(known, quote, 1)) return false;
        return LIKELY(!known.is_long) || (differ(known, quote, 2) | differ(known, quote, 3)) == 0;
    }

    uint8_t place_of(const char *quote) const {
        uint8_t place = LENGTH(names) - 1;
        while (place > 0 && !equal(names[place], quote))
            place--;
        return place;
    }

    uint8_t add(const char *quote, size_t length, const path_node *child) {
        newest = static_cast<uint8_t>(newest % (LENGTH(names) - 1) + 1);
        known_name &made = names[newest];
        made = {};
        memset(made.words, 0xFF, longest);
        memcpy(made.words, quote, length);
        memset(made.behind, 0xFF, longest);
        memset(made.behind, 0, length);
        made.is_long = length > 16;
        made.child = child;
        return newest;
    }

  public:
    /* Whether the name at `quote` is one of the two that came lately behind the one at *place (0:
     * the object's beginning), which it then is; *child: who wants it. `longest` bytes may be read.
     */
    bool follow(uint8_t *place, const char *quote, const path_node **child) const {
        uint8_t guess = names[*place].next;
        if (UNLIKELY(!equal(names[guess], quote))) {
            guess = names[*place].other;
            if (!equal(names[guess], quote)) return false;
        }
        *place = guess;
        *child = names[guess].child;
        return true;
    }

    /* A name that follow did not know: `length` bytes with both quotes. */
    void learn(uint8_t *place, const char *quote, size_t length, const path_node *child) {
        uint8_t found = length <= longest ? place_of(quote) : 0;
        if (found == 0 && length <= longest) found = add(quote, length, child);
        names[*place].other = names[*place].next;
        names[*place].next = found;
        *place = found;
    }
};

#endif
