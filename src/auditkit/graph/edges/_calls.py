"""Calls of AWS services that a definition makes instead of code: of state machines and of universal targets."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph.schema import EdgeKind, Node
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.arguments import COMPUTED, resource_named, service_of

__all__ = ["ApiCall", "connect_call"]

_RUNS = {
    "lambda:invoke",
    "states:startexecution",
    "states:startsyncexecution",
    "ecs:runtask",
    "batch:submitjob",
    "glue:startjobrun",
    "codebuild:startbuild",
    "codebuild:startbuildbatch",
    "codepipeline:startpipelineexecution",
    "http:invoke",
    "apigateway:invoke",
    "activity",
}
_READS = re.compile(r"get|batchget|transactget|query|scan|select|receive|listobjects|execute|batchexecute|copy")
_WRITES = re.compile(
    r"put|batchwrite|transactwrite|update|send|publish|upload|complete|copy|execute|batchexecute|create(?!table|bucket|queue|topic)"
)
_ONLY_NAMES = re.compile(
    r"list|describe|head|delete|tag|untag|getbucket(?!object)|getqueueattributes|gettopicattributes"
)


class ApiCall(NamedTuple):
    """One call.

    Attributes
    ----------
    integration
        ``"sqs:sendMessage"``, ``"aws-sdk:dynamodb:getItem"``, ``"http:invoke"``, ``"activity"``.
    references
        What its arguments name, see :func:`auditkit.inventory.arguments.named_in`.
    label
        What a picture writes beside it.
    sources
        Where it stands.
    place
        ``account`` and ``region`` in which bare names are looked up.
    detail
        What else it says.
    """

    integration: str
    references: Mapping[str, tuple[str, ...]]
    label: str
    sources: tuple[Source, ...]
    place: Mapping[str, str]
    detail: str = ""

    @property
    def service(self) -> str:
        """The service, by its name in policies."""
        return service_of(self.integration.removeprefix("aws-sdk:").partition(":")[0])

    @property
    def action(self) -> str:
        """``"service:action"`` in lower case."""
        name = self.integration.removeprefix("aws-sdk:").partition(":")[2].lower()
        return f"{self.service}:{name}" if name else self.service


def connect_call(build: Builder, origin: str, call: ApiCall, *, hop: str, enabled: bool = True) -> None:
    """Connect what makes a call with the resources that it names.

    A resource that is computed when the call is made becomes a node of its own that says so: the flow is there, its
    end is not known.

    Parameters
    ----------
    origin
        Id of what makes the call.
    call
        The call.
    hop
        Row of the hop facts.
    enabled
        False where the caller is switched off.
    """
    name = call.action.partition(":")[2]
    if call.action not in _RUNS and _ONLY_NAMES.match(name) and not name.startswith("listobjects"):
        return
    for argument, target in _targets(build, origin, call):
        kind = build.reference(target).kind
        if call.action in _RUNS or (kind not in STORE_KINDS and kind is not Kind.RESOURCE):
            _runs(build, origin, target, call, hop=hop, enabled=enabled)
            continue
        if _READS.match(name) and (argument == "CopySource" or not name.startswith("copy")):
            build.flow(
                target,
                origin,
                kind=EdgeKind.READS,
                hop=hop,
                sources=call.sources,
                label=call.label,
                detail=call.detail,
                enabled=enabled,
                validation=(1, "Nothing checks what is read."),
            )
        if _WRITES.match(name) and argument not in {"CopySource", "SecretArn"}:
            build.triggers(
                origin,
                target,
                kind=EdgeKind.WRITES,
                hop=hop,
                sources=call.sources,
                label=call.label,
                detail=call.detail,
                enabled=enabled,
                validation=(0, "A store acts on nothing."),
            )


def _runs(build: Builder, origin: str, target: str, call: ApiCall, *, hop: str, enabled: bool) -> None:
    found = build.reference(target)
    build.triggers(
        origin,
        found.id,
        kind=EdgeKind.CALLS,
        hop=hop,
        sources=call.sources,
        label=call.label,
        detail=call.detail,
        qualifier=found.qualifier,
        enabled=enabled,
        validation=(1, "Nothing checks what is handed on."),
    )
    if found.kind is Kind.FUNCTION and "waitForTaskToken" not in call.detail:
        build.flow(
            found.id,
            origin,
            kind=EdgeKind.RETURNS,
            hop=hop,
            sources=call.sources,
            label=call.label,
            enabled=enabled,
            validation=(1, "Nothing checks what a function returns."),
        )


def _targets(build: Builder, origin: str, call: ApiCall) -> list[tuple[str, str]]:
    """Return argument and target (an id, or text that refers to one) of everything the call names, or its service."""
    references = {name: values for name, values in call.references.items() if name != "ConnectionArn"}
    if call.service == "events" and not references:
        references = {"EventBusName": ("default",)}
    named = [(argument, value) for argument, values in references.items() for value in values]
    found = [(argument, _target(build, origin, call, argument, value)) for argument, value in named]
    resolved = [(argument, target) for argument, target in found if target]
    if resolved or not call.service:
        return resolved
    return [("", build.ref(f"{call.service}.amazonaws.com"))]


def _target(build: Builder, origin: str, call: ApiCall, argument: str, value: str) -> str:
    if value == COMPUTED:
        return _computed(build, origin, call)
    if argument == "ApiEndpoint":
        return build.third_party(value.partition("://")[2] or value)
    if argument == "ActivityArn":
        return build.ref(value)
    text = resource_named(call.service, argument, value, call.place)
    if not text:
        return ""
    found = build.reference(text)
    return text if found.qualifier else found.id


def _computed(build: Builder, origin: str, call: ApiCall) -> str:
    """Make the node of a resource that is known only when the call is made."""
    found = build.reference(origin)
    node = Node(
        kind=Kind.RESOURCE,
        label=f"computed at run time ({call.action})",
        account=found.account,
        region=found.region,
        boundary=build.boundary(account=found.account),
        sources=call.sources,
        exists=False,
    )
    return build.node(f"computed:{origin}#{call.label}", node)
