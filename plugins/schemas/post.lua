-- A post as search and charts want it: the default, and what the embedded store keeps.
--
-- Each line is { NAME, TYPE }: the type is the index's, and arrays have their elements' type. The
-- order is the document's. A field that a post lacks is left out of its document.
return linnet.schema {
  { "id", "keyword" },
  { "network", "keyword" },
  { "text", "text" },
  { "lang", "keyword" },
  { "created", "date" },
  { "received", "date" },
  { "author", { { "id", "keyword" }, { "handle", "keyword" }, { "name", "text" } } },
  { "label", "keyword" },
  { "score", "double" },
  { "scorer", "keyword" },
  { "queries", "keyword" },
  { "hashtags", "keyword" },
  { "mentions", "keyword" },
  { "urls", "keyword" },
  { "coordinates", "geo_point" },
  { "generation", "long" },
}
