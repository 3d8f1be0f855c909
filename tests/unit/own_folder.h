/* A folder of the test program's own, and files in it. One at a time. */
#ifndef TESTS_OWN_FOLDER_H
#define TESTS_OWN_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka needs the four on top */
#include <cmocka.h>

static char own_folder[32];

/* 0, or -1; so that a set-up can return it. */
static inline int own_folder_make(void) {
    strcpy(own_folder, "/tmp/linnet-test-XXXXXX");
    return mkdtemp(own_folder) ? 0 : -1;
}

static inline int own_folder_remove(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", own_folder);
    return system(command);
}

/* The path of a file in it, good until three others were asked for. */
static inline const char *below(const char *name) {
    static char paths[4][200];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", own_folder, name);
    return path;
}

static inline void make_folder_below(const char *name) {
    assert_int_equal(mkdir(below(name), 0700), 0);
}

static inline void write_bytes(const char *name, const char *bytes, size_t length) {
    FILE *file = fopen(below(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static inline void write_file(const char *name, const char *text) {
    write_bytes(name, text, strlen(text));
}

#endif
