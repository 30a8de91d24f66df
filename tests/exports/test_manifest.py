"""What a manifest adds to an export: regions that were not asked, files that are not as the collector wrote them."""

import hashlib
import json

import msgspec
import pytest

from auditkit.exports import read
from auditkit.exports.manifest import MANIFEST, AccountAsked, Manifest
from auditkit.inventory import CoverageState

ACCOUNT = "111122223333"
FILE = f"{ACCOUNT}/eu-west-1/lambda-list-functions.json"


def export(folder, **more):
    """Write an export of one file, and its manifest."""
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text('{"Functions": []}')
    digest = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    asked = AccountAsked(account=ACCOUNT, regions=("eu-west-1",), not_asked=("eu-north-1",))
    told = {"version": "1", "table": "", "complete": True, "started": "", "accounts": (asked,), "files": {FILE: digest}}
    (folder / MANIFEST).write_bytes(msgspec.json.encode(Manifest(**{**told, **more})))
    return folder


def test_region_that_was_not_asked_is_missing(tmp_path):
    found = read(export(tmp_path / "export"))
    assert found.not_read == ()
    state = found.coverage.state("lambda", "ListFunctions", account=ACCOUNT, region="eu-north-1")
    assert state is CoverageState.MISSING
    assert found.coverage.state("lambda", "ListFunctions", region="eu-west-1") is CoverageState.EMPTY


@pytest.mark.parametrize(
    ("change", "file", "reason"),
    [
        ({"complete": False}, MANIFEST, "the collection was not finished, or calls of it failed"),
        ({"files": {FILE: "0" * 64}}, FILE, "changed since the collector wrote it (SHA-256); read"),
        ({"files": {"gone.json": ""}}, "gone.json", "the collector wrote this file, and it is missing"),
        (
            {"accounts": (AccountAsked(account=ACCOUNT, regions_known=False),)},
            MANIFEST,
            f"account {ACCOUNT} did not say which other regions are enabled",
        ),
    ],
)
def test_what_does_not_hold_is_noted(tmp_path, change, file, reason):
    folder = export(tmp_path / "export", **change)
    assert [(note.source.file, note.reason) for note in read(folder).not_read] == [(file, reason)]
    other = export(tmp_path / "other")
    assert [(note.source.file, note.reason) for note in read(folder, other).not_read] == [(f"export:{file}", reason)]


@pytest.mark.parametrize("text", ["", "[]", '{"version": 3}', "[" * 100_000, json.dumps({"accounts": "x"})])
def test_broken_manifest_is_a_note(tmp_path, text):
    folder = export(tmp_path / "export")
    (folder / MANIFEST).write_text(text)
    (note,) = read(folder).not_read
    assert note.source.file == MANIFEST
    assert note.reason.startswith("no manifest of a collection")
