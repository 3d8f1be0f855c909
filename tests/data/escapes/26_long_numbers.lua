--- budget: a megabyte of spaces that is read as a number by single instructions.
local number = (" "):rep((1 << 20) - 4) .. "1.0"
return function()
  local sum = 0
  while true do
    sum = sum + (number + 0) + (number + 0) + (number + 0) + (number + 0) + (number + 0)
    sum = sum + (number + 0) + (number + 0) + (number + 0) + (number + 0) + (number + 0)
    sum = sum + (number + 0) + (number + 0) + (number + 0) + (number + 0) + (number + 0)
    sum = sum + (number + 0) + (number + 0) + (number + 0) + (number + 0) + (number + 0)
  end
end
