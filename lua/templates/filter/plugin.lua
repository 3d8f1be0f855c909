-- NAME: what a post must be like to be kept. In the configuration: filters = { "NAME" }
return linnet.filter {
  -- A query does for most wishes, and is faster: keep = "-is:retweet lang:en"
  keep = function(message) return not message:is "retweet" and #message.text > 20 end,
  on_error = "keep", -- what becomes of a post when the function fails; or "drop"
}
