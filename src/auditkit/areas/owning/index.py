"""The cost-of-ownership index of each function, part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property

import msgspec
import pandas as pd

from auditkit.areas._held import held_by
from auditkit.areas.model import Finding, Severity, Verdict
from auditkit.areas.owners import environment_of, made_by_stack, team_of
from auditkit.areas.scene import Scene
from auditkit.areas.versions import is_image
from auditkit.facts import get_ownership_parts, get_runtime
from auditkit.inventory import Kind, Source, UnsetType
from auditkit.inventory.records.functions import Function

__all__ = ["OWNERSHIP_COLUMNS", "ownership_frame"]

OWNERSHIP_COLUMNS = {
    "label": "function",
    "owner": "owner",
    "low": "index, low",
    "high": "index, high",
    "reasons": "what costs most",
    "missing": "not known",
}
"""Columns of :func:`ownership_frame` that a person reads first, with their headings."""

_YEAR = 365
_VULNERABLE = "deps.known-vuln"
_HALF = 0.5
_DETAILS = "iam:GetAccountAuthorizationDetails"
_TOP = 3


class _Part(msgspec.Struct, frozen=True):
    """How much of a part's points a function gets: a share in [0, 1], bounds where it is not known."""

    low: float
    high: float
    said: str = ""
    missing: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


def _exactly(share: float, said: str, *sources: Source) -> _Part:
    bounded = min(max(share, 0.0), 1.0)
    return _Part(bounded, bounded, said, sources=sources)


def _unknown(*missing: str) -> _Part:
    return _Part(0.0, 1.0, missing=missing)


