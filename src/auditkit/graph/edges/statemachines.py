"""Edges of AWS Step Functions: from a state machine to whatever its states call."""

from auditkit.graph._build import Builder
from auditkit.graph.edges._calls import ApiCall, connect_call
from auditkit.graph.edges._targets import connection_level
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import UnsetType
from auditkit.inventory.arguments import COMPUTED
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.statemachines import LoggingConfiguration, StateCall, StateMachine

__all__ = ["connect"]

_HOP = "sfn->lambda/service"


def connect(build: Builder) -> None:
    """Connect state machines: their role, what their states call, where executions are logged with their data.

    The history of a standard machine's executions holds what every state was given and gave, so such a machine has a
    sensitivity of its own; an express one keeps no history.
    """
    for machine in build.inventory.of(StateMachine):
        build.add(machine, keeps=machine.type != "EXPRESS")
        enabled = machine.status != "DELETING"
        if isinstance(machine.role_arn, str):
            build.acts_in(machine.id, machine.role_arn, sources=machine.sources)
        if not isinstance(machine.calls, UnsetType):
            for call in machine.calls:
                _connect_state(build, machine, call, enabled=enabled)
        if isinstance(machine.logging_configuration, LoggingConfiguration):
            _connect_logs(build, machine, machine.logging_configuration)


def _connect_state(build: Builder, machine: StateMachine, state: StateCall, *, enabled: bool) -> None:
    place = {"account": machine.account, "region": machine.region}
    if state.assumes and state.assumes != COMPUTED:
        role = build.ref(state.assumes)
        edge = Edge(
            kind=EdgeKind.ASSUMES,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=(state.source,),
            label=state.state,
            cost=3,
        )
        build.edge(machine.id, role, edge)
        arn = parse_arn(state.assumes)
        place["account"] = arn.account if arn else ""
    elif state.assumes:
        place["account"] = ""
    details = {"waitForTaskToken": "waitForTaskToken", "sync": "waits for the result", "sync:2": "waits for the result"}
    call = ApiCall(
        integration=state.integration,
        references=state.references,
        label=state.state if state.part == "task" else f"{state.state} ({state.part})",
        sources=(state.source,),
        place=place,
        detail=details.get(state.pattern, ""),
    )
    if state.integration == "http:invoke":
        _connect_endpoint(build, machine, call, enabled=enabled)
    elif state.integration:
        connect_call(build, machine.id, call, hop=_HOP, enabled=enabled)


def _connect_endpoint(build: Builder, machine: StateMachine, call: ApiCall, *, enabled: bool) -> None:
    """Connect an HTTP task; its authentication is that of the connection it names."""
    connection = next(iter(call.references.get("ConnectionArn", ())), None)
    authentication = connection_level(build, connection)
    for value in call.references.get("ApiEndpoint", ()):
        if value == COMPUTED:
            connect_call(build, machine.id, call, hop="sfn->http-task", enabled=enabled)
            continue
        host = build.third_party(value.partition("://")[2] or value)
        build.triggers(
            machine.id,
            host,
            kind=EdgeKind.CALLS,
            hop="sfn->http-task",
            sources=call.sources,
            label=call.label,
            enabled=enabled,
            authentication=authentication,
        )


def _connect_logs(build: Builder, machine: StateMachine, logging: LoggingConfiguration) -> None:
    if logging.level in {None, "OFF"} or not logging.include_execution_data:
        return
    for destination in logging.destinations:
        group = destination.cloud_watch_logs_log_group
        if group and group.log_group_arn:
            build.triggers(
                machine.id,
                build.ref(group.log_group_arn),
                kind=EdgeKind.WRITES,
                hop=_HOP,
                sources=(machine.source.at("loggingConfiguration"),),
                label="log with execution data",
                validation=(0, "A store acts on nothing."),
            )
