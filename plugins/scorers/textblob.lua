-- TextBlob: the mean polarity of adjectives and adverbs; what the prototype used.
return linnet.scorer { engine = "textblob", lexicon = "textblob" }
