"""The case on the command line: started, checked, and what it does to findings, coverage and exit codes."""

import json
import re
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditkit import new_case, open_case
from auditkit.case import case_from_text
from auditkit.cli import main
from auditkit.score import default_weights
from smallexport import ACCOUNT, write_export
from tests.exports.feeding import answer, feed

DATE = ("--date", "2026-11-01")


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    return write_export(tmp_path_factory.mktemp("export"))


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert "k3y-s3cr3t" not in result.output
    assert "\x1b" not in result.output
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_case_is_started_from_an_export_and_decides_nothing(export, tmp_path):
    path = tmp_path / "case.yaml"
    run("case", "new", path, export)
    text = path.read_text()
    decided = open_case(path).decisions
    assert (decided.accounts, decided.third_parties, decided.classification, decided.waivers) == ({}, {}, {}, ())
    assert f'#     accounts: ["{ACCOUNT}"]' in text
    assert '#   "carrier.example":    # met as carrier.example in ' in text
    assert re.search(r'#   "arn:aws:dynamodb:[^"]+table/[^"]+":    # table: ', text)
    assert "k3y-s3cr3t" not in text
    assert "is there already" in run("case", "new", path, export, code=1).stderr
    assert path.read_text() == text


def test_what_it_lists_counts_when_it_is_taken_up_and_filled_in(export, tmp_path):
    path = tmp_path / "case.yaml"
    run("case", "new", path, export)
    lines = path.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("version:"))
    taken = []
    for line in lines[start:]:
        bare = line.removeprefix("# ") if re.match(r"#   +(\"|- |\w+:)", line) else line
        said = {"sensitivity": "public", "expires": "2027-01-01"}
        empty = re.fullmatch(r"( {4,}| {2,}- )(sensitivity|reason|attestation|name|resource|owner|expires):", bare)
        taken.append(f"{bare} {said.get(empty[2], 'said')}" if empty else bare)
    text = "\n".join(taken)
    case = case_from_text(text.replace("  reason:\n\n", "  reason: said\n\n"))
    assert set(case.third_parties) == {"carrier.example"}
    assert case.classification
    assert set(case.classification.values()) == {"public"}
    assert [one.check for one in case.waivers] == ["perim.route-auth"]
    assert case.scope.inside.accounts == (ACCOUNT,)


def test_a_case_is_started_without_an_export(tmp_path):
    run("case", "new", tmp_path / "case.yaml")
    assert run("case", "check", tmp_path / "case.yaml").stdout == "case.yaml\n  scope: all that the export holds\n"


