--- refused: the thread that the call itself runs in.
return function()
  local main = coroutine.running()
  local inside = coroutine.wrap(function()
    return coroutine.resume(main) or pcall(coroutine.close, main)
  end)
  return coroutine.resume(main) or pcall(coroutine.close, main) or pcall(coroutine.yield)
    or inside()
end
