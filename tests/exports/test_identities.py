"""IAM and Organizations, from authorization details of any size and any completeness."""

import json
import tracemalloc
from urllib.parse import quote

import boto3
import pytest
from moto import mock_aws

from auditkit.exports import read
from auditkit.inventory import UNSET, CoverageState
from auditkit.inventory.organization import control_policies
from auditkit.inventory.records.identities import (
    FederationProvider,
    Group,
    ManagedPolicy,
    OrganizationAccount,
    OrganizationalUnit,
    Role,
    User,
)
from tests.exports.feeding import ACCOUNT, answer, exported, feed

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
DETAILS = {
    "RoleDetailList": [
        {
            "Path": "/",
            "RoleName": "orders",
            "RoleId": "AROA1",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/orders",
            "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
            "InstanceProfileList": [],
            "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": json.dumps(DOCUMENT)}],
            "AttachedManagedPolicies": [
                {"PolicyName": "AWSSupportAccess", "PolicyArn": "arn:aws:iam::aws:policy/AWSSupportAccess"}
            ],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY},
            "Tags": [{"Key": "team", "Value": "orders"}],
            "RoleLastUsed": {"LastUsedDate": "2026-01-01T00:00:00Z", "Region": "x"},
        }
    ],
    "UserDetailList": [
        {
            "Path": "/",
            "UserName": "bob",
            "UserId": "AIDA1",
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
            "GroupList": ["admins"],
            "AttachedManagedPolicies": [],
        }
    ],
    "GroupDetailList": [
        {
            "GroupName": "admins",
            "GroupId": "AGPA1",
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/admins",
            "GroupPolicyList": [{"PolicyName": "g", "PolicyDocument": DOCUMENT}],
            "AttachedManagedPolicies": [],
        }
    ],
    "Policies": [
        {
            "PolicyName": "own",
            "Arn": f"arn:aws:iam::{ACCOUNT}:policy/own",
            "DefaultVersionId": "v2",
            "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": False, "Document": {"Statement": []}},
                {"VersionId": "v2", "IsDefaultVersion": True, "Document": quote(json.dumps(DOCUMENT))},
            ],
        },
        {
            "PolicyName": "AWSLambdaBasicExecutionRole",
            "DefaultVersionId": "v1",
            "Arn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": DOCUMENT}],
        },
    ],
}


def read_details(tmp_path, details):
    (tmp_path / "gaad.json").write_text(json.dumps(details))
    return read(tmp_path)


def test_details_are_read_whole(tmp_path):
    inventory = read_details(tmp_path, DETAILS)
    (role,), (user,), (group,) = inventory.of(Role), inventory.of(User), inventory.of(Group)
    assert role.trust_policy.document == TRUST
    assert role.trust_policy.source.pointer == "/RoleDetailList/0/AssumeRolePolicyDocument"
    assert role.inline_policies[0].document.document == DOCUMENT
    assert role.attached_policies[0].policy_arn == "arn:aws:iam::aws:policy/AWSSupportAccess"
    assert role.permissions_boundary.permissions_boundary_arn == BOUNDARY
    assert (role.tags, role.role_last_used.region) == ({"team": "orders"}, "x")
    assert (user.groups, user.inline_policies, user.permissions_boundary) == (("admins",), (), None)
    assert group.inline_policies[0].document.document == DOCUMENT
    own = inventory.get(f"arn:aws:iam::{ACCOUNT}:policy/own")
    assert own.document.document == DOCUMENT
    assert own.document.source.pointer == "/Policies/0/PolicyVersionList/1/Document"
    assert inventory.accounts == (ACCOUNT,)
    assert inventory.not_read == ()
    assert inventory.coverage.state("iam", "GetAccountAuthorizationDetails") is CoverageState.PRESENT


def test_a_policy_that_is_referred_to_and_not_included_stays_known_as_missing(tmp_path):
    inventory = read_details(tmp_path, DETAILS)
    assert inventory.get(BOUNDARY) is None
    assert inventory.get("arn:aws:iam::aws:policy/AWSSupportAccess") is None
    assert inventory.of(Role)[0].attached_policies != ()


def test_only_what_has_the_wrong_shape_is_lost(tmp_path):
    details = json.loads(json.dumps(DETAILS))
    details["RoleDetailList"] += [{"RoleName": "no arn"}, 7, {"Arn": f"arn:aws:iam::{ACCOUNT}:role/bare"}]
    details["RoleDetailList"][0]["RolePolicyList"].append({"PolicyName": "bad", "PolicyDocument": "%7Bnot json"})
    inventory = read_details(tmp_path, details)
    by_name = {role.name: role for role in inventory.of(Role)}
    assert set(by_name) == {"orders", "bare"}
    assert [policy.document is UNSET for policy in by_name["orders"].inline_policies] == [False, True]
    assert by_name["bare"].inline_policies is UNSET, "a section that was left out was not seen"
    assert by_name["bare"].trust_policy is None
    assert sorted(item.source.pointer for item in inventory.not_read) == [
        "/RoleDetailList/0/RolePolicyList/1/PolicyDocument",
        "/RoleDetailList/1",
        "/RoleDetailList/2",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Policies": None}, "without Policies: taken with a filter?"),
        ({"IsTruncated": True, "Marker": "x"}, "a next page is named and missing"),
    ],
)
def test_details_that_are_incomplete_say_so(tmp_path, change, reason):
    details = {key: value for key, value in {**DETAILS, **change}.items() if value is not None}
    inventory = read_details(tmp_path, details)
    assert [item.reason for item in inventory.not_read] == [reason]
    assert inventory.coverage.state("iam", "GetAccountAuthorizationDetails") is CoverageState.MISSING
    assert len(inventory.of(Role)) == 1


