"""What floods can cost, on the command line."""

import json

import pytest
from click.testing import CliRunner

from auditkit.cli import main
from tests.smallexport import write_export


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_row_for_each_function(tmp_path):
    write_export(tmp_path)
    rows = [
        json.loads(line)
        for line in run("wallet", tmp_path, "--by", "function", "--format", "jsonl").stdout.splitlines()
    ]
    assert {row["label"] for row in rows} == {"idle", "orders-create", "orders-ship"}
    assert all(row["low"] == 0 and row["high"] > 0 and row["missing"] for row in rows)


def test_a_table_says_what_it_rests_on(tmp_path):
    write_export(tmp_path)
    result = run("wallet", tmp_path)
    assert "No entry leads in" in result.stdout
    assert "List prices" in result.stderr
    assert "111122223333" in run("wallet", tmp_path, "--by", "account").stdout


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_picture(tmp_path, form):
    write_export(tmp_path / "export")
    run("wallet", tmp_path / "export", "--by", "function", "--out", tmp_path / f"wallet.{form}")
    assert (tmp_path / f"wallet.{form}").stat().st_size > 1000


def test_what_cannot_be_drawn_is_said(tmp_path):
    write_export(tmp_path)
    assert "entries or functions" in run("wallet", tmp_path, "--by", "account", "--out", "x.svg", code=2).output
    assert "svg, png or pdf" in run("wallet", tmp_path, "--out", tmp_path / "x.bmp", code=1).output
    run("wallet", tmp_path, "--handed-on", "-1", code=2)
