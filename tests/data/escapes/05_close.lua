--- budget: what is closed on the way out of an error loops.
local guard = { __close = function() while true do end end }
return function()
  local first <close> = setmetatable({}, guard)
  local second <close> = setmetatable({}, guard)
  error(first == second)
end
