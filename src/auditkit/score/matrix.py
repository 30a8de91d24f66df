"""What each store adds to the blast radius of each function."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.score._chosen import chosen, reason, taken_over
from auditkit.score._falls import Falls
from auditkit.score._ground import Floats, Ground
from auditkit.score.compact import Compact
from auditkit.score.weights import Weights

__all__ = ["matrix"]


def matrix(
    graph: Graph | Compact,
    *,
    weights: Weights | None = None,
    bound: str = "high",
    undecided: str | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """Return what each store adds to the blast radius of each function.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    weights
        Weights; those of the package by default.
    bound
        ``"high"`` or ``"low"``: how stores count whose sensitivity is not known.
    undecided
        As of :func:`~auditkit.score.blast_radius`.
    most
        Most rows and most columns, those with the largest sums; all by default, which for thousands of functions takes
        8 bytes for each of them and each store.

    Returns
    -------
    pandas.DataFrame
        float64, in units of sensitivity; rows are all functions inside, columns the stores that one of them reaches,
        both sorted by id. A row sums to the function's ``BR``. ``attrs``: ``reason``, ``bound``, ``weights``, ``sums``
        (of rows and columns, those counted that are left out), ``left_out`` (how many rows and columns are).

    Raises
    ------
    ScoreError
        If there is no such bound, most is below 1, or the graph is not of the schema.
    """
    if bound not in {"low", "high"}:
        raise ScoreError(f"bound is {bound!r}, and must be 'low' or 'high'")
    if most is not None and most < 1:
        raise ScoreError(f"most is {most}, and must be at least 1")
    compact = Compact.of(graph, weights, undecided)
    ids, side = compact.attack.nodes.ids, ("low", "high").index(bound)
    everything = _Cells(compact.ground, chosen(compact.attack, None), side)
    by_row, by_column, reached = everything.sums()
    functions, columns = _largest(by_row, most), reached[_largest(by_column[reached], most)]
    cells = _Cells(compact.ground.only(columns), [everything.functions[number] for number in functions.tolist()], side)
    frame = pd.DataFrame(
        cells.values(),
        index=pd.Index([ids[place] for place in cells.functions], dtype="str", name="function"),
        columns=pd.Index([ids[place] for place in cells.ground.stores], dtype="str", name="store"),
    )
    why = "" if by_row.size and reached.size else reason(compact.attack, "reached store" if by_row.size else "function")
    frame.attrs.update(
        reason=why,
        bound=bound,
        weights=compact.weights.cited,
        sums=tuple(
            dict(zip(names, compact.ground.amount(found).tolist(), strict=True))
            for names, found in ((frame.index, by_row[functions]), (frame.columns, by_column[columns]))
        ),
        left_out=(len(by_row) - len(functions), len(reached) - len(columns)),
    )
    return frame


class _Cells:
    """What stores add to functions, at one end of all intervals."""

    def __init__(self, ground: Ground, functions: list[int], side: int) -> None:
        self.ground, self.functions, self._side = ground, functions, side
        self._falls = Falls(ground, taken_over(ground.attack, functions))

    def sums(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the sums of rows and columns, in units, and the numbers of the stores that are reached."""
        rows = np.zeros(self._falls.rows, dtype=np.int64)
        columns = np.zeros(len(self.ground.stores), dtype=np.int64)
        reached = np.zeros(len(self.ground.stores), dtype=bool)
        alike = np.bincount(self._falls.row, minlength=self._falls.rows)
        for part in self._falls.parts():
            worth = part.worth[:, self._side][part.which]
            rows[part.rows] += worth @ part.count
            columns[part.first] += alike[part.rows] @ worth
            reached[part.first] |= (part.which > 0).any(axis=0)
        first = self._falls.first
        return rows[self._falls.row], columns[first], np.flatnonzero(reached[first])

    def values(self) -> Floats:
        """Return all cells, in units of sensitivity: float64, shape (functions, stores)."""
        found = np.zeros((len(self.functions), len(self.ground.stores)))
        for part in self._falls.parts():
            stores = np.flatnonzero(np.isin(self._falls.first, part.first))
            group = np.searchsorted(part.first, self._falls.first[stores])
            functions = np.flatnonzero(np.isin(self._falls.row, part.rows))
            row = np.searchsorted(part.rows, self._falls.row[functions])
            amount = self.ground.amount(part.worth[:, self._side])
            found[np.ix_(functions, stores)] = amount[part.which[np.ix_(row, group)]]
        return found


def _largest(sums: NDArray[np.int64], most: int | None) -> NDArray[np.int64]:
    """Return the places of the largest sums, the first of those that are alike, in their order."""
    return np.sort(np.argsort(-sums, kind="stable")[:most])
