"""Patterns in code: which are found, and which of them backtrack without end."""

import json
import subprocess
import sys

import pytest

from auditkit.scanning import _patterns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = /ab+c/i;", ["ab+c"]),
        ("x = a / b / c;", []),
        ("return /x/.test(y) / 2", ["x"]),
        ("// a comment /x/\ny = 'a/b/c' + `/${z}/`;", []),
        ("/* /x/ */ f(/[/]/)", ["[/]"]),
        ("m = s.match(/(?<year>\\d+)-\\k<year>/u)", ["(?P<year>\\d+)-(?P=year)"]),
        ('r = new RegExp("^a\\\\d+$")', ["^a\\d+$"]),
        ("x = /unended\ny = 1", []),
        ("x = [/a/, /b/]", ["a", "b"]),
        ("x = /[^]*/", [r"[\s\S]*"]),
        ("if (x) y = 5 / 2; /z/", ["z"]),
    ],
)
def test_javascript(text, expected):
    assert [pattern for _, pattern in _patterns.javascript_patterns(text)] == expected


def test_lines_count():
    text = "\n/* two\nlines */\nlet a = `\n`;\nlet b = /x+/;\n"
    assert [*_patterns.javascript_patterns(text)] == [(6, "x+")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import re\nre.compile('a+')", [(2, "a+")]),
        ("import re as r\nr.match(r'b', x)", [(2, "b")]),
        ("from re import search as s\ns('c', x)", [(2, "c")]),
        ("import re\nre.compile(name)\nother.match('d')", []),
    ],
)
def test_python(text, expected):
    assert [*_patterns.python_patterns(text)] == expected


def test_what_backtracks_is_found_and_what_cannot_be_read_is_said(tmp_path):
    files = {
        "a.py": "import re\nre.match('(a+)+$', x)\nre.match('^[a-z]+$', x)\n",
        "b.js": "const a = /^(\\w+\\s?)*$/;\nconst b = /^\\/orders\\/[0-9]+$/;\nconst c = /(?<=a{2,1})/;\n",
        "c.py": "def (:\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "listed").write_text("\n".join(files), "utf-8")
    made = subprocess.run(
        [sys.executable, "-I", _patterns.__file__, "listed"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    told = json.loads(made.stdout)
    assert told["found"] == [["a.py", 2], ["b.js", 1]]
    assert told["unread"] == [["b.js", "the pattern in line 3 (PatternError)"], ["c.py", "SyntaxError"]] or [
        name for name, _ in told["unread"]
    ] == ["b.js", "c.py"]
    assert "(a+)+" not in made.stdout
