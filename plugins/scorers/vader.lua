-- VADER: rated words, boosters, negations, capitals, emoji and emphasis; made for short posts.
return linnet.scorer { engine = "vader", lexicon = "vader" }
