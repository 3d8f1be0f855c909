--- budget: every coroutine ends before its own instructions are counted.
local function work()
  local sum = 0
  for i = 1, 60 do sum = sum + i end
  return sum
end
return function()
  while true do
    coroutine.wrap(work)()
    coroutine.resume(coroutine.create(work))
  end
end
