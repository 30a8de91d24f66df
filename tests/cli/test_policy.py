"""``can``, ``who-can``, ``what-can``, ``public``, ``cross-account`` and ``unused``, as tables and as commands."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import auditkit as ak
from auditkit.cli import main
from auditkit.inventory.evidence.last_access import ActionAccess, LastAccess, ServiceAccess
from auditkit.inventory.record import Source
from auditkit.policy import Relation
from auditkit.questions import _not_used
from tests.smallexport import ACCOUNT, arn, write_export

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "retailer"
CREATE = f"arn:aws:iam::{ACCOUNT}:role/orders-create"
CREATE_ROLE = f"{CREATE}-role"
ORDERS = arn("dynamodb", "table/orders")
OPEN = {"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_export(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def inventory(small):
    return ak.read(small)


@pytest.fixture(scope="module")
def sample():
    return ak.read(SAMPLE)


def test_can_explains_itself_and_names_its_statements(inventory):
    (row,) = ak.can(inventory, "orders-create", "dynamodb:PutItem", ORDERS).to_dict("records")
    assert (row["principal"], row["action"], row["resource"]) == (CREATE, "dynamodb:PutItem", ORDERS)
    assert row["outcome"] in {"ALLOW", "UNKNOWN"}
    assert "RolePolicyList" in row["source"]
    (row,) = ak.can(inventory, CREATE, "iam:DeleteRole", CREATE).to_dict("records")
    assert row["outcome"] == "IMPLICIT_DENY"
    assert row["blocked_by"]
    assert row["explanation"].startswith("IMPLICIT_DENY")
    assert row["source"]


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("nobody", "s3:GetObject", ORDERS),
        (CREATE, "s3:Get*", ORDERS),
        (CREATE, "GetObject", ORDERS),
        (CREATE, "s3:GetObject", "orders-that-are-not"),
    ],
)
def test_what_cannot_be_asked(inventory, principal, action, resource):
    with pytest.raises(ak.PolicyError):
        ak.can(inventory, principal, action, resource)


def test_an_action_that_may_be_misspelt_is_told(inventory):
    assert ak.can(inventory, CREATE, "dynamodb:PutItem", ORDERS).attrs["note"] == ""
    found = ak.can(inventory, CREATE, "dynamodb:PutIten", ORDERS)
    assert "did you mean dynamodb:PutItem" in found.attrs["note"]
    with pytest.raises(ak.PolicyError, match="did you mean dynamodb:PutItem"):
        ak.who_can(inventory, "dynamodb:PutIten", "orders")


def test_who_can_and_what_can_tell_the_same(inventory):
    who = ak.who_can(inventory, "dynamodb:PutItem", "orders")
    assert CREATE in set(who["principal"])
    assert set(who["actions"]) == {"dynamodb:PutItem"}
    assert all(who["source"])
    what = ak.what_can(inventory, "orders-create")
    there = what[(what["target"] == ORDERS) & what["actions"].str.contains("dynamodb:PutItem")]
    assert len(there) == 1
    assert set(ak.who_can(inventory, "*", "orders")["principal"]) >= set(who["principal"])
    with pytest.raises(ak.PolicyError, match="not tracked"):
        ak.who_can(inventory, "dynamodb:NoSuchThing", "orders")
    with pytest.raises(ak.PolicyError, match="not in the export"):
        ak.who_can(inventory, "dynamodb:PutItem", arn("dynamodb", "table/elsewhere"))


def test_without_last_accessed_data_nothing_is_unused(inventory):
    found = ak.unused(inventory)
    assert set(found["state"]) == {"unknown"}
    assert set(found["missing"]) == {"iam:GetServiceLastAccessedDetails"}
    assert CREATE in set(found["principal"])


def _service(name, used, *actions):
    listed = tuple(ActionAccess(action, when) for action, when in actions)
    return ServiceAccess(name, used, actions=listed) if actions else ServiceAccess(name, used)


def test_unused_services_and_actions():
    services = (
        _service("s3", None),
        _service("sqs", "2026-01-01", ("sqs:SendMessage", "2026-01-01"), ("sqs:ReceiveMessage", None)),
        _service("kms", "2026-01-02"),
    )
    last = LastAccess(
        id="last-access:x", account=ACCOUNT, region="", sources=(Source("x.json"),), principal=CREATE, services=services
    )

    def states(service, *actions):
        return [row[2:7] for row in _not_used(CREATE, service, dict.fromkeys(actions, 3), last)]

    assert states("s3", "s3:GetObject", "s3:PutObject") == [("s3:GetObject, s3:PutObject", 3, "unused", "", "")]
    assert states("sqs", "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:PurgeQueue") == [
        ("sqs:ReceiveMessage", 3, "unused", "2026-01-01", "")
    ]
    assert [row[2] for row in states("kms", "kms:Decrypt")] == ["unknown"]
    assert [row[2] for row in states("sns", "sns:Publish")] == ["unknown"]


def test_the_public_and_other_accounts(sample):
    public = ak.public(sample)
    assert len(public)
    anyone = public["who"] == "anonymous"
    assert list(anyone) == sorted(anyone, reverse=True)
    assert set(public.loc[anyone, "name"]) >= {"GET /admin/export", "URL of payments-webhook"}
    assert "POST /orders" in set(public.loc[public["who"] == "authenticated public", "name"])
    assert not set(public["actions"]) & {"", "anonymous", "authenticated public"}
    assert all(public["source"])
    across = ak.cross_account(sample)
    assert len(across)
    assert (across["from_account"] != across["to_account"]).all()
    assert all(across["source"])
    assert len(ak.what_can(sample, across["principal"].iloc[0]))


@pytest.mark.parametrize(("policy", "missing"), [(None, "the resource policy of the function"), (OPEN, "")])
def test_a_url_of_which_the_policy_was_not_seen_may_be_public(tmp_path, policy, missing):
    place = tmp_path / ACCOUNT / "eu-west-1"
    of = arn("lambda", "function:f")
    url = {"FunctionUrl": "https://a.lambda-url.eu-west-1.on.aws/", "FunctionArn": of, "AuthType": "NONE"}
    answers = {
        "lambda-list-functions.json": {"Functions": [{"FunctionName": "f", "FunctionArn": of}]},
        "lambda-list-function-url-configs/f.json": {"FunctionUrlConfigs": [url]},
    }
    if policy is not None:
        answers["lambda-get-policy/f.json"] = {"Policy": json.dumps({"Statement": [{**policy, "Resource": of}]})}
    for name, answer in answers.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps(answer), encoding="utf-8")
    (row,) = ak.public(ak.read(tmp_path)).query("kind == 'function URL'").to_dict("records")
    assert (row["who"], row["missing"]) == ("anonymous", missing)


NARROW = {"Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": ORDERS}]}


def changes(found) -> dict[str, set[tuple[str, str]]]:
    told = {}
    for row in found.to_dict("records"):
        told.setdefault(row["change"], set()).update(
            (row["principal"], action) for action in row["actions"].split(", ")
        )
    return told


def test_a_policy_is_tried_on_a_role_before_it_is_written(sample):
    before = ak.what_can(sample, CREATE_ROLE)
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}  # without the key nothing can be read
    found = ak.try_policy(sample, "orders-create-role", {"Statement": [*NARROW["Statement"], decrypt]})
    told = changes(found[found["target"] == ORDERS])
    assert (CREATE_ROLE, "dynamodb:PutItem") in told["lost"]
    assert told["gained"] == {(CREATE_ROLE, "dynamodb:GetItem")}
    (gained,) = found[(found["change"] == "gained") & (found["target"] == ORDERS)].to_dict("records")
    assert (gained["now"], gained["then"]) == ("no", "ALLOW")
    assert "the policy tried#/Statement/0" in gained["source"]
    lost = found[(found["change"] == "lost") & (found["target"] == ORDERS)]
    assert set(lost["then"]) == {"no"}
    assert all("RolePolicyList" in source for source in lost["source"])
    pd.testing.assert_frame_equal(ak.what_can(sample, CREATE_ROLE), before)


def test_what_an_unseen_policy_may_allow_stays_unknown_when_a_policy_is_tried(inventory):
    found = ak.try_policy(inventory, "orders-create", NARROW)
    (put,) = found[found["actions"] == "dynamodb:PutItem"].to_dict("records")
    assert (put["change"], put["now"], put["then"], put["missing"]) == (
        *("changed", "UNKNOWN", "UNKNOWN"),
        "the resource policy",
    )


def test_the_policy_that_is_there_changes_nothing(inventory):
    written = {"Statement": [{"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": ORDERS}]}
    found = ak.try_policy(inventory, CREATE, written)
    assert set(found["change"]) == {"as before"}


def test_a_policy_is_tried_on_a_resource(sample):
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:DeleteItem", "Resource": ORDERS}
    told = changes(ak.try_policy(sample, ORDERS, json.dumps({"Statement": anyone})))
    assert ("*", "dynamodb:DeleteItem") in told["gained"]
    denied = {"Statement": {**anyone, "Effect": "Deny", "Action": "dynamodb:*"}}
    told = changes(ak.try_policy(sample, ORDERS, denied))
    assert (CREATE_ROLE, "dynamodb:PutItem") in told["lost"]
    assert "gained" not in told  # but what the table's stream gives by itself is not denied


def test_what_is_wrong_with_a_policy_that_is_tried_is_told(inventory):
    with pytest.raises(ak.PolicyError, match="cannot be read"):
        ak.try_policy(inventory, CREATE, "{")
    with pytest.raises(ak.PolicyError, match="neither an ARN nor"):
        ak.try_policy(inventory, "nobody", NARROW)
    odd = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringLikes": {}}}]}
    assert ak.try_policy(inventory, CREATE, odd).attrs["problems"]


def test_a_name_that_is_written_wrongly_is_answered_with_those_like_it(inventory):
    with pytest.raises(ak.PolicyError, match=r"did you mean .*role/orders-create"):
        ak.what_can(inventory, "order-craete")
    with pytest.raises(ak.PolicyError, match=r"did you mean .*table/orders"):
        ak.who_can(inventory, "*", "ordrs")


def test_the_command_shows_what_a_policy_would_change(small, tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(NARROW), "utf-8")
    arguments = ["try-policy", str(small), "--on", "orders-create", "--policy", str(path)]
    told = CliRunner().invoke(main, [*arguments, "--format", "jsonl"])
    assert told.exit_code == 0
    assert {json.loads(line)["change"] for line in told.stdout.splitlines()} == {"changed"}
    everything = CliRunner().invoke(main, [*arguments, "--all", "--format", "jsonl"]).stdout.splitlines()
    assert {json.loads(line)["change"] for line in everything} == {"changed", "as before"}
    path.write_text("{}", "utf-8")
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "the policy cannot be read: The document has no Statement." in refused.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["can", "--principal", "orders-create", "--action", "dynamodb:PutItem", "--resource", ORDERS],
        ["who-can", "--resource", "orders"],
        ["what-can", "--principal", "orders-create"],
        ["public"],
        ["cross-account"],
        ["unused"],
    ],
    ids=lambda command: command[0],
)
def test_commands(small, command):
    lines = CliRunner().invoke(main, [command[0], str(small), *command[1:], "--format", "jsonl"])
    assert lines.exit_code == 0
    assert all("source" in json.loads(line) for line in lines.stdout.splitlines())
    told = CliRunner().invoke(main, [command[0], str(small), *command[1:]])
    assert told.exit_code == 0
    assert told.stdout
    assert "\x1b" not in told.stdout


def test_a_wrong_name_is_one_line(small):
    told = CliRunner().invoke(main, ["what-can", str(small), "--principal", "order"])
    assert told.exit_code == 1
    assert "did you mean" in told.output


@pytest.mark.parametrize("left_out", [0, 3])
def test_what_was_not_followed_into_resources_is_told(small, inventory, monkeypatch, left_out):
    monkeypatch.setattr(Relation, "left_out", left_out)
    assert ak.what_can(inventory, CREATE).attrs["left_out"] == left_out
    assert ak.who_can(inventory, "*", ORDERS).attrs["left_out"] == left_out
    assert ak.unused(inventory).attrs["left_out"] == left_out
    assert ak.cross_account(inventory).attrs["left_out"] == left_out
    told = CliRunner().invoke(main, ["what-can", str(small), "--principal", CREATE, "--format", "jsonl"])
    assert ("3 resource patterns were too many" in told.stderr) is bool(left_out)
    assert "too many" not in told.stdout


@pytest.mark.parametrize("left_out", [0, 3])
def test_the_report_tells_what_was_not_followed_into_resources(inventory, monkeypatch, left_out):
    monkeypatch.setattr(Relation, "left_out", left_out)
    sections = {one.id: one for one in ak.report_from_audit(ak.Audit(inventory)).sections}
    told = [text for text in sections["coverage"].paragraphs if "3 patterns of resources" in text]
    assert bool(told) is bool(left_out)


def test_nothing_counts_as_closed_where_no_policy_was_seen(tmp_path):
    function = {"FunctionName": "a", "FunctionArn": arn("lambda", "function:a"), "Role": f"{CREATE}"}
    (tmp_path / "lambda-list-functions.json").write_text(json.dumps({"Functions": [function]}), "utf-8")
    for command in ("public", "cross-account", "unused"):
        told = CliRunner().invoke(main, [command, str(tmp_path)])
        assert told.exit_code == 0
        assert "that was seen" in told.stdout
        assert f"not seen: the users and roles of {ACCOUNT}" in told.stderr
        assert "not seen: the resource policies of 1 of 1 resources" in told.stderr
    told = CliRunner().invoke(main, ["escalate", str(tmp_path)])
    assert "who is or can become an administrator is not known" in told.stdout


def test_where_all_policies_were_seen_nothing_is_said_to_be_missing(sample):
    assert ak.cross_account(sample).attrs["not_seen"] == ()


def test_steps_of_a_role_are_found_by_its_name():
    told = CliRunner().invoke(main, ["escalate", str(SAMPLE), "--of", "ops-deploy-helper-role", "--format", "jsonl"])
    assert told.exit_code == 0
    assert told.stdout
    wrong = CliRunner().invoke(main, ["escalate", str(SAMPLE), "--of", "ops-deploy-helper"])
    assert "did you mean" in wrong.stderr
