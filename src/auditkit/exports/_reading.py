"""The engine of all readers: what handlers of API responses fill, and how their contributions become one inventory.

A *handler* takes one response and adds what it says to a :class:`Reading`. Handlers know nothing of each other and may
be called in any order: a record may be added by several of them, and a field that has a call of its own is handed in
with :meth:`Reading.enrich`, which waits until every file has been read. Contributions are merged by :mod:`._merging`.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.exports._json import type_name, word_for
from auditkit.exports._merging import Enrichment, merge_records
from auditkit.exports.archive import printable
from auditkit.inventory import (
    EVIDENCE_KINDS,
    Call,
    Coverage,
    CoverageState,
    Inventory,
    NotRead,
    Record,
    Source,
)
from auditkit.inventory.arn import arn_of, parse_arn, too_long
from auditkit.inventory.outlines import Outline, outline_of
from auditkit.inventory.side import SideInput

__all__ = ["Handler", "Reading", "Response"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_LEFT_OUT = 20
_FIRST_STEP = re.compile(r"\.([A-Za-z0-9_]+)")


class Response(msgspec.Struct, frozen=True):
    """One API response of an export.

    Attributes
    ----------
    service, operation
        By botocore's names (``"lambda"``, ``"GetPolicy"``).
    account, region
        Where the call was made; ``""`` where that is not known, ``"global"`` as region of global services.
    arguments
        Arguments of a call per resource, unquoted, in the order of ``calls.csv``; empty for a call without one.
    payload
        The response; ``{}`` where the call failed with an error that means *there is none*.
    source
        File of the response.
    pages
        For a response whose lists were put together from pages: key of a list -> for each page the index that its first
        item has now, and the pointer of the list it stands in. Ascending.
    """

    service: str
    operation: str
    account: str
    region: str
    arguments: tuple[str, ...]
    payload: dict[str, Any]
    source: Source
    pages: dict[str, tuple[tuple[int, str], ...]] = {}

    def at(self, *pointer: str | int) -> Source:
        """Return the source of a place in the payload."""
        if len(pointer) > 1 and isinstance(pointer[1], int) and pointer[0] in self.pages:
            first, place = max(page for page in self.pages[str(pointer[0])] if page[0] <= pointer[1])
            return Source(self.source.file, place).at(pointer[1] - first, *pointer[2:])
        return self.source.at(*pointer)

    def argument(self, index: int = 0) -> str:
        """Return an argument of the call, or ``""`` where the file name did not hold it."""
        return self.arguments[index] if index < len(self.arguments) else ""

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in the account and region of the response."""
        return arn_of(service, resource, account=self.account, region=self.region)


Handler = Callable[[Response, "Reading"], None]
"""Adds what one response says to a reading. An empty payload means *seen, and there is none*."""


