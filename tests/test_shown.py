"""Tables in notebooks: in full, to the side that people expect, and nothing a client wrote acts on the page."""

import numpy as np
import pandas as pd
import pytest

from auditkit import tables
from auditkit.errors import AuditkitError
from auditkit.shown import Shown, cell_html, table_html

REASON = "authentication: the code decides, and what it does was not seen in any file of the export, nor elsewhere"


def hops(rows: int = 3) -> pd.DataFrame:
    names = [f"function-{number}" for number in range(rows)]
    return pd.DataFrame({"from_label": names, "W_high": np.linspace(0.1234567, 1, rows), "reasons": [REASON] * rows})


def test_a_reason_stands_in_full_and_a_number_with_few_digits():
    shown = tables.show(hops(), "hops")._repr_html_()
    assert REASON in shown
    assert "0.123<" in shown
    assert "0.1234" not in shown
    assert 'class="number">W high' in shown


def test_what_is_shown_is_a_table_to_go_on_with():
    shown = tables.show(hops(), "hops")
    assert isinstance(shown, pd.DataFrame)
    assert isinstance(shown.head(1), Shown)
    assert shown["W high"].iloc[0] == pytest.approx(0.1234567)


def test_all_columns_are_shown_where_none_are_named():
    frame = pd.DataFrame({"unknown_without": ["a"], "files": [1]})
    assert list(tables.show(frame).columns) == ["unknown without", "files"]
    with pytest.raises(AuditkitError, match="there are no columns 'nonsense'"):
        tables.show(frame, "nonsense")


def test_an_empty_table_says_why():
    frame = hops(0)
    assert "None." in tables.show(frame, "hops")._repr_html_()
    assert tables.show(frame, "hops", empty="No hop.")._repr_html_() == "<p>No hop.</p>"
    frame.attrs["reason"] = "There is no <entry>."
    assert tables.show(frame, "hops")._repr_html_() == "<p>There is no &lt;entry&gt;.</p>"


def test_a_long_table_says_how_many_rows_there_are():
    with pd.option_context("display.max_rows", 5):
        shown = tables.show(hops(7), "hops")._repr_html_()
    assert shown.count("<tr>") == 6
    assert "The first 5 of 7 rows." in shown
    assert "of 7 rows" not in tables.show(hops(7), "hops")._repr_html_()
    few = tables.show(hops(7), "hops", most=2)
    assert len(few) == 7
    assert few._repr_html_().count("<tr>") == 3
    assert "The first 2 of 7 rows." in few._repr_html_()


def test_dollar_signs_in_names_begin_no_formula():
    shown = table_html(pd.DataFrame({"path": ["$connect \u2192 $default"]}))
    assert "$connect \u2192 $default" in shown
    assert '<div class="auditkit-table tex2jax_ignore mathjax_ignore">' in shown


def test_nothing_that_a_client_wrote_acts_on_the_page():
    shown = table_html(pd.DataFrame({"<b>name": ["<script>alert(1)</script>", "a\x1b[2J\u202e"]}))
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_lines_end_after_the_separators_of_long_words():
    cell = cell_html("111122223333/global/iam-get-account<b>")
    assert cell.replace("<wbr>", "") == "111122223333/global/iam-get-account&lt;b&gt;"
    assert "111122223333/<wbr>" in cell
    assert cell_html("2026-11-01") == '<span class="whole">2026-11-01</span>'
    assert cell_html("eu-west-1<b>") == '<span class="whole">eu-west-1&lt;b&gt;</span>'
    assert "whole" not in cell_html("eu-west-1 and more")
