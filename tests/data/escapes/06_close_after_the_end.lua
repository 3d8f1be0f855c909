--- budget: ten thousand values to close, each with a loop, once the time is over.
local guard = { __close = function() while true do end end }
local function down(depth)
  local held <close> = setmetatable({}, guard)
  if depth == 0 then while true do end end
  return held, down(depth - 1)
end
return function()
  pcall(down, 10000)
  return down(10000)
end
