/* post/notice.h */
#include "post/notice.h"

const char *notice_name(enum record_kind kind) {
    return kind == RECORD_SCRUB ? "scrub_geo" : "deleted";
}

void write_notice(struct writer *writer, enum record_kind kind, struct slice key) {
    write_object(writer);
    write_text_member(writer, "_id", key);
    write_flag_member(writer, notice_name(kind), true);
    write_object_end(writer);
}

struct slice notice_of(enum record_kind kind, struct slice key, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 64 + key.length);
    write_notice(&writer, kind, key);
    return writer_finish(&writer);
}
