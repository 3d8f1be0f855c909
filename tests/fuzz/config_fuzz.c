/* Configurations of strangers: no crash and no hang; a snapshot, or an error with a place. */
#include <stdio.h>
#include <unistd.h>

#include "base/os.h"
#include "cli/setup.h"
#include "config/snapshot.h"
#include "fuzz.h"

#define MOST_BYTES 8192

static const char *make_path(void) {
    static char path[64];
    require(os_make_private_folder("build/fuzz"));
    snprintf(path, sizeof path, "build/fuzz/config-%d.lua", (int)getpid());
    return path;
}

static void write_file(const char *path, const uint8_t *data, size_t size) {
    FILE *file = fopen(path, "w");
    require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *path;
    if (path == NULL) path = make_path();
    if (size > MOST_BYTES) return 0;
    write_file(path, data, size);
    struct error err = { 0 };
    struct snapshot_request request = {
        .path = path, .share = ".", .parts = all_parts(), .generation = 1
    };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot)
        snapshot_release(snapshot);
    else
        require(err.kind != ERROR_NONE && err.text[0] != '\0');
    return 0;
}
