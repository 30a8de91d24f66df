"""The severity of a finding: the check's base, and what the graph says (``facts/scoring``, severity of a finding)."""

import msgspec

from auditkit.areas.answers import Answer
from auditkit.areas.model import Check, Severity, Verdict, Weighing
from auditkit.areas.reach import RANK, Access, Loot
from auditkit.areas.scene import Scene
from auditkit.graph.grounds import each_once
from auditkit.graph.schema import Edge, EdgeKind, Sensitivity
from auditkit.inventory import Kind

__all__ = ["Weight", "by_reach", "is_blind", "is_grave", "weigh"]

_NEAR, _FAR = 2.0, 4.0


class Weight(msgspec.Struct, frozen=True, gc=False):
    """A severity, why it is that, and the nodes of the path that shows it."""

    severity: Severity
    reason: str
    path: tuple[str, ...] = ()


def weigh(check: Check, answer: Answer, scene: Scene) -> Weight:
    """Return the severity of an answer; a WARN is one step below a FAIL, and never above *medium*.

    Parameters
    ----------
    check
        Gives base and weighing.
    answer
        A FAIL or WARN.
    scene
        Its graph is asked who outside reaches what the answer is about, and what that reaches.
    """
    about = _weighs(scene, answer.about or answer.resource)
    access, loot = scene.reach.access(about), scene.reach.loot(about)
    path = scene.reach.path(about)
    if answer.severity is not None:
        return Weight(answer.severity, answer.weighed or "as the check says for this case", path)
    if about != (answer.about or answer.resource):
        answer = msgspec.structs.replace(answer, about=about)
    found = _BY[check.weighing](check, answer, access, loot, scene)
    if answer.verdict is Verdict.WARN and found.severity > Severity.INFO:
        softened = Severity(max(min(found.severity - 1, Severity.MEDIUM), Severity.LOW))
        return Weight(softened, f"{found.reason}; a warning counts one step less", path)
    return Weight(found.severity, found.reason, path)


_DOORS = frozenset(
    {Kind.REST_API, Kind.HTTP_API, Kind.WEBSOCKET_API, Kind.LOAD_BALANCER, Kind.LISTENER, Kind.DISTRIBUTION}
)


def _weighs(scene: Scene, about: str) -> str:
    """Return the node whose reach weighs: of an API or another door, the route behind it that matters most."""
    node = scene.node(about)
    if node is None or node.kind not in _DOORS:
        return about
    behind, waiting = {about: None}, [about]
    while waiting:
        for inner, _ in scene.out_of(waiting.pop(), EdgeKind.CONTAINS):
            if inner not in behind:
                behind[inner] = None
                waiting.append(inner)
    return min(behind, key=lambda one: _order(scene, one))


def _order(scene: Scene, about: str) -> tuple[bool, float, int, str]:
    """Return what sorts nodes by how much they matter: those that lead from outside to sensitive data first."""
    access, loot = scene.reach.access(about), scene.reach.loot(about)
    rank = -1 if loot.sensitivity is None else RANK[loot.sensitivity]
    return not _is_grave(access, loot), access.cost, -rank, about


def _fixed(check: Check, _answer: Answer, _access: Access, _loot: Loot, _scene: Scene) -> Weight:
    return Weight(check.base, "as the check says")


def _raised(check: Check, _answer: Answer, access: Access, loot: Loot, _scene: Scene) -> Weight:
    steps, word = (1, "raised") if _is_grave(access, loot) else (0, "as the check says")
    return Weight(check.base.shifted(steps), f"{word}: {_reached(access)}, and it {_reaches(loot)}")


def _raised_or_lowered(check: Check, answer: Answer, access: Access, loot: Loot, scene: Scene) -> Weight:
    if _is_harmless(access, loot) and not is_blind(scene, answer.about or answer.resource):
        return Weight(check.base.shifted(-1), f"lowered: {_reached(access)}, and it {_reaches(loot)}")
    return _raised(check, answer, access, loot, scene)


def is_grave(scene: Scene, about: str) -> bool:
    """Return whether the outside reaches a node at cost 2, and it reaches *confidential* data or above at cost 2."""
    return _is_grave(scene.reach.access(about), scene.reach.loot(about))


def _is_grave(access: Access, loot: Loot) -> bool:
    known = loot.sensitivity
    return access.cost <= _NEAR and known is not None and RANK[known] >= RANK[Sensitivity.CONFIDENTIAL]


def _is_harmless(access: Access, loot: Loot) -> bool:
    known = loot.sensitivity
    return access.cost > _FAR and loot.unknown == 0 and (known is None or RANK[known] <= RANK[Sensitivity.INTERNAL])


def by_reach(severity: Severity, told: str, about: str, scene: Scene) -> tuple[Severity, str]:
    """Return a severity that somebody else rated, raised or lowered by reach as a check's own is, and why.

    Parameters
    ----------
    severity, told
        The severity, and who rated it so, in words.
    about
        Id of the node whose reach weighs.
    scene
        Its graph is asked.
    """
    if severity is Severity.INFO:
        return severity, told
    access, loot = scene.reach.access(about), scene.reach.loot(about)
    why = f"{told}; {_reached(access)}, and it {_reaches(loot)}"
    if _is_grave(access, loot):
        return severity.shifted(1), f"raised: {why}"
    if _is_harmless(access, loot) and not is_blind(scene, about):
        return severity.shifted(-1), f"lowered: {why}"
    return severity, why


def _by_class(check: Check, answer: Answer, _access: Access, _loot: Loot, scene: Scene) -> Weight:
    sensitivity = answer.carries
    if sensitivity is None:
        node = scene.node(answer.about or answer.resource)
        sensitivity = node.sensitivity if node is not None else None
    known = sensitivity if sensitivity in RANK else None
    word = f"the data is {known.value}" if known is not None else "the sensitivity of the data is not known"
    return Weight(check.of_class(known), word)


def _by_reach(check: Check, answer: Answer, _access: Access, loot: Loot, scene: Scene) -> Weight:
    severity = check.of_class(loot.sensitivity or Sensitivity.PUBLIC)
    if loot.unknown or is_blind(scene, answer.about or answer.resource):
        severity = max(severity, check.base)
    return Weight(severity, f"it {_reaches(loot)}")


_BY = {
    Weighing.FIXED: _fixed,
    Weighing.RAISE: _raised,
    Weighing.RAISE_OR_LOWER: _raised_or_lowered,
    Weighing.SENSITIVITY: _by_class,
    Weighing.REACH: _by_reach,
}


def is_blind(scene: Scene, about: str) -> bool:
    """Return whether permissions that would show more reach of a node are missing: then nothing is lowered."""
    return scene.neighbours.leads_out(about, _is_open) or not scene.seen("iam.GetAccountAuthorizationDetails")


def _is_open(edge: Edge) -> bool:
    return bool(edge.unknown)


def _reached(access: Access) -> str:
    if access.cost == float("inf"):
        return "nothing outside reaches it"
    return f"the outside ({access.kind}) reaches it at cost {access.cost:g}{_unless(access.undecided)}"


def _reaches(loot: Loot) -> str:
    more = f" ({loot.unknown} more of unknown sensitivity)" if loot.unknown else ""
    if loot.sensitivity is None:
        return f"reaches no store of known sensitivity at cost {_NEAR:g}{more}"
    return f"reaches {loot.sensitivity.value} data at cost {_NEAR:g}{_unless(loot.undecided)}{more}"


def _unless(undecided: tuple[str, ...]) -> str:
    named = each_once(undecided)
    return f" (unless {', '.join(named)}, not seen, bar it)" if named else ""
