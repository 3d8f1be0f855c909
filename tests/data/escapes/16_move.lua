--- budget: a huge range of nothing.
return function()
  while true do
    pcall(table.move, {}, 1, math.maxinteger - 1, 2)
    table.move({}, 1, 1 << 50, 1, {})
  end
end
