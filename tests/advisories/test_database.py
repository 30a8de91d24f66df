"""An offline OSV database: what is read of it, what it says of packages, and what it cannot say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.advisories import read_advisories
from auditkit.errors import ExportError
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import Found, Package
from auditkit.inventory.evidence.weaknesses import Rating
from tests.advisories.databases import advisory, database, write_zip

RANGE = [("introduced", "0"), ("fixed", "1.2")]
SEVERE = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]

V4 = [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]


def package(purl):
    return Package(purl, Found.INSTALLED, Source("code.zip", "/one"))


def found(tmp_path, purl, *advisories, ecosystem="PyPI"):
    """Return what a database of some advisories says of a package."""
    return read_advisories(database(tmp_path, **{ecosystem: advisories})).of(package(purl))


@pytest.mark.parametrize(
    ("version", "expected"), [("1.1", ["EX-2026-1"]), ("1.2", []), ("1.10", []), ("", [])], ids=str
)
def test_a_range_decides(tmp_path, version, expected):
    purl = f"pkg:pypi/one@{version}" if version else "pkg:pypi/one"
    assert [hit.id for hit in found(tmp_path, purl, advisory(events=RANGE))] == expected


@pytest.mark.parametrize(
    ("item", "purl"),
    [
        (advisory("Zope.One", events=RANGE), "pkg:pypi/zope-one@1.0"),
        (advisory(versions=["1.0.0"]), "pkg:pypi/one@1.0"),
        (advisory("@s/one", ecosystem="npm", kind="SEMVER", events=RANGE), "pkg:npm/%40s/one@1.0.0"),
        (advisory("g.h:one", ecosystem="Maven", events=RANGE), "pkg:maven/g.h/one@1.0"),
        (advisory("x.example/y/one", ecosystem="Go", kind="SEMVER", events=RANGE), "pkg:golang/x.example/y/one@v1.0.0"),
        (advisory("one/two", ecosystem="Packagist", events=RANGE), "pkg:composer/one/two@v1.0.0"),
        (advisory(ecosystem="NuGet", events=RANGE), "pkg:nuget/One@1.0"),
        (advisory(ecosystem="RubyGems", events=RANGE), "pkg:gem/one@1.0"),
        (advisory(ecosystem="crates.io", kind="SEMVER", events=RANGE), "pkg:cargo/one@1.0.0"),
    ],
)
def test_packages_are_found_by_the_names_of_their_ecosystem(tmp_path, item, purl):
    ecosystem = item["affected"][0]["package"]["ecosystem"]
    assert [hit.id for hit in found(tmp_path, purl, item, ecosystem=ecosystem)] == ["EX-2026-1"]


@pytest.mark.parametrize(
    "item",
    [
        advisory("other", events=RANGE),
        advisory(events=RANGE, withdrawn="2026-10-02T00:00:00Z"),
        advisory(ranges=[{"type": "GIT", "repo": "https://x.example", "events": [{"introduced": "0"}]}]),
        advisory(ecosystem="npm", events=RANGE),
        advisory(events=[("introduced", "2.0")]),
    ],
)
def test_what_is_not_about_it_says_nothing(tmp_path, item):
    assert not found(tmp_path, "pkg:pypi/one@1.0", item)


@pytest.mark.parametrize(
    ("version", "certain"), [("1.4", [True]), ("1.5", [True]), ("1.6", [False]), ("no version", [False])]
)
def test_beyond_what_is_known_nothing_is_certain(tmp_path, version, certain):
    item = advisory(events=[("introduced", "0")], specific={"last_known_affected_version_range": "<= 1.5"})
    hits = found(tmp_path, f"pkg:pypi/one@{version}", item)
    assert [hit.certain for hit in hits] == certain


def test_advisories_of_one_vulnerability_are_one(tmp_path):
    items = [
        advisory(number="GHSA-xxxx", events=RANGE, aliases=["CVE-2026-1"], severity=SEVERE),
        advisory(number="PYSEC-2026-1", events=[("introduced", "0"), ("fixed", "1.3")], aliases=["CVE-2026-1"]),
        advisory(number="EX-2", events=RANGE),
    ]
    hits = found(tmp_path, "pkg:pypi/one@1.0", *items)
    assert [hit.ids for hit in hits] == [("CVE-2026-1", "GHSA-xxxx", "PYSEC-2026-1"), ("EX-2",)]
    assert (hits[0].fixed, hits[0].rating, hits[0].score) == ("1.3", Rating.CRITICAL, 9.8)
    folder = tmp_path.name
    assert [str(source) for source in hits[1].sources] == [f"{folder}/PyPI/all.zip#/EX-2.json"]


@pytest.mark.parametrize(
    ("more", "rating"),
    [
        ({"severity": SEVERE}, Rating.CRITICAL),
        ({"database_specific": {"severity": "MODERATE"}}, Rating.MEDIUM),
        ({"severity": V4, "database_specific": {"severity": "HIGH"}}, Rating.HIGH),
        ({}, Rating.UNKNOWN),
        ({"number": "MAL-2026-1"}, Rating.CRITICAL),
    ],
)
def test_how_grave_it_is(tmp_path, more, rating):
    assert [hit.rating for hit in found(tmp_path, "pkg:pypi/one@1.0", advisory(events=RANGE, **more))] == [rating]


@pytest.mark.parametrize("place", ["PyPI/all.zip", "PyPI.zip", "all.zip", "PyPI/EX.json", "EX.json"])
def test_archives_and_files_may_be_called_in_several_ways(tmp_path, place):
    path = tmp_path / "osv" / place
    item = advisory(events=RANGE)
    path.parent.mkdir(parents=True)
    if path.suffix == ".zip":
        write_zip(path, item)
    else:
        path.write_text(json.dumps(item))
    for where in (tmp_path / "osv", path):
        known = read_advisories(where)
        assert [hit.id for hit in known.of(package("pkg:pypi/one@1.0"))] == ["EX-2026-1"]
        assert (known.types, known.latest[:10], len(known)) == (frozenset({"pypi"}), "2026-10-01", 1)


def test_an_ecosystem_that_is_not_there_is_lacking(tmp_path):
    both = advisory(events=RANGE)
    both["affected"].append({"package": {"ecosystem": "npm", "name": "one"}, "versions": ["1.0.0"]})
    known = read_advisories(database(tmp_path, PyPI=[both]))
    assert not known.lacks(package("pkg:pypi/other@1.0"))
    assert "npm" in known.lacks(package("pkg:npm/other@1.0"))
    assert "deb" in known.lacks(package("pkg:deb/debian/other@1.0"))
    assert known.lacks(package("pkg:pypi/other"))


BROKEN = [
    "",
    "{",
    "[]",
    "null",
    '{"id": 7}',
    '{"id": "EX-1", "affected": 3}',
    '{"id": "EX\\u0007"}',
    '{"id": "EX-1", "affected": [{"package": {"ecosystem": "PyPI", "name": ["one"]}}]}',
    '{"id": "EX-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "one"}, "ranges": [{"events": [7]}]}]}',
    '{"id": "EX-1", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_advisory_is_a_note_and_nothing_is_taken_for_safe(tmp_path, text):
    known = read_advisories(database(tmp_path, PyPI=[("broken.json", text), advisory(number="EX-9", events=RANGE)]))
    assert [hit.id for hit in known.of(package("pkg:pypi/one@1.0"))] == ["EX-9"]
    assert [note.source.pointer for note in known.not_read] == ["/broken.json"]
    assert "could not be read" in known.lacks(package("pkg:pypi/other@1.0"))


def test_a_broken_archive_is_a_note(tmp_path):
    (tmp_path / "PyPI").mkdir()
    (tmp_path / "PyPI" / "all.zip").write_bytes(b"PK\x03\x04nothing")
    known = read_advisories(tmp_path)
    assert len(known.not_read) == 1
    assert known.lacks(package("pkg:pypi/one@1.0"))


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(ExportError):
        read_advisories(tmp_path / "nothing")


def test_only_what_is_wanted_is_kept(tmp_path):
    folder = database(tmp_path, PyPI=[advisory(events=RANGE), advisory("two", number="EX-2", events=RANGE)])
    assert len(read_advisories(folder, wanted=["pkg:pypi/two@1.0"])) == 1
    assert len(read_advisories(folder)) == 2


def test_a_package_of_many_advisories_takes_no_time(tmp_path):
    many = [advisory(number=f"EX-{number}", events=RANGE) for number in range(3000)]
    assert len(found(tmp_path, "pkg:pypi/one@1.0", *many)) == 3000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    field=st.sampled_from(["affected", "aliases", "severity", "modified", "withdrawn", "database_specific"]), value=JSON
)
def test_any_value_anywhere_is_read_or_noted(tmp_path_factory, field, value):
    folder = tmp_path_factory.mktemp("osv")
    known = read_advisories(database(folder, PyPI=[advisory(events=RANGE) | {field: value}]))
    assert len(known) + len(known.not_read) <= 1
    known.of(package("pkg:pypi/one@1.0"))
