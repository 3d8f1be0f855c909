--- refused: weak keys in a chain, which one step of a collection walks again and again.
return function()
  return pcall(setmetatable, {}, { __mode = "k" }) or pcall(setmetatable, {}, { __mode = "kv" })
    or not pcall(setmetatable, {}, { __mode = "v" })
end
