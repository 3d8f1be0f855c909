--- budget: nothing, very often, and much, often.
return function()
  while true do
    assert((""):rep(math.maxinteger) == "")
    assert(not pcall(string.rep, "x", 1e9 // 1 | 0))
    assert(not pcall(string.rep, "x", math.maxinteger, "yy"))
    assert(#("x"):rep(1 << 20) == 1 << 20)
  end
end
