-- Tests of lexicons/NAME.lua. Run them with `linnet test`.
local lexicon = require "lexicons.NAME"

describe("NAME", function()
  it("adds words, and takes some away", function()
    assert.near(2.4, lexicon.stonks, 1e-9)
    assert.is_nil(lexicon.crude)
  end)

  it("keeps the others", function()
    assert.truthy(lexicon.great > 0)
  end)
end)
