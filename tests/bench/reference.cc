/* The yardstick of `make bench`: the same job as straight as it can be written, without a pipeline.
 *
 *   reference WORDS.tsv POSTS.ndjson [SPOOL]    writes to /dev/null, says "posts N" on stderr
 *
 * Into SPOOL it copies the posts as they came, written and synced (fdatasync) a megabyte at a time.
 *
 * It skips what is no post, reads text and extended text, looks every word up once among twenty
 * keywords and the rated words, sums the valences, and writes a bulk action and a document with
 * the prototype's fields. It has no rules of grammar, no queries, no order, no safety net: linnet
 * is measured as a multiple of it. */
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace ondemand = simdjson::ondemand;
using std::string_view;

namespace {

constexpr size_t chunk_bytes = size_t{ 8 } << 20;
constexpr size_t output_bytes = size_t{ 1 } << 20;
constexpr size_t longest_word = 64;
const char *const keywords[] = { "coffee", "love",   "weather", "work",    "school",
                                 "music",  "game",   "sleep",   "weekend", "football",
                                 "happy",  "movie",  "party",   "rain",    "summer",
                                 "travel", "friend", "news",    "food",    "birthday" };

/* Word → valence and whether it is a keyword; open addressing. */
struct entry {
    std::string word;
    double valence = 0;
    bool keyword = false;
};

struct table {
    std::vector<entry> entries = std::vector<entry>(1 << 15);

    static uint64_t hash(string_view word) {
        uint64_t state = word.size();
        for (char byte : word)
            state = (state ^ static_cast<unsigned char>(byte)) * 0x9E3779B97F4A7C15U;
        return state ^ (state >> 29);
    }
    const entry *find(string_view word) const {
        for (size_t at = hash(word) & (entries.size() - 1);; at = (at + 1) & (entries.size() - 1)) {
            if (entries[at].word.empty()) return nullptr;
            if (entries[at].word == word) return &entries[at];
        }
    }
    entry &place(string_view word) {
        size_t at = hash(word) & (entries.size() - 1);
        while (!entries[at].word.empty() && entries[at].word != word)
            at = (at + 1) & (entries.size() - 1);
        entries[at].word = word;
        return entries[at];
    }
};

bool table_read(table &words, const char *path) {
    FILE *file = fopen(path, "r");
    char word[256];
    double valence;
    if (file == nullptr) return false;
    while (fscanf(file, "%255[^\t]\t%lf\n", word, &valence) == 2)
        words.place(word).valence = valence;
    (void)fclose(file);
    for (const char *keyword : keywords)
        words.place(keyword).keyword = true;
    return true;
}

/* What is read of one post; the views point into the parser's memory. */
struct post {
    string_view id, text, full_text, timestamp, user_name, coordinates;
    int64_t user_id = 0;
    string_view hashtags[32];
    size_t hashtag_count = 0;
    bool has_text = false;
};

/* Whether `result` held what was asked for; `out` stays as it was when not. */
template <class result_type, class type> bool take(result_type result, type &out) {
    return std::move(result).get(out) == simdjson::SUCCESS;
}

void read_user(ondemand::object user, post &out) {
    for (auto field : user) {
        auto key = field.key();
        if (key.error()) return;
        if (key.value_unsafe() == "id") take(field.value().get_int64(), out.user_id);
        if (key.value_unsafe() == "name") {
            take(field.value().get_string(), out.user_name);
            return; /* it comes after the id */
        }
    }
}

void read_hashtags(ondemand::object entities, post &out) {
    ondemand::array list;
    if (entities.find_field("hashtags").get_array().get(list)) return;
    for (auto item : list) {
        string_view tag;
        if (!take(item.find_field("text").get_string(), tag)) return;
        if (out.hashtag_count < 32) out.hashtags[out.hashtag_count++] = tag;
    }
}

void read_extended(ondemand::object extended, post &out) {
    take(extended.find_field("full_text").get_string(), out.full_text);
}

bool read_post(ondemand::object record, post &out) {
    for (auto field : record) {
        auto key = field.key();
        if (key.error()) return false;
        auto name = key.value_unsafe();
        ondemand::value value;
        if (field.value().get(value)) return false;
        ondemand::object inner;
        if (name == "text") {
            out.has_text = take(value.get_string(), out.text);
        } else if (name == "id_str") {
            take(value.get_string(), out.id);
        } else if (name == "timestamp_ms") {
            take(value.get_string(), out.timestamp);
        } else if (name == "user") {
            if (!value.get_object().get(inner)) read_user(inner, out);
        } else if (name == "entities") {
            if (!value.get_object().get(inner)) read_hashtags(inner, out);
        } else if (name == "extended_tweet") {
            if (!value.get_object().get(inner)) read_extended(inner, out);
        } else if (name == "coordinates") {
            if (!value.get_object().get(inner)) take(inner.raw_json(), out.coordinates);
        }
    }
    return out.has_text;
}

/* Sum of the valences of the words of `text`; whether a keyword is among them. */
double score(const table &words, string_view text, bool &matched) {
    char word[longest_word];
    double sum = 0;
    size_t length = 0;
    for (size_t i = 0; i <= text.size(); i++) {
        char byte = i < text.size() ? text[i] : ' ';
        bool inside = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                      byte == '\'' || (byte & 0x80) != 0;
        if (byte >= 'A' && byte <= 'Z') {
            byte |= 0x20;
            inside = true;
        }
        if (inside) {
            if (length < longest_word) word[length++] = byte;
        } else if (length > 0) {
            const entry *found = words.find({ word, length });
            if (found != nullptr) {
                sum += found->valence;
                matched |= found->keyword;
            }
            length = 0;
        }
    }
    return sum;
}

/* Bytes on their way to /dev/null; every post leaves room for the next. */
struct output {
    std::unique_ptr<char[]> data{ new char[output_bytes] };
    size_t length = 0;
    int descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);

