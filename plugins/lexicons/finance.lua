-- VADER's words, and how traders use some others: a modest start, rated by hand, to be changed.
--
-- Words that mean a thing and not a mood when money is the subject are left out.
return linnet.lexicon {
  extends = "vader",
  words = {
    -- going up, doing well
    bull = 1.6, bulls = 1.6, bullish = 2.2, rally = 1.7, rallied = 1.7, rallies = 1.7,
    rallying = 1.7, surge = 1.6, surged = 1.6, surges = 1.6, soar = 1.9, soared = 1.9,
    soars = 1.9, skyrocket = 2.2, skyrocketed = 2.2, uptrend = 1.6, upside = 1.4,
    outperform = 1.9, outperformed = 1.9, outperforms = 1.9, upgrade = 1.4, upgraded = 1.4,
    undervalued = 1.3, oversold = 0.6, rebound = 1.2, rebounded = 1.2, breakout = 1.3,
    profitable = 2.0, dividend = 0.8, dividends = 0.8, moon = 1.8, mooning = 2.2, stonks = 2.4,
    tendies = 1.8, hodl = 0.8,
    -- going down, doing badly
    bear = -1.4, bears = -1.4, bearish = -2.2, plunge = -2.1, plunged = -2.1, plunges = -2.1,
    plummet = -2.2, plummeted = -2.2, plummets = -2.2, tumble = -1.6, tumbled = -1.6,
    tumbles = -1.6, slump = -1.7, slumped = -1.7, selloff = -1.8, downtrend = -1.6,
    downside = -1.3, downgrade = -1.6, downgraded = -1.6, underperform = -1.7,
    underperformed = -1.7, overvalued = -1.3, overbought = -0.6, writedown = -1.6,
    bankrupt = -2.8, bankruptcy = -2.8, insolvent = -2.6, insolvency = -2.6, default = -1.8,
    defaulted = -2.0, layoff = -1.6, layoffs = -1.7, delisted = -2.0, rugpull = -2.9,
    bagholder = -1.9, bagholders = -1.9, rekt = -2.3, volatile = -0.9, stagflation = -1.9,
    recession = -2.0,
  },
  remove = { "interest", "interests", "share", "shares", "gross" },
}
