"""Responses of Amazon Bedrock agents (``bedrock-agent``) and AgentCore (``bedrock-agentcore-control``)."""

from auditkit.exports._environment import variables
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.exports.services._parts import parts
from auditkit.inventory.records.agents import ActionGroup, Agent, AgentAlias, AgentGateway, AgentRuntime, GatewayTarget

__all__ = ["HANDLERS"]

DRAFT = "DRAFT"


def _agent_arn(response: Response, agent: str) -> str:
    return response.arn("bedrock", f"agent/{agent}")


def _list_agents(response: Response, reading: Reading) -> None:
    for agent, _, _ in reading.each(response, Agent, "agentSummaries"):
        _add_agent(response, reading, agent)


def _get_agent(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "agent")
    if item is None:
        return
    agent = reading.convert(response, Agent, {"agentResourceRoleArn": None, **item}, "agent")
    if agent is not None:
        _add_agent(response, reading, agent)


def _add_agent(response: Response, reading: Reading, agent: Agent) -> None:
    agent.id, agent.name = agent.agent_arn or _agent_arn(response, agent.agent_id), agent.agent_name or agent.agent_id
    reading.add(agent)


def _list_agent_aliases(response: Response, reading: Reading) -> None:
    found = parts(response, reading, AgentAlias, "agentAliasSummaries")
    key = _agent_arn(response, response.argument())
    enrich(response, reading, Agent, "agentAliasSummaries", key=key, aliases=found)


def _list_agent_action_groups(response: Response, reading: Reading) -> None:
    agent, version = response.argument(), response.argument(1) or DRAFT
    for index, item, _ in reading.items(response, "actionGroupSummaries"):
        fields = {**item, "agentVersion": version, "__agent": _agent_arn(response, agent)}
        group = reading.convert(response, ActionGroup, fields, "actionGroupSummaries", index)
        if group is not None:
            _add_group(response, reading, group, agent)


def _get_agent_action_group(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "agentActionGroup")
    if item is None:
        return
    agent = str(item.get("agentId") or response.argument())
    fields = {"agentVersion": DRAFT, "actionGroupExecutor": None, **item, "__agent": _agent_arn(response, agent)}
    group = reading.convert(response, ActionGroup, fields, "agentActionGroup")
    if group is not None:
        _add_group(response, reading, group, agent)


def _add_group(response: Response, reading: Reading, group: ActionGroup, agent: str) -> None:
    place = f"{response.account}:{response.region}"
    group.id = f"actiongroup:{place}:{agent}/{group.agent_version}/{group.action_group_id}"
    group.name = group.action_group_name or group.action_group_id
    reading.add(group)


# ---------------------------------------------------------------- AgentCore


def _list_agent_runtimes(response: Response, reading: Reading) -> None:
    for runtime, _, _ in reading.each(response, AgentRuntime, "agentRuntimes"):
        _add_runtime(reading, runtime)


def _get_agent_runtime(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    described = {"roleArn": None, "authorizerConfiguration": None, **response.payload}
    runtime = reading.convert(response, AgentRuntime, described)
    if runtime is not None:
        values = reading.value(dict, response, "environmentVariables") or {}
        runtime.environment = variables(values, response.at("environmentVariables"), reading)
        _add_runtime(reading, runtime)


def _add_runtime(reading: Reading, runtime: AgentRuntime) -> None:
    runtime.id, runtime.name = runtime.agent_runtime_arn, runtime.agent_runtime_name or runtime.agent_runtime_id
    reading.add(runtime)


def _gateway_arn(response: Response, gateway: str) -> str:
    return response.arn("bedrock-agentcore", f"gateway/{gateway}")


def _list_gateways(response: Response, reading: Reading) -> None:
    for gateway, _, _ in reading.each(response, AgentGateway, "items"):
        _add_gateway(response, reading, gateway)


def _get_gateway(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    gateway = reading.convert(response, AgentGateway, {"roleArn": None, **response.payload})
    if gateway is not None:
        _add_gateway(response, reading, gateway)


def _add_gateway(response: Response, reading: Reading, gateway: AgentGateway) -> None:
    gateway.id = gateway.gateway_arn or _gateway_arn(response, gateway.gateway_id)
    gateway.name = gateway.gateway_name or gateway.gateway_id
    reading.add(gateway)


def _list_gateway_targets(response: Response, reading: Reading) -> None:
    gateway = _gateway_arn(response, response.argument())
    for index, item, _ in reading.items(response, "items"):
        target = reading.convert(response, GatewayTarget, {**item, "__gateway": gateway}, "items", index)
        if target is not None:
            _add_target(reading, target)


def _get_gateway_target(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    gateway = str(response.payload.get("gatewayArn") or _gateway_arn(response, response.argument()))
    target = reading.convert(
        response, GatewayTarget, {"targetConfiguration": None, **response.payload, "__gateway": gateway}
    )
    if target is not None:
        _add_target(reading, target)


def _add_target(reading: Reading, target: GatewayTarget) -> None:
    target.id = f"{target.gateway}/target/{target.target_id}"
    target.name = target.target_name or target.target_id
    reading.add(target)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("bedrock-agent", "GetAgent"): _get_agent,
    ("bedrock-agent", "GetAgentActionGroup"): _get_agent_action_group,
    ("bedrock-agent", "ListAgentActionGroups"): _list_agent_action_groups,
    ("bedrock-agent", "ListAgentAliases"): _list_agent_aliases,
    ("bedrock-agent", "ListAgents"): _list_agents,
    ("bedrock-agentcore-control", "GetAgentRuntime"): _get_agent_runtime,
    ("bedrock-agentcore-control", "GetGateway"): _get_gateway,
    ("bedrock-agentcore-control", "GetGatewayTarget"): _get_gateway_target,
    ("bedrock-agentcore-control", "ListAgentRuntimes"): _list_agent_runtimes,
    ("bedrock-agentcore-control", "ListGatewayTargets"): _list_gateway_targets,
    ("bedrock-agentcore-control", "ListGateways"): _list_gateways,
}
