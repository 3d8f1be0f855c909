--- budget: small tables until there is no room, although errors are caught.
-- luacheck: ignore 241
return function()
  while true do
    pcall(function()
      local list = {}
      while true do list[#list + 1] = { list } end
    end)
  end
end
