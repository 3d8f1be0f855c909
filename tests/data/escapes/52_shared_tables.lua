--- refused: a library that another script uses too.
return function()
  return pcall(function() string.upper = nil end) -- luacheck: ignore
    or pcall(rawset, string, "upper", nil)
    or pcall(function() table.insert(string, "x") end) or pcall(table.move, { 1 }, 1, 1, 1, math)
    or pcall(setmetatable, string, {}) or type(getmetatable(string)) == "table"
    or next(string) or rawget(string, "upper") or pcall(table.sort, string, nil) and #string > 0
end
