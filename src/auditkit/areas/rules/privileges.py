"""Data at rest: whether a function may do more to a store than it does."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, Rule, failed, found_none, some, unknown
from auditkit.areas.model import Severity
from auditkit.areas.rules.wildcards import every_action, place_of
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use, within
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Node, Sensitivity
from auditkit.inventory import STORE_KINDS, Kind, Source, UnsetType
from auditkit.inventory.records.functions import Function

__all__ = ["RULES", "USES", "held_by", "is_own", "used_by"]

_NEAR = 2.0
USES = frozenset({AccessLevel.READ, AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN})
"""Access to what a store keeps."""

_DESTROYS = frozenset({AccessLevel.DELETE, AccessLevel.ADMIN})

Held = dict[str, list[Edge]]
"""What the policies of a role give it, by store."""


def least_privilege_store(scene: Scene) -> Iterator[Answer]:
    """Judge, function by function, whether it may do more to a store than it is seen to do."""
    everything = _statements_of_everything(scene)
    for one in in_use(scene, "role"):
        function, (role, at) = one.function, (one.code.role or "", one.code.source.at("Role"))
        if not scene.permissions.knows(role):
            yield unknown(function, "iam:GetAccountAuthorizationDetails", at=at, place=one.place)
        elif role in scene.administrators:
            said = "its role is an administrator's: it may do anything to every store"
            yield failed(function, said, at=at, place=one.place)
        else:
            held, used = held_by(scene, function.id, role), used_by(scene, function)
            answers = [*_too_much(scene, one, held, everything.get(role, frozenset()), used)]
            yield from answers or [_unused(scene, one, held, used)]


def _statements_of_everything(scene: Scene) -> dict[str, frozenset[Source]]:
    """Return the statements that give every action of a service, by principal."""
    return {
        one.arn: frozenset(
            place_of(document, statement)
            for document in one.identity
            for statement in document.statements
            if statement.effect == "Allow" and not statement.unclear and every_action(statement)
        )
        for one in scene.permissions.principals
        if not isinstance(one.identity, UnsetType)
    }


def held_by(scene: Scene, function: str, role: str) -> Held:
    """Return what the policies of a role give a function of data, by store."""
    held: Held = {}
    own: dict[tuple[Source, ...], bool] = {}
    for store, edge in scene.acting(function, role, EdgeKind.PERMITS):
        if edge.access not in USES or scene.nodes[store].kind not in STORE_KINDS:
            continue
        if edge.sources not in own:
            own[edge.sources] = is_own(scene, role, edge.sources)
        if own[edge.sources]:
            held.setdefault(store, []).append(edge)
    return held


def is_own(scene: Scene, role: str, sources: tuple[Source, ...]) -> bool:
    """Return whether a permission comes from a policy of the role, not only from one that lets many in."""
    documents = scene.documents_of.get(role, ())
    return any(source.lies_in(document) for source in sources for document in documents)


def _too_much(
    scene: Scene, one: InUse, held: Held, everything: frozenset[Source], used: frozenset[str]
) -> Iterator[Answer]:
    function = one.function
    for store, edges in sorted(held.items()):
        node = scene.nodes[store]
        if not _excess(node, edges, everything, used=store in used):
            continue
        place = within(one.place, node.label)
        sure = [edge for edge in edges if is_given(edge)]
        if said := _excess(node, sure, everything, used=store in used):
            at = [source for edge in sure for source in edge.sources]
            near = scene.reach.access(function.id).cost <= _NEAR
            worst = Severity.CRITICAL if near and node.sensitivity is Sensitivity.RESTRICTED else None
            why = "the outside reaches it, and the data is restricted"
            yield failed(function, said, at=at, place=place, carries=node.sensitivity, severity=worst, weighed=why)
        else:
            at = [source for edge in edges for source in edge.sources]
            yield unknown(function, not_decided(edges), at=at, place=place)


def _excess(node: Node, edges: list[Edge], everything: frozenset[Source], *, used: bool) -> str:
    """Return what of the permissions on a store is more than there is a need for, in words; ``""`` for nothing."""
    destroys = everything and node.kind is not Kind.LOG_GROUP and any(edge.access in _DESTROYS for edge in edges)
    if destroys and any(source in everything for edge in edges for source in edge.sources):
        return f"its role may do whatever there is to do to {node.label}"
    if used and any(edge.access is AccessLevel.ADMIN for edge in edges):
        return f"it may change the policy or settings of {node.label}, and is seen only to use it"
    return ""


def used_by(scene: Scene, function: Function) -> frozenset[str]:
    """Return what a function is seen, set up or named to use, the stores among it."""
    reads = scene.into(function.id, EdgeKind.READS, EdgeKind.DELIVERS, permitted=False)
    return frozenset(other for other, _ in (*reads, *scene.out_of(function.id, EdgeKind.WRITES, permitted=False)))


def _unused(scene: Scene, one: InUse, held: Held, used: frozenset[str]) -> Answer:
    function, place, at = one.function, one.place, one.code.source.at("Role")
    nodes = scene.nodes
    idle = [
        str(nodes[store].label)
        for store in held
        if store not in used and nodes[store].kind not in {Kind.LOG_GROUP, Kind.KEY}
    ]
    if not idle:
        return found_none(function, "it is seen to use every store that it may use", at=at, place=place)
    usage = "iam:GetServiceLastAccessedDetails, or CloudTrail data events"
    return unknown(function, f"whether it uses {some(sorted(idle))} ({usage})", at=at, place=place)


RULES: dict[str, Rule] = {"rest.least-privilege-store": least_privilege_store}
