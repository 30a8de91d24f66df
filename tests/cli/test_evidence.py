"""What is used and which packages functions bring along, on the command line."""

import json
import zipfile

from click.testing import CliRunner

from auditkit.cli import main
from tests.smallexport import ACCOUNT, REGION, write_export


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_use(tmp_path):
    write_export(tmp_path)
    name = tmp_path / f"{ACCOUNT}/{REGION}/cloudwatch-get-metric-statistics-idle.json"
    name.write_text(
        '{"Label": "Invocations", "Datapoints": [{"Timestamp": "2026-03-01T00:00:00Z", "Sum": 3}]}', "utf-8"
    )
    (row,) = rows(run("use", tmp_path, "--format", "jsonl"))
    assert (row["name"], row["last_used"], row["invocations"]) == ("idle", "2026-03-01T00:00:00Z", 3)
    assert "idle" in run("use", tmp_path).stdout


def test_packages(tmp_path):
    folder = write_export(tmp_path) / ACCOUNT / REGION / "lambda-code"
    folder.mkdir()
    for name in ("idle", "orders-ship"):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr("requirements.txt", f"six==1.0\n{name}")
    assert len(rows(run("packages", tmp_path, "--format", "jsonl"))) == 4
    found = rows(run("packages", tmp_path, "--function", "idle", "--format", "jsonl"))
    assert [row["purl"] for row in found] == ["pkg:pypi/idle", "pkg:pypi/six@1.0"]


def test_without_evidence_it_is_said_that_there_is_none(tmp_path):
    write_export(tmp_path)
    assert "no log, trace, metric" in run("use", tmp_path).stderr
    assert "no code package" in run("packages", tmp_path).stderr
