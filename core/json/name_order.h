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

  public:
    struct known_name {
        uint64_t words[longest / 8];  /* with its quotes, all ones behind */
        uint64_t behind[longest / 8]; /* the bits that are not its */
        const path_node *child;       /* nullptr: nobody asked for it */
        known_name *next, *other;     /* which came behind it lately; nullptr: none */
        bool is_long;                 /* more than two words */
    };

    /* Behind what the first name of an object stands. */
    known_name *beginning() { return &start; }

    /* The name at `quote` if it is one of the two that came lately behind `before`, else nullptr.
     * `longest` bytes may be read. */
    static known_name *follow(const known_name *before, const char *quote) {
        known_name *guess = before->next;
        if (LIKELY(guess && equal(*guess, quote))) return guess;
        guess = before->other;
        return guess && equal(*guess, quote) ? guess : nullptr;
    }

    /* A name that follow did not know: `length` bytes with both quotes. */
    known_name *learn(known_name *before, const char *quote, size_t length,
                      const path_node *child) {
        known_name *found = length <= longest ? find(quote) : nullptr;
        if (found == nullptr) found = add(quote, length, child);
        before->other = before->next;
        before->next = found;
        return found;
    }

  private:
    known_name start, too_long; /* they match nothing */
    known_name names[63];       /* nor does one that is all zero: a name begins with its quote */
    size_t newest;              /* the one behind it is written over next */

    static uint64_t differ(const known_name &known, const char *quote, size_t word) {
        uint64_t bytes;
        memcpy(&bytes, quote + word * 8, 8);
        return (bytes | known.behind[word]) ^ known.words[word];
    }

    static bool equal(const known_name &known, const char *quote) {
        if (differ(known, quote, 0) | differ(known, quote, 1)) return false;
        return LIKELY(!known.is_long) || (differ(known, quote, 2) | differ(known, quote, 3)) == 0;
    }

    known_name *find(const char *quote) {
        for (known_name &known : names)
            if (equal(known, quote)) return &known;
        return nullptr;
    }

    known_name *add(const char *quote, size_t length, const path_node *child) {
        if (length > longest) {
            too_long.child = child;
            return &too_long;
        }
        newest = (newest + 1) % LENGTH(names);
        known_name &made = names[newest];
        made = {};
        memset(made.words, 0xFF, longest);
        memcpy(made.words, quote, length);
        memset(made.behind, 0xFF, longest);
        memset(made.behind, 0, length);
        made.child = child;
        made.is_long = length > 16;
        return &made;
    }
};

#endif
