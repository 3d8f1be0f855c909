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
    tokens at;

    bool members(int depth);
    bool elements(int depth);
    bool value(int depth);
    bool more(char close, bool *last);
};

/* Whether a comma or `close` comes next. */
bool walker::more(char close, bool *last) {
    char behind = at.first();
    at.next();
    *last = behind == close;
    return *last || behind == ',';
}

bool walker::members(int depth) {
    for (bool last = at.is('}') && (at.next(), true); !last;) {
        bool escaped;
        if (at.name() == nullptr) return false;
        slice name = at.name_text(&escaped);
        at.pass_name();
        if (escaped && !json_unescape(name, memory, &name)) return false;
        events->name(events->context, name);
        if (!value(depth) || !more('}', &last)) return false;
    }
    return true;
}

bool walker::elements(int depth) {
    for (bool last = at.is(']') && (at.next(), true); !last;)
        if (!value(depth) || !more(']', &last)) return false;
    return true;
}

bool walker::value(int depth) {
    char first = at.first();
    if (depth == JSON_WALK_DEPTH || first == '\0') return false;
    if (first == '{' || first == '[') {
        bool array = first == '[';
        events->begin(events->context, array);
        at.next();
        if (!(array ? elements(depth + 1) : members(depth + 1))) return false;
        events->end(events->context, array);
        return true;
    }
    json_type type;
    slice text;
    if (json_scalar(at.token(), memory, &type, &text)) return false;
    at.next();
    events->scalar(events->context, type, text);
    return true;
}

} // namespace

extern "C" bool json_walk(struct projector *projector, struct slice record, struct arena *arena,
                          const struct json_events *events) {
    walker walker = {};
    walker.events = events;
    walker.memory = arena;
    return walker.at.open(projector, record) == nullptr && walker.at.is('{') && walker.value(0) &&
           walker.at.ended();
}
