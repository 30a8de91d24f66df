import json

import pytest

from auditkit.graph.edges import agents, apis
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

AGENT = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:agent/A1"
RUNTIME = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/r-1"
GATEWAY = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:gateway/g-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:refund"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/agent"


def agent(**fields):
    item = {"agentId": "A1", "agentArn": AGENT, "agentName": "support", "agentResourceRoleArn": ROLE, **fields}
    return answer("bedrock-agent.GetAgent", {"agent": item}, "A1")


def group(version="DRAFT", **fields):
    item = {
        "agentId": "A1",
        "actionGroupId": "G1",
        "actionGroupName": "refunds",
        "agentVersion": version,
        "actionGroupState": "ENABLED",
        "actionGroupExecutor": {"lambda": FUNCTION},
        **fields,
    }
    return answer("bedrock-agent.GetAgentActionGroup", {"agentActionGroup": item}, "A1", version, "G1")


def alias(version):
    routes = [{"agentVersion": version}]
    return answer(
        "bedrock-agent.ListAgentAliases",
        {"agentAliasSummaries": [{"agentAliasId": "L", "routingConfiguration": routes}]},
        "A1",
    )


def gateway(**fields):
    item = {
        "gatewayArn": GATEWAY,
        "gatewayId": "g-1",
        "name": "tools",
        "roleArn": ROLE,
        "authorizerType": "AWS_IAM",
        **fields,
    }
    return answer("bedrock-agentcore-control.GetGateway", item, "g-1")


def target(configuration, *credentials):
    item = {
        "gatewayArn": GATEWAY,
        "targetId": "T1",
        "name": "refund",
        "targetConfiguration": configuration,
        "credentialProviderConfigurations": [{"credentialProviderType": kind} for kind in credentials],
    }
    return answer("bedrock-agentcore-control.GetGatewayTarget", item, "g-1", "T1")


def test_an_agent_calls_the_function_of_its_action_group():
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "bedrock.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    graph = graph_of(
        agents.connect,
        agent(),
        group(),
        answer("lambda.ListFunctions", {"Functions": [{"FunctionName": "refund", "FunctionArn": FUNCTION}]}),
        answer("lambda.GetPolicy", {"Policy": json.dumps({"Statement": [statement]})}, "refund"),
    )
    assert graph.nodes[AGENT]["entry"] is EntryKind.AGENT
    hop = only(data(graph, AGENT, FUNCTION))
    assert (hop["label"], hop["factors"].authentication) == ("refunds", Interval.exactly(0.25))
    assert hop["factors"].validation == Interval.exactly(0.5)
    assert only(trust(graph, AGENT, FUNCTION))["kind"] is EdgeKind.INVOKES
    assert only(trust(graph, AGENT, ROLE))["kind"] is EdgeKind.RUNS_AS
    assert only(data(graph, INTERNET, AGENT))["factors"].hop == "client->agent"


def test_groups_that_are_off_and_versions_that_no_alias_leads_to_are_not_called():
    for responses, enabled in (
        ([group(actionGroupState="DISABLED")], False),
        ([group("3"), alias("3")], True),
        ([group("3"), alias("4")], False),
        ([group("3")], True),
        ([group(), alias("4")], True),
    ):
        graph = graph_of(agents.connect, agent(), *responses)
        assert only(data(graph, AGENT, FUNCTION))["enabled"] is enabled
        assert bool(trust(graph, AGENT, FUNCTION)) is enabled


def test_a_group_that_hands_control_back_calls_nothing_and_one_that_was_only_listed_is_not_lost():
    graph = graph_of(agents.connect, agent(), group(actionGroupExecutor={"customControl": "RETURN_CONTROL"}))
    assert list(graph.successors(AGENT)) == [ROLE]
    listed = answer(
        "bedrock-agent.ListAgentActionGroups",
        {"actionGroupSummaries": [{"actionGroupId": "G1", "actionGroupName": "x"}]},
        "A1",
    )
    graph = graph_of(agents.connect, agent(), listed)
    (end,) = [node for node in graph.successors(AGENT) if node != ROLE]
    assert graph.nodes[end]["label"] == "x: GetAgentActionGroup was not exported"
    assert graph.nodes[end]["exists"] is False


def test_orchestration_and_parsing_by_functions_are_edges():
    graph = graph_of(
        agents.connect,
        agent(
            customOrchestration={"executor": {"lambda": FUNCTION}},
            promptOverrideConfiguration={"overrideLambda": f"{FUNCTION}:live"},
        ),
    )
    assert {(edge["label"], edge["qualifier"]) for edge in data(graph, AGENT, FUNCTION)} == {
        ("orchestration", ""),
        ("parser", "live"),
    }


