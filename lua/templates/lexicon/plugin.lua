-- NAME: words and what they are worth, from -4 to 4 as VADER has them.
-- For a scorer: return linnet.scorer { engine = "vader", lexicon = "NAME" }
return linnet.lexicon {
  extends = "vader",
  words = { stonks = 2.4, bagholder = -1.9 },
  remove = { "crude" },
}
