-- Tests of scorers/per_target.lua.
local per_target = require "scorers.per_target"

local function score(text, query)
  return per_target:score(linnet.message { text = text, queries = { target = query or "acme" } })
end

describe("per_target", function()
  it("reads the words near what matched, not those of the next sentence", function()
    assert.truthy(score "I love Acme. My day was horrible, terrible and sad." > 0.5)
    assert.truthy(score "Acme is terrible! But what a lovely, happy day." < -0.3)
  end)

  it("takes the mean of all places, and shows each", function()
    local value, evidence = score "acme is great. really. acme is awful"
    assert.equal(2, #evidence)
    assert.near((evidence[1][2] + evidence[2][2]) / 2, value, 1e-9)
    assert.equal("acme", evidence[2][1])
    assert.truthy(evidence[1][2] > 0 and evidence[2][2] < 0)
  end)

  it("finds phrases, tags and prefixes", function()
    assert.truthy(score("the new phone is great", [["new phone"]]) > 0)
    assert.truthy(score("great #acme", "#acme") > 0)
    assert.truthy(score("great refunds here", "refund*") > 0)
  end)

  it("has no opinion without a match in the text", function()
    assert.is_nil(per_target:score(linnet.message { text = "I love Acme" }))
    assert.is_nil(score("I love it", "-is:retweet"))
  end)
end)
