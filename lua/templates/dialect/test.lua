-- Tests of dialects/NAME.lua. Run them with `linnet test`.
local dialect = require "dialects.NAME"

describe("NAME", function()
  it("reads a record", function()
    local message = dialect:message {
      post_id = 17,
      body = "hello",
      posted_at = "2024-05-01T12:00:00Z",
      user = { id = "u1", nick = "kate" },
    }
    assert.equal("forum", message.network)
    assert.equal("17", message.id)
    assert.equal("hello", message.text)
    assert.equal("kate", message.author.handle)
  end)

  it("leaves the records of others alone", function()
    assert.has_error(function() dialect:message { body = "hello" } end, "does not fit")
  end)
end)
