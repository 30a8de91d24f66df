"""Vulnerable dependencies: what code brings along, who looks through it, and whose it is."""

from collections.abc import Iterable, Iterator, Mapping

from auditkit.areas.answers import Answer, Rule, failed, not_applicable, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.scene import Scene
from auditkit.areas.versions import InUse, has_other_code, is_image, live_versions
from auditkit.areas.vulnerable import Running, Weakness, gaps_of, running, weaknesses_of, without_list
from auditkit.areas.weighing import is_blind
from auditkit.graph.schema import EntryKind
from auditkit.graph.use import Use, use_of
from auditkit.inventory import Source, UnsetType
from auditkit.inventory.evidence.packages import CodePackage, Found
from auditkit.inventory.evidence.weaknesses import Rating
from auditkit.inventory.records.functions import FunctionConfiguration
from auditkit.inventory.records.guards import ScanCoverage

__all__ = ["RULES"]

_NEAR = 2.0
_STALE, _IDLE = 365, 90
"""Days: since the last build, and since the last invocation."""


# ------------------------------------------------------------------------ scans


def scan_coverage(scene: Scene) -> Iterator[Answer]:
    """Judge whether anybody looks through the packages of what runs."""
    covered = _covered(scene)
    for function in scene.functions:
        for one in running(function, scene):
            yield _looked_through(scene, one, covered)


def _covered(scene: Scene) -> dict[str, ScanCoverage]:
    """Return what Inspector knows, by the id of the resource; of an image by its digest."""
    found = (one for one in scene.inventory.of(ScanCoverage) if one.scan_type == "PACKAGE")
    return {
        one.resource_id.rpartition("/")[2] if "/sha256:" in one.resource_id else one.resource_id: one for one in found
    }


def _coverage_of(one: Running, covered: dict[str, ScanCoverage]) -> ScanCoverage | None:
    image = one.function.resolved_image_uri
    names = [one.code.id, f"{one.code.id}:$LATEST"]
    if not one.place and isinstance(image, str):
        names.append(image.partition("@")[2])
    return next((covered[name] for name in names if name in covered), None)


def _is_scanned(scan: ScanCoverage | None) -> bool:
    return scan is not None and scan.scan_status is not None and scan.scan_status.status_code == "ACTIVE"


def _looked_through(scene: Scene, one: Running, covered: dict[str, ScanCoverage]) -> Answer:
    scan = _coverage_of(one, covered)
    lists = [code.source for found in scene.inventory.packages.code_of(one.code.id).values() for code in found]
    if scan is not None and _is_scanned(scan):
        return passed(one.function, "Inspector scans its packages", at=scan.source, place=one.place)
    if not [*without_list(one, scene)]:
        return passed(one.function, "the export lists its packages", at=lists, place=one.place)
    if not scene.seen("inspector2.ListCoverage", one.function):
        return unknown(one.function, "inspector2:ListCoverage, or its packages (CycloneDX)", place=one.place)
    if scan is None and is_image(one.code):
        return unknown(one.function, "inspector2:ListCoverage of the image that it runs", place=one.place)
    reason = scan.scan_status.reason if scan is not None and scan.scan_status is not None else ""
    at = scan.source if scan is not None else one.code.source
    return failed(one.function, f"nothing scans its packages{f' ({reason})' if reason else ''}", at=at, place=one.place)


# -------------------------------------------------------------- vulnerabilities

_OF_RATING = {
    Rating.CRITICAL: Severity.CRITICAL,
    Rating.HIGH: Severity.HIGH,
    Rating.MEDIUM: Severity.MEDIUM,
    Rating.LOW: Severity.LOW,
    Rating.NONE: Severity.LOW,
}


_ALONE = {Found.LOCKED: ", by a lock file alone", Found.DECLARED: ", by a manifest alone"}
"""What says that a package is in the code, where the package itself was not seen."""


def known_vuln(scene: Scene) -> Iterator[Answer]:
    """Judge what runs by what is known of its packages."""
    covered = _covered(scene)
    for function in scene.functions:
        for one in running(function, scene):
            found = weaknesses_of(one, scene)
            sure = [weak for weak in found if weak.certain]
            for weak in sure:
                yield _vulnerable(scene, one, weak)
            unsure = [weak for weak in found if not weak.certain]
            if unsure:
                yield _undecided(one, unsure)
            if not found:
                yield _nothing_known(scene, one, covered)


