"""Escalation in an inventory: as tables, and as edges of the graph."""

import json

import boto3
import pytest
from moto import mock_aws

from auditkit import can, connect, escalation_steps, escalations, read
from auditkit.errors import GraphError
from auditkit.graph.expanding import expand, members
from auditkit.graph.schema import AccessLevel, EdgeKind, Evidence
from auditkit.inventory import Kind
from tests.exports.feeding import ACCOUNT, REGION, answer, feed
from tests.graph.test_identities import (
    ADMIN,
    FN,
    NO_ORGANIZATION,
    QUEUE,
    ROLE,
    TRUST,
    allow,
    details,
    document,
    function,
    managed,
    role,
)

LISTED = (answer("lambda.ListFunctions", {"Functions": []}),)
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/own"
PASS = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])


def user(*statements, groups=()):
    inline = [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else []
    item = {"Arn": USER, "UserName": "ann", "UserPolicyList": inline, "GroupList": list(groups), "Tags": []}
    return item | {"AttachedManagedPolicies": []}


def told(*answers):
    frame = escalations(feed(*answers))
    return {row["principal"]: row for row in frame.to_dict("records")}


def found(*answers):
    graph = connect(feed(*answers))
    return {
        (origin, target): data for origin, target, data in graph.edges(data=True) if data["kind"] is EdgeKind.ESCALATES
    }


def test_a_path_is_told_with_the_statements_that_allow_it():
    row = told(details(role(ROLE, PASS), role(ADMIN, allow("*"))), NO_ORGANIZATION)[ROLE]
    assert (row["admin"], row["escalates"], row["conditional"], row["steps"]) == (False, True, False, 1)
    assert row["path"] == [
        {
            "from": ROLE,
            "to": ADMIN,
            "technique": "lambda-001",
            "permissions": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
            "conditional": False,
        }
    ]
    assert [source.pointer for source in row["sources"]] == [
        "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0",
        "/RoleDetailList/1/AssumeRolePolicyDocument/Statement/0",
    ]
    assert row["how"] == "Make a function that runs in the role (role/admin)"
    assert row["not_seen"] == ()


def test_who_makes_a_call_besides_is_named():
    ann = user(allow("sts:AssumeRole", ROLE), allow("lambda:InvokeFunction"))
    trusting = {**TRUST, "Principal": {"AWS": ACCOUNT}}
    maker = role(ROLE, allow(["iam:PassRole", "lambda:CreateFunction"]), trust=(trusting,))
    row = told(details(maker, role(ADMIN, allow("*")), users=[ann]), *LISTED, NO_ORGANIZATION)[USER]
    first, second = row["how"].split("; ")
    assert first == f"Assume the role ({ROLE.rpartition(':')[2]})"
    assert second == "Make a function that runs in the role (role/admin, with user/ann)"


def test_policies_of_an_organization_that_were_not_seen_are_named():
    row = told(details(role(ROLE, PASS), role(ADMIN, allow("*"))))[ROLE]
    assert (row["conditional"], row["not_seen"]) == (False, ("service control policies",))


def test_a_boundary_that_is_not_in_the_export_leaves_it_open():
    row = told(details(role(ROLE, PASS, boundary=POLICY), role(ADMIN, allow("*"))), NO_ORGANIZATION)[ROLE]
    assert (row["escalates"], row["conditional"], row["hangs_on"]) == (True, True, ("the permissions boundary",))


@pytest.mark.parametrize(("name", "admin"), [("PowerUserAccess", False), ("AdministratorAccess", True)])
def test_a_boundary_of_aws_s_own_is_known_by_its_published_document(name, admin, tmp_path):
    bound = role(ROLE, allow("*"), boundary=f"arn:aws:iam::aws:policy/{name}")
    file = tmp_path / "details.json"
    file.write_text(json.dumps(details(bound).payload))
    (row,) = escalations(read(file)).to_dict("records")
    assert (row["admin"], row["escalates"], row["hangs_on"]) == (admin, False, ())


def test_policies_that_were_not_seen_grant_nothing():
    unseen = {key: value for key, value in role(ROLE).items() if key != "AttachedManagedPolicies"}
    row = told(details(unseen, role(ADMIN, allow("*"))), NO_ORGANIZATION)[ROLE]
    assert (row["admin"], row["escalates"], row["not_seen"]) == (False, False, ("a policy of the principal",))


def test_an_older_version_of_a_policy_counts_once_it_is_the_default():
    own = managed(POLICY, allow("iam:SetDefaultPolicyVersion"))
    own["PolicyVersionList"].append({"VersionId": "v2", "IsDefaultVersion": False, "Document": document(allow("*"))})
    path = told(details(role(ROLE, attached=[POLICY]), policies=[own]), NO_ORGANIZATION)[ROLE]["path"]
    assert [(step["technique"], step["to"]) for step in path] == [("iam-set-default-policy-version", ROLE)]
    only = managed(POLICY, allow("iam:SetDefaultPolicyVersion"))
    assert not told(details(role(ROLE, attached=[POLICY]), policies=[only]), NO_ORGANIZATION)[ROLE]["escalates"]


def test_functions_that_the_export_lists_are_known():
    change = role(ADMIN.replace("admin", "dev"), allow("lambda:UpdateFunctionCode"))
    boss = role(ROLE, allow("*"))
    who = change["Arn"]
    assert told(details(change, boss), NO_ORGANIZATION)[who]["conditional"]
    assert not told(details(change, boss), *LISTED, NO_ORGANIZATION)[who]["escalates"]
    row = told(details(change, boss), *function(), NO_ORGANIZATION)[who]
    assert (row["escalates"], row["conditional"]) == (True, False)
    assert (change["Arn"], ROLE) not in found(details(change, boss), *function(), NO_ORGANIZATION)  # by its code


def test_every_step_of_one_principal():
    inventory = feed(details(role(ROLE, PASS), role(ADMIN)), NO_ORGANIZATION)
    frame = escalation_steps(inventory, ROLE)
    assert list(frame["to"]) == [ADMIN]
    assert list(frame["technique"]) == ["lambda-001"]
    assert frame["sources"][0]
    with pytest.raises(GraphError, match="no user or role"):
        escalation_steps(inventory, FN)


def test_an_edge_leads_to_the_role_that_is_passed():
    edge = found(details(role(ROLE, PASS), role(ADMIN, allow("s3:*"))), NO_ORGANIZATION)[ROLE, ADMIN]
    assert (edge["cost"], edge["evidence"], edge["unknown"]) == (1, Evidence.PERMITTED, "")
    assert edge["detail"].startswith("lambda-001: iam:PassRole")
    assert len(edge["sources"]) == 2


def test_without_the_policies_of_the_organization_an_edge_is_gated():
    edge = found(details(role(ROLE, PASS), role(ADMIN, allow("s3:*"))))[ROLE, ADMIN]
    assert (edge["cost"], edge["unknown"]) == (4, "service control policies")


def test_a_condition_gates_an_edge():
    when = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    edge = found(details(role(ROLE, PASS | {"Condition": when}), role(ADMIN, allow("s3:*"))), NO_ORGANIZATION)[
        ROLE, ADMIN
    ]
    assert (edge["cost"], edge["conditions"]) == (4, ("aws:MultiFactorAuthPresent",))


def test_who_surely_becomes_an_administrator_under_conditions_surely_becomes_that_role():
    services = [f"{service}:*" for service in ("cloudformation", "dynamodb", "ec2", "lambda", "s3", "ssm")]
    elsewhere = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    tied = allow(services) | {"Effect": "Deny", "Condition": elsewhere}
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    account = details(role(ROLE, PASS), role(ADMIN, allow("*"), tied), role(other, allow("s3:*"))), NO_ORGANIZATION
    edges = found(*account)
    reached = {target: (edge["cost"], edge["conditions"]) for (origin, target), edge in edges.items() if origin == ROLE}
    assert reached == {ADMIN: (1, ()), other: (1, ())}
    row = told(*account)[ROLE]
    assert (row["escalates"], row["conditional"]) == (True, False)  # what is denied to the role is not to a new user


def test_who_makes_itself_an_administrator_reaches_every_store_of_the_account():
    queue = answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": QUEUE}}, "jobs")
    graph = connect(feed(details(role(ROLE, allow("iam:PutRolePolicy", ROLE))), queue, NO_ORGANIZATION))
    made = f"administrator:{ACCOUNT}"
    (edge,) = graph.get_edge_data(ROLE, made).values()
    assert (edge["kind"], edge["cost"]) == (EdgeKind.ESCALATES, 1)
    levels = {data["access"] for target in graph[made] for data in graph[made][target].values()}
    assert levels <= {AccessLevel.ADMIN}
    assert not graph.nodes[made]["exists"]


def test_a_group_on_the_way_is_part_of_the_edge():
    group = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/ops",
        "GroupName": "ops",
        "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": document(PASS)}],
        "AttachedManagedPolicies": [],
    }
    people = {"users": [user(allow("iam:AddUserToGroup"))], "groups": [group]}
    edges = found(details(role(ADMIN, allow("*")), **people), NO_ORGANIZATION)
    assert edges[USER, ADMIN]["cost"] == 2
    row = told(details(role(ADMIN, allow("*")), **people), NO_ORGANIZATION)[USER]
    assert [step["to"] for step in row["path"]] == [group["Arn"], ADMIN]


