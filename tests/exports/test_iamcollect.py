"""The folder of iam-collect: trust, policies and controls; what it does not ask for stays unknown."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from auditkit.exports import read
from auditkit.inventory import UNSET, CoverageState
from auditkit.inventory.organization import control_policies
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role, User
from auditkit.inventory.records.keys import Key
from auditkit.inventory.records.messaging import Queue
from tests.exports.hostility import mutated, relaxed, withstood, written

A, R = "111122223333", "eu-west-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def policy_of(*s):
    return {"Version": "2012-10-17", "Statement": list(s)}


FILES = {
    f"aws/aws/accounts/{A}/iam/role/orders/metadata.json": {
        "arn": f"arn:aws:iam::{A}:role/Orders",
        "name": "Orders",
        "id": "AROA",
        "path": "/",
        "permissionBoundary": f"arn:aws:iam::{A}:policy/Limit",
    },
    f"aws/aws/accounts/{A}/iam/role/orders/trust-policy.json": TRUST,
    f"aws/aws/accounts/{A}/iam/role/orders/inline-policies.json": [
        {"PolicyName": "own", "PolicyDocument": policy_of({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})}
    ],
    f"aws/aws/accounts/{A}/iam/role/orders/managed-policies.json": [f"arn:aws:iam::{A}:policy/Limit"],
    f"aws/aws/accounts/{A}/iam/policy/limit/metadata.json": {
        "arn": f"arn:aws:iam::{A}:policy/Limit",
        "name": "Limit",
        "defaultVersionId": "v3",
    },
    f"aws/aws/accounts/{A}/iam/policy/limit/current-policy.json": policy_of(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ),
    f"aws/aws/accounts/{A}/iam/user/bo/metadata.json": {"arn": f"arn:aws:iam::{A}:user/Bo", "name": "Bo"},
    f"aws/aws/accounts/{A}/iam/user/bo/groups.json": [f"arn:aws:iam::{A}:group/Ops"],
    f"aws/aws/accounts/{A}/iam/group/ops/metadata.json": {"arn": f"arn:aws:iam::{A}:group/Ops", "name": "Ops"},
    f"aws/aws/accounts/{A}/lambda/{R}/function/orders/metadata.json": {
        "arn": f"arn:aws:lambda:{R}:{A}:function:Orders",
        "name": "Orders",
        "role": f"arn:aws:iam::{A}:role/Orders",
    },
    f"aws/aws/accounts/{A}/lambda/{R}/function/orders/policy.json": policy_of(
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "lambda:InvokeFunction",
            "Resource": f"arn:aws:lambda:{R}:{A}:function:Orders",
        }
    ),
    f"aws/aws/accounts/{A}/s3/inbox/metadata.json": {"arn": "arn:aws:s3:::inbox", "name": "inbox", "region": R},
    f"aws/aws/accounts/{A}/s3/inbox/policy.json": policy_of(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::inbox/*"}
    ),
    f"aws/aws/accounts/{A}/s3/inbox/bpa.json": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    },
    f"aws/aws/accounts/{A}/sqs/{R}/jobs/metadata.json": {"arn": f"arn:aws:sqs:{R}:{A}:Jobs", "name": "Jobs"},
    f"aws/aws/accounts/{A}/sqs/{R}/jobs/policy.json": policy_of(
        {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    ),
    f"aws/aws/accounts/{A}/kms/{R}/key/k1/metadata.json": {"arn": f"arn:aws:kms:{R}:{A}:key/k1"},
    f"aws/aws/accounts/{A}/kms/{R}/key/k1/policy.json": policy_of(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "kms:*", "Resource": "*"}
    ),
    "aws/aws/organizations/o-abc/metadata.json": {
        "id": "o-abc",
        "arn": "arn:aws:organizations::999988887777:organization/o-abc",
        "rootOu": "r-1",
        "rootAccountId": "999988887777",
        "features": {"SERVICE_CONTROL_POLICY": True, "RESOURCE_CONTROL_POLICY": True},
    },
    "aws/aws/organizations/o-abc/accounts.json": {
        A: {
            "ou": "ou-1-a",
            "scps": ["arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"],
            "rcps": [],
        }
    },
    "aws/aws/organizations/o-abc/ous.json": {
        "r-1": {"scps": ["arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"], "rcps": []},
        "ou-1-a": {
            "parent": "r-1",
            "scps": ["arn:aws:organizations::999988887777:policy/o-abc/service_control_policy/p-deny"],
            "rcps": ["arn:aws:organizations::999988887777:policy/o-abc/resource_control_policy/p-r"],
        },
    },
    "aws/aws/organizations/o-abc/scps/p-deny/metadata.json": {
        "arn": "arn:aws:organizations::999988887777:policy/o-abc/service_control_policy/p-deny",
        "name": "deny",
    },
    "aws/aws/organizations/o-abc/scps/p-deny/policy.json": policy_of(
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    ),
    "aws/aws/organizations/o-abc/scps/p-fullawsaccess/metadata.json": {
        "arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        "name": "FullAWSAccess",
        "awsManaged": True,
    },
    "aws/aws/organizations/o-abc/scps/p-fullawsaccess/policy.json": policy_of(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ),
    "aws/aws/organizations/o-abc/rcps/p-r/metadata.json": {
        "arn": "arn:aws:organizations::999988887777:policy/o-abc/resource_control_policy/p-r",
        "name": "r",
    },
    "aws/aws/organizations/o-abc/rcps/p-r/policy.json": policy_of(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ),
    "aws/aws/indexes/buckets-to-accounts.json": {"inbox": A},
    f"aws/aws/accounts/{A}/organization.json": {"organizationId": "o-abc"},
}


def inventory_of(folder, files=None):
    for path, content in (FILES if files is None else files).items():
        written(folder / path, content)
    return read(folder)


def test_identities_have_their_trust_and_policies(tmp_path):
    inventory = inventory_of(tmp_path)
    (role,) = inventory.of(Role)
    assert role.id == f"arn:aws:iam::{A}:role/Orders"
    assert role.trust_policy.source.file.endswith("iam/role/orders/trust-policy.json")
    assert [policy.name for policy in role.inline_policies] == ["own"]
    assert role.permissions_boundary.permissions_boundary_arn == f"arn:aws:iam::{A}:policy/Limit"
    assert inventory.of(User)[0].groups == ("Ops",)
    assert not inventory.not_read


def test_a_function_is_a_name_a_role_and_a_policy(tmp_path):
    inventory = inventory_of(tmp_path)
    (function,) = inventory.of(Function)
    assert (function.function_name, function.role) == ("Orders", f"arn:aws:iam::{A}:role/Orders")
    assert function.policy.document["Statement"][0]["Principal"] == "*"
    assert (function.environment, function.reserved_concurrency) == (UNSET, UNSET)
    calls = {(call.service, call.operation): call for call in inventory.coverage if call.region == R}
    assert not calls["lambda", "ListFunctions"].complete
    assert calls["lambda", "ListEventSourceMappings"].state is CoverageState.MISSING


def test_stores_have_their_policies(tmp_path):
    inventory = inventory_of(tmp_path)
    (bucket,) = inventory.of(Bucket)
    assert (bucket.region, bucket.public_access_block.block_public_policy) == (R, True)
    assert inventory.of(Queue)[0].policy.document["Statement"][0]["Action"] == "sqs:SendMessage"
    assert inventory.of(Key)[0].policy.document["Statement"][0]["Action"] == "kms:*"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("SERVICE_CONTROL_POLICY", [["FullAWSAccess"], ["deny"], ["FullAWSAccess"]]),
        ("RESOURCE_CONTROL_POLICY", [[], ["r"], []]),
    ],
)
def test_control_policies_apply_from_the_root_to_the_account(kind, expected, tmp_path):
    found = control_policies(inventory_of(tmp_path), A, kind)
    assert [[policy.name for policy in level] for level in found.levels] == expected


def test_a_part_without_its_metadata_is_noted(tmp_path):
    files = {path: content for path, content in FILES.items() if not path.endswith("orders/metadata.json")}
    inventory = inventory_of(tmp_path, files)
    assert not inventory.of(Role)
    assert {note.reason for note in inventory.not_read} == {"a resource whose metadata does not tell its ARN"}


@pytest.mark.parametrize("start", ["aws/aws/", "aws/", ""])
def test_the_folder_is_known_wherever_it_was_cut_off(start, tmp_path):
    files = {path.removeprefix(start): content for path, content in FILES.items() if "/indexes/" not in path}
    assert len(inventory_of(tmp_path, files).of(Role)) == 1


@settings_of(relaxed, max_examples=60)
@given(which=st.sampled_from(sorted(FILES)), seed=st.integers(0, 2**32))
def test_a_mutated_folder_is_read_but_for_what_was_mutated(which, seed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("iam")
    for path, content in FILES.items():
        if path.rpartition("/")[0] == which.rpartition("/")[0]:
            written(folder / path, mutated(content, seed) if path == which else content)
    withstood(folder)


def test_a_file_that_is_no_json_is_noted(tmp_path):
    inventory_of(tmp_path)
    path = next(path for path in FILES if path.endswith("sqs/eu-west-1/jobs/policy.json"))
    (tmp_path / path).write_text(json.dumps(FILES[path])[:-3])
    inventory = read(tmp_path)
    assert [note.source.file for note in inventory.not_read] == [path]
