"""Run as a program: which regular expressions of the files that it is given backtrack without end.

Python is parsed and JavaScript read as text; neither is executed. dlint decides about each pattern. Results are JSON:
``{"found": [[file, line], ...], "unread": [[file, reason], ...]}``. The patterns themselves are not among them.
"""

import ast
import json
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

_CALLS = frozenset({"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"})
_LONGEST = 4096
_BEFORE_PATTERN = frozenset("(,=:[!&|?{};+-*%~^<>")
_WORDS_BEFORE = re.compile(r"(?:^|[^\w$.])(?:return|typeof|case|in|of|void|delete|do|else|yield|await)$")
_NAMED = re.compile(r"\(\?<(?=[A-Za-z_$])")
_BACK = re.compile(r"\\k<(\w+)>")
_MADE = re.compile(r"\bRegExp\(\s*(?P<quote>[\"'])(?P<text>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)")


def python_patterns(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and pattern of each call of the module re with a constant."""
    tree = ast.parse(text)
    modules, functions = {"re"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name in {"re", "regex"}}
        elif isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"}:
            functions |= {alias.asname or alias.name for alias in node.names if alias.name in _CALLS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _is_pattern(node.func, modules, functions):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.lineno, first.value


def _is_pattern(called: ast.expr, modules: set[str], functions: set[str]) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in _CALLS and isinstance(called.value, ast.Name) and called.value.id in modules
    return isinstance(called, ast.Name) and called.id in functions


def javascript_patterns(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and pattern of each literal, and of each ``RegExp("...")``, as Python writes it."""
    place, line, before = 0, 1, ""
    while place < len(text):
        char = text[place]
        if char == "\n":
            line += 1
        end = place + 1
        if text.startswith("//", place):
            end = _or_all(text.find("\n", place), text)
        elif text.startswith("/*", place):
            end = _or_all(text.find("*/", place) + 2, text)
        elif char in "\"'`":
            end = _after_quote(text, place)
            before = char
        elif char == "/" and _opens(before, text[max(place - 12, 0) : place]):
            end = _after_pattern(text, place)
            if end > place + 2:
                yield line, _as_python(text[place + 1 : end - 1])
                before = ")"
            else:
                end = place + 1
        elif not char.isspace():
            before = char
        line += text.count("\n", place + 1, end)
        place = end
    for made in _MADE.finditer(text):
        yield text.count("\n", 0, made.start()) + 1, _as_python(re.sub(r"\\(.)", r"\1", made["text"]))


def _or_all(end: int, text: str) -> int:
    return end if end > 1 else len(text)


def _opens(before: str, word: str) -> bool:
    """Return whether a slash opens a pattern, by what stands before it."""
    return before == "" or before in _BEFORE_PATTERN or _WORDS_BEFORE.search(word.rstrip()) is not None


def _after_quote(text: str, place: int) -> int:
    quote, end = text[place], place + 1
    while end < len(text) and text[end] != quote:
        if text[end] == "\n" and quote != "`":
            return end
        end += 2 if text[end] == "\\" else 1
    return min(end + 1, len(text))


def _after_pattern(text: str, place: int) -> int:
    """Return where a pattern that opens at a place ends, the place itself where it does not end on its line."""
    end, inside = place + 1, False
    while end < len(text) and text[end] != "\n" and end - place < _LONGEST:
        char = text[end]
        if char == "/" and not inside:
            return end + 1
        inside = char == "[" or (inside and char != "]")
        end += 2 if char == "\\" else 1
    return place


def _as_python(pattern: str) -> str:
    text = _BACK.sub(r"(?P=\1)", _NAMED.sub("(?P<", pattern)).replace("\\/", "/")
    text = text.replace("[^]", r"[\s\S]").replace("[]", r"(?!)")
    text = re.sub(r"\\[pP]\{[^}]*\}", r"\\w", text)
    return re.sub(r"\\u\{([0-9A-Fa-f]{1,6})\}", lambda code: f"\\U{code[1]:0>8}", text)


def main(files: list[str]) -> None:
    """Look through files and print what was found."""
    warnings.simplefilter("ignore")
    from dlint.redos.detect import catastrophic  # noqa: PLC0415 -- a scanner that may not be installed

    found: list[tuple[str, int]] = []
    unread: list[tuple[str, str]] = []
    for name in files:
        text = Path(name).read_text("utf-8", "replace")
        try:
            patterns = [*(python_patterns(text) if name.endswith(".py") else javascript_patterns(text))]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            unread.append((name, type(error).__name__))
            continue
        for line, pattern in patterns:
            try:
                re.compile(pattern)
                weak = len(pattern) <= _LONGEST and catastrophic(pattern)
            except Exception as error:  # noqa: BLE001 -- one pattern of somebody's code must not stop the others
                unread.append((name, f"the pattern in line {line} ({type(error).__name__})"))
                continue
            if weak:
                found.append((name, line))
    json.dump({"found": found, "unread": unread}, sys.stdout)


if __name__ == "__main__":
    main([line for line in Path(sys.argv[1]).read_text("utf-8").splitlines() if line])
