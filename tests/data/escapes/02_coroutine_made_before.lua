--- budget: a coroutine that was made while loading loops in the call.
local busy = {}
for i = 1, 10 do
  busy[i] = coroutine.create(function()
    while true do end
  end)
end
return function()
  return coroutine.resume(table.remove(busy))
end