def test_details_in_pages_are_put_together(tmp_path):
    pages = [
        {"RoleDetailList": DETAILS["RoleDetailList"], "IsTruncated": True, "Marker": "x"},
        {key: value for key, value in DETAILS.items() if key != "RoleDetailList"},
    ]
    inventory = read_details(tmp_path, pages)
    assert inventory.not_read == ()
    assert inventory.of(Role)[0].source.pointer == "/0/RoleDetailList/0"
    assert inventory.of(User)[0].source.pointer == "/1/UserDetailList/0"


@pytest.mark.parametrize(
    "text",
    [
        '{"RoleDetailList": [], "RoleDetailList": [{"Arn": "x"}]}',
        '{"RoleDetailList": [{"Arn": "x"}], "Policies": [{"Arn": "p"}], "RoleDetailList": [ ]}',
        '{"RoleDetailList": [{"Arn": "x"}, {"Arn": "y"}], "Policies": [], "RoleDetailList": [{"Arn": "x"}]}',
        '{"RoleDetailList": [{"Arn": "x"}], "Role\\u0044etailList": [{"Arn": "y"}]}',
    ],
)
def test_a_section_that_stands_twice_is_refused(tmp_path, text):
    (tmp_path / "iam-get-account-authorization-details.json").write_text(text)
    inventory = read(tmp_path)
    assert [item.reason for item in inventory.not_read] == ["not JSON: an object names the key 'RoleDetailList' twice"]


def test_several_accounts_in_one_export(tmp_path):
    other = json.loads(json.dumps(DETAILS).replace(ACCOUNT, "444455556666"))
    (tmp_path / "one.json").write_text(json.dumps(DETAILS))
    (tmp_path / "two.json").write_text(json.dumps(other))
    inventory = read(tmp_path)
    assert inventory.accounts == (ACCOUNT, "444455556666")
    assert len(inventory.of(ManagedPolicy)) == 3, "the one of AWS is the same for both"
    for account in inventory.accounts:
        assert (
            inventory.coverage.state("iam", "GetAccountAuthorizationDetails", account=account) is CoverageState.PRESENT
        )


def test_a_large_file_is_read_item_by_item(tmp_path):
    """What is held besides the records is the bytes of the file, once or twice."""
    role = DETAILS["RoleDetailList"][0]
    statements = [{"Effect": "Allow", "Action": f"s3:Get{number}", "Resource": "*"} for number in range(100)]
    document = {"Version": "2012-10-17", "Statement": statements}
    roles = [
        {
            **role,
            "RoleName": f"r{number}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/r{number}",
            "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document}],
        }
        for number in range(1500)
    ]
    path = tmp_path / "gaad.json"
    path.write_text(json.dumps({**DETAILS, "RoleDetailList": roles}))
    size = path.stat().st_size
    tracemalloc.start()
    inventory = read(path)
    _, peak = tracemalloc.get_traced_memory()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(inventory.of(Role)) == 1500
    assert peak < kept + 2.5 * size


@mock_aws
def test_identities_made_with_boto3_are_read_whole(tmp_path):
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName="orders", Path="/app/", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="orders", PolicyName="inline", PolicyDocument=json.dumps(DOCUMENT))
    arn = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(DOCUMENT))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="orders", PolicyArn=arn)
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ThumbprintList=["0" * 40])
    iam.create_user(UserName="bob")
    inventory = exported(tmp_path, "iam")
    role = inventory.get(f"arn:aws:iam::{ACCOUNT}:role/app/orders")
    assert role.inline_policies[0].document.document == DOCUMENT
    assert inventory.get(role.attached_policies[0].policy_arn).document.document == DOCUMENT
    assert [provider.name for provider in inventory.of(FederationProvider)] == ["token.actions.githubusercontent.com"]
    assert [user.name for user in inventory.of(User)] == ["bob"]


# ---------------------------------------------------------------- organizations

MANAGEMENT, MEMBER = "999999999999", ACCOUNT
ORG = f"arn:aws:organizations::{MANAGEMENT}"
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GUARD = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}


