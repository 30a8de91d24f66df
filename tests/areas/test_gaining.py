"""What the fix of a finding gains is what trying it says, and what has no fix says why."""

from fnmatch import fnmatchcase

import pytest

from auditkit import Audit, samples, whatif
from auditkit.areas import Severity, findings_frame, get_checks, top_fixes, with_gains
from auditkit.facts import get_fix_rules


@pytest.fixture(scope="module")
def audit():
    return Audit(samples.load("retailer"), date="2026-11-01")


def gain_of(audit, check, label):
    (found,) = [item for item in audit.gains if item.check == check and item.label == label]
    return audit.gains[found]


def test_every_rule_that_a_check_names_is_one():
    rules = {rule.id for rule in get_fix_rules().values()}
    for check in get_checks().values():
        assert all(any(fnmatchcase(rule, pattern) for rule in rules) for pattern in check.closed_by), check.id


def test_a_gain_is_what_trying_the_fix_says(audit):
    gain = gain_of(audit, "perim.function-url", "payments-webhook")
    tried = whatif(audit.graph)
    before = tried.risk[1]
    after = tried.apply(gain.fixes[0]).risk[1]
    assert gain.high == pytest.approx(before - after)
    assert gain.high > 0
    assert gain.reason == ""


def test_what_has_no_fix_says_why(audit):
    reasons = {item.check: gain.reason for item, gain in audit.gains.items() if gain.high is None}
    assert "no edge" in reasons["sprawl.owner"]
    assert all(gain.reason for gain in audit.gains.values() if not gain.fixes)
    assert set(audit.gains) == {item for item in audit.findings if item.severity is not None}


def test_the_table_holds_them_in_the_order_of_the_findings(audit):
    found = audit.findings
    table = with_gains(findings_frame(found), found, audit.gains)
    assert len(table) == len(found)
    assert table.loc[table["verdict"].isin(["PASS", "UNKNOWN", "N/A"]), "dR_high"].isna().all()
    for finding, high in zip(found, table["dR_high"], strict=True):
        gain = audit.gains.get(finding)
        assert (gain is None or gain.high is None) if high != high else gain.high == high  # noqa: PLR0124 -- NaN


def test_what_to_do_first_goes_by_the_risk_removed_among_the_equally_grave(audit):
    first = top_fixes(audit.findings, 50, audit.gains)
    keys = [
        (-Severity[row.severity.upper()], -(row.dR_high if row.dR_high == row.dR_high else 0))
        for row in first.itertuples()
    ]
    assert keys == sorted(keys)
    assert first["dR_high"].notna().any()
