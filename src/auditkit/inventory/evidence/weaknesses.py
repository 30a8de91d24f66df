"""What scanners found: vulnerabilities of packages, and results of code and web scans."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from auditkit.inventory.evidence.packages import Package
from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["CodeScan", "Place", "Rating", "ScanResult", "Vulnerability"]


class Rating(StrEnum):
    """How grave a scanner takes something to be, gravest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"
    UNKNOWN = "unknown"


class Vulnerability(Record, kw_only=True):
    """A known vulnerability of packages that something runs with (Amazon Inspector, CycloneDX).

    Attributes
    ----------
    vulnerability
        Its identifier: ``"CVE-2024-3772"``, ``"GHSA-..."``.
    aliases
        Other identifiers, sorted.
    resources
        ARNs of the functions or layers it was found in; their names where the scanner gives no more.
    packages
        The packages that have it.
    rating
        How grave it is.
    score, exploitation
        CVSS base score in [0, 10]; EPSS probability in [0, 1]; ``None`` where not said.
    exploit
        Whether an exploit is known, ``None`` where not said.
    fixed_in
        Versions that are without it, by package URL without version; ``""`` for *none yet*.
    status
        As the scanner calls it: ``"ACTIVE"``, ``"SUPPRESSED"``, ``"CLOSED"``; ``"not_affected"`` and the like.
    found_by
        Name of the scanner.
    first, last
        When it was seen first and last.
    """

    kind: ClassVar[Kind] = Kind.VULNERABILITY

    vulnerability: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    resources: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    rating: Rating = Rating.UNKNOWN
    score: float | None = None
    exploitation: float | None = None
    exploit: bool | None = None
    fixed_in: dict[str, str] = msgspec.field(default_factory=dict)
    status: str = ""
    found_by: str = ""
    first: str = ""
    last: str = ""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a scanner found something.

    Attributes
    ----------
    path
        File below the scanned folder, or scheme and host of a web address.
    line
        Line in it, from 1; 0 where not said.
    """

    path: str
    line: int = 0


class ScanResult(Record, kw_only=True):
    """A result of a scan of code or of a running application (SARIF, Amazon Inspector's code scans).

    Attributes
    ----------
    tool, rule
        Name of the scanner, identifier of its rule.
    message
        What it says of it, shortened; what looks like a credential is removed.
    rating
        How grave it is: by the rule's ``security-severity`` where it has one, else by the level.
    score
        The ``security-severity``, in [0, 10].
    weaknesses
        CWE numbers: ``("CWE-89",)``.
    places
        Where.
    resources
        ARNs of the functions that it is about, as far as the export says; empty where it does not.
    suppressed
        Whether somebody decided that it does not count.
    """

    kind: ClassVar[Kind] = Kind.SCAN_RESULT

    tool: str
    rule: str
    message: str = ""
    rating: Rating = Rating.UNKNOWN
    score: float | None = None
    weaknesses: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    resources: tuple[str, ...] = ()
    suppressed: bool = False


class CodeScan(Record, kw_only=True):
    """That a scanner looked through the code of functions, whatever it found.

    Attributes
    ----------
    tool, version, looks_for
        The scanner, and what it looks for, in words.
    resources
        ARNs of the functions, versions and layer versions whose code it is, sorted.
    files
        Number of files that it looked at.
    incomplete
        What it did not look at, and why; ``""`` where nothing was left out.
    """

    kind: ClassVar[Kind] = Kind.CODE_SCAN

    tool: str
    version: str = ""
    looks_for: str = ""
    resources: tuple[str, ...] = ()
    files: int = 0
    incomplete: str = ""
