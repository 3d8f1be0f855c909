-- What the Python prototype did: its document, its scorer, its labels. Nothing is filtered.
return {
  schema = "tweet",
  scorers = { default = "textblob" }, -- for every language
}
