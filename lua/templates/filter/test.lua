-- Tests of filters/NAME.lua. Run them with `linnet test`.
local filter = require "filters.NAME"

describe("NAME", function()
  it("keeps a post of some length", function()
    assert.is_true(filter:keep(linnet.message { text = "a post that says a little more" }))
  end)

  it("drops short posts and retweets", function()
    assert.is_false(filter:keep(linnet.message { text = "short" }))
    assert.is_false(filter:keep(linnet.message {
      text = "a retweet of some length",
      is = { "retweet" },
    }))
  end)
end)
