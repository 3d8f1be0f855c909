--- budget: a loop without end.
return function()
  while true do end
end
