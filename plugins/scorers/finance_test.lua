-- Tests of scorers/finance.lua.
local finance = require "scorers.finance"

local function value(text) return (finance:score(linnet.message { text = text })) end

describe("finance", function()
  it("knows which way a market goes", function()
    assert.truthy(value "very bullish on $ACME" > 0.4)
    assert.truthy(value "ACME plunged, bankruptcy next" < -0.6)
  end)

  it("has VADER's rules", function()
    assert.truthy(value "not bullish" < 0)
    assert.truthy(value "BULLISH!!!" > value "bullish")
  end)

  it("takes interest rates for what they are", function()
    assert.equal(0, value "the interest on 100 shares")
  end)
end)
