--- budget: keys that collide, more of them with every call.
-- luacheck: ignore 241
local names, size, last = {}, 1 << 13, 0
return function()
  while true do
    last = last + 1
    names[last % size * (size - 1)] = last
  end
end
