"""What an export leaves open: checks without an answer, and the calls to ask the client for."""

import json

import pytest
from click.testing import CliRunner

from auditkit.areas import ASK_COLUMNS, GAP_COLUMNS, gaps_frame, get_checks, to_ask
from auditkit.cli import main
from auditkit.inventory import Call, Coverage, CoverageState
from auditkit.samples import load

ACCOUNT, REGION = "111122223333", "eu-west-1"


def coverage(**states):
    """Return a coverage in which every call of the checks is present, but those named, as ``lambda_GetPolicy``."""
    calls = []
    for name in sorted({name for check in get_checks().values() for name in (*check.judges, *check.calls)}):
        service, operation = name.split(".")
        state = states.get(f"{service}_{operation}", CoverageState.PRESENT)
        whole = state != "incomplete"
        calls.append(
            Call(ACCOUNT, REGION, service, operation, state=state if whole else CoverageState.PRESENT, complete=whole)
        )
    return Coverage(calls)


@pytest.mark.parametrize("state", [CoverageState.MISSING, CoverageState.DENIED, "incomplete"])
def test_a_call_that_was_not_seen_whole_leaves_its_checks_open(state):
    gaps = gaps_frame(coverage(ecr_DescribeRepositories=state))
    needing = [check.id for check in get_checks().values() if "ecr.DescribeRepositories" in check.judges + check.calls]
    assert list(gaps["check"]) == needing != []
    assert set(gaps["state"]) == {str(state)}
    assert list(gaps.columns) == list(GAP_COLUMNS)


def test_an_empty_answer_is_an_answer():
    gaps = gaps_frame(coverage(ecr_DescribeRepositories=CoverageState.EMPTY))
    assert gaps.empty
    assert gaps.attrs["reason"]
    assert to_ask(gaps).empty


def test_what_no_file_speaks_of_is_missing():
    gaps = gaps_frame(Coverage())
    assert set(gaps["check"]) == {check.id for check in get_checks().values() if check.judges + check.calls}


def test_that_is_asked_first_without_which_most_checks_have_no_answer():
    ask = to_ask(
        gaps_frame(coverage(lambda_ListFunctions=CoverageState.DENIED, ecr_DescribeImages=CoverageState.MISSING))
    )
    assert list(ask["call"]) == ["lambda:ListFunctions", "ecr:DescribeImages"]
    assert ask["unanswered"][0] == sum("lambda.ListFunctions" in check.judges for check in get_checks().values()) > 0
    assert list(ask.columns) == list(ASK_COLUMNS)


def test_answers_that_lack_are_counted_per_resource():
    calls = [
        Call(ACCOUNT, REGION, "ecr", "DescribeImages", resource=name, state=CoverageState.DENIED) for name in ("a", "b")
    ]
    gaps = gaps_frame(Coverage(calls))
    assert list(gaps.loc[gaps["call"] == "ecr:DescribeImages", "answers"]) == [2]


def test_the_command_lists_checks_and_calls(tmp_path):
    folder = tmp_path / ACCOUNT / REGION
    folder.mkdir(parents=True)
    (folder / "lambda-list-functions.json").write_text('{"Functions": []}')
    people = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert people.exit_code == 0
    assert "To ask the client for" in people.stdout
    assert "iam:GetAccountAuthorizationDetails" in people.stdout.replace("\n", "")
    programs = CliRunner().invoke(main, ["coverage", str(tmp_path), "--format", "jsonl"])
    rows = [json.loads(line) for line in programs.stdout.splitlines()]
    assert {row["state"] for row in rows} == {"missing"}
    assert "lambda:ListFunctions" not in {row["call"] for row in rows}


def test_the_sample_leaves_nothing_open():
    assert gaps_frame(load("retailer").coverage).empty
