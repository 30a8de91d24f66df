"""Changing a case: only what is meant changes, and it is written as a whole or not at all."""

import os
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.case import CaseFile, case_from_text, open_case
from auditkit.case.editing import flow
from auditkit.errors import CaseError

START = """\
# Decisions of the audit    <- this stays
version: 1

# who we trust
accounts:
  "444455556666":   # since 2019
    attestation: contract
    name: platform

third_parties: {}   # nobody
classification:
  # the longest wins
  "a*": {sensitivity: public, reason: brochures}  # really
waivers:
  - check: perim.route-auth   # the shop
    resource: catalogue
    reason: >
      public on
      purpose
    owner: Maria
    expires: 2027-01-31
  # more to come

# the end
"""
WAIVER = {"reason": "known", "owner": "Ann", "expires": "2027-06-30"}


def changed(case, before=START):
    """Return the lines that are new and that are gone."""
    old, new = before.splitlines(), case.text.splitlines()
    return [line for line in new if line not in old], [line for line in old if line not in new]


def test_a_waiver_is_put_after_the_last_one():
    case = CaseFile(START).waive("rest.public-store", "arn:aws:s3:::x", **WAIVER)
    added, gone = changed(case)
    assert added == [
        "  - check: rest.public-store",
        '    resource: "arn:aws:s3:::x"',
        "    reason: known",
        "    owner: Ann",
        "    expires: 2027-06-30",
    ]
    assert gone == []
    lines = case.text.splitlines()
    assert lines.index(added[0]) == lines.index("    expires: 2027-01-31") + 1
    assert [one.resource for one in case.decisions.waivers] == ["catalogue", "arn:aws:s3:::x"]


def test_a_waiver_of_the_same_is_changed_and_not_doubled():
    case = CaseFile(START).waive("perim.route-auth", "catalogue", **WAIVER)
    added, gone = changed(case)
    assert added == ["    reason: known", "    owner: Ann", "    expires: 2027-06-30"]
    assert gone == ["    reason: >", "      public on", "      purpose", "    owner: Maria", "    expires: 2027-01-31"]
    again = case.text
    assert case.waive("perim.route-auth", "catalogue", **WAIVER).text == again
    assert len(case.waive("perim.route-auth", "catalogue", place="GET /", **WAIVER).decisions.waivers) == 2


def test_entries_of_sections_in_blocks_in_brackets_and_of_none():
    case = CaseFile(START)
    case.trust("012345678901", attestation="group: one", name="sister")
    case.trust("444455556666", attestation="contract of 2026")
    case.attest("*.example.com", attestation="agreement")
    case.classify("a*", "internal", reason="prices")
    case.classify("b", "restricted", reason="On")
    case.mark_critical("checkout", reason="sales")
    case.attest_validation("orders", attestation="review")
    found = case.decisions
    assert found.accounts == {"444455556666": "platform", "012345678901": "sister"}
    assert found.attestations == {"444455556666": "contract of 2026", "012345678901": "group: one"}
    assert found.third_parties == {"*.example.com": "agreement"}
    assert found.classification == {"a*": "internal", "b": "restricted"}
    assert found.reasons == {"a*": "prices", "b": "On"}
    assert (found.critical, found.validated) == ({"checkout": "sales"}, {"orders": "review"})
    comments = [line for line in START.splitlines() if "#" in line]
    kept = [line for line in case.text.splitlines() if "#" in line]
    assert [line.split("#")[1] for line in kept] == [line.split("#")[1] for line in comments]
    assert '  "444455556666":   # since 2019\n    attestation: "contract of 2026"\n    name: platform\n' in case.text


def test_scope_is_made_where_there_is_none_and_grows():
    case = CaseFile("version: 1").limit_to(regions=["eu-*"]).leave_out(tags=["env=dev"], stacks="sandbox")
    case.leave_out(tags=["env=dev", "env=test"])
    scope = case.decisions.scope
    assert scope.inside.regions == ("eu-*",)
    assert (scope.outside.tags, scope.outside.stacks) == (("env=dev", "env=test"), ("sandbox",))
    assert case.text.splitlines()[:5] == ["version: 1", "scope:", "  in:", "    regions:", '      - "eu-*"']


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nwaivers: [{check: perim.route-auth, resource: a, reason: b, owner: c, expires: 2026-01-01}]\n",
        "version: 1\nwaivers: [{check: perim.route-auth, resource: a, reason: b, owner: c, expires: 2026-01-01},]\n",
        '{"version": 1, "waivers": []}\n',
        '{"version": 1}',
        (
            "version: 1\nwaivers:\n- check: perim.route-auth\n  resource: a\n  reason: |\n    b\n\n    c\n\n"
            "  owner: c\n  expires: 2026-01-01\n\n\n# end"
        ),
        "version: 1\r\nwaivers: # none\r\ntitle: x\r\n",
        "version: 1\nwaivers: ~\n",
        "---\nversion: 1\nwaivers:\n\n\n# so far none",
        "  version: 1\n  title: a\n",
    ],
)
def test_however_it_is_written(text):
    case = CaseFile(text)
    before = case.decisions
    case.waive("rest.public-store", "a: b # c", **WAIVER).classify('"q"\n\x00\u2028é', "public", reason="x")
    assert case.decisions.waivers[-1].resource == "a: b # c"
    assert len(case.decisions.waivers) == len(before.waivers) + 1
    assert list(case.decisions.classification) == ['"q"\n\x00\u2028é']
    if "\r\n" in text:
        assert "\n" not in case.text.replace("\r\n", "")
    assert all(comment in case.text for comment in text.splitlines() if comment.startswith("#"))


