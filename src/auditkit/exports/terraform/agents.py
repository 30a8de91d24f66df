"""Amazon Bedrock agents and AgentCore in Terraform."""

from auditkit.exports._answers import Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

_CONTROL = "bedrock-agentcore-control"
_FUNCTIONS = shape_of("bedrock-agent", "FunctionSchema").members["functions"]


def translate(estate: Estate, out: Out) -> None:
    """Hand over agents with their action groups and aliases; runtimes, gateways and their targets."""
    for agent in estate.of("aws_bedrockagent_agent"):
        tree = agent.fit("bedrock-agent", "Agent", id="", tags="")
        identity = agent.text("agent_id") or agent.id
        out.partly(agent, "bedrock-agent.ListAgents")
        out.give(agent, "bedrock-agent.GetAgent", {"agent": {**tree, "agentId": identity}}, identity)
    for group in estate.of("aws_bedrockagent_agent_action_group"):
        _action_group(group, out)
    for (_, agent_id), aliases in estate.groups("agent_id", "aws_bedrockagent_agent_alias").items():
        trees = [Tree(one.source, one.fit("bedrock-agent", "AgentAliasSummary", id="")) for one in aliases]
        out.give(aliases[0], "bedrock-agent.ListAgentAliases", {"agentAliasSummaries": trees}, agent_id, complete=False)
    for runtime in estate.of("aws_bedrockagentcore_agent_runtime"):
        tree = runtime.fit(_CONTROL, "GetAgentRuntimeResponse", id="", tags="")
        out.give(runtime, f"{_CONTROL}.GetAgentRuntime", tree, runtime.text("agent_runtime_id"))
    for gateway in estate.of("aws_bedrockagentcore_gateway"):
        tree = gateway.fit(_CONTROL, "GetGatewayResponse", id="", tags="")
        out.give(gateway, f"{_CONTROL}.GetGateway", tree, gateway.text("gateway_id"))
    for target in estate.of("aws_bedrockagentcore_gateway_target"):
        tree = target.fit(_CONTROL, "GetGatewayTargetResponse", id="", gateway_identifier="")
        arguments = (target.text("gateway_identifier").rpartition("/")[2], target.text("target_id"))
        out.give(target, f"{_CONTROL}.GetGatewayTarget", tree, *arguments)


def _action_group(group: Resource, out: Out) -> None:
    tree = group.fit("bedrock-agent", "AgentActionGroup", id="", function_schema="")
    functions = group.at("function_schema", 0, "member_functions", 0, "functions")
    if functions is not None:
        tree["functionSchema"] = {"functions": fitted(functions, _FUNCTIONS)}
    agent, identity = group.text("agent_id"), group.text("action_group_id") or group.id.partition(",")[0]
    tree |= {"agentId": agent, "actionGroupId": identity}
    tree.setdefault("actionGroupState", "ENABLED")
    version = group.text("agent_version") or "DRAFT"
    out.give(group, "bedrock-agent.GetAgentActionGroup", {"agentActionGroup": tree}, agent, version, identity)