def organization(*, kind="SERVICE_CONTROL_POLICY", enabled=("SERVICE_CONTROL_POLICY",), paths=False, leave_out=()):
    account = {"Id": MEMBER, "Arn": f"{ORG}:account/o-1/{MEMBER}", "Name": "member", "Status": "ACTIVE"}
    if paths:
        account["Paths"] = [f"o-1/r-1/ou-1-a/ou-1-b/{MEMBER}/"]
    policies = {"p-Full": FULL, "p-Guard": GUARD}
    targets = {"p-Full": ["r-1", "ou-1-a", "ou-1-b", MEMBER], "p-Guard": ["ou-1-b"]}
    summary = {
        key: {"Id": key, "Arn": f"{ORG}:policy/o-1/x/{key}", "Name": key, "Type": kind, "AwsManaged": False}
        for key in policies
    }
    found = [
        answer(
            "organizations.DescribeOrganization",
            {
                "Organization": {
                    "Id": "o-1",
                    "Arn": f"{ORG}:organization/o-1",
                    "FeatureSet": "ALL",
                    "MasterAccountId": MANAGEMENT,
                }
            },
        ),
        answer("organizations.ListAccounts", {"Accounts": [account]}),
        answer(
            "organizations.ListRoots",
            {
                "Roots": [
                    {
                        "Id": "r-1",
                        "Arn": f"{ORG}:root/o-1/r-1",
                        "PolicyTypes": [{"Type": name, "Status": "ENABLED"} for name in enabled],
                    }
                ]
            },
        ),
        answer("organizations.ListPolicies", {"Policies": list(summary.values())}),
        *(
            answer(
                "organizations.DescribePolicy",
                {"Policy": {"PolicySummary": summary[key], "Content": json.dumps(content)}},
                key,
            )
            for key, content in policies.items()
        ),
        *(
            answer(
                "organizations.ListTargetsForPolicy",
                {"Targets": [{"TargetId": target} for target in targets[key]]},
                key,
            )
            for key in policies
        ),
    ]
    if not paths:
        found += [
            answer("organizations.ListParents", {"Parents": [{"Id": "ou-1-b", "Type": "ORGANIZATIONAL_UNIT"}]}, MEMBER),
            answer(
                "organizations.ListParents", {"Parents": [{"Id": "ou-1-a", "Type": "ORGANIZATIONAL_UNIT"}]}, "ou-1-b"
            ),
            answer(
                "organizations.ListOrganizationalUnitsForParent", {"OrganizationalUnits": [{"Id": "ou-1-a"}]}, "r-1"
            ),
        ]
    return feed(*(one for one in found if (one.operation, one.argument()) not in leave_out))


@pytest.mark.parametrize("paths", [True, False])
def test_control_policies_are_told_level_by_level(paths):
    inventory = organization(paths=paths)
    assert inventory.not_read == ()
    found = control_policies(inventory, MEMBER, "SERVICE_CONTROL_POLICY")
    assert [[policy.document for policy in level] for level in found.levels] == [[FULL], [FULL], [FULL, GUARD], [FULL]]
    assert {unit.id for unit in inventory.of(OrganizationalUnit)} == {"r-1", "ou-1-a", "ou-1-b"}
    assert [account.parent for account in inventory.of(OrganizationAccount)] == ["ou-1-b"]


@pytest.mark.parametrize(
    ("leave_out", "missing"),
    [
        ([("ListParents", MEMBER)], "the organizational units above the account"),
        ([("ListParents", "ou-1-b")], "the organizational units above the account"),
        ([("ListTargetsForPolicy", "p-Guard")], "what policy p-Guard is attached to"),
        ([("DescribePolicy", "p-Guard")], "the document of policy p-Guard"),
        ([("DescribeOrganization", "")], "whether the account is in an organization"),
    ],
)
def test_control_policies_are_unknown_where_a_part_is_missing(leave_out, missing):
    found = control_policies(organization(leave_out=leave_out), MEMBER, "SERVICE_CONTROL_POLICY")
    assert (found.levels, found.missing) == (UNSET, missing)


def test_control_policies_do_not_apply_to_all():
    inventory = organization()
    assert control_policies(inventory, MANAGEMENT, "SERVICE_CONTROL_POLICY").levels is None
    assert control_policies(inventory, MEMBER, "RESOURCE_CONTROL_POLICY").levels is None, "not switched on"
    both = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
    found = control_policies(organization(enabled=both), MEMBER, "RESOURCE_CONTROL_POLICY")
    assert (found.levels, found.missing) == (UNSET, "the list of these policies")
    alone = answer("organizations.DescribeOrganization", {})
    assert control_policies(feed(alone), ACCOUNT, "SERVICE_CONTROL_POLICY").levels is None


@pytest.mark.parametrize(("listed", "found"), [([], ()), (None, UNSET), ([{"Arn": "p"}], ("p",))])
def test_instance_profiles_that_were_not_told_are_not_none(listed, found):
    item = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/orders", "AssumeRolePolicyDocument": TRUST}
    if listed is not None:
        item["InstanceProfileList"] = listed
    (role,) = feed(answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [item]})).of(Role)
    assert role.instance_profiles == found
