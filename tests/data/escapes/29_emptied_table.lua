--- budget: looking for the first item of a long table that has none.
local list = {}
for i = 1, 200000 do list[i] = i end
for i = 1, 200000 do list[i] = nil end
return function()
  while true do
    next(list); next(list); next(list); next(list); next(list); next(list); next(list); next(list)
  end
end
