-- What the Python prototype did: its document, its scorer, its labels. Nothing is filtered.
local index = env "LINNET_INDEX" -- such as http://localhost:9200/tweets; none: no index is written

return {
  schema = "tweet",
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
