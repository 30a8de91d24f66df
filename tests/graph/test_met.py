"""Conditions that the requests of a function meet: what its role may do from there, and from nowhere else."""

import json

import pytest

from auditkit import blast_radius, fixes
from auditkit.graph import EdgeKind, connect
from tests.areas.scenes import ACCOUNT, answer, arn, feed, function, functions, gaad, role

BUCKET = "arn:aws:s3:::orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/f"
F, G = (arn("lambda", f"function:{name}") for name in "fg")
NONE = answer("organizations.DescribeOrganization", {}, region="global")
INSIDE = {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": []}
SUBNETS = answer(
    "ec2.DescribeSubnets",
    {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a"}]},
)
TABLES = answer(
    "ec2.DescribeRouteTables",
    {"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [], "Associations": [{"Main": True}]}]},
)
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}


def endpoints(policy=None, **more):
    gateway = more or {"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-1"]}
    one = {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.eu-west-1.s3",
        "State": "available",
    }
    return answer(
        "ec2.DescribeVpcEndpoints", {"VpcEndpoints": [one | gateway | ({"PolicyDocument": policy} if policy else {})]}
    )


def graph_of(*statements, policy=None, more=(), buckets=("orders",), vpc=INSIDE, alone=NONE):
    found = {} if policy is None else {"Policy": {"Statement": [policy]}}
    return connect(
        feed(
            functions(function("f", VpcConfig=vpc, Role=ROLE), function("g", Role=ROLE)),
            gaad(role("f", *statements)),
            alone,
            answer("s3.ListBuckets", {"Buckets": [{"Name": name} for name in buckets]}, region="global"),
            *(answer("s3.GetBucketPolicy", found, name, region="global") for name in buckets),
            *more,
        )
    )


def reads(graph, origin, target=BUCKET):
    """Return cost, conditions and what is missing of the edge by which something reads a bucket; None without one."""
    edges = graph.get_edge_data(origin, target) or {}
    found = [edge for edge in edges.values() if edge["kind"] is EdgeKind.PERMITS]
    return next(((edge["cost"], edge["conditions"], edge["unknown"]) for edge in found), None)


def on(condition):
    return READ | {"Condition": condition}


def test_the_function_that_a_permission_is_for():
    graph = graph_of(on({"ArnEquals": {"lambda:SourceFunctionArn": F}}))
    assert reads(graph, ROLE) == (4, ("lambda:SourceFunctionArn",), "")
    assert reads(graph, F) == (0, (), "")
    assert reads(graph, G) is None
    found = blast_radius(graph).set_index("node")["BR_high"]
    assert found[F] > found[G]


def test_what_all_may_do_needs_no_edge_of_a_function():
    graph = graph_of(READ)
    assert reads(graph, ROLE) == (0, (), "")
    assert reads(graph, F) is None


def test_other_conditions_stay():
    own = {"ArnEquals": {"lambda:SourceFunctionArn": F}}
    graph = graph_of(on(own | {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}))
    assert reads(graph, F) is None
    assert reads(graph, ROLE)[0] == 4


def test_the_vpc_that_a_permission_is_for():
    for key, value in (("aws:SourceVpc", "vpc-1"), ("aws:SourceVpce", "vpce-1")):
        statement = on({"StringEquals": {key: value}})
        graph = graph_of(statement, more=(SUBNETS, TABLES, endpoints()))
        assert reads(graph, F) == (0, (), ""), key
        assert reads(graph, G) is None
        assert reads(graph_of(on({"StringEquals": {key: "other"}}), more=(SUBNETS, TABLES, endpoints())), F) is None
        assert (
            reads(
                graph_of(statement, more=(SUBNETS, TABLES, answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": []}))), F
            )
            is None
        )


def test_a_bucket_that_is_closed_but_for_an_endpoint():
    closed = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    }  # fmt: skip
    graph = graph_of(READ, policy=closed, more=(SUBNETS, TABLES, endpoints()))
    assert reads(graph, ROLE) == (4, ("aws:SourceVpce",), "")
    assert reads(graph, F) == (0, (), "")
    assert reads(graph, G) is None


@pytest.mark.parametrize(
    ("endpoint", "met"),
    [
        ({"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-2"]}, False),
        ({"VpcEndpointType": "Interface", "PrivateDnsEnabled": False}, True),
        ({"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-1"], "State": "failed"}, False),
        ({"VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.eu-west-1.sqs"}, False),
        ({"VpcEndpointType": "Interface", "VpcId": "vpc-2"}, False),
    ],
)
def test_endpoints_that_requests_can_take(endpoint, met):
    graph = graph_of(on({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), more=(SUBNETS, TABLES, endpoints(**endpoint)))
    assert (reads(graph, F) is not None) is met


def test_what_an_endpoint_lets_pass():
    buckets = [f"b{number}" for number in range(9)]
    every = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}
    passes = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b3/*"}]}
    statement = every | {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}
    graph = graph_of(statement, buckets=buckets, more=(SUBNETS, TABLES, endpoints(passes)))
    assert [name for name in buckets if reads(graph, F, f"arn:aws:s3:::{name}")] == ["b3"]


AWAY = "444455556666"
ORGANIZATION = answer(
    "organizations.DescribeOrganization",
    {
        "Organization": {
            "Id": "o-1",
            "Arn": f"arn:aws:organizations::{ACCOUNT}:organization/o-1",
            "MasterAccountId": ACCOUNT,
        }
    },
    region="global",
)


@pytest.mark.parametrize(
    ("who", "operator", "key", "value", "met"),
    [
        ("*", "StringEquals", "aws:PrincipalAccount", ACCOUNT, True),
        ("*", "StringEquals", "aws:PrincipalAccount", AWAY, False),
        ("*", "StringEquals", "aws:ResourceAccount", ACCOUNT, True),
        ("*", "StringEquals", "aws:ResourceAccount", AWAY, False),
        ("*", "StringNotEquals", "aws:ResourceAccount", AWAY, True),
        ("*", "StringEquals", "aws:PrincipalOrgID", "o-1", True),
        ("*", "StringEquals", "aws:PrincipalOrgID", "o-2", False),
        ("*", "StringEquals", "aws:ResourceOrgID", "o-1", True),
        ("*", "ArnEquals", "aws:PrincipalArn", ROLE, True),
        ("*", "ArnEquals", "aws:PrincipalArn", f"{ROLE}-other", False),
        ({"AWS": AWAY}, "StringEquals", "aws:PrincipalAccount", ACCOUNT, False),
        ({"AWS": ROLE}, "StringEquals", "aws:PrincipalAccount", ACCOUNT, True),
    ],
)
def test_whom_an_endpoint_lets_pass_to_whose_resources(who, operator, key, value, met):
    allowed = {"Effect": "Allow", "Principal": who, "Action": "*", "Resource": "*"}
    passes = {"Statement": [allowed | {"Condition": {operator: {key: value}}}]}
    statement = on({"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    graph = graph_of(statement, alone=ORGANIZATION, more=(SUBNETS, TABLES, endpoints(passes)))
    assert reads(graph, F) == ((0, (), "") if met else None)


def test_what_was_not_seen_of_endpoints():
    vpc, endpoint = (on({"StringEquals": {key: "vpc-1"}}) for key in ("aws:SourceVpc", "aws:SourceVpce"))
    assert reads(graph_of(vpc), F) == (4, (), "a VPC endpoint that lets it pass")
    assert reads(graph_of(vpc, more=(SUBNETS,)), F) == (4, (), "a VPC endpoint that lets it pass")
    assert reads(graph_of(endpoint), F) is None


def test_permissions_on_many_stores_become_one_grant():
    buckets = [f"b{number:03}" for number in range(101)]
    every = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}
    graph = graph_of(every | {"Condition": {"ArnEquals": {"lambda:SourceFunctionArn": F}}}, buckets=buckets)
    grants = [node for node in graph.successors(F) if node.startswith("grant:")]
    assert len(grants) == 1
    found = blast_radius(graph).set_index("node")["BR_high"]
    assert found[F] > found[G]


def escalating(*statements, **more):
    graph = graph_of(*statements, **more)
    found = {F: set(), G: set(), ROLE: set()}
    for origin, edges in found.items():
        for _, target, edge in graph.out_edges(origin, data=True):
            if edge["kind"] is EdgeKind.ESCALATES:
                edges.add((target, edge["cost"], edge["conditions"]))
    return found


def test_who_becomes_an_administrator_as_one_function_alone():
    put = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"}
    tie = {"Condition": {"ArnEquals": {"lambda:SourceFunctionArn": F}}}
    made = f"administrator:{ACCOUNT}"
    found = escalating(put | tie)
    assert found == {ROLE: {(made, 4, ("lambda:SourceFunctionArn",))}, F: {(made, 1, ())}, G: set()}
    assert escalating(put) == {ROLE: {(made, 1, ())}, F: set(), G: set()}


def test_agents_that_one_function_alone_may_invoke():
    agent = {"agentId": "A1", "agentName": "help", "agentArn": arn("bedrock", "agent/A1")}
    alias = {
        "agentAliasId": "L1",
        "agentAliasName": "live",
        "agentId": "A1",
        "agentAliasArn": arn("bedrock", "agent-alias/A1/L1"),
    }
    invoke = {"Effect": "Allow", "Action": "bedrock:InvokeAgent", "Resource": "*"}
    graph = graph_of(
        invoke | {"Condition": {"ArnEquals": {"lambda:SourceFunctionArn": F}}},
        more=(
            answer("bedrock-agent.ListAgents", {"agentSummaries": [agent]}),
            answer("bedrock-agent.GetAgent", {"agent": agent | {"agentStatus": "PREPARED"}}, "A1"),
            answer("bedrock-agent.ListAgentAliases", {"agentAliasSummaries": [alias]}, "A1"),
        ),
    )
    costs = {
        origin: [edge["cost"] for _, _, edge in graph.out_edges(origin, data=True) if edge["kind"] is EdgeKind.INVOKES]
        for origin in (ROLE, F, G)
    }
    assert costs == {ROLE: [4], F: [1], G: []}


def test_a_fix_of_a_tied_statement_takes_away_as_much():
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}
    opened = answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": anyone})}, "f")
    untied = fixes(graph_of(READ, more=(opened,))).set_index("kind")
    tied = fixes(graph_of(on({"ArnEquals": {"lambda:SourceFunctionArn": F}}), more=(opened,))).set_index("kind")
    assert untied["dR_high"]["statement"] > 0
    assert tied["dR_high"]["statement"] == untied["dR_high"]["statement"]


OLD = f"arn:aws:iam::{ACCOUNT}:role/old"
OWN = {"ArnEquals": {"lambda:SourceFunctionArn": F}}
QUEUE = arn("sqs", "q")


def by_number(to="function:f:7"):
    """Return what addresses a version by its number alone: a mapping, a target of a rule, a policy of its own."""
    mapping = {"UUID": "u", "FunctionArn": arn("lambda", to), "EventSourceArn": QUEUE, "State": "Enabled"}
    rule = {"Name": "all", "Arn": arn("events", "rule/all"), "State": "ENABLED", "EventBusName": "default"}
    opened = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": arn("lambda", to)}
    return {
        "mapping": [answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]})],
        "rule": [
            answer("events.ListRules", {"Rules": [{**rule, "EventPattern": '{"source": ["a"]}'}]}, "default"),
            answer("events.ListTargetsByRule", {"Targets": [{"Id": "1", "Arn": arn("lambda", to)}]}, "default", "all"),
        ],
        "policy": [answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [opened]})}, "f", "7")],
        "nothing": [],
    }


@pytest.mark.parametrize(
    ("how", "to", "expected"),
    [
        ("mapping", "function:f:7", (0, (), "")),
        ("rule", "function:f:7", (0, (), "")),
        ("policy", "function:f:7", (0, (), "")),
        ("mapping", "function:f", None),
        ("mapping", "function:f:8", None),
        ("nothing", "", None),
    ],
)
def test_a_version_that_is_addressed_by_its_number_meets_conditions(how, to, expected):
    latest = function("f")
    version = function("f", FunctionArn=f"{F}:7", Version="7", Role=OLD)
    graph = connect(
        feed(
            functions(latest),
            answer("lambda.ListVersionsByFunction", {"Versions": [latest, version]}, "f"),
            gaad(role("f"), role("old", on(OWN))),
            NONE,
            answer("s3.ListBuckets", {"Buckets": [{"Name": "orders"}]}, region="global"),
            answer("s3.GetBucketPolicy", {}, "orders", region="global"),
            *by_number(to or "function:f:7")[how],
        )
    )
    assert reads(graph, OLD) == (4, ("lambda:SourceFunctionArn",), "")
    assert reads(graph, F) == expected
