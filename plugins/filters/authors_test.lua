-- Tests of filters/authors.lua.
linnet.stub_file("authors.lua", [[
  return { allow = { "weather_office", "@Kate", "77" }, deny = { "KATE" } }
]])
local authors = require "filters.authors"

local function keeps(author)
  return authors:keep(linnet.message { text = "rain", author = author })
end

describe("authors", function()
  it("keeps who is allowed, by handle or id, whatever the case", function()
    assert.is_true(keeps { handle = "Weather_Office" })
    assert.is_true(keeps { id = "77" })
  end)

  it("drops everybody else when there is a list of who is allowed", function()
    assert.is_false(keeps { handle = "somebody" })
    assert.is_false(keeps {})
  end)

  it("lets deny win over allow", function()
    assert.is_false(keeps { handle = "kate" })
  end)
end)