def test_a_circle_of_groups_and_odd_arns_is_no_error():
    odd = role("arn:aws:iam::nonsense", allow("*"))
    linked = role(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", allow("*"))
    group = {"Arn": "nonsense", "GroupName": "ann", "GroupPolicyList": [], "AttachedManagedPolicies": []}
    people = {"users": [user(allow("*"), groups=["ann", "missing"])], "groups": [group]}
    people["policies"] = [managed("arn:nonsense", allow("*")), managed("", allow("*"))]
    weak = role(f"arn:aws:iam::{ACCOUNT}:role/weak", allow(["iam:AddUserToGroup", "iam:AttachUserPolicy"]))
    when = {"StringEquals": {"iam:PolicyARN": "x"}}
    told(details(weak, role(ROLE, allow("iam:Attach*", Condition=when)), **people), NO_ORGANIZATION)
    rows = told(details(odd, linked, role(ROLE, trust=({"Effect": "Allow"},)), **people), NO_ORGANIZATION)
    assert rows[USER]["admin"]
    assert not rows[linked["Arn"]]["admin"]


@mock_aws
def test_details_as_iam_gives_them(tmp_path):
    iam = boto3.client("iam", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    trust = json.dumps(document(TRUST))
    iam.create_role(RoleName="boss", AssumeRolePolicyDocument=trust)
    full = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(document(allow("*"))))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="boss", PolicyArn=full)
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=json.dumps(document(PASS)))
    iam.create_group(GroupName="devs")
    iam.put_group_policy(
        GroupName="devs", PolicyName="own", PolicyDocument=json.dumps(document(allow("iam:CreatePolicyVersion")))
    )
    for name in ("dev", "guest"):
        iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName="devs", UserName="dev")
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(document(allow("s3:ListBucket"))))["Policy"][
        "Arn"
    ]
    iam.attach_user_policy(UserName="dev", PolicyArn=own)
    pages = list(
        iam.get_paginator("get_account_authorization_details").paginate(
            Filter=["User", "Role", "Group", "LocalManagedPolicy"]
        )
    )
    (tmp_path / "details.json").write_text(json.dumps(pages, default=str))

    rows = {row["principal"].rpartition("/")[2]: row for row in escalations(read(tmp_path)).to_dict("records")}
    assert {name: (row["admin"], [step["technique"] for step in row["path"]]) for name, row in rows.items()} == {
        "boss": (True, []),
        "deploy": (False, ["lambda-001"]),
        "dev": (False, ["iam-001"]),
        "guest": (False, []),
    }


