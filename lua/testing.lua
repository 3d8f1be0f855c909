-- What test files see beside a plugin's names, in busted's words: describe, it, before_each,
-- after_each, assert. `collect` gives the tests in the order they were written.

local top = { name = "", before = {}, after = {} }
local group, tests = top, {}

local function describe(name, body)
  local outer = group
  group = { name = outer.name .. name .. " ", outer = outer, before = {}, after = {} }
  body()
  group = outer
end

local function it(name, body)
  tests[#tests + 1] = { sentence = group.name .. name, body = body, group = group }
end

local function before_each(hook) group.before[#group.before + 1] = hook end
local function after_each(hook) group.after[#group.after + 1] = hook end

-- Hooks of the outer groups come first before a test, and last after it.
local function add_hooks(list, from, which)
  if not from then return end
  if which == "before" then add_hooks(list, from.outer, which) end
  for _, hook in ipairs(from[which]) do list[#list + 1] = hook end
  if which == "after" then add_hooks(list, from.outer, which) end
end

local function collect()
  for _, test in ipairs(tests) do
    test.before, test.after = {}, {}
    add_hooks(test.before, test.group, "before")
    add_hooks(test.after, test.group, "after")
  end
  return tests
end

-- ---- showing and comparing values --------------------------------------------------------------

local MOST_SHOWN, DEEPEST = 20, 20

local function is_before(a, b)
  if type(a) == type(b) and type(a) ~= "boolean" then return a < b end
  return tostring(a) < tostring(b)
end

local show

local function show_table(value, depth)
  local names, parts = {}, {}
  for key in next, value do
    local item = math.type(key) == "integer" and key >= 1 and key <= #value
    if not item and (type(key) == "string" or type(key) == "number") then
      names[#names + 1] = key
    end
  end
  table.sort(names, is_before)
  for i = 1, math.min(#value, MOST_SHOWN) do parts[i] = show(value[i], depth + 1) end
  for i = 1, math.min(#names, MOST_SHOWN) do
    parts[#parts + 1] = tostring(names[i]) .. " = " .. show(value[names[i]], depth + 1)
  end
  if #value + #names > #parts then parts[#parts + 1] = "..." end
  return #parts > 0 and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

function show(value, depth)
  depth = depth or 0
  if value == linnet.null then return "null" end
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")) end
  if type(value) ~= "table" then return tostring(value) end
  return depth < 4 and show_table(value, depth) or "{ ... }"
end

local function is_same(a, b, depth)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" or depth > DEEPEST then return false end
  for key, value in next, a do
    if not is_same(value, b[key], depth + 1) then return false end
  end
  for key in next, b do
    if a[key] == nil then return false end
  end
  return true
end

-- ---- assertions --------------------------------------------------------------------------------

local assertions = {}

-- Blames the line that called the assertion. Call it as a statement: a tail call would hide it.
local function check(good, ...)
  if good then return end
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  error(table.concat(parts), 3)
end

function assertions.equal(expected, actual)
  check(expected == actual, "expected ", show(expected), ", got ", show(actual))
end

function assertions.not_equal(unwanted, actual)
  check(unwanted ~= actual, "expected anything but ", show(unwanted))
end

function assertions.same(expected, actual)
  check(is_same(expected, actual, 0), "expected ", show(expected), ", got ", show(actual))
end

function assertions.not_same(unwanted, actual)
  check(not is_same(unwanted, actual, 0), "expected anything but ", show(unwanted))
end

function assertions.near(expected, actual, tolerance)
  local known = type(actual) == "number" and math.abs(expected - actual) <= tolerance
  check(known, "expected ", show(expected), " within ", show(tolerance), ", got ", show(actual))
end

function assertions.truthy(value) check(value, "expected something true, got ", show(value)) end
function assertions.falsy(value) check(not value, "expected false or nil, got ", show(value)) end
function assertions.is_true(value) check(value == true, "expected true, got ", show(value)) end
function assertions.is_false(value) check(value == false, "expected false, got ", show(value)) end
function assertions.is_nil(value) check(value == nil, "expected nil, got ", show(value)) end
function assertions.is_not_nil(value) check(value ~= nil, "expected a value, got nil") end

function assertions.match(pattern, text)
  local found = type(text) == "string" and text:find(pattern)
  check(found, "expected a text that matches ", show(pattern), ", got ", show(text))
end

function assertions.has_error(body, part)
  local good, message = pcall(body)
  check(not good, "expected an error, got none")
  local said = part == nil or tostring(message):find(part, 1, true)
  check(said, "expected an error that says ", show(part), ", got ", show(message))
end

function assertions.has_no_error(body)
  local good, message = pcall(body)
  check(good, "expected no error, got ", show(message))
end

assertions.equals, assertions.matches = assertions.equal, assertions.match
assertions.error, assertions.errors = assertions.has_error, assertions.has_error
-- busted also says assert.are.same, assert.is.truthy, assert.has.error
assertions.are, assertions.is, assertions.has = assertions, assertions, assertions

setmetatable(assertions, {
  __call = function(_, value, message)
    check(value, message or "expected something true, got " .. show(value))
    return value, message
  end,
  __index = function(_, name) error("there is no assert." .. tostring(name), 2) end,
})

return {
  collect = collect,
  names = {
    describe = describe, it = it, before_each = before_each, after_each = after_each,
    assert = assertions,
  },
}
