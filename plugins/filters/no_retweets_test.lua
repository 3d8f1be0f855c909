-- Tests of filters/no_retweets.lua.
local no_retweets = require "filters.no_retweets"

describe("no_retweets", function()
  it("drops a retweet", function()
    assert.is_false(no_retweets:keep(linnet.message { text = "RT hello", is = { "retweet" } }))
  end)

  it("keeps a post, a reply and a quote", function()
    assert.is_true(no_retweets:keep(linnet.message { text = "hello" }))
    assert.is_true(no_retweets:keep(linnet.message { text = "hello", is = { "reply" } }))
    assert.is_true(no_retweets:keep(linnet.message { text = "hello", is = { "quote" } }))
  end)
end)
