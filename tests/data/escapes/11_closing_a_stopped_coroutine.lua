--- budget: a coroutine that was stopped in one call is closed in the next; hooks are off in it.
local stopped
return function()
  if stopped then
    coroutine.close(stopped)
    while true do pcall(coroutine.resume, stopped) end
  end
  stopped = coroutine.create(function()
    local held <close> = setmetatable({}, { __close = function() while true do end end })
    while held do end
  end)
  coroutine.resume(stopped)
end
