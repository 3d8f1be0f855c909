--- budget: a match that tries every way.
local subject = ("a"):rep(5000)
return function()
  while true do
    pcall(string.find, subject, "a*a*a*a*a*a*b")
    pcall(string.gsub, subject, ".-.-.-.-b", "")
  end
end
