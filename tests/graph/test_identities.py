"""Principals in the graph: who assumes what, who may do what, and what is missing where that is not known."""

import json

import pytest

from auditkit.graph.connect import connect, validate
from auditkit.graph.grounds import what_is_missing
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Evidence, Limit
from auditkit.policy import Grant, Outcome, PolicyKind, StatementRef
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

OTHER = "444455556666"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
NO_ORGANIZATION = answer("organizations.DescribeOrganization", {})


def allow(action, resource="*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(arn=ROLE, *statements, trust=(TRUST,), boundary=None, attached=(), **fields):
    item = {
        "Arn": arn,
        "AssumeRolePolicyDocument": document(*trust),
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else [],
        "AttachedManagedPolicies": [{"PolicyArn": policy, "PolicyName": "x"} for policy in attached],
        "Tags": [],
        **fields,
    }
    if boundary:
        item["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary, "PermissionsBoundaryType": "Policy"}
    return item


def managed(arn, *statements):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*statements)}
    return {"Arn": arn, "PolicyName": "m", "DefaultVersionId": "v1", "PolicyVersionList": [version]}


def details(*roles, users=(), groups=(), policies=()):
    sections = {"RoleDetailList": roles, "UserDetailList": users, "GroupDetailList": groups, "Policies": policies}
    return answer("iam.GetAccountAuthorizationDetails", {key: list(items) for key, items in sections.items()})


def function(policy=None):
    item = {"FunctionName": "orders", "FunctionArn": FN, "Role": ROLE}
    text = json.dumps(document(*policy)) if policy else None
    return (
        answer("lambda.ListFunctions", {"Functions": [item]}),
        answer("lambda.GetPolicy", {"Policy": text} if text else {}, "orders"),
    )


def table(policy=None):
    described = answer(
        "dynamodb.DescribeTable",
        {"Table": {"TableName": "orders", "TableArn": TABLE, "TableStatus": "ACTIVE"}},
        "orders",
    )
    answered = answer("dynamodb.GetResourcePolicy", {"Policy": json.dumps(document(*policy))} if policy else {}, TABLE)
    return described, answered


def queue(*statements):
    attributes = {"QueueArn": QUEUE}
    if statements:
        attributes["Policy"] = json.dumps(document(*statements))
    return answer(
        "sqs.GetQueueAttributes", {"Attributes": attributes}, f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
    )


def graph_of(*responses, organization=NO_ORGANIZATION):
    graph = connect(feed(*responses, *([organization] if organization else [])))
    validate(graph)
    return graph


def edges(graph, origin, target, kind=None):
    found = graph.get_edge_data(origin, target) or {}
    return [edge for edge in found.values() if kind is None or edge["kind"] is kind]


def access(graph, origin, target):
    return {edge["access"]: edge["cost"] for edge in edges(graph, origin, target, EdgeKind.PERMITS)}


