"""Scores before and after, side by side: the sums, one by one, and what fixes would gain."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditkit.score._input import Nodes
from auditkit.score._scene import Scene, Scored
from auditkit.score.fixes import Fix

__all__ = ["COMPARED_COLUMNS", "GAIN_COLUMNS", "SCORE_COLUMNS", "gains_of", "one_by_one", "sums"]

Bounds = tuple[float, float]

_LEAST = 1e-9
"""Changes below this are those of rounding."""

SCORE_COLUMNS = {"score": "str", "meaning": "str", "before": "float64", "after": "float64", "change": "float64"}

GAIN_COLUMNS = {
    "fix": "str",
    "title": "str",
    "effort": "int64",
    "dR_low": "float64",
    "dR_high": "float64",
    "caveat": "str",
}

COMPARED_COLUMNS = {
    "node": "str",
    "label": "str",
    "kind": "str",
    "before_low": "float64",
    "before_high": "float64",
    "after_low": "float64",
    "after_high": "float64",
    "change": "float64",
}


def sums(scene: Scene, before: Scored, after: Scored, carried: tuple[Bounds, Bounds]) -> list[dict[str, object]]:
    """Return the sums before and after; ``carried`` is ``SU`` before and after, low and high."""
    jewels = [scene.ground.is_jewel(place) for place in scene.ground.stores]
    rows = [
        ("R_low", "exposure of all stores, low bound", before.total[0], after.total[0]),
        ("R_high", "exposure of all stores, high bound", before.total[1], after.total[1]),
        ("exposed", "stores that an entry leads to", _exposed(before), _exposed(after)),
        ("jewels", "of them restricted ones", _exposed(before, jewels), _exposed(after, jewels)),
        ("SU_low", "data in transit, low bound", carried[0][0], carried[1][0]),
        ("SU_high", "data in transit, high bound", carried[0][1], carried[1][1]),
    ]
    return [
        {"score": name, "meaning": meaning, "before": old, "after": new, "change": new - old}
        for name, meaning, old, new in rows
    ]


def one_by_one(
    nodes: Nodes, places: Sequence[int], before: NDArray[np.float64], after: NDArray[np.float64]
) -> list[dict[str, object]]:
    """Return bounds of nodes before and after, those that change most first."""
    change = np.where(np.abs(after[:, 1] - before[:, 1]) > _LEAST, after[:, 1] - before[:, 1], 0.0)
    order = sorted(range(len(places)), key=lambda number: (-abs(change[number]), nodes.ids[places[number]]))
    return [
        {
            "node": nodes.ids[places[number]],
            "label": nodes.at[places[number]].label,
            "kind": str(nodes.at[places[number]].kind),
            "before_low": before[number, 0],
            "before_high": before[number, 1],
            "after_low": after[number, 0],
            "after_high": after[number, 1],
            "change": change[number],
        }
        for number in order
    ]


def gains_of(now: Bounds, left: Iterable[tuple[Fix, Bounds]]) -> list[dict[str, Any]]:
    """Return what each of some fixes gains, by ``R`` as it is now and as it would be with the fix; best first."""
    rows: list[dict[str, Any]] = []
    for fix, (low, high) in left:
        gain = {"dR_low": max(now[0] - low, 0.0), "dR_high": max(now[1] - high, 0.0)}
        rows.append({"fix": fix.id, "title": fix.title, "effort": fix.effort, **gain, "caveat": fix.caveat})
    return sorted(rows, key=lambda row: (-row["dR_high"], -row["dR_low"], row["effort"], row["fix"]))


def _exposed(scored: Scored, among: list[bool] | None = None) -> float:
    exposed = scored.x[:, 1] > 0
    return float(np.count_nonzero(exposed if among is None else exposed & np.array(among, dtype=bool)))
