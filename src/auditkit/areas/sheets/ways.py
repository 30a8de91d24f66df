"""Every way into a function: what sets it off, who may, and what is asked of them."""

from typing import NamedTuple

import msgspec

from auditkit.areas.model import Finding
from auditkit.areas.scene import Scene, is_given
from auditkit.areas.sheets.answers import NO, UNKNOWN, YES, Answered, by_level, line_of
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, EntryKind, Evidence, View
from auditkit.inventory import PRINCIPAL_KINDS, Kind, Source, UnsetType
from auditkit.inventory.records.cognito import IdentityPool
from auditkit.inventory.records.functions import Function

__all__ = ["Way", "ways_into"]

INSIDE = "inside"
_KINDS = (EdgeKind.INVOKES, EdgeKind.DELIVERS, EdgeKind.CALLS)
"""Edges that are ways in, those that decide first; what is switched off only delivers."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way into a function.

    Attributes
    ----------
    origin, kind, label
        Node that it comes from, what it is, and what a person calls it.
    who
        Who gets in: a kind of entry, ``"guests"``, or ``"inside"``.
    authenticated, authentication
        Whether callers are authenticated and sources pinned (``"yes"``, ``"no"``, ``"unknown"``), and how.
    validated, validation
        Whether what is sent is checked before code runs, and how.
    enabled, exists
        Whether it is switched on, and whether the export holds where it comes from.
    configured
        False where a policy permits it and nothing is set up.
    given
        Whether policies that were seen give it, whatever the caller sends; what was not seen can only take it away.
    conditions, qualifier
        Condition keys that it hangs on; version or alias that it leads to.
    missing
        What the export lacks to decide it.
    sources
        Where it was read.
    """

    origin: str
    kind: str
    label: str
    who: str = INSIDE
    authenticated: str = UNKNOWN
    authentication: str = ""
    validated: str = UNKNOWN
    validation: str = ""
    enabled: bool = True
    exists: bool = True
    configured: bool = True
    given: bool = True
    conditions: tuple[str, ...] = ()
    qualifier: str = ""
    missing: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def outside(self) -> bool:
        """Whether outsiders get in by it, as far as is known."""
        return self.who != INSIDE


def ways_into(scene: Scene, function: Function, answered: Answered) -> tuple[Way, ...]:
    """Return the ways into a function: from outside first, then what is set up, then what policies permit."""
    reader = _Reader(scene, function, answered)
    found: dict[tuple[str, str], Way] = {}
    for kind in _KINDS:
        for origin, edge in scene.into(function.id, kind):
            if kind is EdgeKind.INVOKES or edge.evidence is not Evidence.PERMITTED:
                found.setdefault((origin, edge.qualifier), reader.way(origin, edge))
    return tuple(sorted(found.values(), key=_order))


def _order(way: Way) -> tuple[object, ...]:
    kinds = [str(kind) for kind in EntryKind]
    rank = kinds.index(way.who) if way.who in kinds else len(kinds)
    return not way.outside, rank, not way.configured, way.kind, way.label, way.origin, way.qualifier


class _Reader(NamedTuple):
    """What a way is read from."""

    scene: Scene
    function: Function
    answered: Answered

    def way(self, origin: str, edge: Edge) -> Way:
        """Return the way that an edge into the function stands for."""
        node = self.scene.nodes[origin]
        kind = node.kind
        way = Way(
            origin=origin, kind=str(kind), label=self.scene.label(origin), enabled=edge.enabled,
            exists=bool(node.exists), configured=edge.evidence is not Evidence.PERMITTED,
            given=is_given(edge), conditions=edge.conditions, qualifier=edge.qualifier,
            missing=(edge.unknown,) if edge.unknown else (), sources=edge.sources,
        )  # fmt: skip
        judged = self.answered.of("perim.invoke-policy", self.function.id)
        if origin == INTERNET or kind is Kind.ANONYMOUS:
            return _opened(way, edge, judged)
        if kind in PRINCIPAL_KINDS:
            return _principal(self.scene, way, kind, judged)
        return _trigger(self.scene, self.function, way, self.answered)


def _guest_roles(scene: Scene) -> dict[str, str]:
    """Return the pools whose guests get a role, by the role."""
    found = {}
    for pool in scene.inventory.of(IdentityPool):
        roles = pool.roles
        if pool.allow_unauthenticated_identities is True and not isinstance(roles, UnsetType) and roles:
            found[roles.get("unauthenticated", "")] = pool.name
    return found


