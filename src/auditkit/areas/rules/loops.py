"""Denial of service: cycles, fan-out, retries."""

from collections.abc import Iterator, Mapping

import networkx as nx

from auditkit.areas.answers import Answer, Rule, failed, found_none, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.rules._recursion import recursion
from auditkit.areas.scene import Scene, unqualified
from auditkit.areas.versions import led_to
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Kind, Source, UnsetType
from auditkit.inventory.records.apis import RestIntegration, RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, HttpApi, WebSocketApi
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Queue, QueueAttributes, RedrivePolicy
from auditkit.inventory.records.schedules import Pipe

__all__ = ["RULES"]

_MANY, _FLOOD = 10, 100


# ---------------------------------------------------------------------- fan-out


def fanout_amplification(scene: Scene) -> Iterator[Answer]:
    """Judge how many functions one event at an entry sets off."""
    events = scene.neighbours.events
    counts = _invocations(scene, events)
    for node_id, node in scene.nodes.items():
        if node.entry is None or node_id not in counts or node.boundary.kind not in {"account", "VPC"}:
            continue
        count, at = counts[node_id], node.sources
        if count >= _FLOOD:
            yield failed(node_id, f"one event here sets off {count} invocations", at=at)
        elif count >= _MANY:
            yield warned(node_id, f"one event here sets off {count} invocations", at=at)
        else:
            yield found_none(node_id, f"one event here sets off {count} invocations", at=at)


def _invocations(scene: Scene, events: "nx.DiGraph[str]") -> Mapping[str, int]:
    """Return the invocations that one event at a node sets off; a loop is gone round once."""
    condensed = nx.condensation(events, scc=scene.neighbours.circles)
    functions = {function.id for function in scene.functions}
    counts: dict[int, int] = {}
    for part in reversed(list(nx.topological_sort(condensed))):
        inside = sum(node in functions for node in condensed.nodes[part]["members"])
        counts[part] = inside + sum(counts[after] for after in condensed.successors(part))
    return {node: counts[part] for part, data in condensed.nodes(data=True) for node in data["members"]}


# ---------------------------------------------------------------------- retries

_TIMES = 6
_MILLISECONDS = 29_000
_MILLISECONDS_HTTP = 30_000
"""How long an integration waits unless it says so, of REST and WebSocket APIs and of HTTP APIs (API Gateway quotas)."""


def timeout_vs_visibility(scene: Scene) -> Iterator[Answer]:
    """Judge whether timeouts make messages come back, or are paid for after the caller has gone."""
    for mapping in scene.inventory.of(EventSourceMapping):
        queue = scene.inventory.get(mapping.event_source_arn or "")
        function = scene.function_of(mapping.function_arn)
        if isinstance(queue, Queue) and function is not None and mapping.enabled:
            yield _visible(queue, function)
    for method in scene.inventory.of(RestMethod):
        found = method.method_integration
        if not isinstance(found, RestIntegration):
            continue
        seconds = (found.timeout_in_millis or _MILLISECONDS) / 1000
        for target, _ in scene.out_of(method.id, EdgeKind.DELIVERS):
            function = scene.function_of(target)
            if function is not None and function.timeout is not None:
                yield _paid(method, function, seconds, method.source.at("methodIntegration", "timeoutInMillis"))
    yield from _behind_v2(scene)


def _behind_v2(scene: Scene) -> Iterator[Answer]:
    """Yield how long functions behind HTTP and WebSocket APIs may run on after the caller has gone."""
    apis: list[HttpApi | WebSocketApi] = [*scene.inventory.of(HttpApi), *scene.inventory.of(WebSocketApi)]
    for api in apis:
        usual = _MILLISECONDS if isinstance(api, WebSocketApi) else _MILLISECONDS_HTTP
        given = api.integrations if isinstance(api.integrations, tuple) else ()
        integrations = {one.integration_id: one for one in given}
        for route in scene.routes.get(api.id, ()):
            target = route.target if isinstance(route, ApiRoute) else None
            found = integrations.get((target or "").removeprefix("integrations/"))
            if found is None:
                continue
            seconds = (found.timeout_in_millis or usual) / 1000
            for name, _ in scene.out_of(route.id, EdgeKind.DELIVERS):
                function = scene.function_of(name)
                if function is not None and function.timeout is not None:
                    yield _paid(route, function, seconds, found.source.at("TimeoutInMillis"))


def _visible(queue: Queue, function: Function) -> Answer:
    attributes = queue.attributes
    visible = attributes.visibility_timeout if isinstance(attributes, QueueAttributes) else None
    if not isinstance(attributes, QueueAttributes) or not isinstance(visible, int) or function.timeout is None:
        return unknown(queue, "VisibilityTimeout of the queue and Timeout of the function", at=queue.source)
    at = (attributes.source.at("VisibilityTimeout"), function.source.at("Timeout"))
    said = f"messages are visible again after {visible} s, and {function.name} may take {function.timeout} s"
    if visible < _TIMES * function.timeout:
        return warned(queue, f"{said}: less than six times as long", at=at, place=function.name)
    return passed(queue, said, at=at, place=function.name)


def _paid(method: RestMethod | ApiRoute, function: Function, seconds: float, waits: Source) -> Answer:
    at = (function.source.at("Timeout"), waits)
    assert function.timeout is not None
    said = f"it may take {function.timeout} s, and {method.name} waits for {seconds:g} s"
    if function.timeout > seconds + 1:
        return warned(function, f"{said}: what runs on is paid for and answers nobody", at=at, place=method.name)
    return passed(function, said, at=at, place=method.name)


_Limit = int | UnsetType | None
_PUSHES = frozenset({Kind.TOPIC, Kind.BUCKET, Kind.RULE, Kind.SCHEDULE, Kind.EVENT_BUS})


