"""What a rule answers, before its severity is weighed."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from auditkit.areas._labels import MOST_NAMED
from auditkit.areas.model import NOTHING_ELSE, Among, Severity, Verdict
from auditkit.areas.scene import Scene
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Record, Source

__all__ = [
    "Answer",
    "Rule",
    "failed",
    "found_none",
    "not_applicable",
    "not_found",
    "passed",
    "some",
    "unknown",
    "warned",
]


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rule's answer for one resource, or one place in it.

    Attributes
    ----------
    verdict, resource, place, among, reason, sources, missing
        As in :class:`~auditkit.areas.model.Finding`.
    about
        Node whose reach weighs; the resource where it is ``""``.
    carries
        Sensitivity of the data concerned, where the check weighs by that.
    severity
        Severity that the rule itself decides on, with ``weighed`` as its reason; ``None`` leaves it to the check.
    snippet_name
        Name for the snippet; the resource's where it is ``""``.
    hangs_on_absence
        Whether a PASS or N/A holds only as far as the calls were seen that the check's ``absence`` names.
    """

    verdict: Verdict
    resource: str
    place: str = ""
    among: Among = NOTHING_ELSE
    reason: str
    sources: tuple[Source, ...] = ()
    missing: tuple[str, ...] = ()
    about: str = ""
    carries: Sensitivity | None = None
    severity: Severity | None = None
    weighed: str = ""
    snippet_name: str = ""
    hangs_on_absence: bool = False


Rule = Callable[[Scene], Iterator[Answer]]
"""A rule looks at the scene and answers for every resource that it judges."""


def passed(what: Record | str, reason: str, *, at: Source | Iterable[Source] | None = None, place: str = "") -> Answer:
    """Return a PASS: all that decides was seen, and is as it should be."""
    return _answer(Verdict.PASS, what, reason, at, place=place)


def found_none(
    what: Record | str, reason: str, *, at: Source | Iterable[Source] | None = None, place: str = ""
) -> Answer:
    """Return a PASS that says that something is not there: UNKNOWN where calls that would show it were not seen."""
    return _answer(Verdict.PASS, what, reason, at, place=place, hangs_on_absence=True)


def failed(
    what: Record | str,
    reason: str,
    *,
    at: Source | Iterable[Source] | None = None,
    place: str = "",
    about: str = "",
    carries: Sensitivity | None = None,
    severity: Severity | None = None,
    weighed: str = "",
) -> Answer:
    """Return a FAIL, with where the deciding setting or statement stands."""
    return _answer(
        Verdict.FAIL, what, reason, at, place=place, about=about, carries=carries, severity=severity, weighed=weighed
    )


def warned(
    what: Record | str,
    reason: str,
    *,
    at: Source | Iterable[Source] | None = None,
    place: str = "",
    about: str = "",
    carries: Sensitivity | None = None,
    severity: Severity | None = None,
    weighed: str = "",
) -> Answer:
    """Return a WARN: worth a look, and not wrong in itself."""
    return _answer(
        Verdict.WARN, what, reason, at, place=place, about=about, carries=carries, severity=severity, weighed=weighed
    )


def unknown(
    what: Record | str, missing: str | Iterable[str], *, at: Source | Iterable[Source] | None = None, place: str = ""
) -> Answer:
    """Return an UNKNOWN, with what is missing: a call, a policy layer, a decision of the case."""
    lacks = (missing,) if isinstance(missing, str) else tuple(missing)
    sentence = any(lack.endswith(".") for lack in lacks)
    said = f"not decided: {' '.join(lacks)}" if sentence else f"not decided without {', '.join(lacks)}"
    return _answer(Verdict.UNKNOWN, what, said, at, place=place, missing=lacks)


def not_found(what: Record | str, why: str, *, at: Source | Iterable[Source] | None = None, place: str = "") -> Answer:
    """Return an N/A: what the question is about is not there. UNKNOWN where calls that would show it were not seen."""
    return _answer(Verdict.NOT_APPLICABLE, what, why, at, place=place, hangs_on_absence=True)


def not_applicable(
    what: Record | str, why: str, *, at: Source | Iterable[Source] | None = None, place: str = ""
) -> Answer:
    """Return an N/A, with why the question does not arise."""
    return _answer(Verdict.NOT_APPLICABLE, what, why, at, place=place)


def _answer(
    verdict: Verdict,
    what: Record | str,
    reason: str,
    at: Source | Iterable[Source] | None,
    *,
    place: str = "",
    **more: Any,  # noqa: ANN401 -- what Answer takes
) -> Answer:
    if isinstance(what, Record):
        resource, at = what.id, what.source if at is None else at
    else:
        resource = what
    sources: tuple[Source, ...] = (at,) if isinstance(at, Source) else tuple(at or ())
    if len(sources) > 1:
        sources = tuple(dict.fromkeys(sources))
    return Answer(verdict=verdict, resource=resource, place=place, reason=reason, sources=sources, **more)


def some(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """Return names as a person reads them: the first few, and how many more."""
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