def test_what_is_not_of_the_form_changes_nothing():
    case = CaseFile(START)
    for edit in (
        lambda: case.waive("perim.route-aut", "a", **WAIVER),
        lambda: case.waive("perim.route-auth", "a", **WAIVER | {"expires": "tomorrow"}),
        lambda: case.classify("a", "secret", reason="x"),
        lambda: case.classify("a", "public", reason=""),
        lambda: case.trust("12", attestation="x"),
        lambda: case.classify("\ud800", "public", reason="x"),
    ):
        with pytest.raises(CaseError):
            edit()
        assert case.text == START
        assert case.changes == ()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(TEXT)
def test_any_text_is_written_so_that_every_reader_reads_it(text):
    assert yaml.safe_load(f"a: {flow(text)}\n") == {"a": text} or _is_date(text)
    assert case_from_text(f"version: 1\ntitle: {flow(text)}\n").title == text


def _is_date(text):
    return flow(text) == text and text[:1].isdigit()


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("classify"), TEXT, st.sampled_from(["public", "restricted"])),
        st.tuples(st.just("waive"), TEXT, TEXT),
        st.tuples(st.just("mark_critical"), TEXT, TEXT),
        st.tuples(st.just("leave_out"), TEXT, TEXT),
    ),
    max_size=5,
)


@settings(max_examples=40)
@given(st.sampled_from([START, "version: 1\n", '{"version": 1}', START.replace("\n", "\r\n")]), EDITS)
def test_edits_do_what_they_say_and_keep_all_else(text, edits):
    case = CaseFile(text)
    for verb, first, second in edits:
        if verb == "classify":
            case.classify(first, second, reason="r")
            assert case.decisions.classification[first] == second
        elif verb == "waive":
            case.waive("perim.route-auth", first, reason=second, owner="o", expires="2026-01-01")
            assert any((one.resource, one.reason) == (first, second) for one in case.decisions.waivers)
        elif verb == "mark_critical":
            case.mark_critical(first, reason=second)
            assert case.decisions.critical[first] == second
        else:
            case.leave_out(resources=[first], stacks=[second])
            assert first in case.decisions.scope.outside.resources
        assert case_from_text(case.text).waivers == case.decisions.waivers
    comments = [line.split("#")[1] for line in text.splitlines() if "#" in line]
    kept = [line.split("#")[1] for line in case.text.splitlines() if "#" in line]
    assert [comment for comment in kept if comment in comments] == comments


# ------------------------------------------------------------------ file


def test_saving_and_opening(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + START.encode())
    path.chmod(0o640)
    case = open_case(path)
    assert case.changes == ()
    digest = case.decisions.digest
    case.waive("rest.public-store", "x", **WAIVER)
    assert path.read_bytes() == b"\xef\xbb\xbf" + START.encode()
    assert any(line.startswith("+  - check: rest.public-store") for line in case.changes)
    case.save()
    assert case.changes == ()
    assert path.read_bytes() == b"\xef\xbb\xbf" + case.text.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["case.yaml"]
    assert open_case(path).decisions == case.decisions
    assert case.decisions.digest != digest


def test_what_others_wrote_meanwhile_is_not_lost(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(START)
    case = open_case(path).mark_critical("a", reason="b")
    path.write_text("version: 1\n")
    with pytest.raises(CaseError, match="was changed since it was opened"):
        case.save()
    assert path.read_text() == "version: 1\n"


def test_nothing_is_written_over(tmp_path):
    other, link, folder = tmp_path / "other", tmp_path / "link.yaml", tmp_path / "folder"
    other.write_text("mine")
    link.symlink_to(other)
    folder.mkdir()
    for place, said in ((other, "is there already"), (link, "symbolic link"), (folder, "is no file")):
        with pytest.raises(CaseError, match=said):
            CaseFile(START).save(place)
    opened = tmp_path / "case.yaml"
    opened.write_text(START)
    case = open_case(opened).mark_critical("a", reason="b")
    with pytest.raises(CaseError, match="is there already"):
        case.save(other)
    opened.unlink()
    opened.symlink_to(other)
    with pytest.raises(CaseError, match="symbolic link"):
        case.save()
    assert other.read_text() == "mine"
    with pytest.raises(CaseError, match="in no file yet"):
        CaseFile(START).save()


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("pipe", "is no file"),
        ("", "is no file"),
        ("none.yaml", "there is no such file"),
        ("a\0b", "no name|no such"),
    ):
        with pytest.raises(CaseError, match=said):
            open_case(f"{tmp_path}/{name}")


def test_weights_lie_beside_the_case(tmp_path):
    (tmp_path / "audit").mkdir()
    path = tmp_path / "audit" / "case.yaml"
    path.write_text("version: 1\nweights: ours.json\n")
    (tmp_path / "theirs.json").write_text("{}")
    (tmp_path / "audit" / "ours.json").symlink_to(tmp_path / "theirs.json")
    with pytest.raises(CaseError, match="leads out of its folder"):
        open_case(path)
    (tmp_path / "audit" / "ours.json").unlink()
    with pytest.raises(CaseError, match=r"ours\.json: there is no such file"):
        open_case(path)
    (tmp_path / "audit" / "ours.json").write_text("{}")
    assert open_case(path).decisions.weights == b"{}"


def test_what_a_terminal_would_act_on_is_not_shown():
    case = CaseFile('version: 1\ntitle: "a\\x1b[31m"\n')
    assert case.decisions.title == "a\x1b[31m"
    assert "\x1b" not in repr(case) + case._repr_html_()


def test_what_is_shown_says_what_is_different_and_is_escaped():
    case = CaseFile(START.replace("# the end", "# <b>")).classify("<script>", "public", reason="<img>")
    shown = case._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "Not saved yet" in shown
    assert "trusted accounts: 1" in repr(case)
    assert '+  "<script>":' in repr(case)
    assert Path("case.yaml").name in shown