def poison_message(scene: Scene) -> Iterator[Answer]:
    """Judge whether an event that always fails has an end."""
    for function in scene.functions:
        pushed: dict[str, list[str]] = {}
        for name, edge in scene.triggers(function.id):
            if scene.nodes[name].kind in _PUSHES:
                pushed.setdefault(edge.qualifier.replace("$LATEST", ""), []).append(scene.label(name))
        for qualifier, names in sorted(pushed.items()):
            yield _pushed(scene, function, qualifier, some(names))
    polled: list[EventSourceMapping | Pipe] = [*scene.inventory.of(EventSourceMapping), *scene.inventory.of(Pipe)]
    for poller in (one for one in polled if one.enabled):
        source = (poller.source_arn if isinstance(poller, Pipe) else poller.event_source_arn) or ""
        queue = scene.inventory.get(source)
        if isinstance(queue, Queue):
            yield _queue(queue)
        elif ":kinesis:" in source or "/stream/" in source:
            yield _stream(poller)


def _pushed(scene: Scene, function: Function, qualifier: str, names: str) -> Answer:
    """Judge what becomes of events that fail of what triggers address: the qualifier's own settings count, no others.

    A dead-letter queue is a setting of versions, a destination one of qualifiers (AWS Lambda developer guide,
    asynchronous invocation).
    """
    place = f"{'version' if qualifier.isdigit() else 'alias'} {qualifier}" if qualifier else ""
    codes, events = led_to(function, qualifier, scene), function.event_invoke_configs
    letters = [one.dead_letter_config.target_arn if one.dead_letter_config is not None else None for one in codes]
    at = [one.source.at("DeadLetterConfig") for one in codes] or [function.source]
    if letters and all(letters):
        said = f"what fails of {names} goes to {some(filter(None, letters))}"
        return passed(function, said, at=at, place=place)
    if isinstance(events, UnsetType):
        return unknown(function, "lambda:ListFunctionEventInvokeConfigs", at=function.source, place=place)
    for one in events:
        to = one.destination_config.failure if one.destination_config is not None else ""
        if to and _qualifier(one.function_arn) == qualifier:
            return passed(function, f"what fails of {names} goes to {to}", at=function.sources, place=place)
    if not codes:
        lacks = ("lambda:ListAliases", "lambda:ListVersionsByFunction")
        return unknown(function, lacks, at=function.source, place=place)
    said = f"events of {names} that fail three times are gone: no dead-letter queue, no destination for failures"
    return warned(function, said, at=at, place=place)


def _qualifier(arn: str) -> str:
    """Return the qualifier of the ARN of a function, ``""`` for ``$LATEST``."""
    return arn.removeprefix(unqualified(arn)).lstrip(":").replace("$LATEST", "")


def _queue(queue: Queue) -> Answer:
    attributes = queue.attributes
    if not isinstance(attributes, QueueAttributes) or isinstance(attributes.redrive_policy, UnsetType):
        return unknown(queue, "sqs:GetQueueAttributes (RedrivePolicy)", at=queue.source)
    at = attributes.source.at("RedrivePolicy")
    if isinstance(attributes.redrive_policy, RedrivePolicy):
        return passed(queue, f"what fails goes to {attributes.redrive_policy.dead_letter_target_arn}", at=at)
    return failed(queue, "it has no redrive policy: a message that always fails comes back until it expires", at=at)


def _stream(poller: EventSourceMapping | Pipe) -> Answer:
    """Judge what polls a stream: a batch that fails stops its shard until its retries or its records end."""
    if isinstance(poller, Pipe):
        reads = poller.reads
        if isinstance(reads, UnsetType):
            return unknown(poller, "pipes:DescribePipe", at=poller.source)
        goes_to, at = reads.dead_letter_arn or "", poller.source.at("SourceParameters")
        return _batches(poller, reads.maximum_retry_attempts, reads.maximum_record_age_in_seconds, goes_to, (at, at))
    destination = poller.destination_config
    goes_to = destination.failure if destination is not None else ""
    places = (poller.source.at("MaximumRetryAttempts"), poller.source.at("DestinationConfig"))
    return _batches(poller, poller.maximum_retry_attempts, poller.maximum_record_age_in_seconds, goes_to, places)


def _batches(
    poller: EventSourceMapping | Pipe, retries: _Limit, age: _Limit, goes_to: str, places: tuple[Source, Source]
) -> Answer:
    """Judge batches that fail, by how often and how long they are tried and where they go then."""
    at, sent = places
    bounds = [f"{retries} retries"] if isinstance(retries, int) and retries >= 0 else []
    bounds += [f"{age} s"] if isinstance(age, int) and age >= 0 else []
    if bounds and goes_to:
        said = f"what fails for {' or '.join(bounds)} goes to {goes_to}"
        return passed(poller, said, at=sent)
    if bounds:
        return warned(poller, f"after {' or '.join(bounds)} a batch is gone: no destination for failures", at=at)
    untold = {"MaximumRetryAttempts": retries, "MaximumRecordAgeInSeconds": age}
    if missing := [name for name, value in untold.items() if isinstance(value, UnsetType)]:
        return unknown(poller, missing, at=at)
    said = "a record that always fails is tried until it expires, and blocks its shard"
    if goes_to:
        return warned(poller, f"{said}; only then it goes to {goes_to}", at=at)
    return failed(poller, said, at=at, severity=Severity.HIGH, weighed="one record stops a shard")


RULES: dict[str, Rule] = {
    "dos.recursion": recursion,
    "dos.fanout-amplification": fanout_amplification,
    "dos.timeout-vs-visibility": timeout_vs_visibility,
    "dos.poison-message": poison_message,
}