def _vulnerable(scene: Scene, one: Running, weak: Weakness) -> Answer:
    named = f"{weak.id} in {weak.what}" if weak.what else weak.id
    fixed = f"fixed in {weak.fixed}" if weak.fixed else "no version is known to be without it"
    title = f": {weak.title}" if weak.title and weak.title != weak.id else ""
    alone = _ALONE.get(weak.package.found, "") if weak.package is not None else ""
    said = f"{named}{title}; {fixed} ({some(weak.told_by)}{alone})"
    severity, why = _severity(scene, one.function.id, weak)
    place = ", ".join(filter(None, (one.place, named)))
    if alone:  # whether it is in the code at all was not seen
        softer, why = severity.shifted(-1), f"{why}; a warning counts one step less"
        return warned(one.function, said, at=weak.sources, place=place, severity=softer, weighed=why)
    return failed(one.function, said, at=weak.sources, place=place, severity=severity, weighed=why)


def _severity(scene: Scene, function: str, weak: Weakness) -> tuple[Severity, str]:
    """Return the severity of the advisory, raised or lowered by what the outside reaches, and why."""
    severity = _OF_RATING.get(weak.rating, Severity.HIGH)
    told = f"{weak.rating} by its advisory" if weak.rating in _OF_RATING else "how grave it is, no advisory says"
    if weak.score is not None:
        told += f" ({weak.score:g} of 10)"
    if weak.exploitation is not None:
        told += f", EPSS {weak.exploitation:.2f}"
    if weak.exploit:
        told += ", an exploit is known"
    access = scene.reach.access(function)
    if weak.exploit and access.cost <= _NEAR and access.kind == EntryKind.ANONYMOUS:
        return severity.shifted(1), f"raised: {told}, and anyone reaches the function"
    if access.cost == float("inf") and not is_blind(scene, function):
        return severity.shifted(-1), f"lowered: {told}, and nothing outside reaches the function"
    return severity, told


def _undecided(one: Running, unsure: list[Weakness]) -> Answer:
    names = some(f"{weak.id} in {weak.what}" for weak in unsure)
    lacks = f"whether the version is affected, which the advisory does not tell: {names}"
    at = [source for weak in unsure[:3] for source in weak.sources]
    return unknown(one.function, lacks, at=at, place=", ".join(filter(None, (one.place, "undecided"))))


def _nothing_known(scene: Scene, one: Running, covered: dict[str, ScanCoverage]) -> Answer:
    scan, gaps = _coverage_of(one, covered), gaps_of(one, scene)
    if scan is not None and _is_scanned(scan) and scene.seen("inspector2.ListFindings", one.function):
        return passed(one.function, "Inspector scans it and has nothing open", at=scan.source, place=one.place)
    if gaps:
        return unknown(one.function, gaps, place=one.place)
    latest = scene.advisories.latest[:10] if scene.advisories is not None else ""
    at = [code.source for found in scene.inventory.packages.code_of(one.code.id).values() for code in found]
    said = f"no package in it is affected by an advisory (OSV, as of {latest or 'an unknown date'})"
    return passed(one.function, said, at=at, place=one.place)


def reverse_index(scene: Scene) -> Iterator[Answer]:
    """Tell, region by region, for how many functions it is known what they bring along."""
    by_place: dict[tuple[str, str], list[Running]] = {}
    for function in scene.functions:
        by_place.setdefault((function.account, function.region), []).extend(running(function, scene))
    for (account, region), found in sorted(by_place.items()):
        lacking = [one for one in found if any(True for _ in without_list(one, scene))]
        what, count = f"{account}:{region}", len(found) - len(lacking)
        said = f"of {len(found)} codes that run, the packages of {count} are listed"
        if lacking:
            names = some(one.function.name for one in lacking)
            at = [one.code.source for one in lacking[:3]]
            yield warned(what, f"{said}; for {names} a disclosure cannot be answered", at=at)
        else:
            yield passed(what, said, at=[one.code.source for one in found[:3]])


# ------------------------------------------------------------------ third parties

_CODE_HOSTS = frozenset(
    {"bootstrap.pypa.io", "cdn.jsdelivr.net", "cdn.skypack.dev", "cdnjs.cloudflare.com", "codeload.github.com"}
    | {"crates.io", "deno.land", "esm.sh", "esm.run", "files.pythonhosted.org", "gist.githubusercontent.com"}
    | {"index.crates.io", "objects.githubusercontent.com", "packagist.org", "proxy.golang.org", "pypi.org"}
    | {"raw.githubusercontent.com", "registry.npmjs.org", "registry.yarnpkg.com", "repo.maven.apache.org"}
    | {"repo.packagist.org", "repo1.maven.org", "rubygems.org", "static.crates.io", "test.pypi.org", "unpkg.com"}
)
"""Hosts that hand out code or packages to whoever asks."""
_RUNTIME_API = "AWS_LAMBDA_RUNTIME_API"
_OF_CODE = ("SCRIPT", "PLUGIN", "MODULE", "BUNDLE", "WHEEL", "JAR", "PACKAGE", "INDEX", "EXTRA_INDEX")
_ADDRESS = ("_URL", "_URI", "_REGISTRY")


