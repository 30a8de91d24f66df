"""``auditkit escalate``: what programs get, and what people are told."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from auditkit.cli import main

ACCOUNT = "111122223333"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"  # whose document the export leaves out
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "retailer"


def _role(name: str, *actions: str) -> dict:
    def document(**statement: object) -> dict:
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}

    trust = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    inline = [{"PolicyName": "own", "PolicyDocument": document(Action=list(actions), Resource="*")}] if actions else []
    return {
        "RoleName": name.rpartition("/")[2],
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": inline,
        "AttachedManagedPolicies": [],
    }


@pytest.fixture(scope="module")
def details(tmp_path_factory: pytest.TempPathFactory) -> Path:
    roles = [
        _role("boss") | {"AttachedManagedPolicies": [{"PolicyArn": ADMINISTRATOR, "PolicyName": "x"}]},
        _role("deploy", "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
        _role("idle"),
        _role("writer", "lambda:UpdateFunctionCode"),
        _role("<b>x", "iam:PutRolePolicy"),
    ]
    path = tmp_path_factory.mktemp("export") / "details.json"
    path.write_text(json.dumps({"RoleDetailList": roles, "UserDetailList": [], "GroupDetailList": [], "Policies": []}))
    return path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["escalate", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    return result


def test_a_line_for_every_principal(details: Path) -> None:
    lines = [json.loads(line) for line in run(details, "--format", "jsonl").stdout.splitlines()]
    assert all(list(line) == ["principal", "admin", "escalates", "path"] for line in lines)
    found = {line["principal"].rpartition("/")[2]: line for line in lines}
    assert {name: (line["admin"], line["escalates"]) for name, line in found.items() if "x" not in name} == {
        "boss": (True, False),
        "deploy": (False, True),
        "idle": (False, False),
        "writer": (False, True),
    }
    (step,) = found["deploy"]["path"]
    assert step == {
        "from": f"arn:aws:iam::{ACCOUNT}:role/deploy",
        "to": f"arn:aws:iam::{ACCOUNT}:role/boss",
        "technique": "lambda-001",
        "permissions": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        "conditional": False,
    }
    assert [step["conditional"] for step in found["writer"]["path"]] == [True]
    assert found["boss"]["path"] == found["idle"]["path"] == []


def test_people_see_those_who_matter_and_what_was_not_seen(details: Path) -> None:
    result = run(details)
    assert "service control policies" in result.stderr
    assert "may become one, under conditions" in " ".join(result.stdout.split())
    assert "role/idle" not in result.stdout


def test_a_spreadsheet_holds_all(details: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(details, "--format", "csv").stdout)))
    assert len(rows) == 5
    assert {"principal", "admin", "escalates", "how", "sources"} <= rows[0].keys()


def test_every_step_of_one_principal(details: Path) -> None:
    of = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    lines = [json.loads(line) for line in run(details, "--of", of, "--format", "jsonl").stdout.splitlines()]
    assert {line["to"].rpartition("/")[2] for line in lines} >= {"boss", "idle", "writer"}
    assert CliRunner().invoke(main, ["escalate", str(details), "--of", "nobody"]).exit_code == 1


def test_the_sample() -> None:
    lines = [json.loads(line) for line in run(SAMPLE, "--format", "jsonl").stdout.splitlines()]
    names = {line["principal"].rpartition("/")[2]: line for line in lines}
    assert [name for name, line in names.items() if line["admin"]] == ["ops-restore-drill-role"]
    assert {name: [step["technique"] for step in line["path"]] for name, line in names.items() if line["path"]} == {
        "break-glass": ["lambda-004"],
        "ops-deploy-helper-role": ["lambda-001"],
        "pipeline-deploy": ["lambda-003"],
        "build-2022": ["sts-001"],
        "ines.moreau": ["sts-001", "lambda-004"],
        "tomasz.wilk": ["sts-001", "lambda-004"],
    }