# ------------------------------------------------------------------ policies


def _opened(way: Way, edge: Edge, findings: list[Finding]) -> Way:
    """Return a way that the function's own policy opens to everyone, or to any account."""
    who = edge.label if edge.label in set(EntryKind) else str(EntryKind.ANONYMOUS)
    said = next((one.reason for one in findings if set(one.sources) & set(edge.sources)), "")
    said = said or next((one.reason for one in findings if one.verdict != "PASS"), "its resource policy lets them in")
    answer = NO if is_given(edge) or not edge.unknown else UNKNOWN
    return replaced(way, label="its resource policy", who=who, authenticated=answer, authentication=said, validated=NO,
                    validation="Nothing checks what is sent.")  # fmt: skip


def _principal(scene: Scene, way: Way, kind: Kind, findings: list[Finding]) -> Way:
    """Return a way by a policy: of a principal that may invoke, or of a service that the resource policy lets in."""
    unchecked = "Nothing checks what is sent."
    if kind is Kind.SERVICE:
        about = [one for one in findings if way.label in one.place]
        answer = line_of("", "", about[0]).answer if about else (UNKNOWN if way.missing else YES)
        said = about[0].reason if about else "The resource policy pins the source that the service calls for."
        return replaced(way, authenticated=answer, authentication=said, validated=NO, validation=unchecked)
    signed = f"{way.kind} signs the request, and a policy decides"
    guests = _guest_roles(scene)
    if way.origin in guests:
        said = f"anyone gets this role as a guest of {guests[way.origin]}"
        return replaced(way, who="guests", authenticated=NO, authentication=said, validated=NO, validation=unchecked)
    partner = scene.nodes[way.origin].boundary.kind == "partner"
    who = str(EntryKind.OTHER_ACCOUNT) if partner else INSIDE
    return replaced(way, who=who, authenticated=YES, authentication=signed, validated=NO, validation=unchecked)


# ------------------------------------------------------------------ triggers


def _trigger(scene: Scene, function: Function, way: Way, answered: Answered) -> Way:
    kind: Kind = scene.nodes[way.origin].kind
    hop = _hop(scene, way.origin, function.id)
    first = _hop(scene, INTERNET, way.origin)
    entry = scene.nodes[way.origin].entry
    way = replaced(way, who=str(entry) if entry is not None else INSIDE)
    way = _told(way, "authentication", first if first is not None else hop)
    way = _told(way, "validation", first if kind is Kind.FUNCTION_URL else hop)
    for finding in _judged(way, kind, function, answered):
        line = line_of("", "", finding)
        missing = tuple(sorted({*way.missing, *line.missing}))
        way = replaced(way, authenticated=line.answer or way.authenticated, authentication=line.detail, missing=missing)
    return way


def _judged(way: Way, kind: Kind, function: Function, answered: Answered) -> list[Finding]:
    """Return what the check of routes or of URLs says of a way."""
    if kind is Kind.ROUTE:
        return answered.of("perim.route-auth", way.origin)[:1]
    if kind is Kind.FUNCTION_URL:
        found = answered.of("perim.function-url", function.id)
        return [one for one in found if one.place == way.qualifier][:1]
    return []


def _hop(scene: Scene, origin: str, target: str) -> Edge | None:
    hops = (edge for start, edge in scene.into(target, EdgeKind.DELIVERS) if start == origin)
    return next((hop for hop in hops if hop.view is View.DATA and hop.factors is not None), None)


def _told(way: Way, factor: str, hop: Edge | None) -> Way:
    """Return a way with what a hop's factor says of it."""
    if hop is None or hop.factors is None:
        return way
    answer = by_level(getattr(hop.factors, factor))
    said = hop.factors.reasons.get(factor, "")
    name = {"authentication": "authenticated", "validation": "validated"}[factor]
    lacks = {hop.unknown} - {""} or ({said} if answer == UNKNOWN else set())
    missing = tuple(sorted({*way.missing, *lacks}))
    return replaced(way, **{name: answer, factor: said, "missing": missing})


def replaced(way: Way, **changes: object) -> Way:
    """Return a way with some of it changed."""
    return msgspec.structs.replace(way, **changes)