def test_a_grant_is_an_edge_per_access_level_with_its_statement():
    graph = graph_of(
        *table(), details(role(ROLE, allow(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"], TABLE)))
    )
    assert access(graph, ROLE, TABLE) == {AccessLevel.READ: 0, AccessLevel.WRITE: 0}
    (edge,) = [edge for edge in edges(graph, ROLE, TABLE) if edge["access"] is AccessLevel.READ]
    assert (edge["label"], edge["evidence"], edge["conditions"]) == ("GetItem, Query", Evidence.PERMITTED, ())
    assert edge["sources"][0].pointer == "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0"


def test_a_deny_takes_the_edge_away_and_a_condition_makes_it_dear():
    denied = allow("dynamodb:PutItem", TABLE, "Deny")
    graph = graph_of(*table(), details(role(ROLE, allow("dynamodb:*"), denied)))
    assert AccessLevel.READ in access(graph, ROLE, TABLE)
    labels = {edge["access"]: edge["detail"] or edge["label"] for edge in edges(graph, ROLE, TABLE)}
    assert "PutItem" not in labels[AccessLevel.WRITE].split(", ")
    condition = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    graph = graph_of(*table(), details(role(ROLE, allow("dynamodb:GetItem", TABLE, **condition))))
    (edge,) = edges(graph, ROLE, TABLE)
    assert (edge["cost"], edge["conditions"]) == (4, ("aws:SourceIp",))


def test_the_least_doubtful_grant_decides():
    condition = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    statements = allow("dynamodb:GetItem", TABLE, **condition), allow("dynamodb:Query", TABLE)
    (edge,) = edges(graph_of(*table(), details(role(ROLE, *statements))), ROLE, TABLE)
    assert (edge["cost"], edge["conditions"], edge["label"]) == (0, (), "Query")


def test_what_a_caller_chooses_is_no_condition():
    plain = allow("dynamodb:*", TABLE, "Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    graph = graph_of(*table([plain]), details(role(ROLE, allow("dynamodb:GetItem", TABLE))))
    assert access(graph, ROLE, TABLE) == {AccessLevel.READ: 0}


def test_managed_policies_boundaries_and_groups_count():
    policy, boundary = f"arn:aws:iam::{ACCOUNT}:policy/p", f"arn:aws:iam::{ACCOUNT}:policy/b"
    given = managed(policy, allow("dynamodb:*")), managed(boundary, allow("dynamodb:GetItem"))
    graph = graph_of(*table(), details(role(ROLE, attached=[policy], boundary=boundary), policies=given))
    assert access(graph, ROLE, TABLE) == {AccessLevel.READ: 0}
    user = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
        "UserName": "bob",
        "GroupList": ["g"],
        "AttachedManagedPolicies": [],
    }
    group = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/g",
        "GroupName": "g",
        "AttachedManagedPolicies": [],
        "GroupPolicyList": [{"PolicyName": "x", "PolicyDocument": document(allow("dynamodb:GetItem"))}],
    }
    graph = graph_of(*table(), details(users=[user], groups=[group]))
    assert access(graph, user["Arn"], TABLE) == {AccessLevel.READ: 0}


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({"attached": ["arn:aws:iam::aws:policy/Some"]}, "a policy of the principal"),
        ({"boundary": f"arn:aws:iam::{ACCOUNT}:policy/b"}, "the permissions boundary"),
        ({"RolePolicyList": None}, "a policy of the principal"),
    ],
)
def test_a_policy_that_the_export_lacks_is_named_and_makes_edges_dear(fields, unknown):
    statements = () if "RolePolicyList" in fields else (allow("dynamodb:GetItem", TABLE),)
    graph = graph_of(*table(), details(role(ROLE, *statements, **fields)))
    found = edges(graph, ROLE, TABLE, EdgeKind.PERMITS)
    doubtful = [edge for edge in found if edge["unknown"]]
    assert doubtful
    assert {(edge["unknown"], edge["cost"]) for edge in doubtful} == {(unknown, 4)}


def test_without_the_organization_a_grant_is_not_certain():
    graph = graph_of(*table(), details(role(ROLE, allow("dynamodb:GetItem", TABLE))), organization=None)
    (edge,) = edges(graph, ROLE, TABLE)
    assert (edge["unknown"], edge["cost"]) == ("resource control policies, service control policies", 4)


def test_reading_needs_the_key_as_well():
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
    listed = answer(
        "secretsmanager.ListSecrets", {"SecretList": [{"ARN": secret, "Name": "db", "KmsKeyId": "alias/own"}]}
    )
    none = answer("secretsmanager.GetResourcePolicy", {}, secret)
    key = (
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k-1", "KeyArn": KEY}]}),
        answer("kms.ListAliases", {"Aliases": [{"AliasName": "alias/own", "TargetKeyId": "k-1"}]}),
        answer(
            "kms.GetKeyPolicy",
            {"Policy": json.dumps(document(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})))},
            "k-1",
        ),
    )
    read = allow("secretsmanager:GetSecretValue", secret)
    without = graph_of(listed, none, *key, details(role(ROLE, read)))
    assert access(without, ROLE, secret) == {}
    both = graph_of(listed, none, *key, details(role(ROLE, read, allow("kms:Decrypt", KEY))))
    assert access(both, ROLE, secret) == {AccessLevel.READ: 0}
    unseen = graph_of(listed, *key, details(role(ROLE, read, allow("kms:Decrypt", KEY))))
    assert [edge["unknown"] for edge in edges(unseen, ROLE, secret)] == ["denials of the resource policy"]
    key_alone = graph_of(listed, *key, details(role(ROLE, allow("kms:Decrypt", KEY))))
    assert access(key_alone, ROLE, secret) == {}


