--- refused: another meaning for a name, seen by others.
return function()
  tostring = nil -- luacheck: ignore
  string = {} -- luacheck: ignore
  leaked = true -- luacheck: ignore
  local environment = _ENV
  environment.type = function() return "leaked" end
  return false
end
