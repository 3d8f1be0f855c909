--- budget: each coroutine closes the one before, deeper than a C stack is.
return function()
  local before
  for _ = 1, 20000 do
    local earlier = before
    before = coroutine.create(function()
      local held <close> = setmetatable({}, { __close = function()
        if earlier then coroutine.close(earlier) end
      end })
      coroutine.yield(held)
    end)
    coroutine.resume(before)
  end
  coroutine.close(before)
  while true do coroutine.wrap(coroutine.close)(before) end
end
