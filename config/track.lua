-- Which posts to keep: name = query. A post is kept when any of them matches.
--
--   words next to each other must all be there, in any order: OR means either, "..." a phrase
--   #tag @name from:name    a hashtag, a mention, an author
--   -word -is:retweet       not this
--   lang:en has:links       the post's language, what is in it
--
-- [[ ]] holds a query as it is, quotes and all.
return {
  coffee  = [[ coffee OR espresso OR starbucks OR #coffee ]],
  weather = [[ (rain OR rainy OR snow OR sunny OR storm OR weather OR #weather) -is:retweet ]],
  work    = [[ (work OR office OR boss OR "my job" OR #work) lang:en ]],
  school  = [[ school OR homework OR teacher OR exam OR #school ]],
  music   = [[ (music OR song OR album OR concert OR #music OR #nowplaying) -is:retweet ]],
  sports  = [[ football OR baseball OR "the game" OR #football OR #sports ]],
  sleep   = [[ sleep OR asleep OR nap OR ("so tired" -work) OR #sleep ]],
  weekend = [[ (weekend OR saturday OR "friday night" OR #weekend) lang:en ]],
}
