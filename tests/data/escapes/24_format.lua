--- budget: formatting that makes long texts of long texts.
local long = ("x"):rep(1000000)
return function()
  while true do
    pcall(string.format, "%s%s", long, long)
    assert(#string.format("%s", long) == 1000000)
  end
end