class Reading:
    """What has been read so far, of one or more exports.

    Nothing depends on the order of the calls: :meth:`build` sorts, merges and settles.
    """

    def __init__(self) -> None:
        self._records: dict[tuple[type[Record], str], list[Record]] = {}
        self._first: dict[type[Record], dict[str, Record]] = {}
        self._enrichments: list[Enrichment] = []
        self._later: list[Callable[[Reading], None]] = []
        self._not_read: set[NotRead] = set()
        self._calls: list[Call] = []
        self._digests: dict[str, str] = {}
        self._side_inputs: set[SideInput] = set()
        self._outlines: dict[str, Outline | None] = {}

    def add(self, record: Record) -> None:
        """Add a record; one with the same class and id as another is merged with it.

        Account and region follow from the id where it is an ARN that says them; none has one that is too long.
        """
        if wrong := too_long(record.id):
            self.not_read(record.source, wrong)
            return
        arn = parse_arn(record.id)
        if arn is not None:
            if arn.account.isdigit():
                record.account = arn.account
            record.region = arn.region or record.region
        self._records.setdefault((type(record), record.id), []).append(record)
        self._first.setdefault(type(record), {}).setdefault(record.id, record)

    def enrich(
        self, cls: type[Record], key: str, source: Source, *, account: str = "", region: str = "", **fields: object
    ) -> None:
        """Set fields of a record that another file describes, before or after this one.

        Parameters
        ----------
        cls
            Class of the record.
        key
            Its id, or its name; a name must be the only one of its class within `account` and `region`.
        source
            Where the fields were read.
        account, region
            Narrow a search by name; ``""`` (and the region ``"global"``) match all.
        **fields
            Values by attribute name. ``None`` says *seen and absent*; :data:`UNSET` values are left alone.
        """
        self._enrichments.append(Enrichment(cls, key, source, account, region, fields))

    def assume(
        self, cls: type[Record], key: str, source: Source, *, account: str = "", region: str = "", **fields: object
    ) -> None:
        """Set fields of a record as :meth:`enrich` does, unless they are read somewhere."""
        self._enrichments.append(Enrichment(cls, key, source, account, region, fields, assumed=True))

    def later(self, step: Callable[["Reading"], None]) -> None:
        """Run a step when all files have been read and before they are merged; it may use :meth:`find`."""
        self._later.append(step)

    def find(self, cls: type[R], key: str = "", *, account: str = "", region: str = "") -> tuple[R, ...]:
        """Return records by id or name, sorted by id; all of the class with an empty key.

        Sees what has been added so far, so it belongs into a step given to :meth:`later`.
        """
        found = [
            record
            for identity, record in self._first.get(cls, {}).items()
            if key in {"", identity, record.name}
            if not account or record.account in {account, ""}
            if region in {"", "global"} or record.region in {region, "global", ""}
        ]
        return tuple(sorted(found, key=lambda record: record.id))  # type: ignore[arg-type]

    def records(self) -> Iterator[Record]:
        """Yield what has been added so far, each thing as it was added first."""
        for records in self._first.values():
            yield from records.values()

    def places(self) -> frozenset[tuple[str, str]]:
        """Return the accounts and regions of what has been added so far; those of mere evidence do not count."""
        described = (record for record in self.records() if record.kind not in EVIDENCE_KINDS)
        return frozenset((record.account, record.region) for record in described)

    def not_read(self, source: Source, reason: str, *, whether: bool = False) -> None:
        """Note that something could not be read, and why; the reason must not hold values that may be secret.

        With ``whether`` it was read, and what is not known is if it is there at all.

        Characters that could drive a terminal are escaped.
        """
        self._not_read.add(NotRead(source, reason if reason.isprintable() else printable(reason), whether))

    def call(self, call: Call) -> None:
        """Note the state of one API call."""
        self._calls.append(call)

    def digest(self, file: str, sha256: str) -> None:
        """Note the SHA-256 of an input file."""
        self._digests[file] = sha256

    def outline(self, file: str, content: object) -> None:
        """Note which places there are in a file whose names are not all the API's; nothing else of it is kept."""
        self._outlines[file] = outline_of(content)

    def side_input(self, name: str, source: Source, state: CoverageState = CoverageState.PRESENT) -> None:
        """Note a file that is evidence beside the configuration."""
        self._side_inputs.add(SideInput(name, Source(source.file), state))

    def digest_of(self, file: str) -> str | None:
        """Return the digest of a file, ``None`` for one that the exports lack."""
        return self._digests.get(file)

    def decode(self, cls: type[T], value: object, source: Source) -> T | None:
        """Return a value of the export as a type, or ``None`` with a note of what is wrong with it.

        Unknown fields are ignored; a ``null`` where a list, an object or a required value should be counts as absent.
        Of a record, a field of the wrong shape that may be absent is noted and left out (UNSET where its type admits
        that), and the rest is returned; a setting that stands alone is either whole or not seen.
        """
        try:
            return msgspec.convert(value, cls, strict=False)
        except msgspec.ValidationError:
            value = _without_nulls(value)
        left_out: set[str] = set()
        for _ in range(_LEFT_OUT):
            try:
                return _unset(msgspec.convert(value, cls, strict=False), left_out)
            except msgspec.ValidationError as error:
                message, _, place = str(error).partition(" - at ")
                steps = place.strip("`").removeprefix("$")
                field = _FIRST_STEP.match(steps)
                optional = field is not None and field[1] in _optional(cls)
                at = source.at(field[1]) if field is not None and optional else source
                self.not_read(at, f"wrong shape: {message}" + (f" at {steps}" if steps else ""))
                if field is None or not optional or not isinstance(value, dict):
                    return None
                left_out.add(field[1])
                value = {key: item for key, item in value.items() if key != field[1]}
        return None

    def convert(
        self, response: Response, cls: type[R], item: object, *pointer: str | int, **fields: object
    ) -> R | None:
        """Return an item of a response as a record in the response's account and region, with its source.

        The caller sets ``id`` and ``name`` (here, by keyword, or on what it gets) and hands it to :meth:`add`.
        """
        source = response.at(*pointer)
        record = self.decode(cls, item, source)
        if record is None:
            return None
        record.account, record.region, record.sources = response.account, response.region, (source,)
        for name, value in fields.items():
            setattr(record, name, value)
        return record

    def each(self, response: Response, cls: type[R], *pointer: str | int) -> Iterator[tuple[R, dict[str, Any], Source]]:
        """Yield record, raw item and source for each item of a list in a response; what is no such item is not read."""
        for index, item, source in self.items(response, *pointer):
            record = self.convert(response, cls, item, *pointer, index)
            if record is not None:
                yield record, item, source

    def items(self, response: Response, *pointer: str | int) -> Iterator[tuple[int, dict[str, Any], Source]]:
        """Yield index, object and source for each object of a list in a response; what is no object is not read."""
        for index, item in enumerate(self.value(list, response, *pointer) or []):
            source = response.at(*pointer, index)
            if isinstance(item, dict):
                yield index, item, source
            else:
                self.not_read(source, f"wrong shape: expected an object, got {type_name(item)}")

    def value(self, cls: type[T], response: Response, *pointer: str | int) -> T | None:
        """Return what stands at a place of the payload if it has the type; ``None`` if absent, or noted as not read."""
        value: Any = response.payload
        for step in pointer:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        if value is None or (isinstance(value, cls) and not (isinstance(value, bool) and cls is not bool)):
            return value
        self.not_read(response.at(*pointer), f"wrong shape: expected {word_for(cls)}, got {type_name(value)}")
        return None

    def build(self) -> Inventory:
        """Return the inventory of everything that was read."""
        for step in self._later:
            step(self)
        self._later.clear()
        records, contradictions, dangling = merge_records(self._records, self._enrichments)
        self._not_read.update(dangling)
        return Inventory(
            records,
            coverage=Coverage(self._calls),
            not_read=self._not_read,
            contradictions=contradictions,
            digests=self._digests,
            side_inputs=self._side_inputs,
            outlines=self._outlines,
        )


def _optional(cls: object) -> frozenset[str]:
    """Return the names on the wire of the fields of a record that may be absent."""
    if not (isinstance(cls, type) and issubclass(cls, Record)):
        return frozenset()
    return frozenset(field.encode_name for field in msgspec.structs.fields(cls) if not field.required)


def _unset(record: T, names: Collection[str]) -> T:
    """Return a record, with the fields of some names on the wire UNSET where their types admit it."""
    for field in msgspec.structs.fields(record) if names else ():  # type: ignore[arg-type]
        if field.encode_name in names and UnsetType in get_args(field.type):
            setattr(record, field.name, UNSET)
    return record


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
