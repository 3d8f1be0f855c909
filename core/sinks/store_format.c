/* sinks/store_format.h */
#include "sinks/store_format.h"

const struct database_format store_format = {
    .application = 0x6C6E7374, /* "lnst" */
    .version = 1,
    .schema = "CREATE TABLE post ("
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
              " FROM post, json_each(post.document, '$.urls') AS item;",
};
