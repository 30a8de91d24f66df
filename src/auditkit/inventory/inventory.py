"""The inventory: typed records of one or more exports, with their coverage and what could not be read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec
import pandas as pd

from auditkit.inventory.coverage import Coverage
from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record, Source

__all__ = ["Contradiction", "Inventory", "NotRead"]

R = TypeVar("R", bound=Record)


class NotRead(msgspec.Struct, frozen=True, order=True):
    """Something of an export that could not be read, and why."""

    source: Source
    reason: str


class Contradiction(msgspec.Struct, frozen=True, order=True):
    """Two sources that say different things of one field."""

    id: str
    field: str
    kept: str
    dropped: str
    kept_source: Source
    dropped_source: Source


class Inventory:
    """The normalised content of one or more exports.

    Parameters
    ----------
    records
        All records; ids are unique.
    coverage
        What was seen, per call.
    not_read
        What could not be read.
    contradictions
        Fields on which sources disagree.
    digests
        SHA-256 (hexadecimal) of every input file, by its path below the export.
    """

    def __init__(
        self,
        records: Iterable[Record] = (),
        *,
        coverage: Coverage | None = None,
        not_read: Iterable[NotRead] = (),
        contradictions: Iterable[Contradiction] = (),
        digests: Mapping[str, str] | None = None,
    ) -> None:
        ordered = sorted(records, key=lambda record: (record.kind, record.id))
        self._by_class: dict[type[Record], list[Record]] = {}
        self._by_id: dict[str, Record] = {}
        for record in ordered:
            self._by_class.setdefault(type(record), []).append(record)
            self._by_id.setdefault(record.id, record)
        self.coverage = coverage if coverage is not None else Coverage()
        self.not_read = tuple(sorted(not_read))
        self.contradictions = tuple(sorted(contradictions))
        self.digests = dict(sorted((digests or {}).items()))

    def of(self, cls: type[R]) -> tuple[R, ...]:
        """Return the records of a class, sorted by id."""
        return tuple(self._by_class.get(cls, ()))  # type: ignore[arg-type]

    def get(self, record_id: str) -> Record | None:
        """Return the record with this id (ARN or URN), or ``None``."""
        return self._by_id.get(record_id)

    def __iter__(self) -> Iterator[Record]:
        """Iterate over all records, by kind and id."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._by_id)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds that have at least one record, sorted."""
        return tuple(sorted({cls.kind for cls in self._by_class}))

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the records, sorted."""
        return tuple(sorted({record.account for record in self._by_id.values() if record.account}))

    def frame(self, kind: Kind | str) -> pd.DataFrame:
        """Return the records of one kind as a table, one row per record, sorted by id; empty where there is none."""
        wanted = Kind(kind)
        rows = [_row(record) for cls in self._by_class if cls.kind is wanted for record in self._by_class[cls]]
        return pd.DataFrame(rows)


def _row(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
