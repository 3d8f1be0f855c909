/* What services, files and commands say of AWS keys: no crash, little memory, texts within what was
 * read. */
#include "aws/fault.h"
#include "aws/firehose.h"
#include "aws/ini.h"
#include "aws/keys.h"
#include "aws/words.h"
#include "aws/xml.h"
#include "fuzz.h"

static size_t walk(const struct xml_element *element, size_t depth) {
    size_t count = 0;
    require(depth <= XML_MOST_DEPTH);
    for (; element; element = element->next) {
        require(element->name.length > 0);
        require(element->first == NULL || element->text.length == 0);
        count += 1 + walk(element->first, depth + 1);
    }
    return count;
}

static void read_files(struct slice text, struct arena *arena) {
    struct error err;
    struct ini ini;
    if (ini_read(text, "file", arena, &ini, &err))
        for (const struct ini_setting *at = ini.last; at; at = at->before)
            require(at->value.length <= text.length && ini_has(&ini, at->section));
    const char **words = words_split(text, arena, &err);
    size_t length = 0;
    for (; words && *words; words++)
        length += strlen(*words);
    require(length <= text.length);
}

static void read_reply(struct slice text, struct arena *arena) {
    static struct projector *walker;
    struct firehose_reply reply;
    const char *why;
    uint32_t count = 1 + (uint32_t)text.length % 4, failures = 0;
    if (walker == NULL) walker = projector_create(NULL);
    bool good = firehose_reply_read(text, count, walker, arena, &reply, &why);
    require(good == (why == NULL));
    for (uint32_t i = 0; i < FIREHOSE_MOST_RECORDS; i++)
        failures += reply.failed[i];
    require(!good || failures == reply.failures);
    require(failures <= count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct slice text = slice_from((const char *)data, size);
    struct arena arena;
    struct error err;
    arena_init(&arena);
    require(walk(xml_read(text, &arena, &err), 1) <= XML_MOST_ELEMENTS);
    (void)aws_fault_read(text, SLICE(""), &arena);
    read_files(text, &arena);
    read_reply(text, &arena);
    for (int kind = KEYS_OF_PROCESS; kind <= KEYS_OF_SERVICE; kind++) {
        struct key_set *keys = keys_read_json(text, (enum keys_json)kind, "it", &err);
        require(keys == NULL || (keys->keys.access.length && keys->keys.secret.length));
        keys_release(keys);
    }
    require(arena_size(&arena) <= ((size_t)8 << 20) + 64 * size);
    arena_free(&arena);
    return 0;
}
