/* What the two readers of this folder share: the places of a record's tokens, found by simdjson's
 * first stage; private to them.
 *
 * That stage checks UTF-8 and the ends of strings, and chooses the kernel for this processor when
 * the program starts. A token is a brace, a bracket, a comma, a colon, or the first byte of a
 * scalar. Nothing here reads behind the last token, whatever the structure is. */
#ifndef JSON_PARSER_H
#define JSON_PARSER_H

#include "json/name_order.h"
#include "json/projection.h"
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

/* A member's value that is left for later. */
struct left_value {
    const path_node *node;
    const uint32_t *place; /* its first token */
};

struct projector {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
    const struct projection *projection;
    name_order *orders; /* by path_node.order */
    json_slot *slots;
    int *touched; /* numbers of the slots that are not all zero */
    size_t touched_count;
    left_value *left; /* of the last record */
    size_t left_count;
    const char *record;
};

/* A place among the tokens of a record. */
class tokens {
    const char *bytes;
    const uint32_t *now, *end;

    /* What a byte adds to the depth. */
    static int deeper(char byte) {
        struct table {
            signed char step[256];
            constexpr table() : step() { step['{'] = step['['] = 1, step['}'] = step[']'] = -1; }
        };
        static constexpr table table;
        return table.step[static_cast<unsigned char>(byte)];
    }

    /* Whether no depth changes within eight tokens: most are no brackets. */
    bool all_flat(const uint32_t *at) const {
        return (deeper(bytes[at[0]]) | deeper(bytes[at[1]]) | deeper(bytes[at[2]]) |
                deeper(bytes[at[3]]) | deeper(bytes[at[4]]) | deeper(bytes[at[5]]) |
                deeper(bytes[at[6]]) | deeper(bytes[at[7]])) == 0;
    }

    /* On to `stop`, or to where the depth is 0. */
    int step(int depth, const uint32_t *stop) {
        while (depth > 0 && now < stop)
            depth += deeper(bytes[*now++]);
        return depth;
    }

  public:
    static constexpr const char *cut = "it is cut off";
    static constexpr const char *wrong = "the structure is wrong: a comma, colon, brace or name";

    /* At the first token. NULL, or why there is none. */
    const char *open(projector *projector, slice record) {
        size_t capacity = projector->stage ? projector->stage->capacity() : 0;
        simdjson::error_code code = simdjson::SUCCESS;
        if (record.length >= capacity)
            code = simdjson::get_active_implementation()->create_dom_parser_implementation(
                record.length < 16384 ? 16384 : record.length / 4 * 5, 1, projector->stage);
        if (code == simdjson::SUCCESS)
            code = projector->stage->stage1(reinterpret_cast<const uint8_t *>(record.data),
                                            record.length, simdjson::stage1_mode::regular);
        if (code == simdjson::UTF8_ERROR) return "it is not UTF-8";
        if (code == simdjson::UNCLOSED_STRING) return "a string has no end";
        if (code != simdjson::SUCCESS) return simdjson::error_message(code);
        projector->record = bytes = record.data;
        now = projector->stage->structural_indexes.get();
        end = now + projector->stage->n_structural_indexes;
        return nullptr;
    }

    /* At a place where it was before, in the record that was opened last. */
    void reopen(const projector *projector, const uint32_t *place) {
        bytes = projector->record;
        now = place;
        end = projector->stage->structural_indexes.get() + projector->stage->n_structural_indexes;
    }
    const uint32_t *place() const { return now; }

    /* The token's first byte, NUL at the end. */
    char first() const { return LIKELY(now < end) ? bytes[*now] : '\0'; }
    bool ended() const { return now == end; }
    bool is(char byte) const { return now < end && bytes[*now] == byte; }
    void next() { now += now < end; }

    /* The bytes of a scalar, and white space behind it. The token behind the last is the record's
     * end. */
    slice token() const { return slice_from(bytes + now[0], now[1] - now[0]); }

    /* The quote that a member's name with its colon begins with; nullptr when there is none here.
     * JSON_PADDING bytes may be read. */
    const char *name() const {
        if (end - now < 3 || bytes[now[0]] != '"' || bytes[now[1]] != ':') return nullptr;
        return bytes + now[0];
    }

    /* What stands between its quotes. *escaped: it has backslashes. */
    slice name_text(bool *escaped) const {
        const char *start = bytes + now[0] + 1, *stop = bytes + now[1];
        while (*--stop != '"') {
        }
        *escaped = memchr(start, '\\', static_cast<size_t>(stop - start)) != nullptr;
        return slice_from(start, static_cast<size_t>(stop - start));
    }

    /* Moves from a member's name to its value. */
    void pass_name() { now += 2; }

    /* Behind the value; false when the record ends within it. */
    bool skip() {
        if (now == end) return false;
        int depth = deeper(bytes[*now++]);
        return depth == 0 || (depth > 0 && leave(depth));
    }

    /* Behind the object whose member was read last, or out of more than one. */
    bool leave(int depth = 1) {
        while (depth > 0 && end - now >= 8) {
            if (all_flat(now))
                now += 8;
            else
                depth = step(depth, now + 8);
        }
        return step(depth, end) == 0;
    }
};

#endif