def test_a_grant_on_a_part_of_a_store_stands_also_where_its_resource_policy_was_not_seen():
    listed = answer("s3.ListBuckets", {"Buckets": [{"Name": "code", "CreationDate": "2026-01-01T00:00:00Z"}]})
    place = answer("s3.GetBucketLocation", {"LocationConstraint": REGION}, "code")
    write = allow("s3:PutObject", "arn:aws:s3:::code/live/*")
    graph = graph_of(listed, place, details(role(ROLE, write)))
    (edge,) = edges(graph, ROLE, "arn:aws:s3:::code", EdgeKind.PERMITS)
    assert (edge["label"], edge["unknown"]) == ("PutObject", "denials of the resource policy")


def test_who_may_run_or_change_a_function():
    lambda_actions = allow(["lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:GetFunction"], FN)
    graph = graph_of(*function(), details(role(ADMIN, lambda_actions)))
    found = {edge["kind"]: (edge["cost"], edge["label"]) for edge in edges(graph, ADMIN, FN)}
    assert found == {EdgeKind.INVOKES: (1, "InvokeFunction"), EdgeKind.CHANGES_CODE: (1, "UpdateFunctionCode")}


# ---------------------------------------------------------------- trust


def assumes(graph, origin, target=ROLE):
    return [(edge["cost"], edge["conditions"]) for edge in edges(graph, origin, target, EdgeKind.ASSUMES)]


def trusting(*statements):
    return details(role(ROLE, trust=statements), role(ADMIN, allow("sts:AssumeRole")))


def test_a_service_assumes_the_role_that_trusts_it():
    assert assumes(graph_of(trusting(TRUST)), "service:lambda.amazonaws.com") == [(1, ())]


def test_a_role_assumes_another_where_both_sides_allow():
    by_name = {"Effect": "Allow", "Principal": {"AWS": ADMIN}, "Action": "sts:AssumeRole"}
    by_account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    assert assumes(graph_of(trusting(by_name)), ADMIN) == [(1, ())]
    assert assumes(graph_of(trusting(by_account)), ADMIN) == [(1, ())]
    assert assumes(graph_of(trusting(TRUST)), ADMIN) == []
    graph = graph_of(details(role(ROLE, trust=[by_account]), role(ADMIN)))
    assert assumes(graph, ADMIN) == [], "naming the account delegates, the identity must be allowed as well"


