"""Amazon Inspector: findings on functions, layers and images.

Findings on packages become vulnerabilities, those of its code scans results of a scan. Those on instances are left out.
"""

from functools import partial

import msgspec

from auditkit.exports._images import digests_in, functions_of_images
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.packages.purls import purl_of
from auditkit.inventory import Source
from auditkit.inventory.evidence.packages import Found, Package
from auditkit.inventory.evidence.weaknesses import Place, Rating, ScanResult, Vulnerability
from auditkit.inventory.moments import Moment, utc_second

__all__ = ["HANDLERS"]

_FOUND_BY = "Amazon Inspector"
_SCANNED = frozenset({"AWS_LAMBDA_FUNCTION", "AWS_ECR_CONTAINER_IMAGE"})
_TITLE = 300
_RATINGS = {
    "CRITICAL": Rating.CRITICAL,
    "HIGH": Rating.HIGH,
    "MEDIUM": Rating.MEDIUM,
    "LOW": Rating.LOW,
    "INFORMATIONAL": Rating.NONE,
}
_ECOSYSTEMS = {
    "BUNDLER": "gem",
    "CARGO": "cargo",
    "COMPOSER": "composer",
    "DOTNET_CORE": "nuget",
    "GEMSPEC": "gem",
    "GOBINARY": "golang",
    "GOMOD": "golang",
    "JAR": "maven",
    "NODEPKG": "npm",
    "NPM": "npm",
    "NUGET": "nuget",
    "PIP": "pypi",
    "PIPENV": "pypi",
    "POETRY": "pypi",
    "POM": "maven",
    "PYTHONPKG": "pypi",
    "YARN": "npm",
}


class _Package(msgspec.Struct, rename="camel"):
    """API shape ``VulnerablePackage``."""

    name: str
    version: str = ""
    package_manager: str = ""
    file_path: str = ""
    fixed_in_version: str | None = None
    source_lambda_layer_arn: str = ""


class _Packages(msgspec.Struct, rename="camel"):
    """API shape ``PackageVulnerabilityDetails``."""

    vulnerability_id: str
    vulnerable_packages: tuple[_Package, ...] = ()
    related_vulnerabilities: tuple[str, ...] = ()


class _Lines(msgspec.Struct, rename="camel"):
    """API shape ``CodeFilePath``."""

    file_path: str = ""
    start_line: int = 0


class _Code(msgspec.Struct, rename="camel"):
    """API shape ``CodeVulnerabilityDetails``."""

    detector_id: str = ""
    rule_id: str | None = None
    file_path: _Lines | None = None
    cwes: tuple[str, ...] = ()


class _Resource(msgspec.Struct, rename="camel"):
    """API shape ``Resource``."""

    type: str
    id: str


class _Epss(msgspec.Struct):
    """API shape ``EpssDetails``."""

    score: float | None = None


class _Finding(msgspec.Struct, rename="camel"):
    """API shape ``Finding``."""

    finding_arn: str
    aws_account_id: str = ""
    title: str = ""
    severity: str = ""
    status: str = ""
    first_observed_at: Moment = None
    last_observed_at: Moment = None
    inspector_score: float | None = None
    exploit_available: str | None = None
    epss: _Epss | None = None
    resources: tuple[_Resource, ...] = ()
    package_vulnerability_details: _Packages | None = None
    code_vulnerability_details: _Code | None = None


def _findings(response: Response, reading: Reading) -> None:
    """Read ``inspector2.ListFindings``."""
    for _, item, source in reading.items(response, "findings"):
        finding = reading.decode(_Finding, item, source)
        if finding is None:
            continue
        scanned = tuple(sorted({resource.id for resource in finding.resources if resource.type in _SCANNED}))
        if not scanned:
            continue
        if finding.package_vulnerability_details is not None:
            record = _vulnerability(finding, finding.package_vulnerability_details, scanned, source)
            reading.later(partial(_settle, record))
        elif finding.code_vulnerability_details is not None:
            reading.add(_result(finding, finding.code_vulnerability_details, scanned, source))


def _settle(record: Vulnerability, reading: Reading) -> None:
    """Add a vulnerability, with the functions that run the image it was found in."""
    functions = functions_of_images(digests_in(*record.resources), reading)
    record.resources = tuple(sorted({*record.resources, *functions}))
    reading.add(record)


def _vulnerability(finding: _Finding, details: _Packages, scanned: tuple[str, ...], source: Source) -> Vulnerability:
    packages: set[Package] = set()
    fixed: dict[str, str] = {}
    for number, one in enumerate(details.vulnerable_packages):
        purl = purl_of(_ECOSYSTEMS.get(one.package_manager, "generic"), one.name, one.version)
        if purl:
            place = source.at("packageVulnerabilityDetails", "vulnerablePackages", number)
            package = Package(purl, Found.INSTALLED, place)
            packages.add(package)
            missing = one.fixed_in_version in {None, "", "NotAvailable"}
            fixed[package.without_version] = "" if missing else str(one.fixed_in_version)
    layers = {one.source_lambda_layer_arn for one in details.vulnerable_packages} - {""}
    return Vulnerability(
        id=finding.finding_arn,
        account=finding.aws_account_id,
        name=details.vulnerability_id,
        sources=(source,),
        vulnerability=details.vulnerability_id,
        aliases=tuple(sorted(set(details.related_vulnerabilities))),
        title=finding.title[:_TITLE],
        resources=tuple(sorted({*scanned, *layers})),
        packages=tuple(sorted(packages)),
        rating=_RATINGS.get(finding.severity, Rating.UNKNOWN),
        score=finding.inspector_score,
        exploitation=finding.epss.score if finding.epss is not None else None,
        exploit={"YES": True, "NO": False}.get(finding.exploit_available or ""),
        fixed_in=dict(sorted(fixed.items())),
        status=finding.status,
        found_by=_FOUND_BY,
        first=utc_second(finding.first_observed_at),
        last=utc_second(finding.last_observed_at),
    )


def _result(finding: _Finding, details: _Code, scanned: tuple[str, ...], source: Source) -> ScanResult:
    where = details.file_path
    return ScanResult(
        id=finding.finding_arn,
        account=finding.aws_account_id,
        name=details.rule_id or details.detector_id,
        sources=(source,),
        tool=_FOUND_BY,
        rule=details.rule_id or details.detector_id,
        message=finding.title[:_TITLE],
        rating=_RATINGS.get(finding.severity, Rating.UNKNOWN),
        score=finding.inspector_score,
        weaknesses=tuple(sorted(set(details.cwes))),
        places=(Place(where.file_path, where.start_line),) if where is not None else (),
        resources=scanned,
        suppressed=finding.status == "SUPPRESSED",
    )


HANDLERS: dict[tuple[str, str], Handler] = {("inspector2", "ListFindings"): _findings}
