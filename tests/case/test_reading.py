"""Reading a case: what is meant, and what is told of what is wrong, with its place."""

import json

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditkit.areas import get_checks
from auditkit.case import Case, WaiverState, case_from_text, get_case_schema, matches
from auditkit.case.checking import problems_of
from auditkit.case.tree import MAX_BYTES, parse
from auditkit.errors import CaseError

WHOLE = """\
# Decisions of the autumn audit
version: 1
title: Retailer, autumn 2026
weights: weights/ours.json
scope:
  in:
    accounts: ["012345678901", 111122223333]
    regions: [eu-*]
  out:
    tags: [environment=dev*, throwaway]
    stacks:
      - sandbox-*
    resources: ["arn:aws:s3:::scratch"]
  reason: agreed on 2026-09-01
accounts:
  "012345678901":
    name: platform team
    attestation: same group of companies
  444455556666: {attestation: contract 2026-14}
third_parties:
  "*.example.com": {attestation: agreement of 2026-02-01}
classification:
  customer-*: {sensitivity: restricted, reason: personal data}
  "arn:aws:s3:::brochures": {sensitivity: public, reason: On}
critical:
  checkout: {reason: no sales without it}
validated:
  orders-*: {attestation: review of 2026-08-01}
waivers:
  - check: perim.route-auth
    resource: catalogue   # the shop window
    place: GET /items
    reason: public on purpose
    owner: Maria
    expires: 2027-01-31
"""


def problems(text):
    with pytest.raises(CaseError) as caught:
        case_from_text(text)
    assert str(caught.value) == "\n".join(caught.value.lines())
    return caught.value.problems


def only(text):
    [problem] = problems(text)
    return (problem.line, problem.column, problem.path, problem.message)


def test_a_whole_case():
    case = case_from_text(WHOLE)
    assert case.accounts == {"012345678901": "platform team", "444455556666": "444455556666"}
    assert case.attestations["444455556666"] == "contract 2026-14"
    assert case.third_parties == {"*.example.com": "agreement of 2026-02-01"}
    assert case.classification == {"customer-*": "restricted", "arn:aws:s3:::brochures": "public"}
    assert case.reasons["arn:aws:s3:::brochures"] == "On"
    assert case.critical == {"checkout": "no sales without it"}
    assert case.validated == {"orders-*": "review of 2026-08-01"}
    assert case.scope.inside.accounts == ("012345678901", "111122223333")
    assert case.scope.outside.tags == ("environment=dev*", "throwaway")
    assert (case.title, case.weights_file, len(case.digest)) == ("Retailer, autumn 2026", "weights/ours.json", 64)
    [waiver] = case.waivers
    assert (waiver.place, waiver.line, str(waiver.source)) == ("GET /items", 30, "case.yaml#/waivers/0")
    assert case.line("classification", "arn:aws:s3:::brochures") == 24


def test_sections_may_be_empty():
    case = case_from_text(
        "version: 1\nscope:\naccounts: {}\nwaivers: []\ncritical: ~\nscope2: x\n".replace("scope2: x\n", "")
    )
    assert (case.accounts, case.waivers, bool(case.scope)) == ({}, (), False)


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ("waiver: []", (2, 1, "waiver"), "there is no key 'waiver' here; did you mean waivers?"),
        ("title:", (2, 7, "title"), "is empty; write text, or take the key out"),
        ("title: [a]", (2, 8, "title"), "is a list; it must be text"),
        ("title: ''", (2, 8, "title"), "is empty; write text"),
        ("accounts: x", (2, 11, "accounts"), "is 'x'; it must be accounts by their number"),
        (
            "accounts: {12345678901: {attestation: a}}",
            (2, 12, "accounts['12345678901']"),
            "'12345678901' is not an account (twelve digits, in quotes); a 0 in front may have been lost",
        ),
        (
            "classification: {a: {sensitivity: secret, reason: b}}",
            (2, 35, "classification.a.sensitivity"),
            "'secret' is not a sensitivity; there are: public, internal, confidential, restricted",
        ),
        (
            "classification: {a: {sensitivity: public}}",
            (2, 21, "classification.a"),
            "lacks reason; it must be a sensitivity and a reason",
        ),
        (
            "scope: {in: {accounts: [1]}}",
            (2, 25, "scope.in.accounts[0]"),
            "'1' is not an account (twelve digits, in quotes)",
        ),
        ("scope: {in: {tags: ['=x']}}", (2, 21, "scope.in.tags[0]"), '\'=x\' is not a tag: "key", or "key=value"'),
        ("weights: ../w.json", (2, 10, "weights"), "'../w.json' is not a file beside the case, like weights.json"),
        ("weights: /etc/passwd", (2, 10, "weights"), "'/etc/passwd' is not a file beside the case, like weights.json"),
        ("title: a\ntitle: b", (3, 1, ""), "'title' stands here a second time (first in line 2); keep one of them"),
        ("? [a]\n: b", (2, 3, ""), "a key must be one word, not a list or a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(line, place, said):
    assert only(f"version: 1\n{line}\n") == (*place, said)


WAIVER = "version: 1\nwaivers:\n  - {{check: {check}, resource: a, reason: b, owner: c, expires: {expires}}}\n"


@pytest.mark.parametrize(
    "day", ["2026-13-01", "2026-02-30", "20261301", "2026-W01-1", "1.2.2026", "2026-1-1", '"2026-01-01\\n"']
)
def test_a_date_that_is_none(day):
    _, _, path, message = only(WAIVER.format(check="perim.route-auth", expires=day))
    assert path == "waivers[0].expires"
    assert message.endswith("is not a date (YYYY-MM-DD)")


def test_a_check_that_there_is_not():
    _, _, _, message = only(WAIVER.format(check="perim.route-aut", expires="2026-01-01"))
    assert message == "'perim.route-aut' is not the id of a check; did you mean perim.route-auth?"


def test_all_problems_are_told_in_the_order_of_the_file():
    found = problems("titel: x\nwaivers: x\nscope: {inn: 1}\n")
    assert [(one.line, one.path) for one in found] == [(1, ""), (1, "titel"), (2, "waivers"), (3, "scope.inn")]
    many = "version: 1\n" + "".join(f"x{number}: 1\n" for number in range(300))
    with pytest.raises(CaseError) as caught:
        case_from_text(many)
    assert caught.value.lines()[-1] == "and more; mend these first"


@pytest.mark.parametrize("number", ["012345678901", "01_234", "007"])
def test_a_number_that_would_lose_its_zero_is_told_and_not_misread(number):
    found = problems(f"version: 1\nscope:\n  in:\n    accounts:\n      - {number}\n")
    assert (found[0].line, found[0].column) == (5, 9)
    assert f'write "{number}"' in found[0].message


def test_words_that_yaml_takes_for_something_else_are_text():
    lines = ("On: {sensitivity: public, reason: yes}", "1.10: {sensitivity: public, reason: 12:30}")
    case = case_from_text("version: 1\nclassification:\n  " + "\n  ".join(lines))
    assert case.reasons == {"On": "yes", "1.10": "12:30"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; `auditkit case new` writes one to start from, and `version: 1` is the least"),
        ("# nothing\n", "is empty; `auditkit case new` writes one to start from, and `version: 1` is the least"),
        ("version: 1\n--- \nversion: 1\n", "a second document begins here; a case is one document"),
        ("a: &x 1\nb: *x\n", "aliases (here of 'x') are not read in a case; write it out"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read in a case; write the value alone",
        ),
        ("a:\n\t- b\n", "is not YAML: found character that cannot start any token"),
        ("[" * 100, "nested deeper than 16 levels"),
        ("a: \x1b[31m", "the character U+001B is not read here; take it out"),
        ("a: \u2028", "the character U+2028 is not read here; take it out"),
        ("%YAML " + "9" * 5000 + ".1\n--- a\n", None),
    ],
)
def test_what_is_hostile_is_refused(text, said):
    [problem] = problems(text)
    assert said is None or problem.message == said


