--- budget: a text that doubles.
return function()
  local text = "x"
  while true do text = text .. text end
end
