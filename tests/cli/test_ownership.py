"""What functions cost and what could be deleted, on the command line."""

import json

from click.testing import CliRunner

from auditkit.cli import main
from tests.smallexport import write_export


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_the_index(tmp_path):
    write_export(tmp_path)
    rows = [json.loads(line) for line in run("ownership", tmp_path, "--format", "jsonl").stdout.splitlines()]
    assert {row["label"] for row in rows} == {"idle", "orders-create", "orders-ship"}
    assert all(0 <= row["low"] < row["high"] <= 100 and row["missing"] for row in rows)
    assert "index, low" in run("ownership", tmp_path, "--date", "2026-01-31").stdout


def test_what_could_be_deleted(tmp_path):
    write_export(tmp_path)
    rows = [json.loads(line) for line in run("deletable", tmp_path, "--all", "--format", "jsonl").stdout.splitlines()]
    assert {row["kind"] for row in rows} >= {"function", "role", "table", "queue"}
    assert {row["answer"] for row in rows} == {"unknown", "no"}
    assert "not decided without" in run("deletable", tmp_path).stdout
