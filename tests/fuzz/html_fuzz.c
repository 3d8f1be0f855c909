/* HTML of strangers: no crash, text that is UTF-8 and no longer than it may be, links inside of it.
 */
#include "base/utf8.h"
#include "fuzz.h"
#include "text/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct html_text result;
    arena_init(&arena);
    if (html_text(slice_from((const char *)data, size), &arena, &result)) {
        require(utf8_valid(result.text));
        require(result.text.length <= 2 * size + size / 4 + 16);
        for (uint32_t i = 0; i < result.link_count; i++) {
            require(utf8_valid(result.links[i].href));
            require(utf8_valid(result.links[i].text));
        }
    }
    arena_free(&arena);
    return 0;
}
