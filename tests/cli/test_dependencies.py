"""Who runs a package, bills of materials, and advisories, on the command line."""

import json

import pytest
from click.testing import CliRunner

from auditkit.cli import main
from tests.advisories.databases import advisory, database
from tests.smallexport import ACCOUNT, REGION, write_export

SHIP = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders-ship"


@pytest.fixture
def export(tmp_path):
    """Write an export in which a bill of materials of one of three functions lies."""
    folder = write_export(tmp_path / "export")
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6"}
    bill["components"] = [{"type": "library", "name": "one", "version": "1.0", "purl": "pkg:pypi/one@1.0"}]
    place = folder / ACCOUNT / REGION / "sbom"
    place.mkdir()
    (place / "orders-ship.cdx.json").write_text(json.dumps(bill))
    return folder


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(("package", "names"), [("one", ["orders-ship"]), ("one@1.0", ["orders-ship"]), ("one@2", [])])
def test_who_uses(export, package, names):
    result = run("who-uses", package, export, "--format", "jsonl")
    assert [row["name"] for row in rows(result)] == names
    assert "of 2 of 3 codes" in result.stderr


def test_who_uses_for_people(export):
    assert "orders-ship" in run("who-uses", "one", export).stdout
    assert "2 of 3 codes" in run("who-uses", "nobody", export).stdout
    assert "no name of a package" in run("who-uses", "@", export, code=1).stderr


def test_sbom(export, tmp_path):
    assert "wrote 1 files; of 2 functions" in run("sbom", export, "--out", tmp_path / "out").stderr
    (path,) = (tmp_path / "out").rglob("*.json")
    assert [one["purl"] for one in json.loads(path.read_text())["components"]] == ["pkg:pypi/one@1.0"]
    again = rows(run("who-uses", "one", tmp_path / "export", tmp_path / "out", "--format", "jsonl"))
    assert {row["function"] for row in again} == {SHIP}


def findings(export, osv):
    options = ["--check", "deps.known-vuln", "--verdict", "FAIL", "--verdict", "UNKNOWN", "--format", "jsonl"]
    return run("findings", export, "--osv", osv, *options)


def test_findings_by_an_offline_database(export, tmp_path):
    events = [("introduced", "0"), ("fixed", "1.2")]
    osv = database(tmp_path / "osv", PyPI=[advisory(events=events), ("broken.json", "{")])
    result = findings(export, osv)
    assert "advisories not read: osv/PyPI/all.zip#/broken.json" in result.stderr
    found = {row["label"]: row for row in rows(result)}
    assert {name: row["verdict"] for name, row in found.items()} == {
        "idle": "UNKNOWN",
        "orders-create": "UNKNOWN",
        "orders-ship": "FAIL",
    }
    assert "EX-2026-1 in one@1.0" in found["orders-ship"]["place"]
    assert result.stdout == findings(export, osv).stdout


def test_a_report_tells_of_advisories(export, tmp_path):
    osv = database(tmp_path / "osv", PyPI=[advisory(events=[("introduced", "0")])])
    run("report", export, "--osv", osv, "--out", tmp_path / "report")
    assert "EX-2026-1 in one@1.0" in (tmp_path / "report" / "report.html").read_text("utf-8")


def test_a_database_that_is_not_there_is_an_error(export, tmp_path):
    assert "nothing" in run("findings", export, "--osv", tmp_path / "nothing", code=1).stderr
