-- NAME: where a network's records have a post's parts. In the configuration: dialects = { "NAME" }
return linnet.dialect {
  network = "forum",
  has = { "post_id", "body" }, -- a record with these members is one of them
  id = "post_id",
  text = "body",
  lang = "locale",
  created = { "posted_at", format = "iso8601" }, -- or epoch_millis, epoch_seconds
  author = { id = "user.id", handle = "user.nick" },
}
