"""The command line: what people and programs get, and what they are told when something is wrong."""

import csv
import io
import json
import runpy
import sys
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditkit.cli import main
from smallexport import HOSTILE, write_export

SECRET = "k3y-s3cr3t-9f8e7d6c5b4a"


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    return write_export(tmp_path_factory.mktemp("export"))


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert SECRET not in result.output
    assert "\x1b" not in result.output
    return result


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_package_runs_as_the_command_does(export, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["auditkit", "inventory", str(export), "--format", "jsonl"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("auditkit", run_name="__main__")
    assert (end.value.code, capsys.readouterr().out) == (0, run("inventory", export, "--format", "jsonl").stdout)


def test_inventory_counts(export):
    counts = {row["kind"]: row["records"] for row in rows(run("inventory", export, "--format", "jsonl"))}
    assert counts["function"] == 3
    assert counts["table"] == 2
    assert counts["role"] == 3


def test_inventory_lists_a_kind_with_sources(export):
    listed = rows(run("inventory", export, "--kind", "function", "--format", "jsonl"))
    assert [row["name"] for row in listed] == ["idle", "orders-create", "orders-ship"]
    assert all("lambda-list-functions.json#/Functions/" in str(row["source"]) for row in listed)


def test_an_unknown_kind_lists_those_there_are(export):
    result = run("inventory", export, "--kind", "lamda", code=1)
    assert "function" in result.stderr


def test_not_read_is_told_on_standard_error_and_listed(export):
    result = run("inventory", export, "--not-read", "--format", "jsonl")
    assert "sns-list-topics.json" in result.stderr
    assert [row["file"].rsplit("/", 1)[1] for row in rows(result)] == ["sns-list-topics.json"]


def test_strict_exits_with_three(export):
    run("inventory", export, "--strict", code=3)


def test_coverage_tells_denied_from_missing(export):
    calls = rows(run("inventory", export, "--coverage", "--format", "jsonl"))
    state = {
        (call["service"], call["operation"], call["region"]): call["state"] for call in calls if not call["resource"]
    }
    assert state["kinesis", "ListStreams", "eu-west-1"] == "denied"
    assert state["firehose", "ListDeliveryStreams", "eu-west-1"] == "missing"
    assert state["dynamodb", "ListTables", "eu-west-1"] == "present"


def test_graph_edges_of_one_view(export):
    edges = rows(run("graph", export, "--view", "data", "--format", "jsonl"))
    assert {edge["view"] for edge in edges} == {"data"}
    ends = {(edge["origin_label"], edge["target_label"]) for edge in edges if edge["evidence"] != "permitted"}
    assert ("paid", "orders-ship") in ends
    assert ("orders-create", "orders") in ends
    assert ("orders-ship", "carrier.example") in ends


def test_graph_as_graphml_reads_back(export, tmp_path):
    path = tmp_path / "graph.graphml"
    run("graph", export, "--out", path)
    assert "arn:aws:lambda:eu-west-1:111122223333:function:idle" in nx.read_graphml(path, force_multigraph=True)


def test_graph_as_a_picture(export, tmp_path):
    path = tmp_path / "graph.svg"
    run("graph", export, "--out", path, "--focus", "orders-ship")
    assert "orders-ship" in path.read_text("utf-8")


def test_graph_in_an_unknown_form_says_which_there_are(export, tmp_path):
    result = run("graph", export, "--out", tmp_path / "graph.doc", code=1)
    assert ".graphml" in result.stderr


def test_focus_on_nothing_names_what_is_near(export, tmp_path):
    result = run("graph", export, "--out", tmp_path / "graph.svg", "--focus", "ship", code=1)
    assert "orders-ship" in result.stderr


def test_paths_are_ranked(export):
    found = rows(run("paths", export, "--format", "jsonl"))
    assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
    assert any("carrier.example" in row["route"] for row in found)
    scores = [row["SU_high"] for row in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("only", ["crosses-account", "leaves-organization", "unencrypted", "carries-restricted"])
def test_paths_are_sifted_and_what_is_not_known_stays(export, only):
    all_paths = rows(run("paths", export, "-k", 2000, "--format", "jsonl"))
    column = only.replace("-", "_")
    expected = [row["rank"] for row in all_paths if row[column] not in {"no", False}]
    assert [
        row["rank"] for row in rows(run("paths", export, "-k", 2000, "--only", only, "--format", "jsonl"))
    ] == expected
    few = rows(run("paths", export, "-k", 1, "--only", only, "--format", "jsonl"))
    assert [row["rank"] for row in few] == expected[:1]


def test_that_it_is_true_of_no_path_is_said(export):
    result = run("paths", export, "--only", "crosses-account")
    assert result.stdout.strip() == "Of no path that was looked at it is true: crosses-account."


def test_blast_radius_of_all_and_of_one(export):
    radius = {row["label"]: row for row in rows(run("blast", export, "--format", "jsonl"))}
    assert radius["orders-ship"]["BR_high"] > radius["orders-create"]["BR_high"]
    stores = rows(run("blast", export, "--of", "orders-ship", "--format", "jsonl"))
    assert {"orders", "audit", "paid"} <= {row["label"] for row in stores}


def test_blast_radius_of_one_has_its_three_numbers_and_the_way_to_each_store(export):
    shown = run("blast", export, "--of", "orders-create").stdout
    numbers = next(row for row in rows(run("blast", export, "--format", "jsonl")) if row["label"] == "orders-create")
    assert shown.startswith("orders-create (function): BR₀ ")
    assert f"{numbers['BRmax_high']:g}" in shown.partition("\n")[0]
    stores = rows(run("blast", export, "--of", "orders-create", "--format", "jsonl"))
    assert {row["label"]: row["way"] for row in stores}["orders"] == (
        "orders-create → [runs as] → orders-create → [permits: PutItem] → orders"
    )


def test_blast_radius_of_another_kind(export):
    listed = rows(run("blast", export, "--kind", "role", "--format", "jsonl"))
    assert {row["kind"] for row in listed} == {"role"}
    assert {row["label"] for row in listed} == {"orders-create", "orders-ship", "idle"}
    assert [name.strip() for name in run("blast", export, "--kind", "role").stdout.splitlines()[1].split("┃")[1:3]] == [
        *("role", "region"),
    ]
    assert "it has: " in run("blast", export, "--kind", "lambda", code=1).stderr
    run("blast", export, "--kind", "role", "--of", "idle", code=2)


def test_a_name_that_is_written_wrongly_is_answered_with_those_like_it(export):
    assert "orders-create" in run("blast", export, "--of", "order-creat", code=1).stderr
    assert "auditkit graph EXPORT --nodes" in run("blast", export, "--of", "zzz", code=1).stderr


def test_csv_is_csv(export):
    table = list(csv.DictReader(io.StringIO(run("inventory", export, "--format", "csv").stdout)))
    assert {"kind": "function", "records": "3"} in table


def test_tables_for_people_show_hostile_names_as_text(export):
    output = run("inventory", export, "--kind", "function", "--format", "csv").stdout
    assert HOSTILE.replace("\x1b", "\N{REPLACEMENT CHARACTER}") in output or "onerror" not in output


def test_report_writes_everything_and_twice_the_same(export, tmp_path):
    for name in ("one", "two"):
        run("report", export, "--out", tmp_path / name, "--date", "2026-11-01")
    one = {
        path.relative_to(tmp_path / "one"): path.read_bytes()
        for path in (tmp_path / "one").rglob("*")
        if path.is_file()
    }
    two = {
        path.relative_to(tmp_path / "two"): path.read_bytes()
        for path in (tmp_path / "two").rglob("*")
        if path.is_file()
    }
    assert one == two
    names = {str(path) for path in one}
    assert {"report.html", "graph.graphml"} <= names
    assert any(name.endswith(".png") for name in names)
    assert any(name.endswith(".svg") for name in names)
    for data in one.values():
        assert SECRET.encode() not in data
    page = one[Path("report.html")].decode()
    assert "2026-11-01" in page
    assert "sns-list-topics.json" in page.replace("<wbr>", "")  # where a long name may break
    assert "<img src=x" not in page


@pytest.mark.parametrize("date", ["2026-13-01", "yesterday", "2026-1-1", "20260101"])
def test_a_wrong_date_is_a_usage_error(export, tmp_path, date):
    result = run("report", export, "--out", tmp_path, "--date", date, code=2)
    assert "2026-01-31" in result.stderr


def test_a_folder_without_anything_known_is_an_error(tmp_path):
    (tmp_path / "holiday.txt").write_text("sun")
    result = run("inventory", tmp_path, code=1)
    assert "holiday.txt" in result.stderr


def test_no_such_export(tmp_path):
    assert "nowhere" in run("inventory", tmp_path / "nowhere", code=1).stderr


def test_an_empty_account_has_an_empty_report(tmp_path):
    folder = tmp_path / "export" / "111122223333" / "eu-west-1"
    folder.mkdir(parents=True)
    (folder / "lambda-list-functions.json").write_text('{"Functions": []}')
    run("report", tmp_path / "export", "--out", tmp_path / "out")
    assert "None." in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert rows(run("blast", tmp_path / "export", "--format", "jsonl")) == []
    assert run("blast", tmp_path / "export").stdout == "The graph is empty.\n"


def test_simulate_answers_in_order():
    request = {
        "principal": "arn:aws:iam::111122223333:role/r",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resource_account": "111122223333",
        "context": {},
    }
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    line = json.dumps({"id": "1", "request": request, "policies": {"identity": [policy]}})
    result = CliRunner().invoke(main, ["simulate", "-"], input=f"{line}\nnot json\n{line}\n")
    answers = [json.loads(text) for text in result.stdout.splitlines()]
    assert [answer.get("decision") for answer in answers] == ["ALLOW", None, "ALLOW"]
    assert result.exit_code == 0


def test_glance_tells_the_risk_that_the_first_fixes_remove(export):
    heads, *first = run("glance", export, "--date", "2026-11-01").stdout.partition("To do first")[2].splitlines()[1:]
    assert first
    assert "risk removed" in " ".join(first)
    assert heads


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command):
    text = run(command, "--help").stdout
    assert f"auditkit {command}" in text


def test_help_tells_the_exit_codes():
    assert "Exit codes" in run("--help").stdout


def test_a_list_of_findings_says_what_is_not_known_and_what_was_not_seen(export, tmp_path):
    unknown = rows(run("findings", export, "--verdict", "UNKNOWN", "--format", "jsonl"))
    told = run("findings", export)
    assert f"not known: {len(unknown)} answers; --verdict UNKNOWN lists them" in told.stderr
    assert "not known" not in run("findings", export, "--verdict", "UNKNOWN").stderr
    (tmp_path / "lambda-list-functions.json").write_text('{"Functions": [', "utf-8")
    nothing = run("findings", tmp_path, "--fail-on", "low")
    assert nothing.stdout == "There is no such finding.\n"
    assert "not seen: what 95 checks need to answer for everything, 95 of which have no answer at all" in nothing.stderr
