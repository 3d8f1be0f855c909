--- refused: metatables of values that are not tables.
return function()
  for _, value in pairs { 1, true, type, coroutine.running() } do
    if type(getmetatable(value)) == "table" or pcall(setmetatable, value, {}) then return true end
  end
end
