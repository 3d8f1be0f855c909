--- budget: indexing, comparing, joining and calling that never come back.
local function forever()
  while true do end
end
local slow = setmetatable({}, {
  __index = forever, __eq = forever, __lt = forever, __concat = forever, __call = forever,
  __len = forever, __newindex = forever, __tostring = forever,
})
return function()
  pcall(function() return slow.x end)
  pcall(function() return slow == setmetatable({}, getmetatable(slow)) end)
  pcall(function() return slow < slow end)
  pcall(function() return slow .. "x" end)
  pcall(function() slow.x = #slow end)
  pcall(tostring, slow)
  return slow()
end
