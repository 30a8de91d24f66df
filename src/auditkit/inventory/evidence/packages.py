"""Code as it is deployed: which packages it brings along, and what its text mentions."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = ["CodePackage", "Found", "Mention", "MentionKind", "Package"]


class Found(StrEnum):
    """How a package is known, surest first."""

    INSTALLED = "installed"  # its own files are there
    LISTED = "listed"  # by a bill of materials
    LOCKED = "locked"  # by a lock file: this version, if it was installed from that
    DECLARED = "declared"  # by a manifest: some version


class Package(msgspec.Struct, frozen=True, order=True):
    """A package of a packaging ecosystem.

    Attributes
    ----------
    purl
        Package URL: ``"pkg:pypi/requests@2.32.0"``; without version where only a range is declared.
    found
        How it is known.
    source
        Where: the zip, and the member in it as pointer.
    requirement
        The range that a manifest declares, as it has it; ``""`` otherwise.
    """

    purl: str
    found: Found
    source: Source
    requirement: str = ""

    @property
    def version(self) -> str:
        """Version, ``""`` where it is not known."""
        return self._plain.rpartition("/")[2].partition("@")[2]

    @property
    def without_version(self) -> str:
        """Package URL without version and qualifiers."""
        path, _, name = self._plain.rpartition("/")
        return f"{path}/{name.partition('@')[0]}"

    @property
    def _plain(self) -> str:
        return self.purl.partition("#")[0].partition("?")[0]


class MentionKind(StrEnum):
    """What the text of code mentions."""

    HOST = "host"
    ARN = "ARN"
    NAME = "name"


class Mention(msgspec.Struct, frozen=True, order=True):
    """Something outside the code that its text names.

    Attributes
    ----------
    kind
        What it is.
    value
        Host name; ARN; of a name the ARN or id of the record that has it.
    scheme
        Of a host: ``"https"``, ``"http"`` ...
    source
        The zip, and the member in it as pointer.
    line
        Line in the member, from 1.
    """

    kind: MentionKind
    value: str
    scheme: str
    source: Source
    line: int = 0


class CodePackage(Record, kw_only=True):
    """The code of functions or of a layer: a zip or a folder of an export, or a bill of materials (CycloneDX).

    Its id is ``code:`` and the digest, or ``sbom:`` and the file. Nothing of the code itself is kept.

    Attributes
    ----------
    digest
        SHA-256 of the zip in base64, as Lambda gives it (``CodeSha256``); of a folder that the CDK made that of its
        name, which holds a fingerprint; ``""`` of a bill of materials.
    inline
        Whether it stands in a template itself: sources then lead to it, and the digest is of its text.
    used_by
        ARNs of the functions, versions and layer versions whose code it is, sorted.
    packages
        Packages in it, sorted.
    mentions
        What its text names, sorted.
    incomplete
        What of it was not read, ``""`` where nothing was left out.
    """

    kind: ClassVar[Kind] = Kind.CODE_PACKAGE

    digest: str = ""
    inline: bool = False
    used_by: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    mentions: tuple[Mention, ...] = ()
    incomplete: str = ""
