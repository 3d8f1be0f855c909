/* post/delete_notice.h */
#include "post/delete_notice.h"

void write_delete_notice(struct writer *writer, struct slice key) {
    write_object(writer);
    write_text_member(writer, "_id", key);
    write_flag_member(writer, "deleted", true);
    write_object_end(writer);
}

struct slice delete_notice(struct slice key, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 64 + key.length);
    write_delete_notice(&writer, key);
    return writer_finish(&writer);
}
