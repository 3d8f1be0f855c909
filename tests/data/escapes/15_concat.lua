--- budget: a list without end, whose items come from C.
local endless = setmetatable({}, { __index = type })
return function()
  while true do pcall(table.concat, endless, "", 1, 1e15 // 1 | 0) end
end
