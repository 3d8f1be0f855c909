--- budget: recursion through C functions.
local function down(x)
  pcall(string.gsub, "x", "x", down)
  pcall(table.sort, { 1, 2 }, down)
  return coroutine.wrap(down)(x)
end
return function()
  while true do pcall(down) end
end
