--- refused: results that differ from run to run.
return function()
  return pcall(function() return math.random() end) or pcall(function() math.randomseed(1) end)
end
