--- budget: every bracket looks for one that is not there.
local text = ("("):rep(100000)
return function()
  return text:find("%b()")
end
