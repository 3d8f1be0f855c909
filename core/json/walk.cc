/* json/walk.h: one recursion, bounded in depth. Nothing on its stack needs a destructor, so that
 * events may leave by longjmp. */
#include "json/walk.h"
#include "json/parser.h"
#include "json/scalar.h"
#include "json/unescape.h"

namespace {

struct walker {
    const json_events *events;
    arena *memory;

    bool object(ondemand::object &object, int depth);
    bool array(ondemand::array &array, int depth);
    bool value(ondemand::value &value, int depth);
};

bool walker::object(ondemand::object &object, int depth) {
    events->begin(events->context, false);
    for (auto step : object) {
        ondemand::field field;
        if (std::move(step).get(field)) return false;
        const char *raw = field.key().raw();
        bool escaped;
        slice name = slice_from(raw, key_length(raw, &escaped));
        if (escaped && !json_unescape(name, memory, &name)) return false;
        events->name(events->context, name);
        if (!value(field.value(), depth)) return false;
    }
    events->end(events->context, false);
    return true;
}

bool walker::array(ondemand::array &array, int depth) {
    events->begin(events->context, true);
    for (auto step : array) {
        ondemand::value element;
        if (std::move(step).get(element) || !value(element, depth)) return false;
    }
    events->end(events->context, true);
    return true;
}

bool walker::value(ondemand::value &value, int depth) {
    std::string_view token = value.raw_json_token();
    if (depth == JSON_WALK_DEPTH) return false;
    if (token[0] == '{') {
        ondemand::object inner;
        return !value.get_object().get(inner) && object(inner, depth + 1);
    }
    if (token[0] == '[') {
        ondemand::array inner;
        return !value.get_array().get(inner) && array(inner, depth + 1);
    }
    json_type type;
    slice text;
    if (json_scalar(slice_from(token.data(), token.size()), memory, &type, &text)) return false;
    events->scalar(events->context, type, text);
    return true;
}

} // namespace

extern "C" bool json_walk(struct projector *projector, struct slice record, struct arena *arena,
                          const struct json_events *events) {
    walker walker = { events, arena };
    ondemand::document document;
    ondemand::object root;
    auto view =
        simdjson::padded_string_view(record.data, record.length, record.length + JSON_PADDING);
    return !projector->parser.iterate(view).get(document) && !document.get_object().get(root) &&
           walker.object(root, 1) && is_read_whole(document);
}
