--- budget: work that is done in texts that nobody keeps.
return function()
  local text = ("word "):rep(20000)
  while true do
    assert(#(text:upper():lower():reverse() .. text:sub(2)) > 0)
  end
end
