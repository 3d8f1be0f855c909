--- budget: a million replacements, again and again.
local subject = ("x"):rep(500000)
return function()
  while true do
    local longer = subject:gsub(".", "%0%0")
    assert(#longer > 0)
  end
end
