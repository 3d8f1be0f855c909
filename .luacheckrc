-- What plugins and configurations may name beyond Lua 5.4 itself.
std = "lua54"
max_line_length = 100
read_globals = { "linnet", "env" }
files["config"] = { read_globals = { "linnet", "secret", "env" } }
files["plugins/lexicons"] = { max_line_length = false }
files["**/*_test.lua"] = { std = "+busted" }
files["lua/templates/*/test.lua"] = { std = "+busted" }
exclude_files = { "lua/types" } -- for editors, generated
