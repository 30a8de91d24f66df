"""The inventory: typed records of one or more exports, with their coverage and what could not be read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from html import escape
from typing import TypeVar

import msgspec
import pandas as pd

from auditkit.inventory._frame import row_of
from auditkit.inventory.coverage import Coverage, CoverageState
from auditkit.inventory.kinds import EVIDENCE_KINDS, Kind
from auditkit.inventory.outlines import Outline, nearest
from auditkit.inventory.packages import Packages
from auditkit.inventory.record import Record, Source
from auditkit.inventory.side import SideInput, SideInputs

__all__ = ["Contradiction", "Inventory", "NotRead"]

R = TypeVar("R", bound=Record)


class NotRead(msgspec.Struct, frozen=True, order=True):
    """Something of an export that could not be read, and why.

    Attributes
    ----------
    source
        Where it stands.
    reason
        Why, in words.
    whether
        Whether it was read, and what is not known is if it is there at all.
    """

    source: Source
    reason: str
    whether: bool = False


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
    side_inputs
        Files that are evidence beside the configuration.
    outlines
        Which places there are, by file, in those whose names are not all the API's.
    """

    def __init__(
        self,
        records: Iterable[Record] = (),
        *,
        coverage: Coverage | None = None,
        not_read: Iterable[NotRead] = (),
        contradictions: Iterable[Contradiction] = (),
        digests: Mapping[str, str] | None = None,
        side_inputs: Iterable[SideInput] = (),
        outlines: Mapping[str, Outline | None] | None = None,
    ) -> None:
        ordered = sorted(records, key=lambda record: (record.kind, record.id))
        by_class: dict[type[Record], list[Record]] = {}
        self._by_id: dict[str, Record] = {}
        for record in ordered:
            by_class.setdefault(type(record), []).append(record)
            self._by_id.setdefault(record.id, record)
        self._by_class = {cls: tuple(records) for cls, records in by_class.items()}
        self.coverage = coverage if coverage is not None else Coverage()
        self.not_read = tuple(sorted(not_read))
        self.contradictions = tuple(sorted(contradictions))
        self.outlines = dict(outlines or {})
        self.side_inputs = SideInputs(side_inputs, self.coverage)
        self.digests = dict(sorted((digests or {}).items()))

    def of(self, cls: type[R]) -> tuple[R, ...]:
        """Return the records of a class, sorted by id."""
        return self._by_class.get(cls, ())  # type: ignore[return-value]

    def get(self, record_id: str) -> Record | None:
        """Return the record with this id (ARN or URN), or ``None``."""
        return self._by_id.get(record_id)

    def resolved(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Return sources as the files have them: one of a setting that a template does not spell is its resource's."""
        if not self.outlines or not any(source.file in self.outlines for source in sources):
            return sources
        told = (nearest(one, self.outlines[one.file]) if one.file in self.outlines else one for one in sources)
        return tuple(dict.fromkeys(told))

    def __iter__(self) -> Iterator[Record]:
        """Iterate over all records, by kind and id."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._by_id)

    @cached_property
    def packages(self) -> Packages:
        """The packages that functions run with."""
        return Packages(self)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds that have at least one record, sorted."""
        return tuple(sorted({cls.kind for cls in self._by_class}))

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the records (twelve digits), sorted; a log or a trace may name others besides."""
        described = {record.account for record in self._by_id.values() if record.kind not in EVIDENCE_KINDS}
        return tuple(sorted(account for account in described if account.isdigit()))

    @property
    def counts(self) -> dict[str, int]:
        """Number of records by kind, sorted by kind as a person looks for it."""
        count = Counter(str(record.kind) for record in self)
        return {kind: count[kind] for kind in sorted(count, key=str.casefold)}

    def frame(self, kind: Kind | str) -> pd.DataFrame:
        """Return the records of one kind as a table for people.

        Parameters
        ----------
        kind
            The kind, or its name (``"function"``).

        Returns
        -------
        pandas.DataFrame
            One row per record, sorted by id; empty where there is none. Columns are ``id``, ``name``, ``account``,
            ``region``, the fields (those of nested settings as ``vpc_config.subnet_ids``), ``tags`` and ``source``.
            ``"not seen"`` stands where the export does not tell; lists are joined, of policies the number of statements
            is given and of environment variables the names.
        """
        wanted = Kind(kind)
        rows = [row_of(record) for cls in self._by_class if cls.kind is wanted for record in self._by_class[cls]]
        rows.sort(key=lambda row: str(row["id"]))
        columns = dict.fromkeys(name for row in rows for name in row if name not in {"tags", "source"})
        return pd.DataFrame(rows, columns=[*columns, "tags", "source"] if rows else None)

    def __repr__(self) -> str:
        """Return the number of records, accounts and calls, on one line."""
        records, kinds = _many(len(self), "record"), _many(len(self.counts), "kind")
        accounts, contradictions = (
            _many(len(self.accounts), "account"),
            _many(len(self.contradictions), "contradiction"),
        )
        return f"<Inventory: {records} of {kinds} in {accounts}, {len(self.not_read)} not read, {contradictions}>"

    def _repr_html_(self) -> str:
        """Return the number of records by kind, and what is not known, as a small table."""
        left = 'style="text-align: left"'
        rows = "".join(
            f"<tr><td {left}>{escape(kind)}</td><td>{count}</td></tr>" for kind, count in self.counts.items()
        )
        states = Counter(call.state if call.complete else CoverageState.MISSING for call in self.coverage)
        calls = ", ".join(f"{states[state]} {state}" for state in CoverageState if states[state])
        notes = (
            f"Accounts: {', '.join(self.accounts) or 'none'}. Calls: {calls or 'none'}. "
            f"Not read: {len(self.not_read)}. Contradictions: {len(self.contradictions)}."
        )
        head = f"<thead><tr><th {left}>kind</th><th>records</th></tr></thead>"
        return f"<table>{head}<tbody>{rows}</tbody></table><p>{escape(notes)}</p>"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
