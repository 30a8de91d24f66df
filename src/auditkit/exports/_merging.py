"""How several contributions to a record become one: fields are filled, sources add up, contradictions are listed.

The result does not depend on the order of the contributions. Of a field that sources disagree on, the value from the
field's own call wins over one from a listing, then the one from the richer record, then the one whose source sorts
first.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from auditkit.inventory import Contradiction, NotRead, PolicyText, Record, Source
from auditkit.inventory.record import UNSET

__all__ = ["Enrichment", "merge_records"]

_SHOWN = 160


class Enrichment(msgspec.Struct, frozen=True):
    """Fields of a record that were read elsewhere; see ``Reading.enrich``.

    What is only assumed gives way to whatever was read, and contradicts nothing.
    """

    cls: type[Record]
    key: str
    source: Source
    account: str
    region: str
    fields: dict[str, object]
    assumed: bool = False


class _Candidate(msgspec.Struct, frozen=True):
    """One value for one field; sorts by what wins."""

    value: Any
    source: Source
    richness: float

    def order(self) -> tuple[bool, float, Source, str]:
        return (self.value is None, -self.richness, self.source, _shown(self.value))


def merge_records(
    records: Mapping[tuple[type[Record], str], list[Record]], enrichments: Iterable[Enrichment]
) -> tuple[list[Record], list[Contradiction], list[NotRead]]:
    """Return merged records, the fields on which sources disagree, and enrichments that belong to no record."""
    assigned, dangling = _assign(records, enrichments)
    merged: list[Record] = []
    contradictions: list[Contradiction] = []
    for identity, contributions in records.items():
        extra = assigned.get(identity, [])
        if len(contributions) == 1 and not extra:
            merged.append(contributions[0])
        else:
            merged.append(_merge(contributions, extra, contradictions))
    return merged, contradictions, dangling


def _assign(
    records: Mapping[tuple[type[Record], str], list[Record]], enrichments: Iterable[Enrichment]
) -> tuple[dict[tuple[type[Record], str], list[Enrichment]], list[NotRead]]:
    by_name: dict[tuple[type[Record], str], list[tuple[type[Record], str]]] = {}
    for (cls, identity), contributions in records.items():
        for name in {record.name for record in contributions if record.name}:
            by_name.setdefault((cls, name), []).append((cls, identity))
    assigned: dict[tuple[type[Record], str], list[Enrichment]] = {}
    dangling: list[NotRead] = []
    for item in enrichments:
        if (item.cls, item.key) in records:
            found = [(item.cls, item.key)]
        else:
            found = [
                identity
                for identity in by_name.get((item.cls, item.key), [])
                if _within(records[identity][0], item.account, item.region)
            ]
        if len(found) == 1:
            assigned.setdefault(found[0], []).append(item)
        else:
            what = f"{item.cls.kind} {item.key[:_SHOWN]!a}"
            reason = (
                f"{len(found)} records are named {what}"
                if found
                else f"no file describes the {what} that this belongs to"
            )
            dangling.append(NotRead(item.source, reason))
    return assigned, dangling


def _within(record: Record, account: str, region: str) -> bool:
    same_account = not account or record.account in {account, ""}
    return same_account and (region in {"", "global"} or record.region in {region, "global", ""})


@cache
def _defaults(cls: type[Record]) -> dict[str, object]:
    """Return the default of each field that may be filled; a value equal to it counts as not seen."""
    defaults: dict[str, object] = {}
    for field in msgspec.structs.fields(cls):
        if field.name in {"id", "sources"}:
            continue
        if field.default is not msgspec.NODEFAULT:
            defaults[field.name] = field.default
        elif field.default_factory is not msgspec.NODEFAULT:
            defaults[field.name] = field.default_factory()
        else:
            defaults[field.name] = msgspec.NODEFAULT
    return defaults


def _merge(records: list[Record], extra: list[Enrichment], contradictions: list[Contradiction]) -> Record:
    cls = type(records[0])
    defaults = _defaults(cls)
    seen = [{name for name, default in defaults.items() if getattr(record, name) != default} for record in records]
    values: dict[str, Any] = {}
    for name, default in defaults.items():
        candidates = [
            _Candidate(getattr(record, name), record.source, len(names))
            for record, names in zip(records, seen, strict=True)
            if name in names
        ]
        given = [item for item in extra if item.fields.get(name, UNSET) is not UNSET]
        read = [item for item in given if not item.assumed]
        candidates += [
            _Candidate(item.fields[name], item.source, float("inf")) for item in (read if read or candidates else given)
        ]
        values[name] = _settle(records[0].id, name, candidates, contradictions) if candidates else default
    described = sorted({source for record in records for source in record.sources})
    added = sorted({item.source for item in extra} - set(described))
    return cls(id=records[0].id, sources=(*described, *added), **values)


def _settle(record_id: str, field: str, candidates: list[_Candidate], contradictions: list[Contradiction]) -> object:
    if len(candidates) == 1:
        return candidates[0].value
    kept, *others = sorted(candidates, key=_Candidate.order)
    essence = _essence(kept.value)
    contradictions.extend(
        Contradiction(record_id, field, _shown(kept.value), _shown(other.value), kept.source, other.source)
        for other in others
        if _essence(other.value) != essence
    )
    return kept.value


def _essence(value: object) -> object:
    """Return a value without the places it was read at, for comparison."""
    if isinstance(value, PolicyText):
        return value.document
    if isinstance(value, Source):
        return None
    if isinstance(value, msgspec.Struct):
        return (type(value), *(_essence(item) for item in msgspec.structs.astuple(value)))
    if isinstance(value, tuple | list):
        return [_essence(item) for item in value]
    if isinstance(value, dict):
        return {key: _essence(item) for key, item in value.items()}
    return value


def _shown(value: object) -> str:
    if isinstance(value, PolicyText):
        value = value.document
    text = value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
