-- What the Python prototype did: its document, its scorer, its labels. Nothing is filtered.
local index = env "LINNET_INDEX" -- such as http://localhost:9200/tweets; none: no index is written

return {
  schema = "tweet",
  scorers = { default = "textblob" }, -- for every language
  sinks = {
    index = index and linnet.opensearch { url = index } or nil,
  },
}
