"""Functions in the graph: what makes them run, as what they run, and where their results go."""

import json

import pytest

from auditkit.graph.connect import connect, validate
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Evidence, Interval, View
from auditkit.questions import can, who_can
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

OTHER = "444455556666"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
NEXT = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:next"
URL = f"url:{FN}"


def listed(**fields):
    item = {"FunctionName": "orders", "FunctionArn": FN, "Role": ROLE, "Version": "$LATEST", **fields}
    return answer("lambda.ListFunctions", {"Functions": [item]})


def mapping(**fields):
    item = {"UUID": "u", "FunctionArn": FN, "EventSourceArn": QUEUE, "State": "Enabled", **fields}
    return answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item]})


def graph_of(*responses):
    graph = connect(feed(*responses))
    validate(graph)
    return graph


def edges(graph, origin, target, view=None):
    found = graph.get_edge_data(origin, target) or {}
    return [edge for edge in found.values() if view is None or edge["view"] is view]


def kinds(graph, origin, target):
    return sorted(edge["kind"] for edge in edges(graph, origin, target))


def test_a_function_runs_as_its_role_whose_permissions_may_be_unknown():
    graph = graph_of(listed(VpcConfig={"VpcId": "vpc-1", "SubnetIds": ["s"], "SecurityGroupIds": []}))
    (edge,) = edges(graph, FN, ROLE)
    assert (edge["kind"], edge["cost"], edge["unknown"]) == (EdgeKind.RUNS_AS, 0, "the permissions of the role")
    assert edge["sources"][0].pointer == "/Functions/0/Role"
    assert graph.nodes[FN]["boundary"].kind == "VPC"
    details = {"RoleDetailList": [{"Arn": ROLE, "RolePolicyList": [], "AttachedManagedPolicies": []}]}
    known = graph_of(listed(), answer("iam.GetAccountAuthorizationDetails", details))
    assert edges(known, FN, ROLE)[0]["unknown"] == ""


def test_a_version_that_an_alias_leads_to_runs_as_its_own_role():
    old = ROLE.replace("role/orders", "role/old")
    versions = [
        {"FunctionName": "orders", "FunctionArn": f"{FN}:1", "Version": "1", "Role": old},
        {"FunctionName": "orders", "FunctionArn": f"{FN}:2", "Version": "2", "Role": ROLE.replace("orders", "unused")},
    ]
    graph = graph_of(
        listed(),
        answer("lambda.ListVersionsByFunction", {"Versions": versions}, "orders"),
        answer("lambda.ListAliases", {"Aliases": [{"AliasArn": f"{FN}:live", "FunctionVersion": "1"}]}, "orders"),
    )
    assert [edge["qualifier"] for edge in edges(graph, FN, old)] == ["1"]
    assert ROLE.replace("orders", "unused") not in graph


POINT = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-1"
BEFORE = {
    "Role": ROLE.replace("role/orders", "role/old"),
    "FileSystemConfigs": [{"Arn": POINT, "LocalMountPath": "/mnt"}],
    "DeadLetterConfig": {"TargetArn": DEAD},
    "Layers": [{"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:common:1"}],
}


def alias(version="2", **weights):
    item = {"AliasArn": f"{FN}:live", "FunctionVersion": version}
    more = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
    return answer("lambda.ListAliases", {"Aliases": [item | more]}, "orders")


