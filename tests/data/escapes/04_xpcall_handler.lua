--- budget: the handler of an error loops.
return function()
  while true do
    xpcall(error, function()
      while true do xpcall(error, function() while true do end end) end
    end)
  end
end
