--- budget: calls in calls.
local function down(n)
  return 1 + down(n + 1)
end
return function()
  while true do pcall(down, 1) end
end