def test_a_runtime_runs_code_in_its_role():
    item = {"agentRuntimeArn": RUNTIME, "agentRuntimeId": "r-1", "agentRuntimeName": "chat", "roleArn": ROLE}
    graph = graph_of(agents.connect, answer("bedrock-agentcore-control.GetAgentRuntime", item, "r-1"))
    assert graph.nodes[RUNTIME]["entry"] is EntryKind.AGENT
    acts = only(trust(graph, RUNTIME, ROLE))
    assert (acts["kind"], acts["cost"]) == (EdgeKind.RUNS_AS, 0)


@pytest.mark.parametrize(
    ("kind", "entry", "level"),
    [
        ("NONE", EntryKind.ANONYMOUS, Interval.exactly(1)),
        ("CUSTOM_JWT", EntryKind.AGENT, Interval.exactly(0)),
        ("AWS_IAM", EntryKind.AGENT, Interval.exactly(0)),
        ("AUTHENTICATE_ONLY", EntryKind.AGENT, Interval(0, 0.5)),
        (None, EntryKind.AGENT, Interval(0, 1)),
    ],
)
def test_a_gateway_is_as_open_as_its_authorizer_says(kind, entry, level):
    graph = graph_of(agents.connect, gateway(authorizerType=kind))
    assert graph.nodes[GATEWAY]["entry"] is entry
    assert only(data(graph, INTERNET, GATEWAY))["factors"].authentication == level


def test_a_gateway_calls_functions_in_its_role():
    graph = graph_of(
        agents.connect, gateway(), target({"mcp": {"lambda": {"lambdaArn": f"{FUNCTION}:live"}}}, "GATEWAY_IAM_ROLE")
    )
    hop = only(data(graph, GATEWAY, FUNCTION))
    assert (hop["factors"].hop, hop["qualifier"], hop["label"]) == ("agent-gateway->lambda", "live", "refund")
    assert only(trust(graph, GATEWAY, FUNCTION))["kind"] is EdgeKind.INVOKES


def test_interceptors_and_transforms_see_what_passes():
    graph = graph_of(
        agents.connect,
        gateway(
            interceptorConfigurations=[
                {"interceptor": {"lambda": {"arn": FUNCTION}}, "interceptionPoints": ["REQUEST"]}
            ],
            customTransformConfiguration={"lambda": {"arn": f"{FUNCTION}-2"}},
        ),
    )
    assert only(data(graph, GATEWAY, FUNCTION))["label"] == "interceptor"
    assert only(data(graph, GATEWAY, f"{FUNCTION}-2"))["label"] == "transform"


@pytest.mark.parametrize(
    ("configuration", "end", "kind"),
    [
        (
            {"mcp": {"mcpServer": {"endpoint": "https://mcp.partner.example/x"}}},
            "thirdparty:mcp.partner.example",
            EdgeKind.CALLS,
        ),
        (
            {"http": {"passthrough": {"endpoint": "https://a2a.partner.example"}}},
            "thirdparty:a2a.partner.example",
            EdgeKind.CALLS,
        ),
        ({"inference": {"provider": {"endpoint": "https://llm.example"}}}, "thirdparty:llm.example", EdgeKind.CALLS),
        ({"http": {"agentcoreRuntime": {"arn": RUNTIME}}}, RUNTIME, EdgeKind.DELIVERS),
    ],
)
def test_other_targets_lead_where_they_say(configuration, end, kind):
    graph = graph_of(agents.connect, gateway(), target(configuration, "API_KEY"))
    hop = only(data(graph, GATEWAY, end))
    assert (hop["kind"], hop["factors"].authentication) == (kind, Interval.exactly(0.5))


def test_a_rest_api_may_be_a_set_of_tools():
    def both(build):
        agents.connect(build)
        apis.connect(build)

    graph = graph_of(
        both,
        gateway(),
        target({"mcp": {"apiGateway": {"restApiId": "a1", "stage": "prod"}}}, "GATEWAY_IAM_ROLE"),
        answer("apigateway.GetRestApis", {"items": [{"id": "a1", "name": "shop"}]}),
    )
    assert only(data(graph, GATEWAY, f"arn:aws:apigateway:{REGION}::/restapis/a1"))["label"] == "refund"


@pytest.mark.parametrize(
    ("response", "label"),
    [
        (target({"mcp": {"openApiSchema": {"s3": {"uri": "s3://b/k"}}}}), "refund: where its schema leads is not read"),
        (
            answer(
                "bedrock-agentcore-control.ListGatewayTargets", {"items": [{"targetId": "T1", "name": "refund"}]}, "g-1"
            ),
            "refund: GetGatewayTarget was not exported",
        ),
    ],
)
def test_ends_that_the_export_does_not_show_say_so(response, label):
    graph = graph_of(agents.connect, gateway(), response)
    (end,) = [node for node in graph.successors(GATEWAY) if node != ROLE]
    assert (graph.nodes[end]["label"], graph.nodes[end]["exists"]) == (label, False)
