--- refused: code that runs when nobody calls it.
local ran = false
return function()
  local meta = {}
  setmetatable({}, meta)
  meta.__gc = function() ran = true end
  local refused = not pcall(setmetatable, {}, { __gc = function() ran = true end })
  local garbage
  for i = 1, 2000 do garbage = { i, garbage and garbage[1] } end
  return ran or not refused
end
