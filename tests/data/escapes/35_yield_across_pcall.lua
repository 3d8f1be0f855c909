--- budget: a protected call that is left and entered again.
local co = coroutine.wrap(function()
  while true do
    pcall(function()
      while true do coroutine.yield() end
    end)
  end
end)
return function()
  while true do co() end
end
