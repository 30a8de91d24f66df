"""Known vulnerabilities of what functions run with: by scanners, and by an offline database of advisories."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from auditkit.areas.scene import Scene, unqualified
from auditkit.areas.versions import has_other_code, live_versions
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import CodePackage, Found, Package
from auditkit.inventory.evidence.weaknesses import Rating, Vulnerability
from auditkit.inventory.records.functions import Function, FunctionConfiguration

__all__ = ["Running", "Weakness", "gaps_of", "running", "weaknesses_of", "without_list"]

_SET_ASIDE = frozenset({"suppressed", "not_affected", "false_positive", "resolved", "resolved_with_pedigree"})
"""States in which somebody decided that a vulnerability does not count (Inspector's filters; CycloneDX's analysis)."""
_GONE = _SET_ASIDE | {"closed"}
_BUNDLED = ("nodejs", "java", "dotnet", "go", "provided")
"""Runtimes whose code brings packages along in a form that may not show: bundles and binaries."""


class Running(NamedTuple):
    """Code of a function that runs: ``$LATEST``, or a version that something leads to with other code.

    Attributes
    ----------
    function
        The function.
    code
        The function itself, or the version.
    place
        ``"version 3"``; ``""`` for ``$LATEST``.
    """

    function: Function
    code: FunctionConfiguration
    place: str


class Weakness(msgspec.Struct, frozen=True, kw_only=True):
    """A vulnerability of a package that a function runs with; what several tell of is one.

    Attributes
    ----------
    ids
        Identifiers, CVE first.
    package
        The package; ``None`` where the scanner names none.
    title
        What it is.
    rating, score
        How grave it is; CVSS base score in [0, 10].
    exploit, exploitation
        Whether an exploit is known; EPSS probability in [0, 1]; ``None`` where not said.
    fixed
        Version that is without it, ``""`` where none is known.
    certain
        False where the version could not be compared.
    told_by
        Who tells of it, sorted.
    sources
        Where the package was found, and where the vulnerability was read.
    """

    ids: tuple[str, ...]
    package: Package | None
    title: str = ""
    rating: Rating = Rating.UNKNOWN
    score: float | None = None
    exploit: bool | None = None
    exploitation: float | None = None
    fixed: str = ""
    certain: bool = True
    told_by: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def id(self) -> str:
        """The identifier that most people know it by."""
        return self.ids[0]

    @property
    def what(self) -> str:
        """Name and version of the package, as a person writes them."""
        return self.package.purl.partition("/")[2].replace("%40", "@") if self.package is not None else ""


def running(function: Function, scene: Scene) -> Iterator[Running]:
    """Yield what of a function runs: ``$LATEST``, and versions in use with code or layers that are not the same."""
    yield Running(function, function, "")
    for version, _ in live_versions(function, scene):
        if has_other_code(version, function):
            yield Running(function, version, f"version {version.version}")


# ----------------------------------------------------------------- what is told


def weaknesses_of(one: Running, scene: Scene) -> tuple[Weakness, ...]:
    """Return the known vulnerabilities of what runs, worst first; those that somebody set aside are left out."""
    scanned = [*_scanned(one, scene)]
    aside = {name for record in scanned if record.status.lower() in _SET_ASIDE for name in _ids(record)}
    open_ = [weak for record in scanned if record.status.lower() not in _GONE for weak in _of_record(record)]
    found = [*open_, *(weak for weak in _of_advisories(one, scene) if not aside & set(weak.ids))]
    return tuple(sorted(_merged(found), key=_order))


def _order(weak: Weakness) -> tuple[object, ...]:
    grave = list(Rating).index(weak.rating)
    return grave, weak.exploit is not True, -(weak.exploitation or 0), -(weak.score or 0), weak.ids, weak.what


def _scanned(one: Running, scene: Scene) -> Iterator[Vulnerability]:
    """Yield what scanners found in the code, or in a layer of it."""
    layers = {layer.arn for layer in one.code.layers}
    for record in scene.vulnerabilities.get(one.function.id, ()):
        if any(_is_code(resource, one) for resource in record.resources):
            yield record
    for layer in sorted(layers):
        yield from scene.vulnerabilities.get(layer, ())


def _is_code(resource: str, one: Running) -> bool:
    if unqualified(resource) != one.function.id:
        return False
    qualifier = resource.removeprefix(one.function.id).lstrip(":")
    return qualifier == (one.code.version or "") if one.place else not qualifier.isdigit()


def _ids(record: Vulnerability) -> tuple[str, ...]:
    names = {record.vulnerability, *record.aliases}
    return tuple(sorted(names, key=lambda name: (not name.startswith("CVE-"), name)))


def _of_record(record: Vulnerability) -> Iterator[Weakness]:
    for package in record.packages or (None,):
        yield Weakness(
            ids=_ids(record),
            package=package,
            title=record.title,
            rating=record.rating,
            score=record.score,
            exploit=record.exploit,
            exploitation=record.exploitation,
            fixed=record.fixed_in.get(package.without_version, "") if package is not None else "",
            told_by=(record.found_by or "a scanner",),
            sources=tuple(dict.fromkeys((record.source, *((package.source,) if package is not None else ())))),
        )


def _of_advisories(one: Running, scene: Scene) -> Iterator[Weakness]:
    if scene.advisories is None:
        return
    for used in scene.inventory.packages.of(one.code.id):
        for hit in scene.advisories.of(used.package):
            yield Weakness(
                ids=hit.ids,
                package=used.package,
                title=hit.title,
                rating=hit.rating,
                score=hit.score,
                fixed=hit.fixed,
                certain=hit.certain,
                told_by=("OSV",),
                sources=(used.package.source, *hit.sources),
            )


def _merged(found: list[Weakness]) -> list[Weakness]:
    """Return weaknesses of which no two are of the same package and have an identifier in common."""
    by_id: dict[tuple[str, str], Weakness] = {}
    for weak in found:
        keys = [(weak.what, name) for name in weak.ids]
        for other in [by_id[key] for key in dict.fromkeys(keys) if key in by_id]:
            weak = _joined(other, weak)  # noqa: PLW2901 -- grows by what it has in common
        by_id |= dict.fromkeys(((weak.what, name) for name in weak.ids), weak)
    return list({id(weak): weak for weak in by_id.values()}.values())


def _joined(one: Weakness, other: Weakness) -> Weakness:
    names = {*one.ids, *other.ids}
    scores = [score for score in (one.score, other.score) if score is not None]
    return Weakness(
        ids=tuple(sorted(names, key=lambda name: (not name.startswith("CVE-"), name))),
        package=_surer(one.package, other.package),
        title=one.title or other.title,
        rating=min(one.rating, other.rating, key=list(Rating).index),
        score=max(scores, default=None),
        exploit=one.exploit if one.exploit is not None else other.exploit,
        exploitation=one.exploitation if one.exploitation is not None else other.exploitation,
        fixed=one.fixed or other.fixed,
        certain=one.certain or other.certain,
        told_by=tuple(sorted({*one.told_by, *other.told_by})),
        sources=tuple(dict.fromkeys((*one.sources, *other.sources))),
    )


def _surer(one: Package | None, other: Package | None) -> Package | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda package: list(Found).index(package.found))


# -------------------------------------------------------------- what is not told


def gaps_of(one: Running, scene: Scene) -> tuple[str, ...]:
    """Return what is missing for saying that what runs has no known vulnerability; empty where nothing is."""
    if scene.advisories is None:
        return ("a database of advisories (--osv), or inspector2:ListFindings and inspector2:ListCoverage",)
    lacks = dict.fromkeys(without_list(one, scene))
    for used in scene.inventory.packages.of(one.code.id):
        lack = scene.advisories.lacks(used.package)
        if lack:
            lacks[lack] = None
    return tuple(lacks)


def without_list(one: Running, scene: Scene) -> Iterator[str]:
    """Yield what of the code has no list of packages, or none that is whole."""
    for layer, found in scene.inventory.packages.code_of(one.code.id).items():
        what = f"the layer {layer}" if layer else "its code"
        if not found:
            yield f"the packages of {what} (code packages, CycloneDX)"
        for code in found:
            if code.incomplete:
                yield f"what of {what} was not read: {code.incomplete}"
            elif not layer and _hides(code, one.code):
                yield "the packages of its code: none is told, and a bundle or a binary may hide them"


def _hides(code: CodePackage, configuration: FunctionConfiguration) -> bool:
    return not code.packages and (configuration.runtime or "provided").startswith(_BUNDLED)
