"""What a case does to findings: scope, waivers, critical functions, attestations. A waiver takes nothing away."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit import samples
from auditkit.areas import (
    Scene,
    Verdict,
    decisions_frame,
    gaps_frame,
    gaps_in_scope,
    get_checks,
    glance,
    judge,
    left_out_frame,
    to_sarif,
    top_fixes,
    waived,
    waivers_frame,
)
from auditkit.areas.scoping import Scoping
from auditkit.audit import Audit
from auditkit.case import Case, Scope, Selection, Waiver, WaiverState
from auditkit.errors import GraphError
from auditkit.inventory import Call, Coverage, CoverageState, Source
from tests.areas.scenes import DATE, REGION, answer, arn, function, functions, gaad, judged, role
from tests.exports.feeding import ACCOUNT, feed

OLD = {"Runtime": "python3.7"}
CHECK = "patch.runtime-deprecated"


def waiver(resource="a", *, check=CHECK, expires="2026-12-31", **more):
    return Waiver(check=check, resource=resource, reason="known", owner="Ann", expires=expires, **more)


def two():
    return functions(function("a", **OLD), function("b", **OLD))


def by_label(found):
    return {one.label: (str(one.verdict), one.waived) for one in found if one.kind}


# ------------------------------------------------------------------ waivers


@pytest.mark.parametrize(
    ("date", "state"),
    [("2026-12-31", WaiverState.IN_FORCE), ("2027-01-01", WaiverState.EXPIRED), ("", WaiverState.UNDATED)],
)
def test_a_waived_finding_stays_one(date, state):
    bad = judged(CHECK, two())  # judged on a day when they had failed already
    found = tuple(one for one in bad if one.kind)
    assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.FAIL]
    case = Case(waivers=(waiver(),))
    with_case = waived(found, case, date)
    assert [(one.verdict, one.severity, one.reason) for one in with_case] == [
        (one.verdict, one.severity, one.reason) for one in found
    ]
    assert {one.label: one.waived for one in with_case} == {"a": state, "b": None}
    assert [one.is_open for one in with_case if one.label == "a"] == [state is not WaiverState.IN_FORCE]


def test_a_waiver_is_about_one_check_resource_and_place():
    case = Case(waivers=(waiver("a"), waiver(arn("lambda", "function:b"), check="sprawl.owner")))
    assert by_label(judged(CHECK, two(), case=case)) == {"a": ("FAIL", WaiverState.IN_FORCE), "b": ("FAIL", None)}
    elsewhere = Case(waivers=(waiver("*", place="$LATEST-not"),))
    assert {state for _, state in by_label(judged(CHECK, two(), case=elsewhere)).values()} == {None}


def test_what_did_not_fail_is_not_waived():
    case = Case(waivers=(waiver("*"),))
    found = judged(CHECK, functions(function("a"), function("b", Runtime="cobol9")), case=case)
    assert by_label(found) == {"a": ("PASS", None), "b": ("UNKNOWN", None)}
    [row] = waivers_frame(found, case, DATE).to_dict("records")
    assert row["state"] == "matches nothing"
    assert "(1 PASS, 1 UNKNOWN)" in row["note"]


def test_of_several_the_one_in_force_counts():
    case = Case(waivers=(waiver("*", expires="2026-01-01"), waiver("a")))
    assert by_label(judged(CHECK, two(), case=case)) == {
        "a": ("FAIL", WaiverState.IN_FORCE),
        "b": ("FAIL", WaiverState.EXPIRED),
    }


def test_every_waiver_is_told_expired_ones_first():
    case = Case(
        waivers=(
            waiver("a", line=1),
            waiver("gone", line=2),
            waiver("b", expires="2026-10-31", line=3),
            waiver("a", place="x", line=4),
        )
    )
    found = judged(CHECK, two(), case=case)
    rows = waivers_frame(found, case, DATE).to_dict("records")
    assert [(row["state"], row["line"], row["findings"]) for row in rows] == [
        ("expired", 3, 1),
        ("matches nothing", 2, 0),
        ("matches nothing", 4, 0),
        ("in force", 1, 1),
    ]
    assert [row["note"] for row in rows] == [
        "no longer in force: decide anew, or mend it",
        "the check judges no such resource: it is gone, out of scope, or another was meant",
        "the check has no such place in this resource",
        "",
    ]
    assert waivers_frame(found, None, DATE).empty


def test_the_glance_counts_what_is_waived_and_what_to_do_first_does_not():
    case = Case(waivers=(waiver("*"),))
    found = judged(CHECK, two(), case=case)
    [row] = [row for row in glance(found).to_dict("records") if row["area"] == "patch"]
    before = next(row for row in glance(judged(CHECK, two())).to_dict("records") if row["area"] == "patch")
    assert row["waived"] == 2
    assert "2 of these waived" in row["reason"]
    assert {name: row[name] for name in row if name not in {"waived", "reason"}} == {
        name: before[name] for name in before if name not in {"waived", "reason"}
    }
    assert top_fixes(found).empty
    assert list(top_fixes(judged(CHECK, two()))["check"]) == [CHECK]


def test_sarif_suppresses_what_is_waived_and_nothing_else():
    case = Case(
        waivers=(waiver("a", source=Source("case.yaml", "/waivers/0"), line=7), waiver("b", expires="2026-01-01"))
    )
    results = json.loads(to_sarif(judged(CHECK, two(), case=case), version="0"))["runs"][0]["results"]
    told = {result["partialFingerprints"]["resource/v1"].split(":")[-1]: result for result in results}
    [suppression] = told["a|"]["suppressions"]
    place = suppression["location"]["physicalLocation"]
    assert (suppression["kind"], suppression["status"], suppression["justification"]) == (
        "external",
        "accepted",
        "known",
    )
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("case.yaml", 7)
    assert told["b|"]["suppressions"] == []
    assert told["b|"]["properties"]["waiver"]["state"] == "expired"
    assert all(result["suppressions"] == [] for name, result in told.items() if name != "a|")
    plain = json.loads(to_sarif(judged(CHECK, two()), version="0"))["runs"][0]["results"]
    assert not any("suppressions" in result for result in plain)


@pytest.fixture(scope="module")
def small():
    inventory = feed(two(), gaad(role("a"), role("b")))
    return inventory, Audit(inventory, date=DATE)


NAMES = st.sampled_from(["a", "b", "*", "?", "arn:*", "nothing", arn("lambda", "function:a")])
WAIVERS = st.builds(
    waiver, NAMES, check=st.sampled_from(sorted(get_checks())), expires=st.sampled_from(["2026-01-01", "2027-01-01"])
)


@settings(max_examples=10)
@given(st.lists(WAIVERS, max_size=6))
def test_waivers_take_no_finding_away_and_change_no_score(small, waivers):
    inventory, plain = small
    audit = Audit(inventory, date=DATE, case=Case(waivers=tuple(waivers)))
    bare = [
        one.__class__(**{name: getattr(one, name) for name in one.__struct_fields__ if "waive" not in name})
        for one in audit.findings
    ]
    assert bare == list(plain.findings)
    for table in ("hops", "blast", "exposure", "matrix", "fixes"):
        assert getattr(audit, table).equals(getattr(plain, table))


# ------------------------------------------------------------------ scope


def in_scope(*responses, inside=None, outside=None, check=CHECK):
    scope = Scope(inside=Selection(**inside or {}), outside=Selection(**outside or {}))
    found = judged(check, *responses, case=Case(scope=scope))
    return sorted(one.label for one in found if one.kind)


@pytest.mark.parametrize(
    ("inside", "outside", "left"),
    [
        ({}, {}, ["a", "b"]),
        ({"resources": ["a"]}, {}, ["a"]),
        ({}, {"resources": ["*:function:a"]}, ["b"]),
        ({"accounts": [ACCOUNT]}, {}, ["a", "b"]),
        ({"accounts": ["999999999999"]}, {}, []),
        ({"regions": ["eu-*"]}, {}, ["a", "b"] if REGION.startswith("eu-") else []),
        ({}, {"regions": [REGION]}, []),
        ({"tags": ["team=pay*"]}, {}, ["a"]),
        ({"tags": ["team"]}, {}, ["a", "b"]),
        ({}, {"tags": ["team=shop"]}, ["a"]),
        ({"stacks": ["orders"]}, {}, ["b"]),
        ({"tags": ["team=pay*"], "stacks": ["orders"]}, {}, []),
    ],
)
def test_what_is_out_of_scope_gets_no_findings(inside, outside, left):
    tagged = [
        answer("lambda.GetFunction", {"Configuration": function(name, **OLD), "Tags": tags}, name)
        for name, tags in (
            ("a", {"team": "payments"}),
            ("b", {"team": "shop", "aws:cloudformation:stack-name": "orders"}),
        )
    ]
    assert in_scope(two(), *tagged, inside=inside, outside=outside) == left


def test_what_is_not_known_to_be_out_is_in():
    assert in_scope(two(), inside={"tags": ["team=x"]}) == ["a", "b"]
    assert in_scope(two(), outside={"tags": ["team=x"], "stacks": ["*"]}) == ["a", "b"]


def test_a_check_of_which_all_is_out_says_so_and_does_not_pass():
    case = Case(scope=Scope(outside=Selection(regions=(REGION,))))
    [found] = judged(CHECK, two(), case=case)
    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, "all that it judges is out of scope: 2 resources")


def test_a_role_that_code_in_scope_runs_as_is_in_scope():
    inventory = feed(functions(function("a"), function("b")), gaad(role("a"), role("b")))
    scoping = Scoping(inventory, Case(scope=Scope(inside=Selection(resources=("a", "*:function:a")))))
    names = {record.name for record in inventory if not scoping.why_out(record.id)}
    assert names == {"a"}
    by_tag = Scoping(inventory, Case(scope=Scope(inside=Selection(tags=("x=y",)))))
    assert not by_tag.why_out(arn("iam", "role/b", region=""))


def test_what_is_left_out_is_counted_with_why_and_ways_through_it_stay():
    inventory = samples.load("retailer")
    case = Case(scope=Scope(outside=Selection(regions=("us-east-1",))))
    frame = left_out_frame(inventory, case)
    assert len(frame) > 10
    assert set(frame["region"]) == {"us-east-1"}
    assert set(frame["why"]) == {"the case leaves regions us-east-1 out of scope"}
    audit, plain = Audit(inventory, date=DATE, case=case), Audit(inventory, date=DATE)
    assert set(audit.graph) == set(plain.graph)
    assert audit.blast.equals(plain.blast)
    checks = ["patch.runtime-deprecated", "rest.public-store", "sprawl.count-metrics"]
    found, all_found = judge(audit.scene, checks=checks), judge(plain.scene, checks=checks)
    assert {one for one in all_found if one.region != "us-east-1" and ":us-east-1" not in one.resource} == set(found)
    assert left_out_frame(inventory, None).empty


def test_calls_of_what_is_out_of_scope_are_not_asked_for():
    calls = [Call(ACCOUNT, place, "lambda", "ListAliases", state=CoverageState.MISSING) for place in (REGION, "x-y-1")]
    gaps = gaps_frame(Coverage(calls))
    inventory = feed(two())
    one = gaps_in_scope(gaps, Scoping(inventory, Case(scope=Scope(outside=Selection(regions=("x-*",))))))
    assert set(gaps["region"]) - set(one["region"]) == {"x-y-1"}
    out = gaps_in_scope(gaps, Scoping(inventory, Case(scope=Scope(outside=Selection(accounts=(ACCOUNT,))))))
    assert len(gaps) > len(out)
    assert not (out["account"] == ACCOUNT).any()
    assert list(out.columns) == list(gaps.columns)
    nothing = gaps_in_scope(gaps.iloc[:0], Scoping(inventory, Case()))
    assert list(nothing.columns) == list(gaps.columns)


# ------------------------------------------------------------------ critical, validated, all decisions


def test_a_function_is_critical_by_the_case():
    responses = (functions(function("a"), function("b")), answer("cloudwatch.DescribeAlarms", {"MetricAlarms": []}))
    plain = {one.label: one.verdict for one in judged("sprawl.alarms", *responses) if one.kind}
    case = Case(critical={"a": "no sales without it"})
    found = {one.label: one.verdict for one in judged("sprawl.alarms", *responses, case=case) if one.kind}
    assert plain == {"a": Verdict.UNKNOWN, "b": Verdict.UNKNOWN}  # their tags were not seen
    assert found["a"] in {Verdict.FAIL, Verdict.WARN}
    assert found["b"] is Verdict.UNKNOWN


def test_http_routes_whose_functions_are_attested_to_check_their_input_pass():
    inventory = samples.load("retailer")
    check = "appvuln.input-validation"

    def unknown(case):
        scene = Scene(inventory, Audit(inventory, case=case).graph, date=DATE, case=case)
        return {one for one in judge(scene, checks=[check]) if one.verdict is Verdict.UNKNOWN}

    before = unknown(Case())
    assert before
    case = Case(validated={"*": "review of 2026"}, file="case.yaml")
    assert unknown(case) == set()
    found = judge(Audit(inventory, date=DATE, case=case).scene, checks=[check])
    passed = [one for one in found if "as the case attests: review of 2026" in one.reason]
    assert {one.resource for one in passed} == {one.resource for one in before}
    assert all(Source("case.yaml", "/validated/*") in one.sources for one in passed)
    failed = {one.resource for one in found if one.verdict is Verdict.FAIL}
    plain = judge(Audit(inventory, date=DATE).scene, checks=[check])
    assert failed == {one.resource for one in plain if one.verdict is Verdict.FAIL}


def test_every_decision_says_how_much_it_is_about():
    inventory = samples.load("retailer")
    case = Case(
        accounts={"444455556666": "platform team", "999999999999": "999999999999"},
        attestations={"444455556666": "same group"},
        third_parties={"*.parcelwing.example": "agreement"},
        classification={"larkspurvane-*": "confidential", "nothing": "public"},
        critical={"payments-*": "sales"},
        validated={"none": "x"},
        scope=Scope(outside=Selection(regions=("us-east-1",))),
        file="case.yaml",
    )
    frame = decisions_frame(Audit(inventory, case=case).scene)
    told = {(row["section"], row["name"]): row for row in frame.to_dict("records")}
    assert {key for key, row in told.items() if row["matches"] == 0} == {
        ("accounts", "999999999999"),
        ("classification", "nothing"),
        ("validated", "none"),
    }
    assert all(bool(row["note"]) == (row["matches"] == 0) for row in told.values())
    assert told["accounts", "444455556666"]["decides"] == "trusted: platform team"
    assert told["third_parties", "*.parcelwing.example"]["source"] == "case.yaml#/third_parties/*.parcelwing.example"
    assert decisions_frame(Audit(inventory).scene).empty


def test_sheets_and_wallets_hold_what_is_in_scope():
    inventory = samples.load("retailer")
    whole = Audit(inventory, date=DATE)
    case = Case(scope=Scope(outside=Selection(regions=("us-east-1",))))
    part = Audit(inventory, date=DATE, case=case)
    left_out = {one.id for one in part.scene.functions if part.scoping.why_out(one.id)}
    kept = set(whole.perimeters.summary()["function"]) - left_out
    assert set(part.perimeters.summary()["function"]) == set(part.wallet.functions["node"]) == kept
    assert set(part.ownership["function"]) == kept
    assert {row["region"] for row in whole.wallet.accounts.to_dict("records")} == {"eu-west-1", "us-east-1"}
    assert {row["region"] for row in part.wallet.accounts.to_dict("records")} == {"eu-west-1"}
    assert "us-east-1" not in set(part.wallet.entries["region"])


def test_a_sheet_of_what_is_out_of_scope_says_why_there_is_none():
    audit = Audit(feed(two()), case=Case(scope=Scope(outside=Selection(resources=("a",)))))
    with pytest.raises(GraphError, match="function 'a' is not in scope: the case leaves resources a out of scope"):
        audit.perimeters["a"]
    assert audit.perimeters["b"].label == "b"
