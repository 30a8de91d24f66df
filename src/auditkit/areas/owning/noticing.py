"""Who would notice that something is gone."""

from collections.abc import Iterable, Iterator

import msgspec

from auditkit.areas.owners import team_of
from auditkit.areas.scene import Scene
from auditkit.graph.schema import INTERNET, EdgeKind, Evidence
from auditkit.inventory import Kind, UnsetType
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.functions import Function

__all__ = ["Noticed", "noticed_by"]

_TRIGGERS = (EdgeKind.INVOKES, EdgeKind.DELIVERS)
_USED = (EdgeKind.CALLS, EdgeKind.WRITES, EdgeKind.REPLICATES, EdgeKind.RUNS_AS)
_ONWARD = (EdgeKind.DELIVERS, EdgeKind.READS, EdgeKind.REPLICATES, EdgeKind.RETURNS)
_UPWARD = (EdgeKind.INVOKES, EdgeKind.DELIVERS, EdgeKind.CALLS, EdgeKind.WRITES, EdgeKind.REPLICATES)
_DIMENSIONS = frozenset(
    {"FunctionName", "QueueName", "TableName", "BucketName", "TopicName", "StreamName", "ApiId", "ApiName"}
    | {"LogGroupName", "StateMachineArn", "EventBusName", "DeliveryStreamName", "FileSystemId"}
)


class Noticed(msgspec.Struct, frozen=True, kw_only=True):
    """Who would notice, as labels, each list sorted.

    Attributes
    ----------
    triggers, upstream
        What sets it off or sends to it, and what sets those off in turn.
    callers
        What calls it, writes to it, runs as it or may take it on, and outsiders who may use it.
    readers
        What reads it, or what it writes; of an API, what is behind it.
    alarms
        Alarms on it that tell somebody.
    owners
        Owners of it, and of all of these, by their tags.
    """

    triggers: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything that is seen to use it would notice."""
        return bool(self.triggers or self.callers or self.readers or self.alarms)


def noticed_by(scene: Scene, node: str) -> Noticed:
    """Return who would notice that a node is gone, by what is more than permitted and switched on."""
    triggers, callers = _before(scene, node, _TRIGGERS), _before(scene, node, _USED)
    if scene.nodes[node].kind is Kind.ROLE:  # who may take it on
        callers |= {origin for origin, _ in scene.into(node, EdgeKind.ASSUMES)}
    readers = set(_after(scene, node))
    upstream = _upstream(scene, triggers | callers) - triggers - callers - {node}
    near = {node, *triggers, *callers, *readers}
    return Noticed(
        triggers=_labels(scene, triggers),
        upstream=_labels(scene, upstream),
        callers=tuple(sorted({*_labels(scene, callers - triggers), *_outsiders(scene, node)})),
        readers=_labels(scene, readers - {node}),
        alarms=tuple(sorted(_alarms(scene, node))),
        owners=tuple(sorted({team for one in near if (team := _owner(scene, one))})),
    )


def _before(scene: Scene, node: str, kinds: tuple[EdgeKind, ...]) -> set[str]:
    return {origin for origin, edge in scene.into(node, *kinds, permitted=False) if edge.enabled}


def _after(scene: Scene, node: str) -> Iterator[str]:
    """Yield what reads a node or, of a function, what reads what it writes."""
    is_function = isinstance(scene.inventory.get(node), Function)
    outputs = [node, *(route.id for route in scene.routes.get(node, ()))]
    if is_function:
        writes = scene.out_of(node, EdgeKind.WRITES)
        outputs += [
            store for store, edge in writes if edge.evidence is not Evidence.PERMITTED and _is_output(scene, store)
        ]
    for output in outputs:
        for target, edge in scene.out_of(output, *_ONWARD):
            if edge.evidence is not Evidence.PERMITTED and edge.enabled and target != node:
                yield target


def _is_output(scene: Scene, store: str) -> bool:
    return scene.nodes[store].kind is not Kind.LOG_GROUP


def _outsiders(scene: Scene, node: str) -> Iterator[str]:
    """Yield who outside may use a node, or a route of it."""
    for one in (node, *(route.id for route in scene.routes.get(node, ()))):
        found = scene.node(one)
        if found is not None and found.entry is not None:
            yield f"outsiders ({found.entry})"


def _upstream(scene: Scene, nodes: Iterable[str]) -> set[str]:
    found, open_ = set(nodes), list(nodes)
    while open_:
        for origin in _before(scene, open_.pop(), _UPWARD):
            if origin not in found:
                found.add(origin)
                open_.append(origin)
    return found


def _alarms(scene: Scene, node: str) -> Iterator[str]:
    record = scene.inventory.get(node)
    if record is None:
        return
    names = {record.name, record.id} - {""}
    for alarm in scene.inventory.of(Alarm):
        if (alarm.account, alarm.region) != (record.account, record.region) or not alarm.alarm_actions:
            continue
        if any(one.name in _DIMENSIONS and one.value in names for one in alarm.dimensions):
            yield alarm.name


def _owner(scene: Scene, node: str) -> str:
    record = scene.inventory.get(node)
    tags = record.tags if record is not None and not isinstance(record.tags, UnsetType) else {}
    return team_of(tags or scene.nodes[node].tags)


def _labels(scene: Scene, nodes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({"anyone on the internet" if node == INTERNET else scene.label(node) for node in nodes}))