RULE = [
    answer("events.ListRules", {"Rules": [{"Name": "daily", "Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/daily",
            "State": "ENABLED", "EventBusName": "default", "ScheduleExpression": "rate(1 day)"}]}, "default"),
    answer("events.ListTargetsByRule", {"Targets": [{"Id": "t", "Arn": f"{FN}:1"}]}, "default", "daily"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ([alias("1")], ["1"]),
        ([alias("2", **{"1": 0.1})], ["1"]),
        ([alias("2", **{"1": 0})], []),
        ([alias("2")], []),
        ([mapping(FunctionArn=f"{FN}:1")], ["1"]),
        ([mapping(FunctionArn=f"{FN}:1", State="Disabled")], []),
        (RULE, ["1"]),
    ],
)
def test_what_a_version_in_use_is_set_to_is_in_the_graph(leads, expected):
    versions = [{"FunctionName": "orders", "FunctionArn": f"{FN}:1", "Version": "1"} | BEFORE]
    listing = answer("lambda.ListVersionsByFunction", {"Versions": versions}, "orders")
    graph = graph_of(listed(), listing, *leads)
    layer = BEFORE["Layers"][0]["Arn"]
    for origin, target in [(FN, BEFORE["Role"]), (FN, DEAD), (FN, POINT), (POINT, FN), (FN, layer)]:
        assert sorted({edge["qualifier"] for edge in edges(graph, origin, target)}) == expected
    same = graph_of(listed(**BEFORE), listing, *leads)
    assert {edge["qualifier"] for _, _, edge in same.out_edges(FN, data=True)} == {""}


def variables(**found):
    return {"Environment": {"Variables": found}}


def stored(*actions):
    """Return two tables, and a role that may do something to both."""
    tables = [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for name in ("new", "old")]
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    details = {"Arn": ROLE, "RoleName": "orders", "RolePolicyList": [policy]}
    return [
        *(answer("dynamodb.DescribeTable", {"Table": {"TableName": name.rpartition("/")[2], "TableArn": name}},
                 name.rpartition("/")[2]) for name in tables),
        *(answer("dynamodb.GetResourcePolicy", {}, name) for name in tables),
        answer("organizations.DescribeOrganization", {}, region="global"),
        answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [details | {"AttachedManagedPolicies": []}]}),
    ]  # fmt: skip


OLD_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/old"
NEW_TABLE = OLD_TABLE.replace("/old", "/new")


@pytest.mark.parametrize(
    ("settings", "live", "expected"),
    [
        (variables(TABLE="old"), "1", 1),
        (variables(TABLE="old"), "2", 0),
        (variables(TABLE="new"), "1", 0),
        (variables(TABLE="old") | {"Role": ROLE.replace("role/orders", "role/none")}, "1", 0),
    ],
)
def test_what_the_variables_of_a_version_in_use_name_is_used(settings, live, expected):
    version = {"FunctionName": "orders", "FunctionArn": f"{FN}:1", "Version": "1", "Role": ROLE} | settings
    listing = answer("lambda.ListVersionsByFunction", {"Versions": [version]}, "orders")
    none = {"Arn": ROLE.replace("role/orders", "role/none"), "RoleName": "none"}
    none |= {"RolePolicyList": [], "AttachedManagedPolicies": []}
    more = answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [none]}, file="more.json")
    account = [listed(**variables(TABLE="new")), listing, alias(live), *stored("dynamodb:GetItem"), more]
    graph = graph_of(*account)
    found = [edge for edge in edges(graph, OLD_TABLE, FN) if edge["kind"] is EdgeKind.READS]
    assert [edge["sources"][0].pointer for edge in found] == ["/Versions/0/Environment/Variables/TABLE"] * expected
    assert len([edge for edge in edges(graph, NEW_TABLE, FN) if edge["kind"] is EdgeKind.READS]) == 1


@pytest.mark.parametrize(
    ("fields", "level", "detail"),
    [
        ({}, Interval(1, 1), ""),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, Interval(0.5, 0.5), "filter"),
        ({"FilterCriteria": {"Filters": []}}, Interval(1, 1), ""),
        ({"FilterCriteriaError": {"ErrorCode": "x"}}, Interval(0.5, 1), ""),
    ],
)
def test_a_mapping_delivers_and_its_filter_validates_in_part(fields, level, detail):
    graph = graph_of(listed(), mapping(**fields))
    (data,) = edges(graph, QUEUE, FN, View.DATA)
    (trust,) = edges(graph, QUEUE, FN, View.TRUST)
    assert (data["kind"], data["factors"].hop, data["evidence"]) == (
        EdgeKind.DELIVERS,
        "sqs->lambda",
        Evidence.CONFIGURED,
    )
    assert (data["factors"].validation, data["detail"]) == (level, detail)
    assert (trust["kind"], trust["cost"]) == (EdgeKind.INVOKES, 2)


