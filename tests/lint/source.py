"""Reading sources for the checks beside this file: which files there are, C's tokens, C's functions.

A check takes {path: text} and returns findings: (path, line, what is wrong).
"""
import re
import subprocess
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

Token = namedtuple("Token", "kind text line")
Function = namedtuple("Function", "name line lines complexity")

C_SUFFIXES = (".c", ".h", ".cc")


def project_files():
    """{path: text} of what git tracks or would add; files that are not text are left out."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, check=True).stdout
    files = {}
    for path in sorted(set(listed.decode().split("\0")) - {""}):
        try:
            files[path] = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return files


def is_core(path):
    return path.startswith("core/") and path.endswith(C_SUFFIXES)


TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      | (?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
      | (?P<raw>R"(?P<fence>[^(\s]*)\(.*?\)(?P=fence)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])*')
      | (?P<number>\.?[0-9](?:'?[0-9A-Za-z_.])*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>&&|\|\||::|->|[^\s\w])""", re.X | re.S | re.M)


def c_tokens(text):
    """Everything but comments and preprocessor lines."""
    line, at = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if match.lastgroup == "fence" or match.group("raw") is not None:
            yield Token("string", match.group(), line)
        elif match.lastgroup not in ("comment", "directive"):
            yield Token(match.lastgroup, match.group(), line)


BRANCHES = {"if", "for", "while", "case", "catch", "&&", "||", "?"}


def opens_function(statement):
    """Whether a '{' after these tokens starts a function's body."""
    words = [token.text for token in statement]
    depth, closed = 0, False
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == "=":
            return False
        closed = closed or (depth == 0 and word == ")")
    return closed


def is_transparent(statement):
    """Whether a '{' after these tokens opens a place where functions may stand."""
    words = {token.text for token in statement}
    return bool(words & {"namespace", "extern", "struct", "class", "union"}) and "=" not in words


def function_name(statement):
    for before, token in zip(statement, statement[1:]):
        if token.text == "(" and before.kind == "word" and before.text != "__attribute__":
            return before.text
    return "?"


def c_functions(text):
    """The functions of one file, in order; what is inside one (a lambda) counts as part of it."""
    statement, transparent, opaque = [], 0, 0
    head = None
    for token in c_tokens(text):
        if head:
            opaque += (token.text == "{") - (token.text == "}")
            branches += token.text in BRANCHES
            if opaque == 0:
                yield Function(function_name(head), head[0].line,
                               token.line - head[0].line + 1, 1 + branches)
                head, statement = None, []
        elif opaque:
            opaque += (token.text == "{") - (token.text == "}")
        elif token.text == "{":
            if opens_function(statement):
                head, opaque, branches = statement, 1, 0
            elif is_transparent(statement):
                transparent, statement = transparent + 1, []
            else:
                opaque = 1
        elif token.text in ";}" and token.kind == "mark":
            statement = []
        else:
            statement.append(token)
