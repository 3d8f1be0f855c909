-- Tests of lexicons/finance.lua.
local finance = require "lexicons.finance"

describe("finance words", function()
  it("have traders' words, both ways", function()
    assert.near(2.2, finance.bullish, 1e-9)
    assert.truthy(finance.bagholder < 0)
  end)

  it("keep VADER's own", function()
    assert.truthy(finance.great > 2)
  end)

  it("rate nothing that is a thing here and not a mood", function()
    assert.is_nil(finance.interest)
    assert.is_nil(finance.shares)
  end)
end)
