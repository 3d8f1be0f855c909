-- Tests of schemas/redacted.lua.
linnet.stub_env("LINNET_SALT", "a salt for tests only")
local redacted = require "schemas.redacted"

local function document(fields) return redacted:document(linnet.message(fields)) end
local function covered(text) return document({ text = text }).text end

describe("redacted", function()
  it("covers mail addresses", function()
    assert.equal("write to [mail] now", covered "write to kate.o+x@mail.example.org now")
  end)

  it("covers phone numbers", function()
    assert.equal("call [phone] or [phone].", covered "call +49 30 1234567 or (030) 123-4567.")
  end)

  it("covers names", function()
    assert.equal("thanks [name]!", covered "thanks @kate_o!")
  end)

  it("leaves other numbers alone", function()
    assert.equal("2 of 1500 in 2024, 3.14", covered "2 of 1500 in 2024, 3.14")
  end)

  it("gives an author one pseudonym and no name", function()
    local one = document { author = { id = "7", handle = "kate", name = "Kate" } }.author
    local two = document { author = { id = "7", handle = "renamed" } }.author
    assert.match("^%x+$", one.id)
    assert.equal(32, #one.id)
    assert.same(one, two)
  end)

  it("gives different people different pseudonyms", function()
    assert.not_equal(document({ author = { id = "7" } }).author.id,
      document({ author = { id = "8" } }).author.id)
  end)

  it("makes pseudonyms of mentions, and drops links", function()
    local made = document { mentions = { "Kate", "kate" }, urls = { "https://x.org/me" } }
    assert.equal(made.mentions[1], made.mentions[2])
    assert.equal(32, #made.mentions[1])
    assert.same({}, made.urls)
  end)

  it("keeps the rest of schema post", function()
    assert.equal("en", document({ lang = "en" }).lang)
  end)
end)
