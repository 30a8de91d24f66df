"""What to do, and what would become of it, on the command line."""

import csv
import io
import json
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditkit.cli import main
from smallexport import write_export


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    return write_export(tmp_path_factory.mktemp("export"))


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert "k3y-s3cr3t" not in result.output
    return result


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def listed(export) -> list[dict]:
    return rows(run("fixes", export, "--format", "jsonl", "-k", 100))


def test_fixes_are_ranked_with_what_they_gain(export, listed):
    gains = [row["dR_high"] for row in listed]
    assert gains == sorted(gains, reverse=True)
    by_transit = rows(run("fixes", export, "--format", "jsonl", "--by", "transit", "-k", 100))
    assert {row["fix"] for row in by_transit} == {row["fix"] for row in listed}
    assert len(list(csv.DictReader(io.StringIO(run("fixes", export, "--format", "csv", "-k", 1).stdout)))) == 1


def test_one_fix_is_told_in_full(export, listed):
    shown = run("fixes", export, "--show", listed[0]["fix"]).stdout
    for part in ("console:", "CloudFormation:", "Terraform:", "look at before:", "documentation: docs.aws.amazon.com/"):
        assert part in shown
    assert rows(run("fixes", export, "--show", listed[0]["fix"], "--format", "jsonl"))[0]["fix"] == listed[0]["fix"]


def test_a_portfolio_says_what_is_left_after_each(export):
    chosen = rows(run("fixes", export, "--portfolio", "-k", 3, "--format", "jsonl"))
    assert [row["step"] for row in chosen] == list(range(1, len(chosen) + 1))


def test_a_fix_that_there_is_not_is_named(export):
    assert "url-iam-000000" in run("fixes", export, "--show", "url-iam-000000", code=1).stderr


def test_choke_points_name_what_every_way_goes_through(export):
    found = rows(run("choke-points", export, "--format", "jsonl"))
    assert all(row["ways"] == len(row["cut"]) + len(row["cut_entries"]) for row in found)
    assert rows(run("choke-points", export, "--of", "orders", "--format", "jsonl")) is not None


def test_scores_before_and_after(export, listed):
    before = {row["score"]: row for row in rows(run("whatif", export, "--format", "jsonl"))}
    assert before["R_high"]["change"] == 0
    after = rows(run("whatif", export, "--apply", listed[0]["fix"], "--format", "jsonl"))
    assert {row["score"]: row["change"] for row in after}["R_high"] == pytest.approx(-listed[0]["dR_high"])


@pytest.mark.parametrize("show", ["scores", "exposure", "blast", "paths", "fixes"])
def test_every_table_can_be_shown(export, show):
    options = ["--compromise", "idle", "--classify", "orders", "restricted", "--weight", "costs.call=1.5"]
    assert run("whatif", export, *options, "--show", show).stdout


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--cut", "orders-create", "nobody"], 1, "nobody"),
        (["--cut", "idle", "orders-create"], 1, "no edge"),
        (["--classify", "orders", "secret"], 1, "no sensitivity"),
        (["--weight", "costs.call"], 2, "GROUP.NAME=NUMBER"),
        (["--weight", "costs.call=two"], 2, "GROUP.NAME=NUMBER"),
        (["--weight", "factors.network=2"], 1, "outside its range"),
        (["--weight", "weather.rain=1"], 1, "weather"),
        (["--apply", "nothing"], 1, "nothing"),
    ],
)
def test_what_cannot_be_tried_is_named(export, options, code, says):
    assert says in run("whatif", export, *options, code=code).stderr


def test_weights_of_ones_own(export, tmp_path):
    content = json.loads(files("auditkit").joinpath("facts/weights.json").read_bytes())
    content["sensitivity"]["restricted"] = 90
    own = tmp_path / "weights.json"
    own.write_text(json.dumps(content))
    options = ["--classify", "orders", "restricted", "--format", "jsonl"]
    usual = {row["score"]: row["after"] for row in rows(run("whatif", export, *options))}
    heavier = {row["score"]: row["after"] for row in rows(run("whatif", export, "--weights", own, *options))}
    assert heavier["SU_high"] > usual["SU_high"]
    own.write_text("{")
    assert f"{own}: weights" in run("fixes", export, "--weights", own, code=1).stderr
