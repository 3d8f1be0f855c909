/* cli/check_online.h */
#include "cli/check_online.h"
#include "cli/print.h"
#include "sinks/registry.h"
#include "sources/registry.h"

/* One part and what it has tried. */
struct asking {
    struct online online;
    const char *kind, *name; /* "sinks", "archive" */
    bool works;
};

static void say(const struct asking *asking, const char *what, const char *why) {
    print("%s.%s: %s: %s\n", asking->kind, asking->name, what, why ? why : "works");
}

static void tried(struct online *online, const char *what, const char *why) {
    struct asking *asking = CONTAINER_OF(online, struct asking, online);
    asking->works = asking->works && why == NULL;
    say(asking, what, why);
}

static void done(struct online *online) { loop_stop(online->loop); }

/* Whether all of it works; *asked: whether there was a server to ask. */
static bool ask(const struct online_ops *ops, const char *kind, const struct part_config *part,
                bool *asked) {
    struct error err = { 0 };
    struct asking asking = {
        .online = { loop_create(), tried, done }, .kind = kind, .name = part->name, .works = true
    };
    void *trying = ops->begin ? ops->begin(part->settings, &asking.online, &err) : NULL;
    if (trying) {
        loop_run(asking.online.loop);
        ops->end(trying);
    } else if (err.kind != ERROR_NONE) {
        say(&asking, "ask", err.text);
        asking.works = false;
    }
    *asked = *asked || trying || err.kind != ERROR_NONE;
    loop_destroy(asking.online.loop);
    return asking.works;
}

static const struct online_ops *of_source(const struct part_kind *kind) {
    static const struct online_ops none;
    for (size_t i = 0; all_sources[i]; i++)
        if (&all_sources[i]->kind == kind) return &all_sources[i]->online;
    return &none;
}

static const struct online_ops *of_sink(const struct part_kind *kind) {
    static const struct online_ops none;
    for (size_t i = 0; all_sinks[i]; i++)
        if (&all_sinks[i]->kind == kind) return &all_sinks[i]->online;
    return &none;
}

bool check_online(const struct snapshot *snapshot) {
    bool works = true, asked = false;
    for (size_t i = 0; i < snapshot->source_count; i++) {
        const struct part_config *part = &snapshot->sources[i];
        works = ask(of_source(part->kind), "sources", part, &asked) && works;
    }
    for (size_t i = 0; i < snapshot->sink_count; i++) {
        const struct part_config *part = &snapshot->sinks[i];
        works = ask(of_sink(part->kind), "sinks", part, &asked) && works;
    }
    if (!asked) complain("no source and no sink talks to a server that can be asked\n");
    return works;
}
