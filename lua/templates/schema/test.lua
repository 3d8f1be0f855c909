-- Tests of schemas/NAME.lua. Run them with `linnet test`.
local schema = require "schemas.NAME"

describe("NAME", function()
  it("sees who is shouting", function()
    assert.is_true(schema:document(linnet.message { text = "LISTEN" }).shouting)
    assert.is_false(schema:document(linnet.message { text = "Listen" }).shouting)
  end)

  it("has the fields of post", function()
    assert.equal("en", schema:document(linnet.message { lang = "en" }).lang)
  end)
end)
