"""What the fix of a finding gains is what trying it says, and what has no fix says why."""

import math
from fnmatch import fnmatchcase

import pytest

from auditkit import Audit, samples, whatif
from auditkit.areas import Finding, Gain, Severity, Verdict, findings_frame, get_checks, top_fixes, with_gains
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


def test_what_to_do_first_is_grave_and_told_after_what_stands_above_it(audit):
    first = audit.first(50)
    severities = [Severity[name.upper()] for name in first["severity"]]
    assert severities == sorted(severities, reverse=True)
    assert list(first["dR_high"])[:3] == sorted(first["dR_high"][:3], reverse=True)
    tried = whatif(audit.graph)
    for row in first.itertuples():
        before = tried.risk[1]
        gained = before - tried.apply(*row.fixes).risk[1]
        assert (row.dR_high == pytest.approx(gained)) if row.fixes else math.isnan(row.dR_high)


def test_no_two_of_what_to_do_first_change_the_same(audit):
    first = audit.first(50)
    made = [name for row in first.itertuples() for name in row.fixes]
    assert len(made) == len(set(made))
    # three checks speak of the same two roles, which the same statements mend: one of them stands for all
    assert len({"long.code-tamper", "perim.lateral-invoke", "perim.role-admin"} & set(first["check"][:3])) == 1


def failure(check, resource, severity=Severity.HIGH):
    return Finding(
        check=check,
        area=get_checks()[check].area,
        verdict=Verdict.FAIL,
        resource=resource,
        label=resource,
        kind="",
        severity=severity,
    )


def test_what_the_fixes_above_mend_counts_no_more():
    tamper, admin = failure("long.code-tamper", "f"), failure("perim.role-admin", "r")
    other = failure("perim.role-admin", "s", Severity.MEDIUM)
    gains = {tamper: Gain(("a",), 1, 1, ""), admin: Gain(("a", "b"), 1, 1, ""), other: Gain(("c",), 1, 1, "")}
    left = {(): 9.0, ("a", "b"): 4.0, ("a", "b", "c"): 3.0, ("a", "c", "b"): 3.0}
    first = top_fixes([tamper, admin, other], 3, gains, lambda made: left[tuple(made)])
    # the fixes of the second check gain more together, and mend the first check's failure too
    assert list(first["check"]) == ["perim.role-admin"]
    assert list(first["dR_high"]) == [6.0]
    assert list(first["also"]) == ["long.code-tamper (1)"]
    left[("a", "b", "c")] = left[("a", "c", "b")] = 4.0
    first = top_fixes([tamper, admin, other], 3, gains, lambda made: left[tuple(made)])
    assert list(first["check"]) == ["perim.role-admin"]  # the gain is the same, the failures weigh more


def test_a_check_of_which_a_part_is_mended_stands_below_with_the_rest():
    tamper, admin = failure("long.code-tamper", "f", Severity.CRITICAL), failure("perim.role-admin", "r")
    other = failure("perim.role-admin", "s", Severity.MEDIUM)
    gains = {tamper: Gain(("a",), 1, 1, ""), admin: Gain(("a", "b"), 1, 1, ""), other: Gain(("c",), 1, 1, "")}
    left = {(): 9.0, ("a", "b"): 4.0, ("a", "b", "c"): 3.0}
    first = top_fixes([tamper, admin, other], 3, gains, lambda made: left[tuple(made)])
    assert list(first["check"]) == ["long.code-tamper", "perim.role-admin"]
    assert list(first["dR_high"]) == [5.0, 1.0]
    assert list(first["also"]) == ["perim.role-admin (1)", ""]
    assert list(first["severity"]) == ["critical", "medium"]
    assert list(first["failures"]) == [1, 1]
