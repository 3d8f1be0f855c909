/* base/buffer.h: doubling growth, clipped at the ceiling. */
#include "base/buffer.h"
#include "base/alloc.h"

void buffer_init(struct buffer *buffer, size_t ceiling) {
    *buffer = (struct buffer){ .ceiling = ceiling };
}

void buffer_free(struct buffer *buffer) {
    memory_free(buffer->data);
    buffer_init(buffer, buffer->ceiling);
}

bool buffer_reserve(struct buffer *buffer, size_t bytes) {
    if (bytes > buffer->ceiling - buffer->length) return false;
    size_t wanted = buffer->length + bytes;
    if (wanted <= buffer->capacity) return true;
    size_t doubled = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
    buffer->capacity = MAX(wanted, MIN(doubled, buffer->ceiling));
    buffer->data = memory_resize(buffer->data, buffer->capacity);
    return true;
}

bool buffer_append(struct buffer *buffer, struct slice bytes) {
    if (!buffer_reserve(buffer, bytes.length)) return false;
    if (bytes.length) memcpy(buffer->data + buffer->length, bytes.data, bytes.length);
    buffer->length += bytes.length;
    return true;
}

void buffer_consume(struct buffer *buffer, size_t bytes) {
    buffer->length -= bytes;
    if (buffer->length && bytes) memmove(buffer->data, buffer->data + bytes, buffer->length);
}
