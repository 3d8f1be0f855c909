--- budget: the time is over inside a coroutine inside a protected call inside a coroutine.
return function()
  local outer = coroutine.wrap(function()
    pcall(function()
      local inner = coroutine.wrap(function() while true do end end)
      pcall(inner)
      while true do pcall(inner) end
    end)
    while true do coroutine.yield() end
  end)
  while true do pcall(outer) end
end
