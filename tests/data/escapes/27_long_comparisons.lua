--- budget: two equal megabytes, compared by single instructions.
-- luacheck: ignore 581 582
local left, right = ("a"):rep(1 << 20), ("a"):rep((1 << 20) - 1) .. "a"
return function()
  while true do
    local _ = left == right and not (left < right) and left == right and not (left < right)
      and left == right and not (left < right) and left == right and not (left < right)
      and left == right and not (left < right) and left == right and not (left < right)
  end
end
