/* Verb "check": reads and proves the configuration. */
#include "cli/print.h"
#include "cli/setup.h"

static void print_mapping(const struct snapshot *snapshot) {
    struct arena arena;
    arena_init(&arena);
    print_slice(schema_mapping(snapshot->schemas[0], &arena));
    print("\n");
    arena_free(&arena);
}

int verb_check(const struct arguments *arguments) {
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_NEEDED, NULL, &code);
    if (snapshot == NULL) return code;
    if (arguments->given[FLAG_PRINT_MAPPING])
        print_mapping(snapshot);
    else
        complain("%s: good: %zu sources, %zu queries, schema %s, %zu sinks\n", snapshot->path,
                 snapshot->source_count, query_set_count(snapshot->queries),
                 schema_name(snapshot->schemas[0]), snapshot->sink_count);
    snapshot_release(snapshot);
    return 0;
}
