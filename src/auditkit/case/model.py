"""The decisions of an audit, as the rest of auditkit sees them."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from auditkit.case.matching import matches
from auditkit.inventory import Source

__all__ = ["Case", "Scope", "Selection", "Waiver", "WaiverState"]


class WaiverState(StrEnum):
    """Whether a waiver holds on the audit date."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    UNDATED = "no audit date"


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that somebody answers for until a day: it stays a finding, and is told as waived.

    Attributes
    ----------
    check
        Id of the check.
    resource
        Id or label of the resource, or a pattern (:func:`auditkit.case.matches`).
    place
        The same for the place in it (a route, a statement), or for one of the stores that a finding tells of together;
        ``""`` for any.
    reason, owner
        Why, and who answers for it.
    expires
        Last day on which it is in force, ``YYYY-MM-DD``.
    source
        Where it stands.
    line
        Line there, from 1; 0 where it stands in no file.
    """

    check: str
    resource: str
    place: str = ""
    reason: str
    owner: str
    expires: str
    source: Source = Source("")
    line: int = 0

    def covers(self, check: str, names: tuple[str, ...], place: str, among: Iterable[tuple[str, str]] = ()) -> bool:
        """Return whether it is about the answer of a check for a resource, and about the whole of a place in it.

        Parameters
        ----------
        check, names, place
            The check, what the resource is called, and the place.
        among
            Id and label of all that the place stands for.
        """
        if self.check != check or not matches(self.resource, *names):
            return False
        return not self.place or matches(self.place, place) or self.covers_all(among)

    def covers_all(self, among: Iterable[tuple[str, str]]) -> bool:
        """Return whether its place is each of some things, by id or label, and there is one."""
        each = [matches(self.place, *names) for names in among]
        return bool(each) and all(each)

    def state(self, date: str) -> WaiverState:
        """Return whether it is in force on an audit date (``YYYY-MM-DD``); without one (``""``) that is not known."""
        if not date:
            return WaiverState.UNDATED
        return WaiverState.EXPIRED if date > self.expires else WaiverState.IN_FORCE


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is named by account, region, tag, stack or resource; each may be a pattern.

    Attributes
    ----------
    accounts, regions
        Twelve digits; names of regions.
    tags
        ``"key"`` or ``"key=value"``.
    stacks
        Names of CloudFormation stacks.
    resources
        ARNs or names.
    """

    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether it names anything."""
        return any(getattr(self, field) for field in self.__struct_fields__)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What the audit is about.

    Attributes
    ----------
    inside
        Only what is of one of its accounts, and of one of its regions, and so on: what it does not name does not
        narrow.
    outside
        Whatever is of one of its accounts, or of one of its regions, and so on, is out.
    reason
        Why.
    """

    inside: Selection = Selection()
    outside: Selection = Selection()
    reason: str = ""

    def __bool__(self) -> bool:
        """Return whether it narrows anything."""
        return bool(self.inside) or bool(self.outside)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one audit.

    Attributes
    ----------
    accounts
        Accounts that are not in the export and are trusted: twelve digits -> what a person calls it.
    third_parties
        Third parties that are attested: host name (``"*.example.com"`` for all below it) or account -> the attestation.
    classification
        Sensitivity of stores: ARN, or pattern with ``*`` and ``?``, or name -> ``"public"``, ``"internal"``,
        ``"confidential"`` or ``"restricted"``. The longest pattern that matches wins.
    attestations
        Account -> what the trust in it rests on.
    reasons
        Pattern of the classification -> why.
    critical
        Functions that the business hangs on: ARN, pattern or name -> why.
    validated
        Functions that check their input in their code: ARN, pattern or name -> how that is known.
    scope
        What the audit is about.
    waivers
        Findings that somebody answers for.
    title
        What the audit is called.
    weights
        Content of the file with weights that the case names, ``None`` where it names none.
    weights_file
        Name of that file, as the case has it.
    file, digest
        Name of the file that was read, and the SHA-256 of its bytes, hexadecimal; ``""`` where there is none.
    lines
        Place in the file (a JSON pointer) -> line, from 1.
    """

    accounts: dict[str, str] = {}
    third_parties: dict[str, str] = {}
    classification: dict[str, str] = {}
    attestations: dict[str, str] = {}
    reasons: dict[str, str] = {}
    critical: dict[str, str] = {}
    validated: dict[str, str] = {}
    scope: Scope = Scope()
    waivers: tuple[Waiver, ...] = ()
    title: str = ""
    weights: bytes | None = None
    weights_file: str = ""
    file: str = ""
    digest: str = ""
    lines: dict[str, int] = {}

    def source(self, *steps: str | int) -> Source:
        """Return where a decision stands, by the keys and indices that lead to it."""
        return Source(self.file).at(*steps)

    def line(self, *steps: str | int) -> int:
        """Return the line of a decision, by the keys and indices that lead to it; 0 where it stands in no file."""
        return self.lines.get(self.source(*steps).pointer, 0)