def test_hostile_names_do_not_leave_their_comment():
    name = 'x":\n  y: {sensitivity: public, reason: z}\nwaivers: \x1b[31m\u2028'
    table = {"Table": {"TableName": name, "TableArn": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{name}"}}
    case = new_case(feed(answer("dynamodb.DescribeTable", table, name)))
    assert case.decisions.classification == {}
    assert "arn:aws:dynamodb" in case.text
    assert case.text.replace("\n", "").isprintable()


def test_every_mistake_is_told_on_a_line_of_its_own(tmp_path, export):
    path = tmp_path / "case.yaml"
    path.write_text(
        "version: 1\nwaiver: []\nwaivers:\n  - {check: x, resource: a, reason: b, owner: c, expires: soon}\n"
    )
    for command in (
        ("case", "check", path),
        ("findings", export, "--case", path),
        ("report", export, "--case", path, "--out", tmp_path / "r"),
    ):
        told = [line for line in run(*command, code=1).stderr.splitlines() if "case.yaml" in line]
        assert told == [
            "auditkit: case.yaml: line 2, column 1: waiver: there is no key 'waiver' here; did you mean waivers?",
            "auditkit: case.yaml: line 4, column 13: waivers[0].check: 'x' is not the id of a check",
            "auditkit: case.yaml: line 4, column 59: waivers[0].expires: 'soon' is not a date (YYYY-MM-DD)",
        ]
    assert not (tmp_path / "r").exists()
    assert "there is no such file" in run("case", "check", tmp_path / "none.yaml", code=1).stderr


def test_what_is_waived_is_listed_and_does_not_fail_the_pipeline(export, tmp_path):
    listed = rows(run("findings", export, *DATE, "--format", "jsonl"))
    grave = [row for row in listed if row["verdict"] == "FAIL" and row["severity"] in {"high", "critical"}]
    assert grave
    run("findings", export, *DATE, "--fail-on", "high", code=4)
    path = tmp_path / "case.yaml"
    case = new_case()
    for row in grave:
        case.waive(row["check"], row["resource"], place=row["place"], reason="known", owner="Ann", expires="2026-11-01")
    case.save(path)
    result = run("findings", export, "--case", path, *DATE, "--fail-on", "high", "--format", "jsonl")
    after = rows(result)
    assert [(row["check"], row["resource"], row["verdict"], row["severity"]) for row in after] == [
        (row["check"], row["resource"], row["verdict"], row["severity"]) for row in listed
    ]
    assert sum(row["waived"] == "in force" for row in after) == len(grave)
    assert all("Ann, until 2026-11-01: known (case.yaml#/waivers/" in row["waiver"] for row in after if row["waived"])
    late = run("findings", export, "--case", path, "--date", "2026-11-02", "--fail-on", "high", code=4)
    assert "expired; no longer in force: decide anew, or mend it" in late.stderr
    undated = run("findings", export, "--case", path, "--fail-on", "high", code=4)
    assert "without an audit date it is not known whether it is in force" in undated.stderr
    assert "in force" in run("findings", export, "--case", path, *DATE).stdout
    assert "waived" not in run("findings", export, *DATE).stdout.splitlines()[1]


def test_a_waiver_that_matches_nothing_is_told(export, tmp_path):
    path = tmp_path / "case.yaml"
    new_case().waive("perim.route-auth", "nowhere", reason="r", owner="o", expires="2027-01-01").save(path)
    told = run("findings", export, "--case", path, *DATE).stderr
    assert re.search(
        r"case\.yaml: line \d+: waiver of perim\.route-auth for nowhere: matches nothing; the check judges", told
    )
    assert "nowhere" not in run("findings", export, "--case", path, *DATE, "--check", "patch.runtime-deprecated").stderr
    checked = run("case", "check", path, export, *DATE).stdout
    assert "matches nothing" in checked


def test_what_is_out_of_scope_is_counted_by_findings_and_coverage(export, tmp_path):
    path = tmp_path / "case.yaml"
    new_case().leave_out(resources=["idle", "*:function:idle"]).save(path)
    result = run(
        "findings",
        export,
        "--case",
        path,
        *DATE,
        "--format",
        "jsonl",
        "--verdict",
        "PASS",
        "--verdict",
        "FAIL",
        "--verdict",
        "WARN",
    )
    told = re.search(r"case\.yaml: (\d+) resources are out of scope and were not judged", result.stderr)
    assert int(told[1]) >= 2
    assert not any(row["label"] == "idle" for row in rows(result))
    assert any(row["label"] == "orders-ship" for row in rows(result))
    assert "out of scope" in run("coverage", export, "--case", path).stderr


def test_decisions_change_the_scores_of_every_command(export, tmp_path):
    path = tmp_path / "case.yaml"
    new_case().attest("carrier.example", attestation="contract").classify("*", "public", reason="demo").save(path)
    for command in ("paths", "blast", "fixes"):
        plain = run(command, export, "--format", "jsonl").stdout
        assert run(command, export, "--case", path, "--format", "jsonl").stdout != plain
    nodes = rows(run("graph", export, "--nodes", "--case", path, "--format", "jsonl"))
    assert {row["sensitivity"] for row in nodes if row["sensitivity"]} == {"public"}


def test_weights_that_the_case_names_are_used(export, tmp_path):
    weights = msgspec.to_builtins(default_weights())
    weights["sensitivity"]["restricted"] = 90.0
    (tmp_path / "w.json").write_text(json.dumps(weights))
    path = tmp_path / "case.yaml"
    path.write_text("version: 1\nweights: w.json\n")
    plain = rows(run("blast", export, "--format", "jsonl"))
    heavy = rows(run("blast", export, "--case", path, "--format", "jsonl"))
    assert max(row["BR_high"] for row in heavy) > max(row["BR_high"] for row in plain)
    (tmp_path / "w.json").write_text("{}")
    assert "w.json: weights: " in run("blast", export, "--case", path, code=1).stderr


def test_a_case_inside_the_export_is_told_where_it_belongs(tmp_path):
    export = write_export(tmp_path / "export")
    new_case().save(export / "case.yaml")
    told = run("inventory", export, "--not-read").stderr
    assert "case.yaml#: the case of an audit is no part of the export" in told


def test_the_report_tells_the_case(export, tmp_path):
    path = tmp_path / "case.yaml"
    case = new_case().leave_out(resources=["idle"]).attest("carrier.example", attestation="<b>contract</b>")
    case.waive("perim.route-auth", "nowhere", reason="r", owner="o", expires="2027-01-01").save(path)
    run("report", export, "--case", path, *DATE, "--out", tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "&lt;b&gt;contract&lt;/b&gt;" in page
    assert "<b>contract</b>" not in page
    assert "1 matches nothing. Only those in force count" in page
    assert page.count("Out of scope, and not judged: ") == 2
    assert page.count(case.decisions.digest[:12]) >= 3
    left = (tmp_path / "report" / "tables" / "case-left-out.csv").read_text("utf-8")
    assert "the case leaves resources idle out of scope" in left
    assert "case-decisions.csv" in {file.name for file in (tmp_path / "report" / "tables").iterdir()}


def test_a_report_without_a_case_says_so(export, tmp_path):
    run("report", export, *DATE, "--out", tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "No case was given: nothing was taken on trust" in page
    assert not (tmp_path / "report" / "tables" / "case-waivers.csv").exists()


def test_the_schema_is_printed():
    schema = json.loads(run("case", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
