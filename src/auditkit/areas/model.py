"""The words of the checks: areas, severities, verdicts, a check and a finding."""

from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

from auditkit.case import Waiver, WaiverState
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Source

__all__ = ["AREAS", "NOTHING_ELSE", "Among", "Area", "Check", "Finding", "Group", "Severity", "Verdict", "Weighing"]


class Group(StrEnum):
    """What serverless does to an area, before one looks at an account."""

    BETTER = "better"
    AS_BEFORE = "as before"
    WORSE = "worse"


class Area(StrEnum):
    """The nine areas of an audit."""

    PATCH = "patch"
    DENIAL = "dos"
    LONG_LIVED = "longlived"
    APPLICATION = "appvuln"
    DEPENDENCIES = "deps"
    REST = "rest"
    TRANSIT = "transit"
    PERIMETER = "perimeter"
    SPRAWL = "sprawl"

    @property
    def heading(self) -> str:
        """Heading of the area."""
        return AREAS[self][0]

    @property
    def group(self) -> Group:
        """What serverless does to it."""
        return AREAS[self][1]


AREAS: dict[Area, tuple[str, Group]] = {
    Area.PATCH: ("Unpatched servers", Group.BETTER),
    Area.DENIAL: ("Denial of service", Group.BETTER),
    Area.LONG_LIVED: ("Long-lived compromised servers", Group.BETTER),
    Area.APPLICATION: ("Application vulnerabilities", Group.AS_BEFORE),
    Area.DEPENDENCIES: ("Vulnerable dependencies", Group.AS_BEFORE),
    Area.REST: ("Data at rest", Group.AS_BEFORE),
    Area.TRANSIT: ("Data in transit", Group.WORSE),
    Area.PERIMETER: ("Every function a perimeter", Group.WORSE),
    Area.SPRAWL: ("Explosion of functions", Group.WORSE),
}
"""Areas in the order of a report, with heading and group."""


class Severity(IntEnum):
    """How much a finding matters; ordered, so that it can be raised and lowered."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        """Return the name in lower case."""
        return self.name.lower()

    def shifted(self, steps: int) -> "Severity":
        """Return the severity some steps up or down; never below *low*, never above *critical*."""
        return Severity(min(max(self + steps, Severity.LOW), Severity.CRITICAL))


_NAMED = {str(severity): severity for severity in Severity}
"""Severities by their names, as data says them."""


class Verdict(StrEnum):
    """What a check says of one resource."""

    FAIL = "FAIL"
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"
    PASS = "PASS"  # noqa: S105 -- a verdict, not a password
    NOT_APPLICABLE = "N/A"


class Weighing(StrEnum):
    """How the base severity of a check becomes that of a finding.

    ``RAISE``: one step up if an outside entry reaches the function at cost 2 or less and it reaches *confidential* or
    above at cost 2 or less. ``RAISE_OR_LOWER``: the same, and one step down if no outside entry reaches it at cost 4 or
    less and it reaches *internal* at most. ``SENSITIVITY``: by the class of the store, or of the data on the hop.
    ``REACH``: by the highest class that the entry reaches at cost 2 or less. ``FIXED``: the base, or what the rule
    says. Source: ``facts/scoring``, severity of a finding.
    """

    RAISE = "raise"
    RAISE_OR_LOWER = "raise or lower"
    SENSITIVITY = "sensitivity"
    REACH = "reach"
    FIXED = "fixed"


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check of the catalogue.

    Attributes
    ----------
    id
        ``"patch.runtime-deprecated"``.
    area
        The area it belongs to.
    question, rule
        What it asks, and how it decides, in a sentence each.
    severity
        Base severity.
    weighing
        How that becomes the severity of a finding.
    classes
        Severity by sensitivity, where the check weighs by that; for a class that is not named, and where the
        sensitivity is not known, the base holds.
    judges
        Calls that list what is judged: where one is missing in a region, the answer there is *unknown*
        (``"lambda.ListFunctions"``; ``service.Operation`` by botocore's names).
    calls
        All other calls that it needs.
    absence
        Calls that would show what a PASS or N/A says is not there (a way in, a writer, a target): where one is missing
        in the account and region of the resource, the answer is *unknown*.
    mappings
        Controls of other catalogues: ``"security-hub"``, ``"cis-aws-foundations-7.0"``, ``"cis-compute-1.0"``,
        ``"owasp-serverless-2018"``, ``"csa-12"``, ``"cwe"``, ``"attack"`` -> their ids.
    closed_by
        Rules of ``facts/fixes`` whose fixes mend it, ``*`` for any ending: what these gain, its fix gains.
    fix
        What to do, in the words of the service's console.
    snippet
        The same as a piece of a CloudFormation template or a command; ``{name}`` stands for the resource's name.
    metric
        Whether it gives figures to know rather than things to mend.
    """

    id: str
    area: Area
    question: str
    rule: str
    severity: str
    weighing: Weighing
    classes: dict[str, str] = {}
    judges: tuple[str, ...]
    calls: tuple[str, ...] = ()
    absence: tuple[str, ...] = ()
    mappings: dict[str, tuple[str, ...]] = {}
    closed_by: tuple[str, ...] = ()
    fix: str
    snippet: str
    metric: bool = False

    @property
    def base(self) -> Severity:
        """Base severity."""
        return _NAMED[self.severity]

    def of_class(self, sensitivity: Sensitivity | None) -> Severity:
        """Return the severity for a sensitivity, ``None`` where there is none."""
        name = self.classes.get(sensitivity.value) if sensitivity is not None else None
        return self.base if name is None else _NAMED[name]


class Among(NamedTuple):
    """All that a finding is about where it tells of several things together: ids, and labels in the same order."""

    ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


NOTHING_ELSE = Among()
"""Of a finding that tells of one thing."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a check says of one resource, or of one place in it.

    Attributes
    ----------
    check, area
        Which check, of which area.
    verdict
        FAIL, WARN, UNKNOWN, PASS or N/A.
    resource, label, kind, account, region
        The resource: id, what a person calls it, where it is.
    place
        What of it is judged where it has parts: a route, a statement, a version, a listener; ``""`` for all of it.
    among
        All the stores that the place stands for, where it is a store, or many that are told of together.
    reason
        Why, in a sentence.
    missing
        What the export lacks, for UNKNOWN.
    base, severity
        Severity before and after the graph was asked; of FAIL and WARN.
    weighed
        Why it was raised, lowered or left.
    sources
        Where the setting or statement that decided was read.
    path
        Ids of the nodes of the witness path, from where the outside gets in.
    fix, snippet
        What to do, in the console's words, and as a template or a command.
    waiver, waived
        The waiver of the case that is about it, and whether that is in force; ``None`` where there is none. A waiver
        changes neither verdict nor severity.
    """

    check: str
    area: Area
    verdict: Verdict
    resource: str
    label: str
    kind: str
    account: str = ""
    region: str = ""
    place: str = ""
    among: Among = NOTHING_ELSE
    reason: str = ""
    missing: tuple[str, ...] = ()
    base: Severity | None = None
    severity: Severity | None = None
    weighed: str = ""
    sources: tuple[Source, ...] = ()
    path: tuple[str, ...] = ()
    fix: str = ""
    snippet: str = ""
    waiver: Waiver | None = None
    waived: WaiverState | None = None

    @property
    def is_open(self) -> bool:
        """Whether no waiver that is in force is about it."""
        return self.waived is not WaiverState.IN_FORCE
