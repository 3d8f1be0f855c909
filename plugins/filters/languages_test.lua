-- Tests of filters/languages.lua.
linnet.stub_file("languages.lua", [[ return { "en", "de" } ]])
local languages = require "filters.languages"

local function keeps(lang)
  return languages:keep(linnet.message { text = "hello", lang = lang })
end

describe("languages", function()
  it("keeps the languages that are listed", function()
    assert.is_true(keeps "en")
    assert.is_true(keeps "de")
  end)

  it("keeps their regional forms", function()
    assert.is_true(keeps "en-GB")
  end)

  it("drops all others", function()
    assert.is_false(keeps "fr")
    assert.is_false(keeps(nil))
  end)
end)
