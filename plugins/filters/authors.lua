-- Whom to listen to: a list of authors to allow, or to deny, or both.
--
-- The lists are in authors.lua beside your configuration; a name is a handle or an id:
--   return { deny = { "spam_bot", "12345" } }
--   return { allow = { "weather_office" } } -- nobody else
local lists = require "authors" -- authors.lua: return { deny = { "HANDLE" }, allow = { ... } }

for name in pairs(lists) do
  if name ~= "allow" and name ~= "deny" then
    error("authors.lua lists `allow` and `deny`, not `" .. tostring(name) .. "`")
  end
end

local function set_of(list)
  if list == nil then return nil end
  local set = {}
  for _, name in ipairs(list) do set[name:lower():gsub("^@", "")] = true end
  return set
end

local allow, deny = set_of(lists.allow), set_of(lists.deny) or {}

local function is_in(set, author)
  return author.handle and set[author.handle:lower()] or author.id and set[author.id:lower()]
    or false
end

return linnet.filter {
  keep = function(message)
    local author = message.author
    if is_in(deny, author) then return false end
    return allow == nil or is_in(allow, author)
  end,
}
