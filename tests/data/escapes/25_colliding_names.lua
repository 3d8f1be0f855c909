--- budget: keys that are spread in a small table and all collide once it grows.
local names, size = {}, 8
return function()
  while true do
    names = {}
    for i = 1, size + 1 do names[i * (2 * size - 1)] = true end
    size = names[1] and size or size * 2
  end
end