def test_the_laughs_are_not_expanded():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    [problem] = problems("\n".join(lines))
    assert problem.line == 2
    assert "aliases" in problem.message


def test_what_is_too_large_is_refused():
    assert "is larger than" in problems("#" * (MAX_BYTES + 1))[0].message
    assert "more than 50,000 values" in problems("a: [" + "1," * 60_000 + "]")[0].message
    assert "not UTF-8" in problems(b"\xff\xfe")[0].message


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    case = case_from_text(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert case.waivers[0].line == 30
    assert case.title == "Retailer, autumn 2026"


@given(st.text() | st.binary())
@example("\ud800")
@example("version: 1\n? \n")
@example("{[: ")
def test_no_text_does_more_than_be_refused(text):
    said = []
    try:
        assert isinstance(case_from_text(text), Case)
    except CaseError as error:
        said = error.lines() or ["nothing"]
    assert all(line.isprintable() and line != "nothing" for line in said)


WORDS = st.sampled_from(
    ["version", "waivers", "check", "accounts", "scope", "in", "regions", "perim.route-auth", "1", ""]
)
VALUES = st.recursive(
    st.none() | WORDS | st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], max_codepoint=0xFFFF), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(
    VALUES
    | st.fixed_dictionaries(
        {"version": st.just("1")}, optional={"scope": VALUES, "accounts": VALUES, "waivers": VALUES}
    )
)
def test_the_schema_says_to_editors_what_is_said_here(value):
    root, told = parse(json.dumps(value, ensure_ascii=False), "case.yaml")
    if root is None or told or root.value() != value:
        return
    validator = jsonschema.Draft202012Validator(get_case_schema(), format_checker=jsonschema.FormatChecker(["date"]))
    assert validator.is_valid(value) == (not problems_of(root, "case.yaml", most=1))


def test_the_schema_is_one_and_knows_every_check():
    schema = get_case_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    named = schema["$defs"]["check"]["enum"]
    assert named == sorted(get_checks()), "case/schema.json names the checks; add or take out what differs"


def test_everything_that_the_schema_asks_has_words_for_people():
    for name, part in get_case_schema()["$defs"].items():
        assert part["title"], name


@pytest.mark.parametrize(
    ("pattern", "names", "does"),
    [
        ("a", ("a",), True),
        ("a", ("A",), False),
        ("*", ("",), False),
        ("", ("",), False),
        ("x[1]*", ("x[1]y",), True),
        ("x[1]", ("x1",), False),
        ("a?c", ("zzz", "abc"), True),
        ("arn:*:table/a*", ("arn:aws:dynamodb:eu-west-1:1:table/ab",), True),
    ],
)
def test_patterns(pattern, names, does):
    assert matches(pattern, *names) is does


def test_a_waiver_lasts_until_its_last_day():
    [waiver] = case_from_text(WHOLE).waivers
    states = {date: waiver.state(date) for date in ("2027-01-30", "2027-01-31", "2027-02-01", "")}
    assert list(states.values()) == [
        WaiverState.IN_FORCE,
        WaiverState.IN_FORCE,
        WaiverState.EXPIRED,
        WaiverState.UNDATED,
    ]
