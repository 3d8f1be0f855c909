-- Every post in a bucket, as Amazon Data Firehose would have left it, apart by query and hour.
return {
  sources = { posts = linnet.file { path = "../../posts.ndjson" } },
  track = { coffee = "coffee OR espresso", outage = "acme NEAR/6 (down OR outage)" },
  sinks = {
    archive = linnet.archive {
      to = "s3://my-tweets", -- with the keys that the AWS tools would take; or a folder
      prefix = "query=!{query}/!{timestamp:yyyy/MM/dd/HH}/",
      error_prefix = "error/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
      size = "64MiB",
      interval = "15m",
      hourly = true, -- no object spans two hours
      codec = "zstd",
      stream = "tweets", -- tweets-1-2026-11-27-09-00-00-….zst
    },
  },
}
