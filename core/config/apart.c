/* config/snapshot.h: a sink must not feed its own source. */
#include "base/os.h"
#include "config/snapshot.h"

/* The file that a part reads or writes by its option `path`; false when it has none, or none is
 * there yet. */
static bool find_file(const struct part_config *part, struct os_info *info) {
    for (size_t i = 0; i < part->kind->options.count; i++) {
        const struct option *option = &part->kind->options.options[i];
        if (option->type != OPTION_PATH) continue;
        const char *path = *(const char *const *)((const char *)part->settings + option->offset);
        if (path && os_stat(path, info) && info->kind == OS_FILE) return true;
    }
    return false;
}

static bool is_apart(const struct snapshot *snapshot, const struct part_config *sink,
                     const struct os_info *written, struct error *err) {
    for (size_t i = 0; i < snapshot->source_count; i++) {
        struct os_info read;
        bool same = find_file(&snapshot->sources[i], &read) && read.device == written->device &&
                    read.inode == written->inode;
        if (same)
            return error_set(err, ERROR_FAILED,
                             "sink %s would write to the very file that source %s reads",
                             sink->name, snapshot->sources[i].name);
    }
    return true;
}

bool snapshot_check_files(const struct snapshot *snapshot, struct error *err) {
    for (size_t i = 0; i < snapshot->sink_count; i++) {
        struct os_info written;
        if (find_file(&snapshot->sinks[i], &written) &&
            !is_apart(snapshot, &snapshot->sinks[i], &written, err))
            return false;
    }
    return true;
}
