"""From rules to findings: every check is asked, and what was not seen is said."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import msgspec

from auditkit._garbage import no_collection
from auditkit.areas.answers import Answer
from auditkit.areas.catalogue import get_checks
from auditkit.areas.model import Area, Check, Finding, Verdict
from auditkit.areas.rules import RULES
from auditkit.areas.scene import Scene, unqualified
from auditkit.areas.waiving import waived
from auditkit.areas.weighing import weigh
from auditkit.exports.calls import call_named
from auditkit.graph._refs import reference
from auditkit.graph.schema import Node
from auditkit.inventory import CoverageState, Record
from auditkit.inventory.records.mappings import EventSourceMapping

__all__ = ["judge"]

Progress = Callable[[str, int, int], None]

_AREAS = {area: place for place, area in enumerate(Area)}
_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}
_BAD = frozenset({Verdict.FAIL, Verdict.WARN})
_GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def judge(
    scene: Scene, *, checks: Iterable[str] | None = None, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Return what the checks say of an account.

    Parameters
    ----------
    scene
        Inventory, graph, audit date and case.
    checks
        Ids of checks; all of them by default.
    progress
        Called with what is done, how many checks are done, and how many there are.

    Returns
    -------
    tuple of Finding
        By area, severity (falling), verdict, check, resource and place. For every check there is at least one: where a
        call that lists what it judges is missing in a region, UNKNOWN for that region; where there is nothing to judge,
        N/A. What the case leaves out of scope is not judged; findings that it waives say so, and stay.

    Raises
    ------
    KeyError
        If there is no such check.
    """
    wanted = [get_checks()[name] for name in (get_checks() if checks is None else dict.fromkeys(checks))]
    found: list[Finding] = []
    telling = _Telling(scene)
    with no_collection():
        for number, check in enumerate(wanted):
            if progress is not None:
                progress("checks", number, len(wanted))
            found += telling.findings(check)
        found.sort(key=_order)
    if progress is not None:
        progress("checks", len(wanted), len(wanted))
    return waived(found, scene.case, scene.date.isoformat() if scene.date is not None else "")


class _About(NamedTuple):
    """What findings tell of a resource."""

    record: Record | None
    place: Record | Node | None
    label: str
    named: str
    kind: str
    account: str
    region: str


