-- What the Python prototype did: its document, its scorer, its labels. Nothing is filtered.
return {
  schema = "tweet",
  scorers = { default = "textblob" }, -- for every language

  -- Its Firehose: posts as they came, ",\n" behind each, in objects of 10 MiB or 15 minutes. Any
  -- folder, or LINNET_ARCHIVE=s3://bucket.
  sinks = {
    archive = linnet.archive {
      to = env "LINNET_ARCHIVE" or "../archive",
      delimiter = "comma_newline",
    },
  },
}
