"""A relation written out in full, a row for each grant, piece by piece."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from auditkit.policy.decision import Outcome

if TYPE_CHECKING:
    from auditkit.policy.relation.relation import PairMasks, Relation

__all__ = ["write_parquet"]

_AT_ONCE = 128
Numbers = NDArray[np.int64]


def write_parquet(relation: "Relation", filepath: str | os.PathLike[str]) -> Path:
    """Write all grants of a relation to a Parquet file.

    A large account has many millions of them. They are made and written for some principals at a time; the file is
    complete once it stands there.

    Parameters
    ----------
    relation
        The relation.
    filepath
        Of the file.

    Returns
    -------
    pathlib.Path
        The file: ``principal``, ``target``, ``action``, ``access``, ``outcome``, ``conditions`` and ``missing``
        (separated by ``", "``), all text, sorted by the place of the principal in the relation, target and action.
    """
    path = Path(filepath)
    part = path.with_name(f"{path.name}.part")
    writer = None
    for start in range(0, max(len(relation.principals), 1), _AT_ONCE):
        table = _table(relation, relation.pairs(range(start, min(start + _AT_ONCE, len(relation.principals)))))
        writer = writer or pq.ParquetWriter(part, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    part.replace(path)
    return path


def _table(relation: "Relation", pairs: "PairMasks") -> pa.Table:
    names = sorted({action.name for number in pairs.target.tolist() for action in relation.actions_of(number)})
    number_of = {name: number for number, name in enumerate(names)}
    principal, target, action, sure = _rows(relation, pairs, number_of)
    access = {one.name: one.access for number in set(pairs.target.tolist()) for one in relation.actions_of(number)}
    outcome = np.where(sure, str(Outcome.ALLOW), "").astype(object)
    conditions, missing = (np.full(len(sure), "", dtype=object) for _ in range(2))
    unsure = np.flatnonzero(~sure)
    ends = zip(principal[unsure].tolist(), target[unsure].tolist(), strict=True)
    for row, name, grants in zip(unsure.tolist(), action[unsure].tolist(), _open(relation, ends), strict=True):
        outcome[row], conditions[row], missing[row] = grants[names[name]]
    columns = {
        "principal": _coded(principal, list(relation.principals)),
        "target": _coded(target, list(relation.targets)),
        "action": _coded(action, names),
        "access": _coded(action, [str(access.get(name, "")) for name in names]),
        "outcome": pa.array(outcome, pa.string()).dictionary_encode(),
        "conditions": pa.array(conditions, pa.string()).dictionary_encode(),
        "missing": pa.array(missing, pa.string()).dictionary_encode(),
    }
    return pa.table(columns)


def _coded(numbers: Numbers, names: list[str]) -> pa.Array:
    """Return names by their numbers, as a dictionary of those that occur."""
    kept, places = np.unique(numbers, return_inverse=True)
    words = pa.array([names[number] for number in kept.tolist()], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), words)


def _rows(
    relation: "Relation", pairs: "PairMasks", number_of: dict[str, int]
) -> tuple[Numbers, Numbers, Numbers, NDArray[np.bool_]]:
    """Return a row for each grant: principal, target, action, and whether it is certain; sorted."""
    shapes: dict[int, list[int]] = {}
    for row, number in enumerate(pairs.target.tolist()):
        shapes.setdefault(id(relation.actions_of(number)), []).append(row)
    found: list[tuple[Numbers, Numbers]] = []
    for rows in shapes.values():
        chosen = np.array(rows, dtype=np.int64)
        for bit, action in enumerate(relation.actions_of(int(pairs.target[rows[0]]))):
            word = np.uint64(1 << bit)
            there = chosen[(pairs.maybe[chosen] & word) != 0]
            certain = (pairs.sure[there] & word) != 0
            found.append((there, np.full(len(there), number_of[action.name] * 2, dtype=np.int64) + certain))
    place = np.concatenate([one for one, _ in found] or [np.zeros(0, dtype=np.int64)])
    code = np.concatenate([one for _, one in found] or [np.zeros(0, dtype=np.int64)])
    order = np.lexsort((code, pairs.target[place], pairs.principal[place]))
    place, code = place[order], code[order]
    return pairs.principal[place], pairs.target[place], code >> 1, (code & 1) == 1


def _open(relation: "Relation", ends: Iterable[tuple[int, int]]) -> Iterator[dict[str, tuple[str, str, str]]]:
    """Yield what the grants of pairs hang on, by action; equal pairs stand together."""
    at: tuple[int, int] | None = None
    told: dict[str, tuple[str, str, str]] = {}
    for pair in ends:
        if pair != at:
            grants = relation.grants_of(*pair)
            told = {one.action: (str(one.outcome), ", ".join(one.keys), ", ".join(one.missing)) for one in grants}
            at = pair
        yield told
