--- budget: a replacement function that never returns, and one that makes more of it.
return function()
  pcall(string.gsub, ("x"):rep(1000), "x", function(x) return x:rep(1e6) end)
  return ("x"):gsub("x", function() while true do end end)
end
