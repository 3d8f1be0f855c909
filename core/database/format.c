/* database/format.h */
#include "database/format.h"
#include "database/rollup.h"
#include "database/tokenizer.h"

static const char version_1[] =
    "CREATE TABLE post ("
    " number INTEGER PRIMARY KEY," /* in the order of arrival */
    " id TEXT NOT NULL UNIQUE,"    /* the document's `_id` */
    " network TEXT, created TEXT, received TEXT, lang TEXT,"
    " author_id TEXT, author_handle TEXT, author_name TEXT,"
    " text TEXT, label TEXT, score REAL, scorer TEXT, generation INTEGER,"
    " document TEXT NOT NULL);"
    "CREATE INDEX post_received ON post (received);"
    "CREATE VIEW posts AS SELECT id, network, created, received, lang, author_id,"
    " author_handle, author_name, text, label, score, scorer,"
    " json_extract(document, '$.queries') AS queries,"
    " json_extract(document, '$.hashtags') AS hashtags, generation FROM post;"
    "CREATE VIEW post_queries AS SELECT post.id, item.value AS query"
    " FROM post, json_each(post.document, '$.queries') AS item;"
    "CREATE VIEW post_hashtags AS SELECT post.id, item.value AS hashtag"
    " FROM post, json_each(post.document, '$.hashtags') AS item;"
    "CREATE VIEW post_mentions AS SELECT post.id, item.value AS mention"
    " FROM post, json_each(post.document, '$.mentions') AS item;"
    "CREATE VIEW post_urls AS SELECT post.id, item.value AS url"
    " FROM post, json_each(post.document, '$.urls') AS item;";

_Static_assert(ROLLUP_LABEL_BITS == 10 && ROLLUP_NO_LABEL == 1023 && ROLLUP_VALUE_BITS == 26,
               "the numbers in the texts below");

#define STATS_VIEW(name, step)                                                                     \
    "CREATE VIEW stats_" name " AS"                                                                \
    " SELECT strftime('%Y-%m-%dT%H:%M:%SZ', rollup.start, 'unixepoch') AS start,"                  \
    " rollup_dimension.name AS dimension, rollup_value.value, marked.value AS label,"              \
    " rollup.posts, rollup.score_sum / 1e6 / nullif(rollup.scored, 0) AS score"                    \
    " FROM rollup JOIN rollup_dimension ON rollup_dimension.number = rollup.dimension"             \
    " JOIN rollup_value ON rollup_value.number = rollup.value"                                     \
    " JOIN rollup_value AS marked ON marked.number = rollup.label"                                 \
    " WHERE rollup.step = " step ";"

/* What is in the file already is filled in later, a few posts at a time: posts up to `unfilled`
 * have no seconds, are not in post_terms and not counted in rollup. */
static const char version_2[] =
    "ALTER TABLE post ADD COLUMN created_s INTEGER;" /* of `received` when it is not said */
    "ALTER TABLE post ADD COLUMN received_s INTEGER;"
    "ALTER TABLE post ADD COLUMN traits INTEGER;" /* enum message_trait; NULL: not known */
    "DROP INDEX post_received;"
    "CREATE INDEX post_received ON post (received_s);"
    "CREATE INDEX post_created ON post (created_s);"
    "CREATE INDEX post_author ON post (author_id);"
    /* post/vocabulary.h says what its terms are. */
    "CREATE VIRTUAL TABLE post_terms USING"
    " fts5(terms, content='', columnsize=0, detail=none, tokenize='linnet');"
    "CREATE TABLE store_state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "INSERT INTO store_state SELECT 'unfilled', coalesce(max(number), 0) FROM post;"
    /* Of a post that was removed: numbers never come again. */
    "INSERT INTO store_state VALUES ('highest', 0);"
    "CREATE TABLE rollup_dimension (number INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "INSERT INTO rollup_dimension VALUES (0, 'all'), (1, 'query'), (2, 'hashtag'), (3, 'mention'),"
    " (4, 'domain'), (5, 'author'), (6, 'lang'), (7, 'network'), (8, 'label');"
    "CREATE TABLE rollup_value (number INTEGER PRIMARY KEY, dimension INTEGER NOT NULL,"
    " value TEXT NOT NULL, UNIQUE (dimension, value));"
    /* Labels are those of dimension 8, numbered from 1; '' is no label. */
    "INSERT INTO rollup_value VALUES (1023, 8, '');"
    "CREATE TABLE rollup_bucket (number INTEGER PRIMARY KEY,"
    " step INTEGER NOT NULL,"      /* 60, 3600 or 86400 seconds */
    " dimension INTEGER NOT NULL," /* 0 to 7 */
    " start INTEGER NOT NULL,"     /* of `created_s`, rounded down to a whole step */
    " UNIQUE (step, dimension, start));"
    "CREATE TABLE rollup_count ("
    " key INTEGER PRIMARY KEY," /* bucket, value and label in one: see rollup.h */
    /* That nothing can be refused saves many rows at once a journal of their own. */
    " posts INTEGER, scored INTEGER,"
    " score_sum INTEGER);" /* of the scored ones, in millionths */
    "CREATE VIEW rollup AS SELECT step, dimension, start,"
    " key >> 10 & 67108863 AS value, key & 1023 AS label, posts, scored, score_sum"
    " FROM rollup_bucket JOIN rollup_count ON key BETWEEN rollup_bucket.number << 36"
    " AND rollup_bucket.number << 36 | 68719476735;" STATS_VIEW("minute", "60")
        STATS_VIEW("hour", "3600") STATS_VIEW("day", "86400");

_Static_assert(ROLLUP_BUSY == 8, "the number in the text below");

/* Posts of an author are found by post_terms. For ten million posts it takes some seconds. */
static const char version_3[] =
    "DROP INDEX post_author;"
    "CREATE INDEX rollup_busy ON rollup_count (key >> 36, posts) WHERE posts >= 8;";

static const char *const upgrades[] = { version_2, version_3 };

const struct database_format store_format = {
    .application = 0x6C6E7374, /* "lnst" */
    .version = 3,
    .schema = version_1,
    .upgrades = upgrades,
    .connect = store_tokenizer_connect,
};
