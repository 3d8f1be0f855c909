-- Posts in some languages only. It becomes a query, so no Lua runs for a post.
--
-- Which ones is in languages.lua beside your configuration:
--   return { "en", "de", "und" } -- und: posts whose language nobody can tell
local languages = require "languages" -- languages.lua: return { "en", "de", "und" }

return linnet.filter { keep = "lang:" .. table.concat(languages, " OR lang:") }
