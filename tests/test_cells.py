"""Values as text: nothing a client wrote acts on a page, a terminal or a spreadsheet."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.cells import cell_text, csv_text, plain_text
from auditkit.inventory import UNSET, Kind, Source


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (UNSET, "not seen"),
        (True, "yes"),
        (1.0, "1"),
        (0.12345, "0.123"),
        (float("inf"), "∞"),
        (float("nan"), ""),
        (Kind.FUNCTION, "function"),
        (("a", 1.5), "a, 1.5"),
        (("It is open.", "Nobody is asked."), "It is open. Nobody is asked."),
        ({"b", "a"}, "a, b"),
        ({"k": "v"}, "k: v"),
        (Source("f.json", "/a"), "f.json#/a"),
        ("a\x1b[2Jb\u202e", "a\ufffd[2Jb\ufffd"),
    ],
)
def test_cells(value, text):
    assert cell_text(value) == text


@given(st.text())
def test_no_control_character_is_left(text):
    assert all(char.isprintable() for char in plain_text(text))
    assert len(plain_text(text)) == len(text)


@given(st.text())
def test_no_cell_of_a_csv_is_a_formula(text):
    lines = csv_text(pd.DataFrame({"name": [text]})).split("\n")
    assert not lines[1].lstrip('"').startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers():
    assert csv_text(pd.DataFrame({"n": [-1.25]})) == "n\n-1.25\n"
