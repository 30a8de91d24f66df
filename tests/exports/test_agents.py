from auditkit.inventory import UNSET
from auditkit.inventory.records.agents import ActionGroup, Agent, AgentGateway, AgentRuntime, GatewayTarget
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

AGENT = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:agent/A1"
RUNTIME = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/r-1"
GATEWAY = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:gateway/g-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:refund"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/agent"
LISTED = answer("bedrock-agent.ListAgents", {"agentSummaries": [{"agentId": "A1", "agentName": "support"}]})


def group(**fields):
    return {"agentId": "A1", "actionGroupId": "G1", "actionGroupName": "refunds", "agentVersion": "DRAFT", **fields}


def test_an_agent_with_its_action_groups_is_read_and_its_instructions_are_not():
    agent = {
        "agentId": "A1",
        "agentArn": AGENT,
        "agentName": "support",
        "agentResourceRoleArn": ROLE,
        "instruction": "hunter2",
        "promptOverrideConfiguration": {
            "overrideLambda": FUNCTION,
            "promptConfigurations": [{"basePromptTemplate": "hunter2"}],
        },
    }
    described = group(
        actionGroupExecutor={"lambda": FUNCTION}, apiSchema={"payload": "hunter2"}, actionGroupState="ENABLED"
    )
    inventory = feed(
        LISTED,
        answer("bedrock-agent.GetAgent", {"agent": agent}, "A1"),
        answer(
            "bedrock-agent.ListAgentActionGroups",
            {
                "actionGroupSummaries": [
                    {"actionGroupId": "G1", "actionGroupName": "refunds", "actionGroupState": "ENABLED"}
                ]
            },
            "A1",
            "DRAFT",
        ),
        answer("bedrock-agent.GetAgentActionGroup", {"agentActionGroup": described}, "A1", "DRAFT", "G1"),
        answer(
            "bedrock-agent.ListAgentAliases",
            {"agentAliasSummaries": [{"agentAliasId": "L", "routingConfiguration": [{"agentVersion": "3"}]}]},
            "A1",
        ),
    )
    (record,) = inventory.of(Agent)
    assert (record.id, record.name, record.agent_resource_role_arn) == (AGENT, "support", ROLE)
    assert [route.agent_version for route in record.aliases[0].routing_configuration] == ["3"]
    (found,) = inventory.of(ActionGroup)
    assert (found.agent, found.name, found.action_group_executor.lambda_) == (AGENT, "refunds", FUNCTION)
    assert len(found.sources) == 2
    assert inventory.contradictions == ()
    assert "hunter2" not in repr(list(inventory))


def test_the_same_group_in_two_versions_is_two_records():
    inventory = feed(
        answer("bedrock-agent.GetAgentActionGroup", {"agentActionGroup": group()}, "A1", "DRAFT", "G1"),
        answer("bedrock-agent.GetAgentActionGroup", {"agentActionGroup": group(agentVersion="3")}, "A1", "3", "G1"),
    )
    assert sorted(found.agent_version for found in inventory.of(ActionGroup)) == ["3", "DRAFT"]


def test_what_is_only_listed_is_not_taken_for_known():
    inventory = feed(
        LISTED,
        answer("bedrock-agent.ListAgentActionGroups", {"actionGroupSummaries": [{"actionGroupId": "G1"}]}, "A1"),
        answer("bedrock-agentcore-control.ListGateways", {"items": [{"gatewayId": "g-1", "name": "tools"}]}),
        answer(
            "bedrock-agentcore-control.ListGatewayTargets", {"items": [{"targetId": "T1", "name": "refund"}]}, "g-1"
        ),
        answer(
            "bedrock-agentcore-control.ListAgentRuntimes",
            {"agentRuntimes": [{"agentRuntimeArn": RUNTIME, "agentRuntimeId": "r-1", "agentRuntimeName": "chat"}]},
        ),
    )
    assert (inventory.get(AGENT).agent_resource_role_arn, inventory.get(AGENT).aliases) == (UNSET, UNSET)
    assert inventory.of(ActionGroup)[0].action_group_executor is UNSET
    assert inventory.get(GATEWAY).role_arn is UNSET
    assert inventory.get(RUNTIME).authorizer_configuration is UNSET
    assert inventory.get(f"{GATEWAY}/target/T1").target_configuration is UNSET


def test_runtimes_gateways_and_targets_are_read_without_their_secrets():
    inventory = feed(
        answer(
            "bedrock-agentcore-control.GetAgentRuntime",
            {
                "agentRuntimeArn": RUNTIME,
                "agentRuntimeId": "r-1",
                "agentRuntimeName": "chat",
                "roleArn": ROLE,
                "environmentVariables": {"DB_PASSWORD": "hunter2hunter2", "TABLE": "orders"},
            },
            "r-1",
        ),
        answer(
            "bedrock-agentcore-control.GetGateway",
            {"gatewayArn": GATEWAY, "gatewayId": "g-1", "name": "tools", "roleArn": ROLE, "authorizerType": "NONE"},
            "g-1",
        ),
        answer(
            "bedrock-agentcore-control.GetGatewayTarget",
            {
                "gatewayArn": GATEWAY,
                "targetId": "T1",
                "name": "refund",
                "targetConfiguration": {"mcp": {"mcpServer": {"endpoint": "https://mcp.example.com/hunter2"}}},
                "credentialProviderConfigurations": [{"credentialProviderType": "API_KEY"}],
            },
            "g-1",
            "T1",
        ),
    )
    (runtime,) = inventory.of(AgentRuntime)
    assert runtime.environment["DB_PASSWORD"].secret
    assert runtime.authorizer_configuration is None
    assert inventory.of(AgentGateway)[0].authorizer_type == "NONE"
    (target,) = inventory.of(GatewayTarget)
    assert target.target_configuration.mcp.mcp_server.endpoint == "https://mcp.example.com"
    assert "hunter2" not in repr(list(inventory))
