"""What policies name elsewhere: where data may leave the export to, and who may act there."""

import json

import pytest

from auditkit.graph import connect
from auditkit.graph.schema import AccessLevel, EdgeKind, Evidence, View
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

OTHER = "444455556666"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:export"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/export"
BUCKET = "arn:aws:s3:::partner-intake"
QUEUE = f"arn:aws:sqs:{REGION}:{OTHER}:intake"


def graph_of(action, resource, *, effect="Allow", variables=None, buckets=()):
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Arn": ROLE,
        "RoleName": "export",
        "AssumeRolePolicyDocument": {"Statement": [trust]},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}],
        "AttachedManagedPolicies": [],
    }
    function = {"FunctionName": "export", "FunctionArn": FN, "Role": ROLE}
    if variables:
        function["Environment"] = {"Variables": variables}
    inventory = feed(
        answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [role], "UserDetailList": [], "Policies": []}),
        answer("lambda.ListFunctions", {"Functions": [function]}),
        *([] if buckets is None else [answer("s3.ListBuckets", {"Buckets": [{"Name": name} for name in buckets]})]),
    )
    return connect(inventory)


def edges(graph, origin, target, view):
    found = (graph.get_edge_data(origin, target) or {}).values()
    return [edge for edge in found if edge["view"] is view]


@pytest.mark.parametrize(
    ("action", "resource", "target", "kind", "hop"),
    [
        ("s3:PutObject", f"{BUCKET}/from-us/*", BUCKET, EdgeKind.WRITES, "function->s3"),
        ("sqs:SendMessage", QUEUE, QUEUE, EdgeKind.WRITES, "function->sqs"),
        (
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{REGION}:{OTHER}:function:theirs",
            f"arn:aws:lambda:{REGION}:{OTHER}:function:theirs",
            EdgeKind.CALLS,
            "function->lambda",
        ),
    ],
)
def test_what_a_policy_names_elsewhere_is_a_node_that_data_may_leave_to(action, resource, target, kind, hop):
    graph = graph_of(action, resource)
    node = graph.nodes[target]
    assert (node["exists"], node["boundary"].kind) == (False, "partner")
    (permitted,) = edges(graph, ROLE, target, View.TRUST)
    assert permitted["evidence"] is Evidence.PERMITTED
    assert permitted["sources"][0].pointer.endswith("/RolePolicyList/0/PolicyDocument/Statement/0")
    assert "the resource policy" in permitted["unknown"]
    (flow,) = edges(graph, FN, target, View.DATA)
    assert (flow["kind"], flow["evidence"], flow["factors"].hop) == (kind, Evidence.PERMITTED, hop)
    assert flow["factors"].third_party.high == 1
    assert all(source.file for source in flow["sources"])


def test_data_may_come_from_elsewhere():
    graph = graph_of("s3:GetObject", f"{BUCKET}/*")
    (permitted,) = edges(graph, ROLE, BUCKET, View.TRUST)
    assert permitted["access"] is AccessLevel.READ
    assert [edge["kind"] for edge in edges(graph, BUCKET, FN, View.DATA)] == [EdgeKind.READS]
    assert not edges(graph, FN, BUCKET, View.DATA)


@pytest.mark.parametrize("value", ["partner-intake", BUCKET, "s3://partner-intake", "s3://partner-intake/daily/x.csv"])
def test_a_variable_that_names_it_makes_the_hop_referenced(value):
    graph = graph_of("s3:PutObject", f"{BUCKET}/*", variables={"INTAKE": value, "OTHER": "else"})
    (flow,) = edges(graph, FN, BUCKET, View.DATA)
    assert (flow["evidence"], flow["label"]) == (Evidence.REFERENCED, "INTAKE")
    assert any(source.pointer.endswith("/Environment/Variables/INTAKE") for source in flow["sources"])


def test_a_role_elsewhere_may_be_taken_on():
    theirs = f"arn:aws:iam::{OTHER}:role/deploy"
    graph = graph_of("sts:AssumeRole", theirs)
    (edge,) = edges(graph, ROLE, theirs, View.TRUST)
    assert (edge["kind"], edge["evidence"]) == (EdgeKind.ASSUMES, Evidence.PERMITTED)


@pytest.mark.parametrize(
    ("action", "resource", "effect"),
    [
        ("s3:PutObject", "*", "Allow"),
        ("s3:PutObject", "arn:aws:s3:::partner-*/x", "Allow"),
        ("s3:PutObject", "arn:aws:s3:::${aws:username}/*", "Allow"),
        ("s3:PutObject", f"{BUCKET}/*", "Deny"),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:gone", "Allow"),
        ("s3:PutObject", "not an ARN", "Allow"),
    ],
)
def test_what_no_policy_names_or_what_is_not_elsewhere_makes_no_hop(action, resource, effect):
    graph = graph_of(action, resource, effect=effect)
    assert not [edge for _, _, edge in graph.out_edges(FN, data=True) if edge["view"] is View.DATA]
    assert not [node for node, data in graph.nodes(data=True) if data["boundary"].kind == "partner"]


def test_a_bucket_of_the_export_is_not_elsewhere():
    graph = graph_of("s3:PutObject", f"{BUCKET}/*", buckets=["partner-intake"])
    assert graph.nodes[BUCKET]["exists"]
    assert not edges(graph, FN, BUCKET, View.DATA)


def test_a_bucket_may_be_of_the_export_where_its_buckets_were_not_listed():
    graph = graph_of("s3:PutObject", f"{BUCKET}/*", buckets=None)
    assert BUCKET not in graph


def test_order_of_statements_does_not_matter():
    one = graph_of(["s3:PutObject", "s3:GetObject"], [f"{BUCKET}/a/*", f"{BUCKET}/b/*", BUCKET])
    two = graph_of(["s3:GetObject", "s3:PutObject"], [BUCKET, f"{BUCKET}/b/*", f"{BUCKET}/a/*"])
    assert json.dumps(sorted(map(str, one.edges(keys=True)))) == json.dumps(sorted(map(str, two.edges(keys=True))))