class _Telling:
    """Makes findings of answers; what they tell of a resource is looked up once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._partly = bool(scene.unread)
        self._outlined = bool(scene.inventory.outlines)
        self._known: dict[str, _About] = {}

    def findings(self, check: Check) -> Iterator[Finding]:
        """Yield what a check says: at least one finding."""
        asked = [*RULES[check.id](self._scene), *_not_listed(check, self._scene)]
        scoping = self._scene.scoping
        answers = [answer for answer in asked if not scoping.why_out(answer.resource)] if scoping else asked
        if not answers:
            reason = "the export holds nothing of what it judges"
            if asked:
                reason = f"all that it judges is out of scope: {len({answer.resource for answer in asked})} resources"
            yield Finding(
                check=check.id, area=check.area, verdict=Verdict.NOT_APPLICABLE, resource="", label="", kind="",
                reason=reason,
            )  # fmt: skip
        for answer in answers:
            yield self._finding(check, answer)

    def _finding(self, check: Check, answer: Answer) -> Finding:
        about = self._known.get(answer.resource) or self._about(answer.resource)
        if self._outlined:
            answer = msgspec.structs.replace(answer, sources=self._scene.inventory.resolved(answer.sources))
        if answer.verdict not in _BAD:
            if self._partly:
                answer = _seen_whole(answer, about.record, self._scene)
            if answer.hangs_on_absence:
                answer = _seen_around(check, answer, about.place, self._scene)
            return Finding(
                check=check.id, area=check.area, verdict=answer.verdict, resource=answer.resource, label=about.label,
                kind=about.kind, account=about.account, region=about.region, place=answer.place, among=answer.among,
                reason=answer.reason, missing=answer.missing, sources=answer.sources,
            )  # fmt: skip
        weight = weigh(check, answer, self._scene)
        return Finding(
            check=check.id,
            area=check.area,
            verdict=answer.verdict,
            resource=answer.resource,
            label=about.label,
            kind=about.kind,
            account=about.account,
            region=about.region,
            place=answer.place,
            among=answer.among,
            reason=answer.reason,
            missing=answer.missing,
            base=check.base,
            severity=weight.severity,
            weighed=weight.reason,
            sources=answer.sources,
            path=weight.path,
            fix=check.fix,
            snippet=check.snippet.replace("{name}", answer.snippet_name or about.named),
        )

    def _about(self, resource: str) -> _About:
        node, record = self._scene.node(resource), self._scene.inventory.get(resource)
        named = (node.label if node is not None else "") or (record.name if record is not None else "") or resource
        label = self._mapped(record) if isinstance(record, EventSourceMapping) else named
        place = record or node
        where = ("", "", "") if place is None else (str(place.kind), place.account, place.region)
        known = self._known[resource] = _About(record, place, label, named, *where)
        return known

    def _mapped(self, mapping: EventSourceMapping) -> str:
        """Return what a person calls a mapping, whose name is a number: what it reads, and what runs."""
        ends = (mapping.event_source_arn or "", unqualified(mapping.function_arn))
        nodes = [self._scene.node(reference(end).id) for end in ends if end]
        return " to ".join(str(node.label) for node in nodes if node is not None) or mapping.name


def _seen_whole(answer: Answer, record: Record | None, scene: Scene) -> Answer:
    """Return the answer; a PASS on a record, or a setting, of which a part could not be read is UNKNOWN."""
    if answer.verdict is not Verdict.PASS:
        return answer
    parts = scene.unread.parts(record, answer.sources)
    if not parts:
        return answer
    but = "some of it may not be there" if all(part.whether for part in parts) else "a part of it could not be read"
    return msgspec.structs.replace(
        answer,
        verdict=Verdict.UNKNOWN,
        reason=f"{answer.reason}; but {but}",
        missing=tuple(f"{part.source}: {part.reason}" for part in parts),
        sources=(*answer.sources, *(part.source for part in parts)),
    )


def _seen_around(check: Check, answer: Answer, place: Record | Node | None, scene: Scene) -> Answer:
    """Return an answer that says that something is not there: UNKNOWN where it might not have been seen."""
    if answer.verdict not in _GOOD or place is None:
        return answer
    unseen = scene.unseen(check.absence, place.account, place.region)
    if not unseen:
        return answer
    return msgspec.structs.replace(
        answer,
        verdict=Verdict.UNKNOWN,
        reason=f"{answer.reason}, as far as was seen; not decided without {', '.join(unseen)}",
        missing=unseen,
    )


def _not_listed(check: Check, scene: Scene) -> Iterator[Answer]:
    """Yield UNKNOWN for every account and region where a call is missing that lists what is judged."""
    coverage = scene.inventory.coverage
    for account, region in scene.places:
        missing = []
        for call in check.judges:
            service, _, operation = call.partition(".")
            if _everywhere(service, operation) != (region == "global"):
                continue
            state = coverage.state(service, operation, account=account, region=region)
            if state in {CoverageState.MISSING, CoverageState.DENIED}:
                missing.append(f"{service}:{operation} ({state})")
        if missing:
            yield Answer(
                verdict=Verdict.UNKNOWN,
                resource=":".join(filter(None, (account, region))),
                reason="what there is to judge here is not in the export: " + ", ".join(missing),
                missing=tuple(missing),
            )


@cache
def _everywhere(service: str, operation: str) -> bool:
    call = call_named(service, operation)
    return call is not None and call.everywhere


def _order(finding: Finding) -> tuple[object, ...]:
    grave = -finding.severity if finding.severity is not None else 0
    verdict = _ORDER[finding.verdict]
    return _AREAS[finding.area], grave, verdict, finding.check, finding.resource, finding.place, finding.reason