def test_another_account_is_an_entry():
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "sts:AssumeRole"}
    graph = graph_of(trusting(statement))
    assert assumes(graph, f"arn:aws:iam::{OTHER}:root") == [(1, ())]
    assert graph.nodes[f"arn:aws:iam::{OTHER}:root"]["entry"] is EntryKind.OTHER_ACCOUNT
    external = {**statement, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    assert assumes(graph_of(trusting(external)), f"arn:aws:iam::{OTHER}:root") == [(4, ("sts:ExternalId",))]


def test_a_federation_without_a_condition_is_an_entry():
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    listed = answer("iam.ListOpenIDConnectProviders", {"OpenIDConnectProviderList": [{"Arn": provider}]})
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
    graph = graph_of(listed, trusting(statement))
    assert assumes(graph, provider) == [(1, ())]
    assert graph.nodes[provider]["entry"] is EntryKind.THIRD_PARTY
    key = "token.actions.githubusercontent.com:sub"
    narrowed = graph_of(listed, trusting({**statement, "Condition": {"StringLike": {key: "repo:acme/*"}}}))
    assert assumes(narrowed, provider) == [(4, (key,))]
    assert narrowed.nodes[provider]["entry"] is None


def test_anyone_assumes_a_role_that_trusts_all():
    graph = graph_of(trusting({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}))
    assert assumes(graph, INTERNET) == [(1, ())]


# ---------------------------------------------------------------- resource policies of functions and stores


def statement(principal, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": FN, **more}


SOURCE = {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"}}


@pytest.mark.parametrize(
    ("principal", "condition", "entry"),
    [
        ("*", None, EntryKind.AUTHENTICATED),
        ({"Service": "s3.amazonaws.com"}, None, EntryKind.OTHER_ACCOUNT),
        ({"Service": "sns.amazonaws.com"}, SOURCE, None),
        ("*", SOURCE, None),
        ({"AWS": ADMIN}, None, None),
    ],
)
def test_a_function_whose_policy_lets_the_outside_in_is_an_entry(principal, condition, entry):
    more = {"Condition": condition} if condition else {}
    graph = graph_of(*function([statement(principal, **more)]), details(role(ADMIN)))
    assert graph.nodes[FN]["entry"] is entry
    assert not edges(graph, "service:sns.amazonaws.com", FN)


@pytest.mark.parametrize(
    ("principal", "condition", "origin", "entry"),
    [
        ("s3", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, "service:s3.amazonaws.com", EntryKind.OTHER_ACCOUNT),
        ("s3", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}}, "service:s3.amazonaws.com", None),
        (
            "sns",
            {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
            "service:sns.amazonaws.com",
            EntryKind.OTHER_ACCOUNT,
        ),
        ("sns", {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}}, "service:sns.amazonaws.com", None),
        ("sns", {"StringLike": {"aws:SourceAccount": "*"}}, "service:sns.amazonaws.com", EntryKind.OTHER_ACCOUNT),
        (
            "sns",
            {"StringNotEquals": {"aws:SourceAccount": OTHER}},
            "service:sns.amazonaws.com",
            EntryKind.OTHER_ACCOUNT,
        ),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy-*"}}, INTERNET, EntryKind.AUTHENTICATED),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/deploy-*"}}, INTERNET, None),
    ],
)
def test_who_may_invoke_a_function_for_anyone_whatever_a_condition_says(principal, condition, origin, entry):
    who = principal if principal == "*" else {"Service": f"{principal}.amazonaws.com"}
    graph = graph_of(*function([statement(who, Condition=condition)]))
    assert graph.nodes[FN]["entry"] is entry
    found = edges(graph, origin, FN) if origin in graph else []
    assert any(edge["kind"] is EdgeKind.INVOKES and edge["cost"] <= 1 for edge in found) is (entry is not None)


def test_another_account_may_invoke():
    graph = graph_of(*function([statement({"AWS": f"arn:aws:iam::{OTHER}:role/r"})]))
    assert [edge["kind"] for edge in edges(graph, f"arn:aws:iam::{OTHER}:role/r", FN)] == [EdgeKind.INVOKES]


def test_a_source_in_another_account_is_an_edge_since_its_setting_is_not_in_the_export():
    topic = f"arn:aws:sns:{REGION}:{OTHER}:theirs"
    pinned = {"Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    graph = graph_of(*function([statement({"Service": "sns.amazonaws.com"}, **pinned)]))
    (edge,) = edges(graph, topic, FN)
    assert (edge["kind"], edge["evidence"], edge["conditions"]) == (EdgeKind.INVOKES, Evidence.PERMITTED, ())
    assert edge["sources"][0].pointer == "/Policy/Statement/0"
    send = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, **pinned}
    (edge,) = edges(graph_of(queue(send)), topic, QUEUE)
    assert (edge["kind"], edge["access"]) == (EdgeKind.PERMITS, AccessLevel.WRITE)


