-- The prototype's document and mapping, field by field: what existing indices and charts expect.
--
-- `raw.PATH` is a member of the tweet as X sent it; a path through an array collects its elements.
return linnet.schema {
  key = "raw.id_str", -- the document's _id
  text = "raw.text", -- what scorers read: the text cut to 140 characters, not the full one
  { "id", "text", from = "raw.id_str" },
  { "tweet", "text", from = "raw.text" },
  { "timestamp", "date", from = "raw.timestamp_ms", format = "epoch_millis" },
  { "user", { { "id", "long" }, { "name", "text" } }, from = "raw.user" },
  { "sentiment", "keyword", from = "label" },
  { "coordinates", { { "type", "keyword" }, { "coordinates", "geo_point" } },
    from = "raw.coordinates" },
  { "hashtags", "text", from = "raw.entities.hashtags.text" },
  { "mentions", "text", from = "raw.text", all = [[@\w*]] }, -- a PCRE2 pattern: every match
}
