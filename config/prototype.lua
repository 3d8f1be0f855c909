-- What the Python prototype did: its document, its scorer, its labels. Nothing is filtered.
--
-- It listens, too, as the prototype did: with X_BEARER in the environment to X's filtered stream;
-- or, with an app's keys, to statuses/filter of X_HOST (X itself no longer has it). Keyword and
-- language are the live stream's, so a replay without these keeps all.
local live, track
if env "X_BEARER" then
  live = linnet.x { host = env "X_HOST", bearer = secret "env:X_BEARER" }
  track = { coffee = "coffee lang:en" } -- and so the rule on X
elseif env "X_KEY" then
  live = linnet.x {
    api = "1.1", host = env "X_HOST",
    key = secret "env:X_KEY", secret = secret "env:X_SECRET",
    token = secret "env:X_TOKEN", token_secret = secret "env:X_TOKEN_SECRET",
    track = { "coffee" }, lang = "en",
  }
end
local index = env "LINNET_INDEX" -- such as http://localhost:9200/tweets; none: no index is written

return {
  sources = { x = live },
  track = track,
  schema = track and "tweet_v2" or "tweet",
  scorers = { default = "textblob" }, -- for every language

  sinks = {
    -- Its Firehose: posts as they came, ",\n" behind each, in objects of 10 MiB or 15 minutes. Any
    -- folder, or LINNET_ARCHIVE=s3://bucket.
    archive = linnet.archive {
      to = env "LINNET_ARCHIVE" or "../archive",
      delimiter = "comma_newline",
    },
    index = index and linnet.opensearch { url = index } or nil,
  },
}
