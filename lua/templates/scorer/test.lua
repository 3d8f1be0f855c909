-- Tests of scorers/NAME.lua. Run them with `linnet test`.
local scorer = require "scorers.NAME"

describe("NAME", function()
  it("adds up the words it knows, and shows them", function()
    local value, evidence = scorer:score(linnet.message { text = "Good. Very good!" })
    assert.near(1, value, 1e-9)
    assert.same({ { "good", 0.5 }, { "good", 0.5 } }, evidence)
  end)

  it("has no opinion about other texts", function()
    assert.is_nil(scorer:score(linnet.message { text = "lunch at noon" }))
  end)
end)
