--- budget: nearly all memory is held while more is asked for, over and over.
return function()
  local held = {}
  while pcall(function() held[#held + 1] = ("x"):rep(100000) .. #held end) do end
  while true do pcall(string.rep, "x", 1000000) end
end
