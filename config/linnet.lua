-- What linnet reads, keeps and delivers. Try `linnet check` after an edit: it points at mistakes.
return {
  -- Where posts come from: name = source. With none here, name one when you start linnet:
  --   linnet run -i posts.ndjson
  sources = {
    -- x = linnet.x { bearer = secret "file:x.token" }, -- X, live: the queries become its rules
    -- recorded = linnet.file { path = "../posts.ndjson" }, -- paths are relative to this file
    -- bucket = linnet.s3 { from = "s3://my-posts/2026/" }, -- all objects below it
  },

  -- Which posts to keep: the queries in track.lua. Without `track`, every post is kept.
  track = require "track",

  -- How a post's sentiment is scored: language = scorer. The language is the network's word, else
  -- that of the text; `und` is for texts that do not tell, `default` for all other languages.
  scorers = { en = "vader", und = "vader", default = "none" },

  -- What a score is called, tried in order. Without `labels`, each scorer uses its own.
  labels = { { "negative", upto = -0.05 }, { "neutral", below = 0.05 }, { "positive" } },

  -- What a document looks like: plugins/schemas/post.lua, or your own in config/schemas/.
  schema = "post",

  -- Where documents go: name = sink. With none here, they are printed.
  sinks = {
    -- kept = linnet.ndjson { path = "../kept.ndjson" },
    -- store = linnet.sqlite {}, -- read it with `linnet export`
    -- index = linnet.opensearch { url = "http://localhost:9200/posts" },
    -- stream = linnet.firehose { stream = "posts" }, -- examples/firehose.lua
    -- archive = linnet.archive { to = "../archive" }, -- or "s3://bucket": examples/archive.lua
  },

  -- What waits for a sink waits on disk, up to this; then sources wait too.
  spool = { max = "10GiB" },

  -- Where `linnet run` answers HTTP: metrics, health, reload. Another address than this machine's
  -- own needs a token: token = secret "file:http.token". false: nowhere.
  http = { listen = "127.0.0.1:7711" },

  -- Threads that match and score.
  workers = 1,
}
