-- Schema post without what tells who wrote it: mail addresses, phone numbers and names in the text
-- are covered, authors and mentioned people become pseudonyms, links go.
--
-- A pseudonym is the same for the same person as long as the salt in the environment variable
-- LINNET_SALT is: keep it secret, and change it to cut the connection. A post's own id stays, so
-- that deletes reach it; with it the network still names the author. The raw record stays whole:
-- what must not leave takes this schema, not records = "raw".
local salt = env "LINNET_SALT"
if not salt or #salt < 16 then
  error("schema redacted needs a salt of 16 bytes or more: export LINNET_SALT=...")
end

local mail = linnet.regex [[(?i)[\w.+-]+@[\w-]+(\.[\w-]+)+]]
local phone = linnet.regex [[(?<![\w.])(\+|00)?\(?\d[\d ()/.-]{6,18}\d(?![\w])]]
local name = linnet.regex [[(?<!\w)@\w[\w.-]*]]

local function cover(text)
  return name:replace(phone:replace(mail:replace(text, "[mail]"), "[phone]"), "[name]")
end

local function pseudonym(network, person)
  return person and linnet.hash(network .. ":" .. person:lower(), salt)
end

return linnet.schema {
  extends = "post",
  { "text", "text", from = function(message) return cover(message.text) end },
  { "author", {
    { "id", "keyword", from = function(message)
      return pseudonym(message.network, message.author.id or message.author.handle)
    end },
  } },
  { "mentions", "keyword", from = function(message)
    local people = message.mentions
    for i, handle in ipairs(people) do people[i] = pseudonym(message.network, handle) end
    return people
  end },
  { "urls", "keyword", from = function() return {} end },
}
