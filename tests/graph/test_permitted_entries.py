"""Roles that may call what asks for signed requests: guests of an identity pool come to an API in two steps."""

import json

import pytest

from auditkit.graph.edges import agents, apis, appsync, cognito
from auditkit.graph.schema import EdgeKind, EntryKind, Evidence
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import graph_of, only, trust

GUEST = f"arn:aws:iam::{ACCOUNT}:role/guest"
EXECUTE = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1"
ROUTE = f"route:{ACCOUNT}:{REGION}:a1/POST /orders"


def role(action, resource, **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    detail = {
        "RoleName": "guest", "Arn": GUEST, "Path": "/", "AssumeRolePolicyDocument": {"Statement": []},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
        "AttachedManagedPolicies": [],
    }  # fmt: skip
    return answer("iam.GetAccountAuthorizationDetails", {"RoleDetailList": [detail]}, region="global")


def api(kind="AWS_IAM", policy=None, stages=("prod",)):
    item = {"id": "a1", "name": "shop", **({"policy": json.dumps({"Statement": policy})} if policy else {})}
    method = {"httpMethod": "POST", "authorizationType": kind}
    resources = {"items": [{"id": "r", "path": "/orders", "resourceMethods": {"POST": method}}]}
    return [
        answer("apigateway.GetRestApis", {"items": [item]}),
        answer("apigateway.GetResources", resources, "a1"),
        answer("apigateway.GetStages", {"item": [{"stageName": stage} for stage in stages]}, "a1"),
        answer("organizations.DescribeOrganization", {}, region="global"),
    ]


@pytest.mark.parametrize(
    ("resource", "reached"),
    [
        (f"{EXECUTE}/*", True),
        (f"{EXECUTE}/prod/POST/orders", True),
        (f"{EXECUTE}/beta/POST/orders", False),
        (f"{EXECUTE}/prod/GET/*", False),
        ("*", True),
    ],
)
def test_a_role_calls_the_methods_that_its_policy_names(resource, reached):
    graph = graph_of(apis.connect, *api(), role("execute-api:Invoke", resource))
    edges = trust(graph, GUEST, ROUTE) if GUEST in graph else []
    assert bool(edges) is reached
    if reached:
        assert (edges[0]["kind"], edges[0]["evidence"]) == (EdgeKind.INVOKES, Evidence.PERMITTED)
        assert edges[0]["sources"][0].pointer == "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0"


def test_a_method_without_signatures_needs_no_permission():
    graph = graph_of(apis.connect, *api("NONE"), role("execute-api:Invoke", "*"))
    assert trust(graph, GUEST, ROUTE) == []


def test_an_api_that_is_not_deployed_is_not_called():
    graph = graph_of(apis.connect, *api(stages=()), role("execute-api:Invoke", "*"))
    assert trust(graph, GUEST, ROUTE) == []


def test_the_resource_policy_may_refuse():
    deny = {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    graph = graph_of(apis.connect, *api(policy=[deny]), role("execute-api:Invoke", "*"))
    assert trust(graph, GUEST, ROUTE) == []


def test_a_condition_costs():
    conditioned = role("execute-api:Invoke", "*", IpAddress={"aws:SourceIp": "203.0.113.0/24"})
    edge = only(trust(graph_of(apis.connect, *api(), conditioned), GUEST, ROUTE))
    assert (edge["cost"], [key.lower() for key in edge["conditions"]]) == (4, ["aws:sourceip"])


def test_guests_come_to_a_signed_method_in_two_steps():
    pool = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": True}

    def both(build):
        apis.connect(build)
        cognito.connect(build)

    graph = graph_of(
        both, *api(), role("execute-api:Invoke", f"{EXECUTE}/*"),
        answer("cognito-identity.DescribeIdentityPool", pool, f"{REGION}:1"),
        answer(
            "cognito-identity.GetIdentityPoolRoles",
            {"IdentityPoolId": f"{REGION}:1", "Roles": {"unauthenticated": GUEST}}, f"{REGION}:1",
        ),
    )  # fmt: skip
    guests = f"anonymous:arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{REGION}:1"
    assert graph.nodes[guests]["entry"] is EntryKind.ANONYMOUS
    assert trust(graph, guests, GUEST)
    assert trust(graph, GUEST, ROUTE)


def test_graphql_apis_and_agents_are_called_by_permission_too():
    arn = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/g1"
    graphql = {"apiId": "g1", "arn": arn, "name": "shop", "authenticationType": "AWS_IAM"}
    graph = graph_of(
        appsync.connect,
        answer("appsync.ListGraphqlApis", {"graphqlApis": [graphql]}),
        role("appsync:GraphQL", f"{arn}/types/Query/*"),
    )
    assert trust(graph, GUEST, arn)
    agent = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:agent/A1"
    graph = graph_of(
        agents.connect,
        answer("bedrock-agent.GetAgent", {"agent": {"agentId": "A1", "agentArn": agent, "agentName": "support"}}, "A1"),
        role("bedrock:InvokeAgent", f"arn:aws:bedrock:{REGION}:{ACCOUNT}:agent-alias/A1/*"),
    )
    assert trust(graph, GUEST, agent)
