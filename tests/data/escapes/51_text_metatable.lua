--- refused: the metatable that all texts share.
return function()
  local meta = getmetatable("")
  return type(meta) == "table" or pcall(function() meta.__index = nil end)
    or pcall(setmetatable, "", {}) or pcall(function() return ("").x end)
end
