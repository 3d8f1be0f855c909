--- budget: a million arguments.
return function()
  local list = setmetatable({}, { __index = type })
  while true do
    pcall(function() return select("#", table.unpack(list, 1, 1000000)) end)
    pcall(string.char, table.unpack(list, 1, 100000))
    pcall(string.byte, ("x"):rep(1000000), 1, -1)
  end
end
