"""Credentials of a function: whether they are good elsewhere, once they are taken."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

from auditkit.areas._documents import NO_DOCUMENTS
from auditkit.areas._held import USES
from auditkit.areas.answers import Answer, failed, found_none, some, unknown, warned
from auditkit.areas.rules.wildcards import place_of
from auditkit.areas.scene import Scene
from auditkit.areas.versions import InUse, in_use
from auditkit.graph._merging import edge_key
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, Node, Sensitivity
from auditkit.inventory import Source, UnsetType
from auditkit.policy import Condition, PrincipalPolicies

__all__ = ["cred_lifetime"]

_STATIC = "AWS access key"
_TIES = frozenset(
    {
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:vpcsourceip",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "lambda:sourcefunctionarn",
    }
)
"""Condition keys that tell from where, or by which function, credentials are used."""
_ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})


def cred_lifetime(scene: Scene) -> Iterator[Answer]:
    """Judge whether credentials of a function are good elsewhere."""
    principals = {one.arn: one for one in scene.permissions.principals}
    loose = cache(lambda role: [*islice(_loose(scene, role, principals.get(role)), 3)])
    for used in in_use(scene, "environment", "role"):
        yield _credentials(scene, used, loose)


def _credentials(scene: Scene, used: InUse, loosely: Callable[[str], list[Edge]]) -> Answer:
    function, code, place = used
    if isinstance(code.environment, UnsetType):
        return unknown(function, "Environment", at=code.source, place=place)
    static = [key for key, value in sorted((code.environment or {}).items()) if _STATIC in value.reason]
    if static:
        where = [code.source.at("Environment", "Variables", key) for key in static]
        said = f"{some(static)} holds a user's access key, which does not expire"
        return failed(function, said, at=where, place=place)
    at = code.source.at("Role")
    if not scene.permissions.knows(code.role or ""):
        return unknown(function, "iam:GetAccountAuthorizationDetails", at=at, place=place)
    if loose := loosely(code.role or ""):
        said = "its role's credentials open restricted data from anywhere: no condition on function or network"
        return warned(function, said, at=[at, *(source for edge in loose for source in edge.sources)], place=place)
    if unclassified := scene.reach.loot(code.role or "", 0.0).unknown:
        count = f"{unclassified} store{'s' if unclassified > 1 else ''}"
        missing = f"the sensitivity of {count} that its credentials open (tags, case)"
        return unknown(function, missing, at=at, place=place)
    said = "no static key, and no restricted data that its credentials open from elsewhere"
    return found_none(function, said, at=at, place=place)


def _loose(scene: Scene, principal: str, policies: PrincipalPolicies | None) -> Iterator[Edge]:
    """Yield what a principal may do to restricted data from anywhere: by its own policies, or by those of the data.

    What lets anyone in is left out: that takes no credentials of a function.
    """
    vain = cache(lambda: _in_vain(policies))

    def is_loose(edge: Edge) -> bool:
        ties = _TIES.intersection(map(str.lower, edge.conditions))
        return not ties or ties <= frozenset[str]().union(*(vain().get(one, frozenset()) for one in edge.sources))

    own = scene.documents_of.get(principal, NO_DOCUMENTS)
    left = scene.neighbours.alike_on(principal, EdgeKind.PERMITS, holds=_is_use, is_one=_is_restricted)
    left = [one for one in left if is_loose(one.edge)]
    pairs = [(place, edge_key(one.edge), number) for number, one in enumerate(left) for place in one.places.tolist()]
    for place, _, number in sorted(pairs):
        edge, (store,) = left[number].edge, scene.neighbours.ids([place])
        open_ = [way for origin, way in scene.from_outside(store, EdgeKind.PERMITS) if origin == INTERNET]
        anyone = {source for way in open_ if way.access in USES for source in way.sources}
        if anyone.isdisjoint(edge.sources) or own.hold(edge.sources):
            yield edge


def _is_restricted(node: Node) -> bool:
    return node.sensitivity is Sensitivity.RESTRICTED


def _is_use(edge: Edge) -> bool:
    return edge.access in USES


def _in_vain(policies: PrincipalPolicies | None) -> dict[Source, frozenset[str]]:
    """Return the keys of ties of statements whose conditions tie nothing, by statement.

    Most of what does not equal one network is the rest of the world; and what may be absent is, from elsewhere.
    """
    found: dict[Source, frozenset[str]] = {}
    identity = policies.identity if policies is not None and not isinstance(policies.identity, UnsetType) else ()
    for document in identity:
        for statement in document.statements:
            keys = _TIES.intersection(one.key.lower() for one in statement.conditions)
            if keys and statement.effect == "Allow" and not any(map(_ties, statement.conditions)):
                found[place_of(document, statement)] = keys
    return found


def _ties(condition: Condition) -> bool:
    """Return whether a condition of an Allow holds in one place, or for one function, alone."""
    key, operator = condition.key.lower(), condition.operator
    if key not in _TIES or (operator.negated and operator.family != "null"):
        return False
    if operator.family == "null":
        return key == "lambda:sourcefunctionarn" and set(condition.values) == {"false"}
    if key == "aws:viaawsservice":
        return set(condition.values) == {"true"} and not operator.if_exists
    if operator.if_exists and key != "aws:sourceip":
        return False
    return not any(value in _ANYWHERE or not value.strip("*?") for value in condition.values)
