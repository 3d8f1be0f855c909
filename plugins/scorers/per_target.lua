-- What is said about what you track: VADER over the words near each place that made a query match,
-- and the mean of those. A post that praises one thing and damns another is scored for yours.
--
-- Without queries, or when only a name, a link or the like matched, it has no opinion.
local NEAR = 5 -- tokens on each side; a sentence's end is an end

local function starts_of(message)
  local first, last = {}, {}
  for _, _, from, to in message:tokens() do
    first[#first + 1], last[#last + 1] = from, to
  end
  return first, last
end

-- The piece of text around tokens i to k, without crossing from one sentence into another.
local function near(text, first, last, i, k)
  local from, to = i, k
  local function goes_on(token) -- into the next one
    return not text:sub(last[token] + 1, first[token + 1] - 1):find "[.!?;\n]"
  end
  while from > 1 and i - from < NEAR and goes_on(from - 1) do from = from - 1 end
  while to < #last and to - k < NEAR and goes_on(to) do to = to + 1 end
  return text:sub(first[from], (first[to + 1] or #text + 1) - 1)
end

return linnet.scorer {
  score = function(message)
    local text, sum, evidence = message.text, 0, {}
    local first, last = starts_of(message)
    local i = 1
    for from, to in message:matches() do
      while first[i] < from do i = i + 1 end
      local k = i
      while last[k] < to do k = k + 1 end
      local piece = near(text, first, last, i, k)
      local value = message:score("vader", piece)
      if value then
        sum = sum + value
        evidence[#evidence + 1] = { text:sub(from, to), value, piece }
      end
    end
    if #evidence > 0 then return linnet.clamp(sum / #evidence, -1, 1), evidence end
  end,
}
