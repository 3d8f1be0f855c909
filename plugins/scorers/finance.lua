-- VADER's rules over traders' words.
return linnet.scorer { engine = "vader", lexicon = "finance" }
