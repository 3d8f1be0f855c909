--- refused: what our errors are made of.
return function()
  local _, message = pcall(error, { 1 })
  local _, other = pcall(string.rep)
  local _, third = coroutine.resume(coroutine.create(error), "x")
  return type(message) ~= "table" or type(other) ~= "string" or type(third) ~= "string"
end
