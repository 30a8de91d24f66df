"""Texts in settings: looked through for secrets, in time that grows with their length alone."""

import pytest

from auditkit.exports._planted import why_planted


@pytest.mark.parametrize("blank", ["\n", "\t\n", " ", "export\n", "a=", "-a ", "://a:"])
def test_a_long_text_that_holds_nothing_is_looked_through(blank):
    assert why_planted(blank * (1_000_000 // len(blank))) == ""


def test_what_a_text_assigns_is_found_behind_many_blank_lines():
    assert why_planted("\n" * 100_000 + "  export DB_PASSWORD=hunter2-Tr0ub4dor\n")
