--- budget: coroutines that die, resumed by coroutines that die.
local function die()
  coroutine.wrap(error)({})
end
return function()
  while true do
    pcall(coroutine.wrap(die))
    coroutine.close(coroutine.create(die))
    coroutine.resume(coroutine.create(function() while true do pcall(die) end end))
  end
end
