--- budget: a long text is counted, by C.
local text = ("\u{e9}"):rep(1 << 19)
return function()
  while true do
    assert(utf8.len(text) == 1 << 19)
    assert(utf8.offset(text, -1))
  end
end
