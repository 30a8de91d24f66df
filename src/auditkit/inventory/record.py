"""What every record has: an identity, a place, and the sources it was read from."""

import zlib
from typing import Any, ClassVar, Self

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind

__all__ = ["UNSET", "PolicyText", "Record", "Source", "Tags", "UnsetType"]


class Source(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where something was read.

    Attributes
    ----------
    file
        Path of the file below the root of its export, with forward slashes. With several exports in one inventory the
        export's label stands before it (``"label:path"``).
    pointer
        JSON pointer (RFC 6901) into the file; ``""`` is the whole document.
    leaf
        True for a place of a format whose names are not the API's: what is read there in the API's shape has no places
        of its own below it.
    """

    file: str
    pointer: str = ""
    leaf: bool = False

    def __str__(self) -> str:
        """Return ``file#pointer``."""
        return f"{self.file}#{self.pointer}"

    def at(self, *parts: str | int) -> "Source":
        """Return the source of something below this one.

        Parameters
        ----------
        *parts
            Keys and indices to follow; they are escaped as RFC 6901 asks.

        Returns
        -------
        Source
            Of a leaf the leaf itself.
        """
        if self.leaf:
            return self
        pointer = self.pointer
        for part in parts:
            step = str(part)
            if "~" in step or "/" in step:
                step = step.replace("~", "~0").replace("/", "~1")
            pointer = f"{pointer}/{step}"
        return Source(self.file, pointer)

    def lies_in(self, whole: "Source") -> bool:
        """Return whether this is a place in another source, or that source itself."""
        return self.file == whole.file and f"{self.pointer}/".startswith(f"{whole.pointer}/")


_LEVEL = 1
"""Of packing: the quickest, which leaves a sixth of the text."""


class PolicyText(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A policy document as it was met, with its source.

    Attributes
    ----------
    kept
        The document as an object, or as sound JSON, packed by :meth:`of_text` and decoded when it is asked for: an
        account has tens of thousands of documents, which take many times the room as text, and more as objects.
    source
        Where the document stands.
    name
        Name or ARN of the policy, where it has one.
    statements
        Where each statement stands, of a policy that was put together from statements that stand apart; else empty.
    """

    kept: dict[str, Any] | bytes
    source: Source
    name: str = ""
    statements: tuple[Source, ...] = ()

    @classmethod
    def of_text(cls, text: bytes | msgspec.Raw, source: Source, name: str = "") -> Self:
        """Return the policy that a text in sound JSON is."""
        return cls(zlib.compress(text, _LEVEL), source, name)

    @property
    def written(self) -> dict[str, Any] | bytes:
        """The document as it is kept: as an object, or as JSON."""
        return self.kept if isinstance(self.kept, dict) else zlib.decompress(self.kept)

    @property
    def document(self) -> dict[str, Any]:
        """The document: ``{"Version": ..., "Statement": ...}``; its shape is checked by :mod:`auditkit.policy`."""
        written = self.written
        if isinstance(written, dict):
            return written
        document: dict[str, Any] = msgspec.json.decode(written)
        return document

    def __eq__(self, other: object) -> bool:
        """Return whether the other is the same document, read in the same place."""
        if not isinstance(other, PolicyText):
            return NotImplemented
        return self._all() == other._all()

    def __hash__(self) -> int:
        """Return a number of where it stands: documents cannot be hashed."""
        return hash((self.source, self.name))

    def __repr__(self) -> str:
        """Return the document and where it stands."""
        return f"PolicyText(document={self.document!r}, source={self.source!r}, name={self.name!r})"

    def _all(self) -> tuple[object, ...]:
        return self.document, self.source, self.name, self.statements

    def __str__(self) -> str:
        """Return where it stands."""
        return str(self.source)

    def at(self, *steps: str) -> Source:
        """Return the source of a place in the document, by the keys and indices that lead there."""
        if steps[:1] == ("Statement",) and len(steps) > 1 and steps[1].isdecimal():
            index = int(steps[1])
            if index < len(self.statements):
                return self.statements[index].at(*steps[2:])
        return self.source.at(*steps)


Tags = dict[str, str]
"""Tag keys and values."""


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base of all records.

    A record is the API's own shape, narrowed to what auditkit uses: fields carry the API's names in snake case and are
    renamed on the wire, so that reading is decoding. Three states are kept apart everywhere: a value; ``None``, *seen
    and absent*; :data:`UNSET`, *not seen* (the call is missing from the export or was denied).

    Attributes
    ----------
    id
        ARN, or a URN for what AWS gives none. Set by the reader after decoding.
    account, region
        Twelve digits, and the region's name; ``""`` where they are not known, ``"global"`` for global services.
    name
        What a person calls it.
    sources
        Where the record, and what was added to it, was read; the first is the record itself.
    tags
        Tags, ``UNSET`` where they were not seen.
    """

    kind: ClassVar[Kind]
    """Kind of record, one per class."""

    id: str = msgspec.field(default="", name="__id")
    account: str = msgspec.field(default="", name="__account")
    region: str = msgspec.field(default="", name="__region")
    name: str = msgspec.field(default="", name="__name")
    sources: tuple[Source, ...] = msgspec.field(default=(), name="__sources")
    tags: Tags | UnsetType = msgspec.field(default=UNSET, name="__tags")

    @property
    def source(self) -> Source:
        """Source of the record itself."""
        return self.sources[0] if self.sources else Source("")
