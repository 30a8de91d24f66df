"""Perimeter sheets on the command line."""

import json

from click.testing import CliRunner

from auditkit.cli import main
from tests.smallexport import write_export


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_row_for_each_function_or_the_sheet_of_one(tmp_path):
    write_export(tmp_path)
    assert "orders-ship" in run("perimeter", tmp_path).stdout
    result = run("perimeter", tmp_path, "--of", "orders-ship", "--date", "2026-01-31")
    assert "Ways into orders-ship" in result.stdout
    assert "not known: lambda:GetPolicy" in result.stderr
    assert "k3y-s3cr3t" not in result.output


def test_every_line_for_programs(tmp_path):
    write_export(tmp_path)
    rows = [json.loads(line) for line in run("perimeter", tmp_path, "--format", "jsonl").stdout.splitlines()]
    assert {row["label"] for row in rows} == {"idle", "orders-create", "orders-ship"}
    one = run("perimeter", tmp_path, "--of", "idle", "--format", "csv").stdout
    assert one.startswith("function,label,part,what,answer,detail,missing,source\n")


def test_a_name_that_is_none_is_said(tmp_path):
    write_export(tmp_path)
    assert "near it: orders-create" in run("perimeter", tmp_path, "--of", "orders", code=1).output
