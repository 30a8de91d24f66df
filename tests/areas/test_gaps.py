"""What an export leaves open: checks without an answer, and the calls to ask the client for."""

import json

import pytest
from click.testing import CliRunner

import auditkit as ak
from auditkit.areas import ASK_COLUMNS, GAP_COLUMNS, gaps_frame, get_checks, is_answered, to_ask
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


def test_what_was_seen_in_part_is_answered_in_part():
    part = coverage(lambda_ListFunctions="incomplete")
    assert set(gaps_frame(part).loc[lambda gaps: gaps["call"] == "lambda:ListFunctions", "state"]) == {"incomplete"}
    assert set(to_ask(gaps_frame(part))["unanswered"]) == {0}
    listed = get_checks()["patch.runtime-deprecated"]
    assert is_answered(listed, part)
    assert is_answered(listed, coverage(lambda_ListFunctions=CoverageState.EMPTY))
    assert not is_answered(listed, coverage(lambda_ListFunctions=CoverageState.DENIED))
    assert not is_answered(listed, Coverage())


TEMPLATE = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Runtime: python3.13, Handler: a.b, Role: r, Code: {ZipFile: x}}
  Jobs: {Type: AWS::SQS::Queue}
"""


def test_a_template_answers_for_what_it_declares(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    inventory = ak.read(tmp_path)
    seen = {check: is_answered(one, inventory.coverage) for check, one in get_checks().items()}
    assert seen["patch.runtime-deprecated"]
    assert seen["rest.encrypted"]
    assert not seen["transit.sns-http"]
    for service, operation in (("lambda", "ListFunctions"), ("sqs", "ListQueues")):  # there may be others
        assert inventory.coverage.state(service, operation) is CoverageState.MISSING
    shown = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert "in part" in shown.stdout


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
