/* Bytes to be read again: compressed ones, and files that hold them. */
#ifndef TESTS_COMPRESSED_H
#define TESTS_COMPRESSED_H

#include "base/arena.h"
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <unistd.h>
#include <zstd.h>

/* One gzip member. */
static inline struct slice gzipped(struct arena *arena, struct slice text) {
    struct isal_zstream stream;
    size_t room = text.length + text.length / 8 + 1024;
    char *out = arena_alloc(arena, room);
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    stream.level_buf = arena_alloc(arena, ISAL_DEF_LVL1_DEFAULT);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.flush = NO_FLUSH;
    stream.next_in = (uint8_t *)text.data;
    stream.avail_in = (uint32_t)text.length;
    stream.next_out = (uint8_t *)out;
    stream.avail_out = (uint32_t)room;
    assert_int_equal(isal_deflate(&stream), COMP_OK);
    assert_int_equal(stream.avail_in, 0);
    return slice_from(out, stream.total_out);
}

/* One zstd frame, with a checksum. */
static inline struct slice zstd_compressed(struct arena *arena, struct slice text) {
    size_t room = ZSTD_compressBound(text.length);
    char *out = arena_alloc(arena, room);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t length = ZSTD_compress2(context, out, room, text.data, text.length);
    assert_false(ZSTD_isError(length));
    ZSTD_freeCCtx(context);
    return slice_from(out, length);
}

/* A nameless file with these bytes, at its start. */
static inline int file_of(struct slice bytes) {
    char name[] = "/tmp/linnet-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    while (bytes.length) {
        ssize_t put = write(fd, bytes.data, bytes.length);
        assert_true(put > 0);
        bytes = slice_skip(bytes, (size_t)put);
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

#endif
