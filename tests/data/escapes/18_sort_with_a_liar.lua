--- budget: a comparison that contradicts itself.
local list = {}
for i = 1, 2000 do list[i] = i * 7919 % 2003 end
return function()
  local turn = 0
  while true do
    table.sort(list, function() turn = turn + 1; return turn % 3 ~= 0 end)
    table.sort(list, function() return true end)
  end
end
