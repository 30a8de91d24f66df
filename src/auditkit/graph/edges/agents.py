"""Amazon Bedrock agents and AgentCore: what agents and gateways call, in which role, and who gets in.

An agent acts on text, and text comes from outside: a customer's question, a page, a mail. Whoever can put words before
it may make it call what it can call. So agents are entries, of a kind of their own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._api_permitted import permitted
from auditkit.graph.edges._inside import COMES_IN
from auditkit.graph.factors import Level
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval, Node
from auditkit.inventory import Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.agents import (
    ActionGroup,
    Agent,
    AgentGateway,
    AgentRuntime,
    GatewayTarget,
    TargetConfiguration,
)
from auditkit.policy import TargetPolicies

__all__ = ["connect"]

_DRAFT = "DRAFT"
_DRAFT_ALIAS = "TSTALIASID"
_INVOKE = "bedrock:InvokeAgent"
_MODEL: Level = (0.5, "The model fills in the parameters; their types are described, not enforced.")


def connect(build: Builder) -> None:
    """Say what the records of agents, runtimes and gateways say."""
    groups: dict[str, list[ActionGroup]] = {}
    for group in build.inventory.of(ActionGroup):
        groups.setdefault(group.agent, []).append(group)
    for agent in build.inventory.of(Agent):
        _agent(build, agent, groups.get(agent.id, []))
    permitted(build, [target for agent in build.inventory.of(Agent) for target in _aliases(agent)], action=_INVOKE)
    for runtime in build.inventory.of(AgentRuntime):
        _runtime(build, runtime)
    targets: dict[str, list[GatewayTarget]] = {}
    for target in build.inventory.of(GatewayTarget):
        targets.setdefault(target.gateway, []).append(target)
    for gateway in build.inventory.of(AgentGateway):
        _gateway(build, gateway, targets.get(gateway.id, []))


def _acts_in(build: Builder, record: Agent | AgentRuntime | AgentGateway, role: object, source: Source) -> None:
    """Say in which role something acts; a runtime runs code in it, the others do with it what they are told to."""
    if isinstance(role, str) and role:
        build.acts_in(record.id, role, sources=(source,), cost=0 if isinstance(record, AgentRuntime) else 3)


def _words(build: Builder, record: Agent | AgentRuntime | AgentGateway, authentication: Level, hop: str) -> None:
    build.flow(
        INTERNET,
        record.id,
        kind=EdgeKind.DELIVERS,
        hop=hop,
        sources=record.sources[:1],
        label=EntryKind.AGENT,
        authentication=authentication,
        third_party=COMES_IN,
    )


# ---------------------------------------------------------------- agents


def _agent(build: Builder, agent: Agent, groups: list[ActionGroup]) -> None:
    build.add(agent, entry=EntryKind.AGENT)
    signed: Level = (Interval(0, 0.5), "Its caller is signed (bedrock:InvokeAgent); whose text it reads is not known.")
    _words(build, agent, signed, "client->agent")
    _acts_in(build, agent, agent.agent_resource_role_arn, agent.source.at("agentResourceRoleArn"))
    live = _live_versions(agent)
    for group in groups:
        version = group.agent_version or _DRAFT
        enabled = group.action_group_state != "DISABLED" and (live is None or version in live)
        label = group.name if version == _DRAFT else f"{group.name} (version {version})"
        _group(build, agent, group, label=label, enabled=enabled)
    orchestration = agent.custom_orchestration.executor if agent.custom_orchestration else None
    if orchestration is not None and orchestration.lambda_:
        source = agent.source.at("customOrchestration", "executor", "lambda")
        _call(build, agent, orchestration.lambda_, source, label="orchestration", enabled=True)
    if agent.prompt_override_configuration is not None and agent.prompt_override_configuration.override_lambda:
        source = agent.source.at("promptOverrideConfiguration", "overrideLambda")
        _call(build, agent, agent.prompt_override_configuration.override_lambda, source, label="parser", enabled=True)


def _aliases(agent: Agent) -> Iterator[tuple[TargetPolicies, str]]:
    """Yield the aliases by which policies let principals call an agent; that of the draft is always there."""
    known = () if isinstance(agent.aliases, UnsetType) else agent.aliases
    for alias in dict.fromkeys((_DRAFT_ALIAS, *(alias.agent_alias_id for alias in known))):
        resource = f"agent-alias/{agent.agent_id}/{alias}"
        arn = arn_of("bedrock", resource, account=agent.account, region=agent.region)
        yield TargetPolicies(arn=arn, account=agent.account, resource_policy=None), agent.id


def _live_versions(agent: Agent) -> frozenset[str] | None:
    """Return the versions that can be called: the draft (by its own alias) and those an alias leads to."""
    if isinstance(agent.aliases, UnsetType):
        return None
    routed = {route.agent_version for alias in agent.aliases for route in alias.routing_configuration}
    return frozenset(version for version in routed if version) | {_DRAFT}


def _group(build: Builder, agent: Agent, group: ActionGroup, *, label: str, enabled: bool) -> None:
    executor = group.action_group_executor
    if isinstance(executor, UnsetType):
        if group.parent_action_signature is None:
            end = _unseen(build, agent, f"{group.name}: GetAgentActionGroup was not exported", group.sources)
            build.triggers(agent.id, end, hop="agent->lambda", sources=group.sources, label=label, enabled=enabled)
    elif executor is not None and executor.lambda_:
        source = group.source.at("actionGroupExecutor", "lambda")
        _call(build, agent, executor.lambda_, source, label=label, enabled=enabled)


def _unseen(build: Builder, record: Agent | AgentGateway, label: str, sources: tuple[Source, ...]) -> str:
    """Make the node of an end that the export does not show."""
    node = Node(
        kind=Kind.RESOURCE,
        label=label,
        account=record.account,
        region=record.region,
        boundary=build.boundary(account=record.account),
        sources=sources,
        exists=False,
    )
    return build.node(f"unseen:{record.id}#{label}", node)


def _call(build: Builder, agent: Agent, function: str, source: Source, *, label: str, enabled: bool) -> None:
    call_function(
        build,
        agent.id,
        function,
        hop="agent->lambda",
        service="bedrock.amazonaws.com",
        origins=(agent.id,),
        account=agent.account,
        sources=(source,),
        label=label,
        enabled=enabled,
        validation=_MODEL,
    )


# ---------------------------------------------------------------- AgentCore


def _runtime(build: Builder, runtime: AgentRuntime) -> None:
    build.add(runtime, entry=EntryKind.AGENT)
    _words(build, runtime, _inbound(runtime), "client->agent")
    _acts_in(build, runtime, runtime.role_arn, runtime.source.at("roleArn"))


def _inbound(runtime: AgentRuntime) -> Level:
    if isinstance(runtime.authorizer_configuration, UnsetType):
        return Interval(0, 0.5), "How its callers authenticate was not exported (GetAgentRuntime)."
    if runtime.authorizer_configuration is not None and runtime.authorizer_configuration.custom_jwt_authorizer:
        return Interval(0, 0.5), "Its callers show a token (customJWTAuthorizer); whose text it reads is not known."
    return Interval(0, 0.5), "Its callers are signed (IAM); whose text it reads is not known."


def _gateway(build: Builder, gateway: AgentGateway, targets: list[GatewayTarget]) -> None:
    entry, authentication = _callers(gateway)
    build.add(gateway, entry=entry)
    if gateway.gateway_url:
        build.alias_host(gateway.gateway_url.partition("://")[2].partition("/")[0], gateway.id)
    _words(build, gateway, authentication, "client->agent-gateway")
    _acts_in(build, gateway, gateway.role_arn, gateway.source.at("roleArn"))
    transform = gateway.custom_transform_configuration
    if transform is not None and transform.lambda_ is not None:
        source = gateway.source.at("customTransformConfiguration", "lambda", "arn")
        _in_role(build, gateway, transform.lambda_.arn, (source,), label="transform")
    for index, configured in enumerate(gateway.interceptor_configurations):
        if configured.interceptor is not None and configured.interceptor.lambda_ is not None:
            source = gateway.source.at("interceptorConfigurations", index)
            _in_role(build, gateway, configured.interceptor.lambda_.arn, (source,), label="interceptor")
    for target in targets:
        _target(build, gateway, target)


def _callers(gateway: AgentGateway) -> tuple[EntryKind, Level]:
    match gateway.authorizer_type:
        case "NONE":
            return EntryKind.ANONYMOUS, (1, "authorizerType is NONE: anyone may call its tools.")
        case "CUSTOM_JWT":
            return EntryKind.AGENT, (0, "Callers show a token (authorizerType CUSTOM_JWT).")
        case "AWS_IAM":
            return EntryKind.AGENT, (0, "Requests are signed (authorizerType AWS_IAM).")
        case "AUTHENTICATE_ONLY":
            return EntryKind.AGENT, (Interval(0, 0.5), "Callers are authenticated, and all of them may call.")
        case other:
            return EntryKind.AGENT, (Interval(0, 1), f"authorizerType is {other or 'not exported'}.")


class _End(NamedTuple):
    """What a target leads to; ``function`` is called in the gateway's role."""

    id: str
    function: bool = False
    outside: bool = False


