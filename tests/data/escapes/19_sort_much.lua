--- budget: a list that takes too long without any function of the script.
local list = {}
for i = 1, 200000 do list[i] = i * 7919 % 200003 end
return function()
  table.sort(list)
  return list[1]
end