def ownership_frame(scene: Scene, findings: Iterable[Finding]) -> pd.DataFrame:
    """Return what each function costs its owner, dearest first.

    The index is ``Σ pointsₚ · min(1, measureₚ / fullₚ)`` over the parts *p* of the table ``ownership``, from 0 to 100:
    what has to be done again and again for a function that nobody changes. It is additive, so that each part can be
    read by itself and more of anything never lowers it; it is judgement and no amount of money. A part that the export
    does not tell counts 0 at the low end and all its points at the high end.

    Parameters
    ----------
    scene
        Inventory, graph, audit date and case.
    findings
        Of :func:`auditkit.areas.judge`: vulnerabilities are taken from them.

    Returns
    -------
    pandas.DataFrame
        One row per function in scope, by falling high end: ``function`` (ARN), ``label``, ``account``, ``region``,
        ``owner`` (by its tags or its stack), ``low``, ``high`` (the index), ``<part>_low``, ``<part>_high`` (points of
        each part), ``reasons`` (tuple of str: the dearest parts), ``missing`` (tuple of str), ``sources``.
    """
    reader = _Reader(scene, findings)
    rows = [reader.row(function) for function in scene.functions if not scene.scoping.why_out(function.id)]
    rows.sort(key=lambda row: (-float(str(row["high"])), -float(str(row["low"])), str(row["function"])))
    parts = [f"{part}_{end}" for part in get_ownership_parts() for end in ("low", "high")]
    columns = [
        "function",
        "label",
        "account",
        "region",
        "owner",
        "low",
        "high",
        *parts,
        "reasons",
        "missing",
        "sources",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs["reason"] = "" if rows else "The export shows no function."
    return frame


class _Reader:
    def __init__(self, scene: Scene, findings: Iterable[Finding]) -> None:
        self._scene = scene
        self._found: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.check == _VULNERABLE:
                self._found[finding.resource].append(finding)
        self._parts: dict[str, Callable[[Function], _Part]] = {
            "runtime": self._runtime,
            "vulnerabilities": self._vulnerabilities,
            "privileges": self._privileges,
            "packages": self._packages,
            "triggers": self._triggers,
            "owner": self._owner,
            "age": self._age,
            "duplicates": self._duplicates,
            "environments": self._environments,
        }

    def row(self, function: Function) -> dict[str, object]:
        """Return the row of a function."""
        parts = {part: (fact.points, self._parts[part](function)) for part, fact in get_ownership_parts().items()}
        points = {
            f"{part}_{end}": round(most * getattr(found, end), 3)
            for part, (most, found) in parts.items()
            for end in ("low", "high")
        }
        dearest = sorted((-(most * found.low), found.said) for most, found in parts.values() if found.low > 0)
        return {
            "function": function.id,
            "label": function.name,
            "account": function.account,
            "region": function.region,
            "owner": "" if isinstance(function.tags, UnsetType) else team_of(function.tags),
            "low": round(sum(most * found.low for most, found in parts.values()), 3),
            "high": round(sum(most * found.high for most, found in parts.values()), 3),
            **points,
            "reasons": tuple(said for _, said in dearest[:_TOP]),
            "missing": tuple(sorted({text for _, found in parts.values() for text in found.missing})),
            "sources": tuple(dict.fromkeys(source for _, found in parts.values() for source in found.sources)),
        }

    # ---------------------------------------------------------------- parts

    def _runtime(self, function: Function) -> _Part:
        at = function.source.at("Runtime")
        if is_image(function):
            return _exactly(_HALF, "its owner patches the image", at)
        known = get_runtime(function.runtime or "")
        if known is None:
            return _unknown("Runtime")
        if not known.managed:
            return _exactly(_HALF, f"its owner patches the language: {known.label} is an operating system", at)
        past = self._scene.age(known.deprecated)
        if past is None:
            return _unknown("the audit date")
        said = f"{known.label} is deprecated" if past >= 0 else f"{known.label} is deprecated in {-past} days"
        return _exactly((past + _YEAR) / get_ownership_parts()["runtime"].full, said, at)

    def _vulnerabilities(self, function: Function) -> _Part:
        found = self._found.get(function.id, [])
        bad = [one for one in found if one.verdict is Verdict.FAIL and one.severity is not None]
        full = get_ownership_parts()["vulnerabilities"].full
        if bad:
            worst = max(one.severity or Severity.INFO for one in bad)
            at = [source for one in bad for source in one.sources[:1]]
            part = _exactly(worst / full, f"known vulnerabilities up to {worst}", *at)
            return msgspec.structs.replace(part, high=1.0)  # there may be graver ones that are not known
        unknown = [text for one in found if one.verdict is Verdict.UNKNOWN for text in one.missing]
        if unknown or not found:
            return _unknown(*(unknown or ["packages of its code, and advisories"]))
        return _exactly(0, "")

    def _privileges(self, function: Function) -> _Part:
        role, at = function.role or "", function.source.at("Role")
        if not self._scene.permissions.knows(role):
            return _unknown(_DETAILS)
        if role in self._scene.administrators:
            return _exactly(1, "its role is an administrator's", at)
        kept = {Kind.LOG_GROUP, Kind.KEY}
        places = held_by(self._scene, function.id, role).places.tolist()
        stores = [place for place in places if self._scene.neighbours.at(place).kind not in kept]
        said = f"its role may touch {len(stores)} store{'' if len(stores) == 1 else 's'}"
        return _exactly(len(stores) / get_ownership_parts()["privileges"].full, said, at)

    def _packages(self, function: Function) -> _Part:
        code = self._scene.inventory.packages.code_of(function.id)
        if not code.get(""):
            return _unknown("the code package, or a bill of materials")
        count = len({used.package.purl for used in self._scene.inventory.packages.of(function.id)})
        said = f"it brings along {count} packages"
        part = _exactly(count / get_ownership_parts()["packages"].full, said, code[""][0].source)
        unseen = [layer for layer, found in code.items() if layer and not found]
        return part if not unseen else msgspec.structs.replace(part, high=1.0, missing=(f"packages of {unseen[0]}",))

    def _triggers(self, function: Function) -> _Part:
        found = sorted({origin for origin, _ in self._scene.triggers(function.id)})
        said = f"{len(found)} trigger{'' if len(found) == 1 else 's'}"
        part = _exactly(len(found) / get_ownership_parts()["triggers"].full, said, function.source)
        missing = ["lambda:GetPolicy"] if isinstance(function.policy, UnsetType) else []
        missing += self._scene.unseen(("lambda.ListEventSourceMappings",), function.account, function.region)
        return part if not missing else msgspec.structs.replace(part, high=1.0, missing=tuple(missing))

    def _owner(self, function: Function) -> _Part:
        if isinstance(function.tags, UnsetType):
            return _unknown("tags (lambda:ListTags)")
        if team_of(function.tags) and not made_by_stack(function.tags):
            return _exactly(0, "")
        if made_by_stack(function.tags):
            return _exactly(_HALF, "only a stack names where it belongs", function.source)
        return _exactly(1, "nobody is named as its owner", function.source)

    def _age(self, function: Function) -> _Part:
        days = self._scene.age(function.last_modified)
        if days is None:
            return _unknown("the audit date and LastModified")
        at = function.source.at("LastModified")
        return _exactly(days / get_ownership_parts()["age"].full, f"last changed {days} days ago", at)

    def _duplicates(self, function: Function) -> _Part:
        if not function.code_sha256:
            return _unknown("CodeSha256")
        others = len(self._by_code[function.code_sha256]) - 1
        said = f"{others} other functions run the same code"
        return _exactly(others / get_ownership_parts()["duplicates"].full, said, function.source.at("CodeSha256"))

    def _environments(self, function: Function) -> _Part:
        others = len(self._by_name[self._base(function)] - {self._environment(function)})
        said = f"{others} copies in other environments"
        return _exactly(others / get_ownership_parts()["environments"].full, said, function.source)

    # --------------------------------------------------------------- groups

    @cached_property
    def _by_code(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for function in self._scene.functions:
            found[function.code_sha256 or ""].append(function.id)
        return found

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for function in self._scene.functions:
            found[self._base(function)].add(self._environment(function))
        return found

    @staticmethod
    def _environment(function: Function) -> str:
        return environment_of({} if isinstance(function.tags, UnsetType) else function.tags, function.name)

    @staticmethod
    def _base(function: Function) -> str:
        """Return a function's name without the word for an environment before or after it."""
        parts = function.name.lower().replace("_", "-").replace(".", "-").split("-")
        kept = [
            part for place, part in enumerate(parts) if not (place in {0, len(parts) - 1} and environment_of({}, part))
        ]
        return "-".join(kept) or function.name
