"""auditkit exposure: how open each store is, and the ways in to one."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

import auditkit as ak
from auditkit.cli import main
from smallexport import write_export

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "retailer"


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["exposure", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def audit():
    return ak.Audit(ak.read(SAMPLE))


def test_stores_are_ranked_and_have_their_ways_in(audit):
    found = rows(run(SAMPLE, "--format", "jsonl"))
    assert [row["store"] for row in found] == list(audit.exposure["store"])
    scores = [row["X_high"] for row in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    assert {row["ways"] for row in found} > {0, 1}


def test_one_store_has_its_numbers_and_its_ways_in(audit):
    (row,) = (row for row in rows(run(SAMPLE, "--format", "jsonl")) if row["label"] == "gift-cards")
    shown = run(SAMPLE, "--store", "gift-cards").stdout
    title = shown.partition("\n")[0]
    assert title.startswith("gift-cards (table, restricted): X ")
    assert f"{row['ways']} ways in from outside that share no edge" in title
    ways = rows(run(SAMPLE, "--store", "gift-cards", "-k", 3, "--format", "jsonl"))
    assert [way["rank"] for way in ways] == [1, 2, 3]
    costs = [way["cost"] for way in ways]
    assert costs == sorted(costs)
    assert all(way["path"][-1].endswith("table/gift-cards") for way in ways)
    assert [way["route"] for way in ways] == list(audit.ways_in(row["store"], k=3)["route"])


def test_stores_of_one_kind():
    found = rows(run(SAMPLE, "--kind", "secret", "--format", "jsonl"))
    assert {row["kind"] for row in found} == {"secret"}
    assert "it has: " in run(SAMPLE, "--kind", "vault", code=1).stderr
    assert "is no store" in run(SAMPLE, "--kind", "function", code=1).stderr
    run(SAMPLE, "--kind", "secret", "--store", "gift-cards", code=2)


def test_a_store_goes_before_the_key_of_its_name(audit):
    assert audit.store("orders").endswith(":table/orders")
    assert audit.store("orders") == audit.store(audit.store("orders"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("legacy-gift-cards", "is no store, but a function"),
        ("gift-card", "near it: "),
        ("zzz", "auditkit graph EXPORT --nodes"),
    ],
)
def test_what_is_no_store_is_said(name, said):
    assert said in run(SAMPLE, "--store", name, code=1).stderr


def test_a_store_that_nothing_outside_leads_to(tmp_path):
    export = write_export(tmp_path)
    closed = [row["store"] for row in rows(run(export, "--format", "jsonl")) if row["ways"] == 0]
    assert closed
    shown = run(export, "--store", closed[0]).stdout
    assert "0 ways in from outside that share no edge" in shown
    assert "No way leads to it from outside." in shown
