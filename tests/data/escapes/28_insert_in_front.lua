--- budget: a long list moves by one for every item.
local list = {}
for i = 1, 200000 do list[i] = i end
return function()
  while true do
    table.insert(list, 1, 0)
    table.remove(list, 1)
  end
end
