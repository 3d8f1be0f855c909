--- budget: each coroutine closes the one before, deeper than a C stack is.
local last
local function close_below(depth, coroutine_before)
  if depth == 0 then return coroutine.close(coroutine_before) end
  return ("x"):gsub("x", function() close_below(depth - 1, coroutine_before) end)
end
for _ = 1, 2000 do
  local before = last
  last = coroutine.create(function()
    local held <close> = setmetatable({}, { __close = function()
      if before then close_below(30, before) end
    end })
    coroutine.yield(held)
  end)
  coroutine.resume(last)
end
return function()
  coroutine.close(last)
  while true do pcall(coroutine.wrap(coroutine.close), last) end
end