@pytest.mark.parametrize("state", ["Disabled", "Disabling"])
def test_a_mapping_that_is_off_moves_nobody(state):
    graph = graph_of(listed(), mapping(State=state))
    assert [(edge["view"], edge["enabled"]) for edge in edges(graph, QUEUE, FN)] == [(View.DATA, False)]


def test_a_mapping_to_an_alias_reaches_the_function():
    graph = graph_of(listed(), mapping(FunctionArn=f"{FN}:live"))
    assert {edge["qualifier"] for edge in edges(graph, QUEUE, FN)} == {"live"}
    assert f"{FN}:live" not in graph


@pytest.mark.parametrize(
    ("source", "hop"),
    [
        (f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks", "kinesis->lambda"),
        (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t/stream/2026", "ddb-stream->lambda"),
        (f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/k/u-1", "msk->lambda"),
        (f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:b:b-1", "mq->lambda"),
        (f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:docs", "docdb-stream->lambda"),
    ],
)
def test_every_kind_of_source_has_its_hop(source, hop):
    graph = graph_of(listed(), mapping(EventSourceArn=source))
    assert [edge["factors"].hop for edge in edges(graph, source, FN, View.DATA)] == [hop]


def test_a_mapping_opens_its_source_with_a_secret():
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:kafka-AbCdEf"
    access = [{"Type": "SASL_SCRAM_512_AUTH", "URI": secret}, {"Type": "VPC_SUBNET", "URI": "subnet:s-1"}]
    source = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/k/u-1"
    graph = graph_of(listed(), mapping(EventSourceArn=source, SourceAccessConfigurations=access))
    assert kinds(graph, secret, source) == [EdgeKind.OPENS]


@pytest.mark.parametrize(
    ("access", "authentication", "encryption"),
    [
        ([], Interval(1, 1), None),
        ([{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:x:1:secret:k"}], Interval(0.5, 0.5), None),
        ([{"Type": "CLIENT_CERTIFICATE_TLS_AUTH", "URI": "x"}], Interval(0, 0), Interval(0, 0)),
        ([{"Type": "SERVER_ROOT_CA_CERTIFICATE", "URI": "x"}], Interval(1, 1), Interval(0, 0)),
    ],
)
def test_brokers_that_aws_does_not_run_are_outside(access, authentication, encryption):
    brokers = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["Kafka.example.com:9092"]}}
    fields = {"SelfManagedEventSource": brokers, "EventSourceArn": None, "SourceAccessConfigurations": access}
    graph = graph_of(listed(), mapping(Topics=["orders"], **fields))
    (edge,) = edges(graph, "thirdparty:kafka.example.com", FN, View.DATA)
    assert (edge["label"], edge["factors"].hop) == ("orders", "selfkafka->lambda")
    assert edge["factors"].authentication == authentication
    assert encryption is None or edge["factors"].encryption == encryption
    assert graph.nodes["thirdparty:kafka.example.com"]["entry"] is EntryKind.THIRD_PARTY


def test_results_and_failures_go_on():
    configs = [
        {
            "FunctionArn": f"{FN}:$LATEST",
            "DestinationConfig": {
                "OnSuccess": {"Destination": NEXT},
                "OnFailure": {"Destination": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"},
            },
        }
    ]
    graph = graph_of(
        listed(DeadLetterConfig={"TargetArn": DEAD}),
        mapping(DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::failures-{ACCOUNT}"}}),
        answer("lambda.ListFunctionEventInvokeConfigs", {"FunctionEventInvokeConfigs": configs}, "orders"),
    )
    assert kinds(graph, FN, DEAD) == [EdgeKind.PERMITS, EdgeKind.WRITES]
    assert kinds(graph, FN, NEXT) == [EdgeKind.CALLS, EdgeKind.INVOKES]
    assert kinds(graph, FN, f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms") == [EdgeKind.PERMITS, EdgeKind.WRITES]
    assert kinds(graph, FN, f"arn:aws:s3:::failures-{ACCOUNT}") == [EdgeKind.PERMITS, EdgeKind.WRITES]
    assert {edge["label"] for edge in edges(graph, FN, DEAD)} == {"dead letter"}
    (data,) = edges(graph, FN, NEXT, View.DATA)
    assert data["sources"][0].pointer.endswith("/DestinationConfig/OnSuccess")


def test_a_mounted_file_system_is_read_and_written():
    point = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-1"
    system = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
    points = {"AccessPointId": "fsap-1", "AccessPointArn": point, "FileSystemId": "fs-1"}
    graph = graph_of(
        listed(FileSystemConfigs=[{"Arn": point, "LocalMountPath": "/mnt/x"}]),
        answer("efs.DescribeFileSystems", {"FileSystems": [{"FileSystemId": "fs-1", "FileSystemArn": system}]}),
        answer("efs.DescribeAccessPoints", {"AccessPoints": [points]}),
    )
    assert kinds(graph, FN, system) == [EdgeKind.PERMITS, EdgeKind.PERMITS, EdgeKind.WRITES]
    assert kinds(graph, system, FN) == [EdgeKind.READS]
    assert {edge["access"] for edge in edges(graph, FN, system, View.TRUST)} == {AccessLevel.READ, AccessLevel.WRITE}


def test_layers_and_logs():
    layer = f"arn:aws:lambda:{REGION}:{OTHER}:layer:theirs:1"
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/orders"
    graph = graph_of(
        listed(Layers=[{"Arn": layer}]),
        answer("logs.DescribeLogGroups", {"logGroups": [{"logGroupName": "/aws/lambda/orders", "arn": f"{group}:*"}]}),
    )
    assert kinds(graph, FN, layer) == [EdgeKind.CONTAINS]
    assert graph.nodes[layer]["boundary"].kind == "partner"
    assert kinds(graph, FN, group) == [EdgeKind.WRITES]


# ---------------------------------------------------------------- function URLs

ANYONE_URL = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunctionUrl",
    "Resource": FN,
    "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
}
ANYONE = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunction",
    "Resource": FN,
    "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
}
ACCOUNT_URL = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
    "Resource": FN,
    "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
}
ORG_URL = {**ANYONE_URL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}


def given(principal="*", **condition):
    return {**ACCOUNT_URL, "Principal": principal, "Condition": condition}


def url(auth, created="2025-01-01T00:00:00Z"):
    item = {"FunctionUrl": "https://x/", "FunctionArn": FN, "AuthType": auth, "CreationTime": created}
    return answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [item]}, "orders")


def policy(*statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return answer("lambda.GetPolicy", {"Policy": text} if statements else {}, "orders")


@pytest.mark.parametrize(
    ("auth", "created", "statements", "entry"),
    [
        ("NONE", "2025-01-01", [ANYONE_URL], EntryKind.ANONYMOUS),
        ("NONE", "2026-01-01", [ANYONE_URL], None),
        ("NONE", "2026-01-01", [ANYONE_URL, ANYONE], EntryKind.ANONYMOUS),
        ("NONE", "2026-01-01", [ANYONE], None),
        ("NONE", "2025-01-01", [], None),
        ("NONE", "2025-01-01", [ACCOUNT_URL], None),
        ("AWS_IAM", "2025-01-01", [ANYONE_URL], None),
        ("AWS_IAM", "2026-01-01", [{**ACCOUNT_URL, "Principal": "*"}], EntryKind.AUTHENTICATED),
        ("AWS_IAM", "2026-01-01", [ACCOUNT_URL], EntryKind.OTHER_ACCOUNT),
        ("AWS_IAM", "2026-01-01", [], None),
        # without authentication nobody has an identity, so that nothing that asks for one is met
        ("NONE", "2025-01-01", [ORG_URL], None),
        ("NONE", "2025-01-01", [given(StringEquals={"aws:PrincipalAccount": OTHER})], None),
        ("NONE", "2025-01-01", [given(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/x"})], None),
        ("NONE", "2025-01-01", [given(StringEquals={"aws:SourceAccount": OTHER})], None),
        ("NONE", "2025-01-01", [given(IpAddress={"aws:SourceIp": "0.0.0.0/0"})], EntryKind.ANONYMOUS),
        ("NONE", "2025-01-01", [ANYONE_URL, {**ANYONE, "Effect": "Deny"}], EntryKind.ANONYMOUS),
        ("NONE", "2025-01-01", [ANYONE_URL, {**ANYONE_URL, "Effect": "Deny"}], None),
        # with it, whoever is named is let in, and nobody else
        (
            "AWS_IAM",
            "2026-01-01",
            [{**ACCOUNT_URL, "Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/x"}}],
            EntryKind.OTHER_ACCOUNT,
        ),
        ("AWS_IAM", "2026-01-01", [given(StringEquals={"aws:PrincipalAccount": OTHER})], EntryKind.OTHER_ACCOUNT),
        (
            "AWS_IAM",
            "2026-01-01",
            [given(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/x"})],
            EntryKind.OTHER_ACCOUNT,
        ),
        (
            "AWS_IAM",
            "2026-01-01",
            [given(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/x"})],
            EntryKind.AUTHENTICATED,
        ),
        ("AWS_IAM", "2026-01-01", [given(StringEquals={"aws:PrincipalOrgID": "o-1"})], None),
        ("AWS_IAM", "2026-01-01", [{**ACCOUNT_URL, "Action": "lambda:InvokeFunctionUrl"}], None),
        ("AWS_IAM", "2026-01-01", [ACCOUNT_URL, {**ACCOUNT_URL, "Effect": "Deny"}], None),
        (
            "AWS_IAM",
            "2026-01-01",
            [{**ACCOUNT_URL, "Principal": {"Service": "cloudfront.amazonaws.com"}}],
            EntryKind.AUTHENTICATED,
        ),
        (
            "AWS_IAM",
            "2026-01-01",
            [given({"Service": "cloudfront.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT})],
            None,
        ),
    ],
)
def test_a_url_is_open_to_whom_auth_type_and_policy_admit_together(auth, created, statements, entry):
    graph = graph_of(listed(), url(auth, f"{created}T00:00:00Z"), policy(*statements))
    assert graph.nodes[URL]["entry"] is entry
    assert kinds(graph, URL, FN) == [EdgeKind.DELIVERS, EdgeKind.INVOKES]
    assert (INTERNET in graph and bool(edges(graph, INTERNET, URL))) is (
        entry in {EntryKind.ANONYMOUS, EntryKind.AUTHENTICATED}
    )


def test_an_anonymous_url_whose_policy_was_not_seen_counts_as_open_and_says_so():
    graph = graph_of(listed(), url("NONE"))
    assert graph.nodes[URL]["entry"] is EntryKind.ANONYMOUS
    (edge,) = edges(graph, URL, FN, View.TRUST)
    assert (edge["unknown"], edge["cost"]) == ("the resource policy of the function", 4)
    assert graph_of(listed(), url("AWS_IAM")).nodes[URL]["entry"] is None


def test_a_url_that_hangs_on_a_condition_says_so():
    graph = graph_of(listed(), url("NONE"), policy(ORG_URL))
    (edge,) = edges(graph, URL, FN, View.TRUST)
    assert edge["conditions"] == ("aws:PrincipalOrgID",) or graph.nodes[URL]["entry"] is None


def test_a_url_that_another_account_may_call_is_entered_from_it():
    graph = graph_of(listed(), url("AWS_IAM"), policy(ACCOUNT_URL))
    assert EdgeKind.INVOKES in kinds(graph, f"arn:aws:iam::{OTHER}:root", URL)


def test_whoever_is_named_comes_to_a_url_as_far_as_the_policy_lets_them():
    both = {**ACCOUNT_URL, "Principal": {"AWS": [OTHER, "111122223333"]}}
    denied = {**ACCOUNT_URL, "Principal": {"AWS": "111122223333"}, "Effect": "Deny"}
    office = {**both, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    partner = given(StringEquals={"aws:PrincipalOrgID": "o-1"})
    for statements, origins in (
        ([both], [("arn:aws:iam::111122223333:root", 0), (f"arn:aws:iam::{OTHER}:root", 0)]),
        ([both, denied], [(f"arn:aws:iam::{OTHER}:root", 0)]),
        ([office], [("arn:aws:iam::111122223333:root", 4), (f"arn:aws:iam::{OTHER}:root", 4)]),
        ([partner], [("organization:o-1", 4)]),
    ):
        graph = graph_of(listed(), url("AWS_IAM"), policy(*statements))
        found = [(origin, edge) for origin, _, edge in graph.in_edges(URL, data=True) if edge["view"] is View.TRUST]
        assert sorted((origin, edge["cost"]) for origin, edge in found) == origins
        (edge,) = edges(graph, URL, FN, View.TRUST)
        assert edge["cost"] == 0


BY_URL = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
VIA_URL = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}


def caller(*statements):
    detail = {
        "RoleName": "caller", "Arn": ROLE, "Path": "/", "AssumeRolePolicyDocument": {"Statement": []},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        "AttachedManagedPolicies": [],
    }  # fmt: skip
    return answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [detail]}, region="global")


def may(action, condition=None):
    statement = {"Effect": "Allow", "Action": f"lambda:{action}", "Resource": FN}
    return {**statement, "Condition": condition} if condition else statement


@pytest.mark.parametrize(
    ("created", "auth", "statements", "reached", "outcome"),
    [
        ("2026", "AWS_IAM", [may("InvokeFunctionUrl", BY_URL), may("InvokeFunction", VIA_URL)], True, "ALLOW"),
        ("2026", "AWS_IAM", [may("InvokeFunctionUrl", BY_URL)], False, "ALLOW"),
        ("2026", "AWS_IAM", [may("InvokeFunction", VIA_URL)], False, "IMPLICIT_DENY"),
        ("2025", "AWS_IAM", [may("InvokeFunctionUrl", BY_URL)], True, "ALLOW"),
        ("2026", "NONE", [may("InvokeFunctionUrl", BY_URL), may("InvokeFunction", VIA_URL)], False, "IMPLICIT_DENY"),
    ],
)
def test_a_role_calls_a_signed_url_by_its_permissions(created, auth, statements, reached, outcome):
    organization = answer("organizations.DescribeOrganization", {}, region="global")
    responses = listed(), url(auth, f"{created}-01-01T00:00:00Z"), policy(), caller(*statements), organization
    found = edges(graph_of(*responses), ROLE, URL)
    assert [(edge["kind"], edge["cost"]) for edge in found] == ([(EdgeKind.INVOKES, 1)] if reached else [])
    inventory = feed(*responses)
    assert list(can(inventory, ROLE, "lambda:InvokeFunctionUrl", FN)["outcome"]) == [outcome]
    may_call = who_can(inventory, "lambda:InvokeFunctionUrl", FN)
    assert list(may_call["principal"]) == ([ROLE] if outcome == "ALLOW" else [])
