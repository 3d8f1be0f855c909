/* Verb "init": a configuration of one's own, from the files that linnet brings. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/setup.h"
#include <errno.h>
#include <stdio.h>

static const char *const templates[] = { "linnet.lua", "track.lua" };

static int failed(const char *path, const char *what) {
    complain("linnet init: %s: %s: %s\n", path, what, strerror(errno));
    return 1;
}

/* `path` joins with a slash; false when it is too long to be a path. */
static bool join(char *path, size_t size, const char *folder, const char *name) {
    int length = snprintf(path, size, "%s/%s", folder, name);
    errno = ENAMETOOLONG;
    return length > 0 && (size_t)length < size;
}

static int copy_template(const char *folder, const char *name) {
    char from[4096], to[4096], source[4096];
    size_t length;
    if (!join(source, sizeof source, share_folder(), "config") ||
        !join(from, sizeof from, source, name) || !join(to, sizeof to, folder, name))
        return failed(folder, "cannot be used");
    char *text = os_read_file(from, 1 << 20, &length);
    if (text == NULL) return failed(from, "cannot be read");
    int fd = os_open(to, OS_NEW);
    bool written = fd >= 0 && os_write(fd, slice_from(text, length));
    if (fd >= 0) os_close(fd);
    memory_free(text);
    if (fd < 0 && errno == EEXIST) {
        complain("%s is there already and stays as it is\n", to);
        return 0;
    }
    if (!written) return failed(to, "cannot be written");
    complain("wrote %s\n", to);
    return 0;
}

int verb_init(const struct arguments *arguments) {
    if (arguments->word_count > 1) {
        complain("linnet init: one folder, please\n");
        return 2;
    }
    const char *base = arguments->word_count ? arguments->words[0] : ".";
    char folder[4096];
    if (!join(folder, sizeof folder, base, "config")) return failed(base, "cannot be used");
    if (!os_make_folder(base) || !os_make_folder(folder)) return failed(folder, "cannot be made");
    for (size_t i = 0; i < LENGTH(templates); i++) {
        int code = copy_template(folder, templates[i]);
        if (code) return code;
    }
    complain("now edit %s/track.lua, then: linnet check -c %s/linnet.lua\n", folder, folder);
    return 0;
}
