--- budget: every coroutine makes ten others and ends before its own instructions are counted.
local function branch(depth)
  for _ = 1, 10 do
    if depth > 0 then coroutine.wrap(branch)(depth - 1) end
  end
end
return function()
  branch(30)
end