def _placed(service):
    return role(ROLE, allow("*"), trust=(TRUST | {"Principal": {"Service": service}},), InstanceProfileList=PROFILES)


PROFILES = [{"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/orders", "InstanceProfileName": "orders", "Roles": []}]
PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/web"
NOTEBOOK = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/lab"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/net/1"
DETAILS = {"projects": [{"name": "web", "arn": PROJECT, "serviceRole": ROLE}]}
NOTE = {"NotebookInstanceName": "lab", "NotebookInstanceArn": NOTEBOOK}
INSTANCE = {"InstanceId": "i-1", "IamInstanceProfile": {"Arn": PROFILES[0]["Arn"]}}


@pytest.mark.parametrize(
    ("action", "service", "there", "empty"),
    [
        (
            "codebuild:StartBuild",
            "codebuild.amazonaws.com",
            (
                answer("codebuild.ListProjects", {"projects": ["web"]}),
                answer("codebuild.BatchGetProjects", DETAILS, "web"),
            ),
            answer("codebuild.ListProjects", {"projects": []}),
        ),
        (
            "ssm:StartSession",
            "ec2.amazonaws.com",
            (answer("ec2.DescribeInstances", {"Reservations": [{"Instances": [INSTANCE]}]}),),
            answer("ec2.DescribeInstances", {"Reservations": []}),
        ),
        (
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "sagemaker.amazonaws.com",
            (
                answer("sagemaker.ListNotebookInstances", {"NotebookInstances": [NOTE]}),
                answer("sagemaker.DescribeNotebookInstance", NOTE | {"RoleArn": ROLE}, "lab"),
            ),
            answer("sagemaker.ListNotebookInstances", {"NotebookInstances": []}),
        ),
        (
            "cloudformation:UpdateStack",
            "cloudformation.amazonaws.com",
            (answer("cloudformation.DescribeStacks", {"Stacks": [{"StackId": STACK, "RoleARN": ROLE}]}),),
            answer("cloudformation.DescribeStacks", {"Stacks": []}),
        ),
    ],
)
def test_what_runs_in_a_role_is_known_once_it_is_listed(action, service, there, empty):
    people = details(role(ADMIN, allow(action)), _placed(service))
    told_without, told_with, told_none = (
        told(people, *answers, NO_ORGANIZATION)[ADMIN] for answers in ((), there, (empty,))
    )
    assert (told_without["escalates"], told_without["conditional"]) == (True, True)
    assert (told_with["escalates"], told_with["conditional"]) == (True, False)
    assert not told_none["escalates"]