    void add(string_view bytes) {
        memcpy(data.get() + length, bytes.data(), bytes.size());
        length += bytes.size();
    }
    void add_string(string_view text) {
        char *at = data.get() + length;
        *at++ = '"';
        for (char byte : text) {
            if (byte == '"' || byte == '\\') {
                *at++ = '\\';
                *at++ = byte;
            } else if (static_cast<unsigned char>(byte) < 0x20) {
                at += sprintf(at, "\\u%04x", byte);
            } else {
                *at++ = byte;
            }
        }
        *at++ = '"';
        length = static_cast<size_t>(at - data.get());
    }
    void flush() {
        if (write(descriptor, data.get(), length) < 0) _exit(1);
        length = 0;
    }
};

/* Posts as they came, on their way to the disk. */
struct spool {
    std::unique_ptr<char[]> data{ new char[output_bytes] };
    size_t length = 0;
    int descriptor = -1;

    bool open_file(const char *path) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        return descriptor >= 0;
    }
    void add(string_view bytes) {
        if (descriptor < 0) return;
        if (length + bytes.size() > output_bytes) flush();
        memcpy(data.get() + length, bytes.data(), bytes.size());
        length += bytes.size();
    }
    void flush() {
        if (descriptor < 0) return;
        if (write(descriptor, data.get(), length) != static_cast<ssize_t>(length) ||
            fdatasync(descriptor) != 0)
            _exit(1);
        length = 0;
    }
};

bool is_word(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || (byte & 0x80) != 0;
}

void write_mentions(output &out, string_view text) {
    const char *comma = "";
    for (size_t at = text.find('@'); at != string_view::npos; at = text.find('@', at + 1)) {
        size_t end = at + 1;
        while (end < text.size() && is_word(text[end]))
            end++;
        out.add(comma);
        out.add_string(text.substr(at, end - at));
        comma = ",";
    }
}

void write_document(output &out, const post &one, double sum) {
    char number[24];
    if (out.length + 8 * one.text.size() + 65536 > output_bytes) out.flush();
    out.add("{\"index\":{\"_id\":");
    out.add_string(one.id);
    out.add("}}\n{\"id\":");
    out.add_string(one.id);
    out.add(",\"tweet\":");
    out.add_string(one.text);
    out.add(",\"timestamp\":");
    out.add_string(one.timestamp);
    out.add(",\"user\":{\"id\":");
    int digits = snprintf(number, sizeof number, "%lld", static_cast<long long>(one.user_id));
    out.add({ number, static_cast<size_t>(digits) });
    out.add(",\"name\":");
    out.add_string(one.user_name);
    out.add(sum < 0     ? "},\"sentiment\":\"negative\""
            : sum > 0.2 ? "},\"sentiment\":\"positive\""
                        : "},\"sentiment\":\"neutral\"");
    out.add(",\"coordinates\":");
    out.add(one.coordinates.empty() ? string_view("null") : one.coordinates);
    out.add(",\"hashtags\":[");
    for (size_t i = 0; i < one.hashtag_count; i++) {
        out.add(i ? "," : "");
        out.add_string(one.hashtags[i]);
    }
    out.add("],\"mentions\":[");
    write_mentions(out, one.text);
    out.add("]}\n");
}

struct job {
    table words;
    ondemand::parser parser;
    output out;
    spool kept;
    size_t posts = 0, matched = 0;
};

void do_line(job &work, const char *line, size_t length, size_t readable) {
    ondemand::document document;
    ondemand::object record;
    post one;
    if (length < 2) return;
    if (work.parser.iterate(line, length, readable).get(document)) return;
    if (document.get_object().get(record) || !read_post(record, one)) return;
    bool matched = false;
    double sum = score(work.words, one.full_text.empty() ? one.text : one.full_text, matched);
    work.posts++;
    work.matched += matched;
    write_document(work.out, one, sum);
    work.kept.add({ line, length + 1 });
}

bool do_file(job &work, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    std::unique_ptr<char[]> chunk(new char[chunk_bytes + simdjson::SIMDJSON_PADDING]);
    size_t held = 0;
    ssize_t got;
    if (file < 0) return false;
    while ((got = read(file, chunk.get() + held, chunk_bytes - held)) > 0) {
        char *line = chunk.get(), *end = line + held + got;
        while (auto *stop = static_cast<char *>(memchr(line, '\n', end - line))) {
            size_t readable = chunk.get() + chunk_bytes + simdjson::SIMDJSON_PADDING - line;
            do_line(work, line, stop - line, readable);
            line = stop + 1;
        }
        held = end - line;
        memmove(chunk.get(), line, held);
    }
    close(file);
    work.out.flush();
    work.kept.flush();
    return got == 0;
}

} // namespace

int main(int count, char **words) {
    job work;
    if (count != 3 && count != 4) return 2;
    if (count == 4 && !work.kept.open_file(words[3])) return 1;
    if (!table_read(work.words, words[1]) || !do_file(work, words[2])) {
        fprintf(stderr, "reference: cannot read %s or %s\n", words[1], words[2]);
        return 1;
    }
    fprintf(stderr, "posts %zu matched %zu\n", work.posts, work.matched);
    return 0;
}
