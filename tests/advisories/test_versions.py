"""Versions and ranges, ecosystem by ecosystem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.advisories.cvss import base_score
from auditkit.advisories.names import ecosystem_type, name_in, name_of_purl, names_of_text
from auditkit.advisories.versions import affected, before, fixed_after, same_version

TYPES = ["cargo", "composer", "gem", "golang", "hex", "maven", "npm", "nuget", "pub", "pypi"]
FROM_START = [("introduced", "0"), ("fixed", "1.2.3")]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("version", "expected"), [("0.0.1", True), ("1.2.2", True), ("1.2.3", False), ("1.10.0", False), ("2.0.0", False)]
)
def test_what_is_fixed_is_fixed(kind, version, expected):
    assert affected(kind, version, FROM_START) is expected
    assert affected(kind, version, reversed(FROM_START)) is expected


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("1.0.0", [("introduced", "1.0.0"), ("last_affected", "1.4.0")], True),
        ("1.4.0", [("introduced", "1.0.0"), ("last_affected", "1.4.0")], True),
        ("1.4.1", [("introduced", "1.0.0"), ("last_affected", "1.4.0")], False),
        ("1.4.0", [("introduced", "1.4.0"), ("last_affected", "1.4.0")], True),
        ("0.9.0", [("introduced", "1.0.0")], False),
        ("9.0.0", [("introduced", "1.0.0")], True),
        ("2.1.0", [("introduced", "1.0.0"), ("fixed", "1.5.0"), ("introduced", "2.0.0"), ("fixed", "2.2.0")], True),
        ("1.6.0", [("introduced", "1.0.0"), ("fixed", "1.5.0"), ("introduced", "2.0.0"), ("fixed", "2.2.0")], False),
        ("1.5.0", [("introduced", "1.0.0"), ("fixed", "1.5.0"), ("introduced", "1.5.0")], True),
        ("1.0.0", [("introduced", "0"), ("limit", "1.0.0")], False),
        ("0.9.0", [("introduced", "0"), ("limit", "1.0.0")], True),
        ("0.9.0", [("introduced", "0"), ("limit", "*")], True),
        ("1.0.0", [("fixed", "2.0.0")], False),
        ("1.0.0", [], False),
        ("not a version", FROM_START, None),
        ("1.0.0", [("introduced", "not a version")], None),
    ],
)
def test_ranges(version, events, expected):
    assert affected("npm", version, events) is expected


@pytest.mark.parametrize(
    ("kind", "lower", "higher"),
    [
        ("pypi", "1.0rc1", "1.0"),
        ("pypi", "1.0", "1.0.post1"),
        ("npm", "1.0.0-beta.2", "1.0.0-beta.11"),
        ("golang", "v0.0.0-20200101000000-abcdefabcdef", "v0.1.0"),
        ("maven", "1.0-rc1", "1.0"),
        ("maven", "2.9.10.3", "2.9.10.8"),
        ("gem", "1.0.0.pre", "1.0.0"),
        ("nuget", "1.0.0-beta", "1.0.0.1"),
        ("composer", "v1.0.0-RC1", "1.0.0"),
    ],
)
def test_each_ecosystem_orders_by_its_own_rules(kind, lower, higher):
    assert before(kind, lower, higher) is True
    assert before(kind, higher, lower) is False


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("pypi", "1.0", "1.0.0", True),
        ("npm", "1.0.0", "1.0.0+build", True),
        ("golang", "v1.0.0", "1.0.0", True),
        ("golang", "2.0.0+incompatible", "2.0.0", True),
        ("pypi", "2011k", "2011k", True),
        ("pypi", "2011k", "2011j", False),
        ("deb", "1", "2", False),
    ],
)
def test_the_same_version_may_be_written_in_several_ways(kind, one, other, same):
    assert same_version(kind, one, other) is same


def test_the_lowest_fix_above_is_named():
    events = [("introduced", "0"), ("fixed", "1.5.0"), ("introduced", "2.0.0"), ("fixed", "2.2.0")]
    assert fixed_after("npm", "1.0.0", events) == "1.5.0"
    assert fixed_after("npm", "2.1.0", events) == "2.2.0"
    assert not fixed_after("npm", "3.0.0", events)


@given(st.sampled_from(TYPES), st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_compared_or_not(kind, one, other):
    assert before(kind, one, other) in {True, False, None}
    assert affected(kind, one, [("introduced", "0"), ("fixed", other)]) in {True, False, None}


NUMBERS = st.builds("{}.{}.{}".format, *[st.integers(0, 30)] * 3)


@given(st.sampled_from(TYPES), NUMBERS, NUMBERS, NUMBERS)
def test_a_version_is_in_a_range_if_it_is_between_its_ends(kind, version, start, end):
    parts = [tuple(map(int, text.split("."))) for text in (version, start, end)]
    expected = parts[1] <= parts[0] < parts[2]
    assert affected(kind, version, [("fixed", end), ("introduced", start)]) is (
        expected or parts[2] <= parts[1] <= parts[0]
    )


# ------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("ecosystem", "kind"),
    [("PyPI", "pypi"), ("crates.io", "cargo"), ("Maven:https://x.example/m2", "maven"), ("Debian:12", ""), ("", "")],
)
def test_ecosystems(ecosystem, kind):
    assert ecosystem_type(ecosystem) == kind


@pytest.mark.parametrize(
    ("purl", "kind", "name"),
    [
        ("pkg:pypi/zope.interface@1", "pypi", "Zope_Interface"),
        ("pkg:npm/%40scope/thing@1", "npm", "@scope/thing"),
        ("pkg:maven/org.example/thing@1", "maven", "org.example:thing"),
        ("pkg:golang/github.com/Owner/thing@v1", "golang", "github.com/owner/thing"),
        ("pkg:nuget/Newtonsoft.Json@13", "nuget", "newtonsoft.json"),
    ],
)
def test_a_package_has_one_name(purl, kind, name):
    assert name_of_purl(purl) == name_in(kind, name)


@pytest.mark.parametrize(
    ("text", "version", "among"),
    [
        ("requests", "", "pypi"),
        ("requests@2.0", "2.0", "pypi"),
        ("@scope/thing@1.0", "1.0", "npm"),
        ("@scope/thing", "", "npm"),
        ("pkg:pypi/requests@2.0?x=y", "2.0", "pypi"),
    ],
)
def test_what_a_person_means(text, version, among):
    names, found = names_of_text(text)
    assert found == version
    assert among in {name.type for name in names}


@pytest.mark.parametrize("text", ["", "@", "pkg:", "pkg:pypi", " "])
def test_what_nobody_means(text):
    assert names_of_text(text)[0] == ()


# ------------------------------------------------------------------------- CVSS


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H", 5.9),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", 5.5),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:N/I:N/A:N", None),
        ("CVSS:3.1/AV:N", None),
        ("CVSS:4.0/AV:N/AC:L", None),
        ("", None),
    ],
)
def test_base_scores(vector, score):
    assert base_score(vector) == score
