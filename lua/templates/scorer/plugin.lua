-- NAME: the sum of the words it knows. In the configuration: scorers = { en = "NAME" }
local words = { great = 1, good = 0.5, bad = -0.5, awful = -1 }

return linnet.scorer {
  -- The value, from -1 to 1, and why; nothing at all means no opinion.
  score = function(message)
    local sum, evidence = 0, {}
    for token in message:tokens() do
      local value = words[token]
      if value then
        sum = sum + value
        evidence[#evidence + 1] = { token, value }
      end
    end
    if #evidence > 0 then return linnet.clamp(sum, -1, 1), evidence end
  end,
}
