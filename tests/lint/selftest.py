"""Plants a violation of every house rule and sees that it is found, and that clean code is not."""
import unittest

import functions
import later
import layers
import leaks
import purpose
import sizes
import source
import symbols
import tour

TOP = "/* What it is for. */\n"


def found(rule, files):
    return [wrong for _, _, wrong in rule.check(files)]


def body(statement, times):
    return TOP + "int busy(int x) {\n" + statement * times + "return x;\n}\n"


class Layers(unittest.TestCase):
    def files(self, path, include):
        return {path: TOP + f'#include "{include}"\n', "core/base/slice.h": TOP,
                "core/text/token.h": TOP, "core/json/writer.h": TOP, "core/cli/verbs.h": TOP,
                "core/sinks/sink.h": TOP}

    def test_an_include_from_above_is_found(self):
        self.assertTrue(found(layers, self.files("core/base/log.c", "text/token.h")))

    def test_an_include_between_equals_is_found(self):
        self.assertTrue(found(layers, self.files("core/text/html.c", "json/writer.h")))
        self.assertTrue(found(layers, self.files("core/sources/x.c", "sinks/sink.h")))

    def test_an_include_without_a_folder_is_found(self):
        self.assertTrue(found(layers, self.files("core/text/html.c", "token.h")))

    def test_cplusplus_out_of_its_corner_is_found(self):
        self.assertTrue(found(layers, self.files("core/text/html.cc", "base/slice.h")))

    def test_a_folder_without_a_layer_is_found(self):
        self.assertTrue(found(layers, self.files("core/utils/all.c", "base/slice.h")))

    def test_includes_from_below_and_of_main_are_fine(self):
        self.assertFalse(found(layers, self.files("core/post/query.c", "text/token.h")))
        self.assertFalse(found(layers, self.files("core/main.c", "cli/verbs.h")))


class Functions(unittest.TestCase):
    def test_a_function_of_61_lines_is_found_and_one_of_60_is_not(self):
        self.assertTrue(found(functions, {"core/a/b.c": body("x++;\n", 58)}))
        self.assertFalse(found(functions, {"core/a/b.c": body("x++;\n", 57)}))

    def test_complexity_16_is_found_and_15_is_not(self):
        self.assertTrue(found(functions, {"core/a/b.c": body("if (x) x++;\n", 15)}))
        self.assertFalse(found(functions, {"core/a/b.c": body("if (x) x++;\n", 14)}))

    def test_each_kind_of_branch_counts(self):
        text = body("for (;x;) while (x) switch (x) { case 1: x = x && x || x ? 1 : 2; }\n", 1)
        self.assertEqual([7], [each.complexity for each in source.c_functions(text)])

    def test_strings_comments_and_macros_do_not_count(self):
        text = body('/* if ( */ x += "if (&& {"[0] + \'{\';\n#define A(x) if (x) {\n', 1)
        self.assertEqual([1], [each.complexity for each in source.c_functions(text)])

    def test_functions_in_namespaces_and_classes_are_seen_and_tables_are_not(self):
        text = (TOP + 'extern "C" { namespace { struct s { int get() const { return 1; } }; '
                "const int table[] = { f(1), 2 }; static int two(void) { return 2; } } }")
        self.assertEqual(["get", "two"], [each.name for each in source.c_functions(text)])


class Files(unittest.TestCase):
    def test_a_file_of_501_lines_is_found_and_a_lexicon_is_not(self):
        for path in ("core/a/b.c", "plugins/filters/a.lua", "core/web/a.js"):
            self.assertTrue(found(sizes, {path: "x\n" * 501}))
            self.assertFalse(found(sizes, {path: "x\n" * 500}))
        self.assertFalse(found(sizes, {"plugins/lexicons/vader.lua": "x\n" * 9000}))

    def test_a_file_without_a_purpose_is_found(self):
        for path, text in (("a.c", "#include <a.h>\n"), ("a.h", "#ifndef A\n/* late */"),
                           ("a.lua", "return {}\n"), ("a.py", "import os\n"),
                           ("tests/x/run", "#!/usr/bin/env bash\nset -u\n"),
                           (".ci/run", "#!/usr/bin/env python3\nimport os\n")):
            self.assertTrue(found(purpose, {path: text}), path)

    def test_a_file_with_a_purpose_is_fine(self):
        for path, text in (("a.c", TOP), ("a.lua", "---@meta\n-- Types.\n"),
                           ("a.py", '#!/usr/bin/python3\n"""Does it."""\n'),
                           (".ci/run", "#!/usr/bin/env bash\n# Runs it.\n"), ("notes.md", "x")):
            self.assertFalse(found(purpose, {path: text}), path)

    def test_a_folder_that_the_tour_forgets_is_found(self):
        files = {"core/base/a.c": TOP, "core/net/a.c": TOP, "core/main.c": TOP}
        self.assertTrue(found(tour, files))
        self.assertTrue(found(tour, {**files, "core/README.md": "`base/` is low, the net high"}))
        self.assertFalse(found(tour, {**files, "core/README.md": "`base/`, then [net/](net)"}))

    def test_paths_of_a_machine_and_registries_are_found(self):
        for text in ("see /ho" "me/me/x", "'/wo" "rk/x'", "https://pypi" ".org/x"):
            self.assertTrue(found(leaks, {"notes.md": text}), text)
        for text in ("tests/wo" "rk/x", "a.b/ho" "me/"):
            self.assertFalse(found(leaks, {"notes.md": text}), text)

    def test_something_for_later_without_a_reason_is_found(self):
        self.assertTrue(found(later, {"a.c": "/* TO" "DO: more */"}))
        self.assertTrue(found(later, {"a.c": "/* FIX" "ME() */"}))
        self.assertFalse(found(later, {"a.c": "/* TO" "DO(needs simdjson 4): more */"}))


class Symbols(unittest.TestCase):
    def test_calls_past_the_seams_are_found_under_all_their_names(self):
        for symbol in ("malloc", "__read_chk", "fstat64", "time@GLIBC_2.2.5", "ev_run", "stderr",
                       "__fprintf_chk", "_Znwm"):
            self.assertTrue(found(symbols, {"flow/worker": {symbol}}), symbol)

    def test_seams_formatting_and_new_in_json_are_fine(self):
        self.assertFalse(found(symbols, {"base/os_posix": {"open", "write"}}))
        self.assertFalse(found(symbols, {"base/error": {"__vsnprintf_chk", "snprintf", "memcpy"}}))
        self.assertFalse(found(symbols, {"json/projection": {"_Znwm", "_ZdlPvm", "os_read"}}))
