"""Amazon Bedrock agents and AgentCore."""

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several

__all__ = ["tell"]

_CONTROL = "bedrock-agentcore-control"


def tell(to: Telling) -> None:
    """Tell agents with their action groups, runtimes, gateways and their targets."""
    for agent in to.of("AWS::Bedrock::Agent"):
        _agent(to, agent)
    for (place, agent_id), aliases in to.by("AgentId", of=["AWS::Bedrock::AgentAlias"]).items():
        trees = [
            to.tree(alias, "bedrock-agent.AgentAliasSummary", members={"agentAliasId": alias.identity.name})
            for alias in aliases
        ]
        tree = {"agentAliasSummaries": trees}
        to.give(aliases[0], "bedrock-agent.ListAgentAliases", tree, agent_id, place=place, complete=False)
    for runtime in to.of("AWS::BedrockAgentCore::Runtime"):
        members = {
            "agentRuntimeArn": runtime.identity.arn,
            "agentRuntimeId": runtime.identity.name,
            "agentRuntimeName": runtime.node.at("AgentRuntimeName") or runtime.identity.name,
        }
        tree = to.tree(runtime, f"{_CONTROL}.GetAgentRuntimeResponse", {"Tags": ""}, members)
        to.give(runtime, f"{_CONTROL}.GetAgentRuntime", tree, runtime.identity.name)
    for gateway in to.of("AWS::BedrockAgentCore::Gateway"):
        members = {
            "gatewayId": gateway.identity.name,
            "gatewayArn": gateway.identity.arn,
            "gatewayUrl": gateway.identity.attributes["GatewayUrl"],
            "name": gateway.node.at("Name") or gateway.identity.name,
        }
        tree = to.tree(gateway, f"{_CONTROL}.GetGatewayResponse", {"Tags": ""}, members)
        to.give(gateway, f"{_CONTROL}.GetGateway", tree, gateway.identity.name)
    for target in to.of("AWS::BedrockAgentCore::GatewayTarget"):
        gateway_id = target.text("GatewayIdentifier").rpartition("/")[2]
        members = {"targetId": target.identity.name, "name": target.node.at("Name") or target.identity.name}
        tree = to.tree(target, f"{_CONTROL}.GetGatewayTargetResponse", members=members)
        to.give(target, f"{_CONTROL}.GetGatewayTarget", tree, gateway_id, target.identity.name)


def _agent(to: Telling, agent: Resource) -> None:
    name = agent.identity.name
    members: dict[str, object] = {
        "agentId": name,
        "agentArn": agent.identity.arn,
        "agentName": agent.node.at("AgentName") or name,
        "agentVersion": "DRAFT",
    }
    tree = to.tree(agent, "bedrock-agent.Agent", members=members)
    to.give(agent, "bedrock-agent.GetAgent", {"agent": tree}, name)
    for index, group in enumerate(several(agent.node.at("ActionGroups"))):
        identity = f"GROUP{index + 1}"
        further = {
            "agentId": name,
            "agentVersion": "DRAFT",
            "actionGroupId": identity,
            "actionGroupName": group.at("ActionGroupName") or identity,
            "actionGroupState": group.at("ActionGroupState") or "ENABLED",
        }
        found: Tree = to.fitted(group, "bedrock-agent.AgentActionGroup", members=further)
        to.give(agent, "bedrock-agent.GetAgentActionGroup", {"agentActionGroup": found}, name, "DRAFT", identity)