def test_many_roles_that_are_reached_alike_are_one_grant():
    others = [role(f"arn:aws:iam::{ACCOUNT}:role/r{number}", allow("s3:ListBucket")) for number in range(12)]
    inventory = feed(details(role(ROLE, PASS), role(ADMIN, PASS), *others), *LISTED, NO_ORGANIZATION)
    graph = connect(inventory)
    shared = {target for origin in (ROLE, ADMIN) for target in graph[origin]}
    (grant,) = [node for node in shared if graph.nodes[node]["kind"] is Kind.GRANT]
    assert {data["kind"] for _, _, data in graph.out_edges(grant, data=True)} == {EdgeKind.ESCALATES}
    (scope,) = graph[grant]
    assert set(members(graph, scope)) == {ROLE, ADMIN, *(other["Arn"] for other in others)}
    plain = expand(graph)
    assert {target for _, target, data in plain.out_edges(ROLE, data=True) if data["kind"] is EdgeKind.ESCALATES} == {
        ADMIN,
        *(other["Arn"] for other in others),
    }


BOTH = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
REFUSED = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
SEALED = REFUSED | {"Action": "kms:*"}
CONTROLS = {"p-S": (BOTH[0], document(allow("*"))), "p-R": (BOTH[1], document(REFUSED, SEALED))}