def test_a_qualified_permission_reaches_the_alias_alone():
    graph = graph_of(*function([{**statement({"AWS": f"arn:aws:iam::{OTHER}:root"}), "Resource": f"{FN}:live"}]))
    assert {edge["qualifier"] for edge in edges(graph, f"arn:aws:iam::{OTHER}:root", FN)} == {"live"}


@pytest.mark.parametrize(
    ("principal", "entry"),
    [
        ("*", EntryKind.AUTHENTICATED),
        ({"Service": "s3.amazonaws.com"}, EntryKind.OTHER_ACCOUNT),
        ({"AWS": ADMIN}, None),
    ],
)
def test_the_policy_of_an_alias_lets_the_outside_into_its_function(principal, entry):
    alias = {"AliasArn": f"{FN}:live", "Name": "live", "FunctionVersion": "1"}
    policy = document({**statement(principal), "Resource": f"{FN}:live"})
    graph = graph_of(
        *function(),
        answer("lambda.ListAliases", {"Aliases": [alias]}, "orders"),
        answer("lambda.GetPolicy", {"Policy": json.dumps(policy)}, "orders", "live"),
        details(role(ADMIN)),
    )
    assert graph.nodes[FN]["entry"] is entry
    permitted = [edge for _, _, edge in graph.in_edges(FN, data=True) if edge["evidence"] is Evidence.PERMITTED]
    assert {edge["qualifier"] for edge in permitted if edge["kind"] is EdgeKind.INVOKES} == {"live"}


def test_a_resource_policy_that_was_not_seen_is_no_way_in_for_everybody():
    listed = answer("sqs.ListQueues", {"QueueUrls": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"]})
    roles = details(role(ROLE, allow("s3:GetObject")), role(ADMIN, allow("sqs:*", QUEUE)))
    graph = graph_of(*function(), listed, roles)
    assert not edges(graph, ROLE, QUEUE)
    assert {edge["unknown"] for edge in edges(graph, ADMIN, QUEUE)} == {"denials of the resource policy"}
    assert {edge["limits"] for edge in edges(graph, ADMIN, QUEUE)} == {(Limit.DENIALS,)}


@pytest.mark.parametrize(
    ("missing", "limits"),
    [
        (("scp",), (Limit.SERVICE_CONTROL,)),
        (("key rcp", "resource", "scp"), (Limit.RESOURCE_CONTROL_OF_KEY, Limit.DENIALS, Limit.SERVICE_CONTROL)),
        (("identity", "scp"), ()),  # a policy of the principal might give what none that was seen gives
        (("key resource", "scp"), ()),  # so might the policy of the key
    ],
)
def test_only_what_can_but_take_away_is_a_limit(missing, limits):
    allowed = StatementRef(policy=PolicyKind.IDENTITY, effect="Allow")
    grant = Grant(
        principal=ADMIN,
        target=QUEUE,
        resource=QUEUE,
        action="sqs:SendMessage",
        access="write",
        outcome=Outcome.UNKNOWN,
        statements=(allowed,),
        missing=missing,
    )
    lacking = what_is_missing(grant)
    assert lacking.limits == limits
    assert lacking.words == (", ".join(limits) if limits else lacking.words) != ""
    assert lacking.doubtful is not bool(limits)


@pytest.mark.parametrize(
    "arn", ["x", "arn:aws:x", "", "arn:aws:iam::12:role/x", "\x1b[31m", f"arn:aws:iam::{ACCOUNT}:role/a b", f"{ROLE}/"]
)
def test_principals_that_cannot_be_are_no_hindrance(arn):
    odd = {"AWS": ["123", "12345678901", "AIDAODD", "arn:aws:iam::12:x", f"{ROLE} x"], "Service": ["", "x y"]}
    odd["Federated"] = ["accounts.google.com", "cognito-identity.amazonaws.com", "\u00fc"]
    trust = {"Effect": "Allow", "Principal": odd, "Action": "sts:AssumeRole*"}
    graph = graph_of(*function([statement(odd)]), details(role(arn, trust=[trust]), role(ADMIN)), *table())
    assert FN in graph
