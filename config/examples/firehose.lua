-- Every post to a delivery stream of Amazon Data Firehose, which writes it to a bucket or an index.
return {
  sources = { posts = linnet.file { path = "../../posts.ndjson" } },
  track = { coffee = "coffee OR espresso" },
  sinks = {
    stream = linnet.firehose {
      stream = "posts",
      region = "eu-west-1", -- else AWS_REGION's; keys are found as the AWS tools find theirs
      records = "documents", -- or "raw": posts as they came
      delimiter = "newline", -- Firehose itself adds nothing between records
      pack = "5KiB", -- small posts share a record, paid for as 5 KB; not for an index
      requests = 4, -- at a time, at most
      -- profile = "linnet", endpoint = "https://localhost:4566", ca_file = "ca.pem",
    },
  },
}
