-- The documents of schema `tweet`, from posts of X's API v2, which have everything elsewhere: an
-- index that was filled from API 1.1 goes on.
return linnet.schema {
  key = "raw.data.id",
  { "id", "text", from = "raw.data.id" },
  { "tweet", "text", from = "text" },
  { "timestamp", "date", from = "created", format = "epoch_millis" },
  { "user", {
    { "id", "long", from = function(message) return math.tointeger(message.author.id) end },
    { "name", "text", from = "author.name" },
  } },
  { "sentiment", "keyword", from = "label" },
  { "coordinates", { { "type", "keyword" }, { "coordinates", "geo_point" } },
    from = "raw.data.geo.coordinates" },
  { "hashtags", "text", from = "raw.data.entities.hashtags.tag" },
  { "mentions", "text", from = "raw.data.text", all = [[@\w*]] },
}