def organization(*attached):
    """Yield what an export says of an organization with two policies, of which some are attached."""
    place = "arn:aws:organizations::999999999999"
    root = {"Id": "r-1", "Arn": f"{place}:root/o-1/r-1"}
    root["PolicyTypes"] = [{"Type": kind, "Status": "ENABLED"} for kind in BOTH]
    described = {"Id": "o-1", "Arn": f"{place}:organization/o-1", "MasterAccountId": "999999999999"}
    member = {"Id": ACCOUNT, "Arn": f"{place}:account/o-1/{ACCOUNT}", "Status": "ACTIVE"}
    summaries = {
        key: {"Id": key, "Arn": f"{place}:policy/o-1/x/{key}", "Name": key, "Type": kind}
        for key, (kind, _) in CONTROLS.items()
    }
    yield answer("organizations.DescribeOrganization", {"Organization": described | {"FeatureSet": "ALL"}})
    yield answer("organizations.ListAccounts", {"Accounts": [member]})
    yield answer("organizations.ListRoots", {"Roots": [root]})
    yield answer("organizations.ListPolicies", {"Policies": list(summaries.values())})
    yield answer("organizations.ListParents", {"Parents": [{"Id": "r-1", "Type": "ROOT"}]}, ACCOUNT)
    for key, summary in summaries.items():
        content = json.dumps(CONTROLS[key][1])
        targets = [{"TargetId": target} for target in (["r-1", ACCOUNT] if key in attached else [])]
        yield answer("organizations.DescribePolicy", {"Policy": {"PolicySummary": summary, "Content": content}}, key)
        yield answer("organizations.ListTargetsForPolicy", {"Targets": targets}, key)


def test_a_resource_control_policy_on_assuming_roles_cuts_the_path():
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    roles = details(role(ROLE, allow("sts:AssumeRole")), role(ADMIN, allow("*"), trust=(trust,)))
    assert told(roles, *organization("p-S"))[ROLE]["escalates"]
    assert not told(roles, *organization("p-S", "p-R"))[ROLE]["escalates"]


@pytest.mark.parametrize(("manager", "expected"), [("CUSTOMER", "EXPLICIT_DENY"), ("AWS", "ALLOW")])
def test_a_resource_control_policy_does_not_reach_keys_that_aws_manages(manager, expected):
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1"
    own = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    found = feed(
        details(role(ROLE, allow("kms:*"))),
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k-1", "KeyArn": key}]}),
        answer("kms.DescribeKey", {"KeyMetadata": {"KeyId": "k-1", "Arn": key, "KeyManager": manager}}, "k-1"),
        answer("kms.GetKeyPolicy", {"Policy": document(own)}, "k-1"),
        *organization("p-S", "p-R"),
    )
    assert can(found, ROLE, "kms:Decrypt", key)["outcome"].iloc[0] == expected


def test_the_policy_of_a_function_may_hand_its_code_to_a_role():
    policy = allow("lambda:UpdateFunctionCode", FN) | {"Principal": {"AWS": ROLE}}
    code = {"FunctionName": "orders", "FunctionArn": FN, "Role": ADMIN}
    listed = answer("lambda.ListFunctions", {"Functions": [code]})
    held = answer("lambda.GetPolicy", {"Policy": json.dumps(document(policy))}, "orders")
    row = told(details(role(ROLE), role(ADMIN, allow("*"))), listed, held, NO_ORGANIZATION)[ROLE]
    assert [(step["technique"], step["to"], step["conditional"]) for step in row["path"]] == [
        ("lambda-003", ADMIN, False)
    ]
