"""What of records could not be read, or not understood: nothing passes on them."""

from collections.abc import Iterable, Iterator, Mapping

from auditkit.graph._documents import place
from auditkit.inventory import Inventory, NotRead, PolicyText, Record, Source, UnsetType
from auditkit.policy import PrincipalPolicies

__all__ = ["Unread", "not_understood"]

_PART = 2
"""Fewest steps to what is a part of a file: what stands above is about the file, not about all that it holds."""


class Unread:
    """What could not be read, by place; and what may not be there at all.

    Parameters
    ----------
    inventory
        What was read.
    besides
        What of records is not understood, by their ids.
    """

    def __init__(self, inventory: Inventory, besides: Mapping[str, tuple[NotRead, ...]]) -> None:
        self._besides = besides
        self._at: dict[tuple[str, str], list[NotRead]] = {}
        self._under: dict[tuple[str, str], list[NotRead]] = {}
        self._known: dict[str, tuple[tuple[NotRead, ...], frozenset[str]]] = {}
        for entry in inventory.not_read:
            self._add(entry)

    def _add(self, entry: NotRead) -> None:
        file, pointer = entry.source.file, entry.source.pointer
        self._at.setdefault((file, pointer), []).append(entry)
        while pointer:
            pointer = pointer.rpartition("/")[0]
            self._under.setdefault((file, pointer), []).append(entry)

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self._at or self._besides)

    def parts(self, record: Record | None, sources: Iterable[Source]) -> tuple[NotRead, ...]:
        """Return what could not be read of a record; where it was read whole, what not of the settings at some places.

        What a macro makes of one resource stands in one place: what could not be read there counts for all of it. That
        a record may not be there is nothing that it lacks.

        Parameters
        ----------
        record
            The record, ``None`` where what is judged is none.
        sources
            The places; a file as a whole is none.
        """
        parts, itself = self._of(record) if record is not None else ((), frozenset[str]())
        if parts:
            return parts
        entries = (entry for source in sources if source.pointer for entry in self._about(source))
        return tuple(dict.fromkeys(entry for entry in entries if not entry.whether or entry.reason not in itself))

    def _of(self, record: Record) -> tuple[tuple[NotRead, ...], frozenset[str]]:
        """Return what could not be read of a record, and what all of it hangs on, in the words of its entries."""
        known = self._known.get(record.id)
        if known is None:
            about = [self._about(source) for source in record.sources]
            hangs = [frozenset(entry.reason for entry in entries if entry.whether) for entries in about]
            itself = frozenset.intersection(*hangs) if hangs else frozenset()
            about += [self._about(policy.source) for policy in _policies(record)]
            found = (one for entries in about for one in entries if not one.whether or one.reason not in itself)
            parts = tuple(dict.fromkeys((*found, *self._besides.get(record.id, ()))))
            known = self._known[record.id] = (parts, itself)
        return known

    def _about(self, source: Source) -> list[NotRead]:
        """Return what could not be read at a place, below it, or of what it is a part of."""
        file, pointer = source.file, source.pointer
        found = [*self._at.get((file, pointer), ()), *self._under.get((file, pointer), ())]
        while pointer.count("/") > _PART:
            pointer = pointer.rpartition("/")[0]
            found += self._at.get((file, pointer), ())
        return found


def _policies(record: Record) -> Iterator[PolicyText]:
    """Yield the policies that a record holds: they may stand elsewhere than what they are for."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, PolicyText):
                yield item


def not_understood(principals: Iterable[PrincipalPolicies]) -> dict[str, tuple[NotRead, ...]]:
    """Return the statements of principals that allow something, nobody knows what, by the ARN of who has them."""
    found: dict[str, tuple[NotRead, ...]] = {}
    for one in principals:
        documents = () if isinstance(one.identity, UnsetType) else one.identity
        found[one.arn] = tuple(
            NotRead(place(document.source, statement.pointer), "a statement that allows could not be understood")
            for document in documents
            if document.problems and isinstance(document.source, PolicyText)
            for statement in document.statements
            if statement.unclear and statement.effect == "Allow"
        )
    return {arn: entries for arn, entries in found.items() if entries}
