/* What the two readers of this folder share of simdjson On-Demand 3.0.1; private to them. */
#ifndef JSON_PARSER_H
#define JSON_PARSER_H

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace ondemand = simdjson::ondemand;

struct projector {
    ondemand::parser parser;
};

/* The length of the key at `raw`, which ends at an unescaped quote; *escaped tells of backslashes.
 */
inline size_t key_length(const char *raw, bool *escaped) {
    size_t length = 0;
    *escaped = false;
    while (raw[length] != '"') {
        if (raw[length] == '\\') {
            *escaped = true;
            length++;
        }
        length++;
    }
    return length;
}

/* The place of the next token is out of bounds when there is none. */
inline bool is_read_whole(ondemand::document &document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

#endif