def third_party_runtime(scene: Scene) -> Iterator[Answer]:
    """Judge whether code is fetched from outside while a function runs."""
    for function in scene.functions:
        yield _fetching(scene, InUse(function, function, ""), scene.inventory.packages.code_of(function.id))
        for version, _ in live_versions(function, scene):
            other = has_other_code(version, function)
            if other or version.environment != function.environment:
                found = scene.inventory.packages.code_of(version.id if other else function.id)
                yield _fetching(scene, InUse(function, version, f"version {version.version}"), found)


def _fetching(scene: Scene, used: InUse, codes: Mapping[str, tuple[CodePackage, ...]]) -> Answer:
    function, configuration, place = used
    code = [one for found in codes.values() for one in found]
    fetched = {**_by_environment(configuration), **_by_code(code)}
    attested = {host for host in fetched if scene.attested(host)}
    open_ = {host: source for host, source in fetched.items() if host not in attested}
    unread = [part or "its code" for part, found in codes.items() if not any(one.digest for one in found)]
    if open_:
        said = f"it names what hands out code: {some(sorted(open_))}"
        return warned(function, said, at=[open_[host] for host in sorted(open_)], place=place)
    if isinstance(configuration.environment, UnsetType):
        return unknown(function, "Environment", at=configuration.source, place=place)
    if unread:
        lacks = [f"the code of the layer {part}" if ":layer:" in part else part for part in unread]
        return unknown(function, lacks, at=configuration.source, place=place)
    if partly := dict.fromkeys(one.incomplete for one in code if one.incomplete):
        lacks = [f"what of its code was not read: {what}" for what in partly]
        return unknown(function, lacks, at=configuration.source, place=place)
    note = f"; attested by the case: {some(sorted(attested))}" if attested else ""
    at = (configuration.source.at("Environment"), *(one.source for one in code))
    said = f"neither code nor environment names another host that hands out code{note}"
    return passed(function, said, at=at, place=place)


def _by_environment(function: FunctionConfiguration) -> dict[str, Source]:
    """Return hosts of code, and the variable that redirects the runtime, by what the environment says."""
    found: dict[str, Source] = {}
    variables = function.environment if not isinstance(function.environment, UnsetType) else None
    for key, value in sorted((variables or {}).items()):
        at, plain = function.source.at("Environment", "Variables", key), key.upper()
        stem = next((plain.removesuffix(end) for end in _ADDRESS if plain.endswith(end)), "")
        of_code = (
            stem.endswith(tuple(f"_{word}" for word in _OF_CODE)) or stem in _OF_CODE or plain.endswith("_REGISTRY")
        )
        if plain == _RUNTIME_API:
            found[key] = at
        elif value.host in _CODE_HOSTS or (value.host and value.scheme in {"http", "https"} and of_code):
            found[value.host] = at
    return found


def _by_code(code: Iterable[CodePackage]) -> dict[str, Source]:
    return {mention.value: mention.source for one in code for mention in one.mentions if mention.value in _CODE_HOSTS}


def stale_build(scene: Scene) -> Iterator[Answer]:
    """Judge how long ago what runs was built."""
    used = use_of(scene.inventory)
    for function in scene.functions:
        for one in running(function, scene):
            days, at = scene.age(one.code.last_modified), one.code.source.at("LastModified")
            use = used.get(function.id)
            if days is None:
                yield unknown(function, "the audit date and LastModified", at=at, place=one.place)
            elif days <= _STALE:
                yield passed(function, f"it was last changed {days} days ago", at=at, place=one.place)
            elif use is not None and _idle(use, scene):
                said = f"it was last changed {days} days ago, and nobody has called it for {_IDLE} days"
                yield not_applicable(function, said, at=(at, use.source), place=one.place)
            else:
                said = f"it was last changed {days} days ago: no dependency was renewed since"
                yield warned(function, said, at=at, place=one.place)


def _idle(use: Use, scene: Scene) -> bool:
    """Return whether metrics say that nobody has called a function for long."""
    if use.invocations is None:
        return False
    days = scene.age(use.last_used)
    return not use.last_used or (days is not None and days > _IDLE)


RULES: dict[str, Rule] = {
    "deps.scan-coverage": scan_coverage,
    "deps.known-vuln": known_vuln,
    "deps.reverse-index": reverse_index,
    "deps.third-party-runtime": third_party_runtime,
    "deps.stale-build": stale_build,
}
