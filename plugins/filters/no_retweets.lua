-- No repeats of other people's posts. A query, so no Lua runs for a post.
return linnet.filter { keep = "-is:retweet" }
