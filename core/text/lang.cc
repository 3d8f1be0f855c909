/* text/lang.h on CLD2's tables of some 80 languages. */
#include "text/lang.h"

extern "C" {
#include "base/compiler.h"
#include "text/token_class.h"
}

#include <cstdio> /* the next header lacks it */

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace {

/* More of a post tells nothing new. */
constexpr size_t max_bytes = 2048;
/* CLD2 looks a few bytes ahead. */
constexpr size_t padding = 16;
/* Of letters, and one space around each run of them: one short word in Latin letters, of which
 * every language has some, is less; a word in letters of its own is not. */
constexpr int min_letters = 10;

struct prose {
    char bytes[max_bytes + padding];
    size_t length;

    void put(slice piece) {
        if (piece.length > max_bytes - length) piece.length = max_bytes - length;
        memcpy(bytes + length, piece.data, piece.length);
        length += piece.length;
    }
};

/* The end of the link or @name that starts at `at`; nullptr when none does. */
const char *entity_end(const char *at, const char *end) {
    return *at == '@' ? name_end(at + 1, end) : link_end(at, end);
}

/* One character; a space for what is none. */
slice next_character(const char **at, const char *end) {
    const char *from = *at;
    uint32_t code_point = utf8_decode(at, end);
    auto length = static_cast<size_t>(*at - from);
    bool broken = code_point == UTF8_REPLACEMENT && length == 1;
    return broken || code_point < ' ' ? slice_from(" ", 1) : slice_from(from, length);
}

void read_prose(slice text, prose *words) {
    const char *at = text.data, *end = text.data + text.length;
    bool in_word = false;
    while (at < end && words->length + 4 <= max_bytes) {
        unsigned char byte_class = token_class[static_cast<unsigned char>(*at)];
        bool may_start = byte_class == CLASS_LINK || byte_class == CLASS_SIGN;
        const char *skipped = may_start && !in_word ? entity_end(at, end) : nullptr;
        in_word = byte_class <= CLASS_DIGIT;
        if (skipped)
            at = skipped;
        else
            words->put(next_character(&at, end));
    }
    memset(words->bytes + words->length, 0, padding);
}

/* CLD2 writes some codes as they were decades ago, and scripts for some languages. */
slice code_of(CLD2::Language language) {
    static const char *const renamed[][2] = {
        { "iw", "he" }, { "jw", "jv" }, { "un", "" }, { "xx", "" }
    };
    slice code = slice_of(CLD2::LanguageCode(language));
    const auto *dash = static_cast<const char *>(memchr(code.data, '-', code.length));
    if (dash) code.length = static_cast<size_t>(dash - code.data);
    for (const auto &pair : renamed)
        if (slice_is(code, pair[0])) code = slice_of(pair[1]);
    return code.length == 2 ? code : slice_from(nullptr, 0);
}

} // namespace

extern "C" struct slice language_detect(struct slice text) {
    prose words;
    words.length = 0;
    read_prose(text, &words);
    CLD2::CLDHints hints = { nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE };
    CLD2::Language best[3];
    int percent[3], letters;
    double score[3];
    bool reliable;
    CLD2::Language language =
        CLD2::ExtDetectLanguageSummary(words.bytes, static_cast<int>(words.length), true, &hints, 0,
                                       best, percent, score, nullptr, &letters, &reliable);
    return reliable && letters >= min_letters ? code_of(language) : slice_from(nullptr, 0);
}
