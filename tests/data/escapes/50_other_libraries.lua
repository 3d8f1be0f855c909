--- refused: what touches the world, loads code or looks into functions.
return function()
  return io or os or debug or package or load or loadfile or dofile or collectgarbage
    or require or warn or _G or pcall(function() return string.dump end)
end