def _target(build: Builder, gateway: AgentGateway, target: GatewayTarget) -> None:
    configuration = target.target_configuration
    if isinstance(configuration, UnsetType) or configuration is None:
        ends = [_End(_unseen(build, gateway, f"{target.name}: GetGatewayTarget was not exported", target.sources))]
    else:
        ends = list(_ends(build, gateway, configuration)) or [
            _End(_unseen(build, gateway, f"{target.name}: where its schema leads is not read", target.sources))
        ]
    for end in ends:
        if end.function:
            _in_role(build, gateway, end.id, target.sources, label=target.name)
            continue
        said: Said = {"label": target.name, "authentication": _outbound(target)}
        kind = EdgeKind.CALLS if end.outside and build.reference(end.id).kind is Kind.THIRD_PARTY else EdgeKind.DELIVERS
        build.triggers(gateway.id, end.id, kind=kind, hop="agent-gateway->http", sources=target.sources, **said)


def _in_role(build: Builder, gateway: AgentGateway, function: str, sources: tuple[Source, ...], *, label: str) -> None:
    found = build.reference(function)
    said: Said = {"label": label, "qualifier": found.qualifier, "validation": _MODEL}
    build.triggers(gateway.id, found.id, hop="agent-gateway->lambda", sources=sources, **said)


def _ends(build: Builder, gateway: AgentGateway, configuration: TargetConfiguration) -> Iterator[_End]:
    mcp, http, inference = configuration.mcp, configuration.http, configuration.inference
    if mcp is not None and mcp.lambda_ is not None:
        yield _End(mcp.lambda_.lambda_arn, function=True)
    if mcp is not None and mcp.api_gateway is not None:
        yield _End(build.ref(arn_of("apigateway", f"/restapis/{mcp.api_gateway.rest_api_id}", region=gateway.region)))
    if http is not None and http.agentcore_runtime is not None:
        yield _End(build.ref(http.agentcore_runtime.arn))
    endpoints = (
        mcp.mcp_server if mcp else None,
        http.passthrough if http else None,
        inference.provider if inference else None,
    )
    for endpoint in endpoints:
        if endpoint is not None and endpoint.endpoint:
            yield _End(build.third_party(endpoint.endpoint.partition("://")[2]), outside=True)


def _outbound(target: GatewayTarget) -> Level:
    kinds = {provider.credential_provider_type for provider in target.credential_provider_configurations}
    if "GATEWAY_IAM_ROLE" in kinds or "CALLER_IAM_CREDENTIALS" in kinds:
        return 0, "Requests are signed."
    if kinds & {"OAUTH", "JWT_PASSTHROUGH"}:
        return 0.25, "A token is sent."
    if "API_KEY" in kinds:
        return 0.5, "An API key is sent: a shared secret."
    return Interval(0.25, 1), "Which credential is sent was not seen."
