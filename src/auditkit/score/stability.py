"""How far a ranking can be trusted: whether its order holds under other weights, and where it needs none."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from auditkit.errors import ScoreError
from auditkit.facts import FACTORS
from auditkit.graph.schema import Graph, Sensitivity
from auditkit.score._flow import Flow
from auditkit.score._ground import Floats
from auditkit.score._input import factor_levels
from auditkit.score._paths import Found, search_paths
from auditkit.score._scene import Scene
from auditkit.score._table import table
from auditkit.score.compact import Compact
from auditkit.score.hops import UNIT
from auditkit.score.weights import Weights

__all__ = ["RANKINGS", "stability", "variations"]

RANKINGS = ("blast", "exposure", "transit")
"""Rankings that can be looked at."""

_GROUPS = {
    "blast": ("sensitivity", "access", "costs"),
    "exposure": ("sensitivity", "access", "costs", "entries"),
    "transit": ("sensitivity", "factors"),
}
_SLACK = 1e-9
_HOPS, _BUDGET = 16, 200_000

STABILITY_COLUMNS = {
    "rank": "int64",
    "rank_first": "int64",
    "rank_last": "int64",
    "node": "str",
    "label": "str",
    "value_low": "float64",
    "value_high": "float64",
    "order_stable": "bool",
    "turned_by": "object",
    "dominates_next": "bool",
}


class _Ranked(msgspec.Struct, frozen=True):
    """A ranking: what is ranked, in its order, and what it is worth under any weights."""

    nodes: list[str]
    labels: list[str]
    low: Floats
    high: Floats
    under: Callable[[Weights], Floats]
    dominates: Callable[[int, int], bool]


def stability(
    graph: Graph | Compact,
    ranking: str = "blast",
    *,
    weights: Weights | None = None,
    within: float = 0.2,
    most: int = 50,
) -> pd.DataFrame:
    """Return whether the order of a ranking holds if the weights are somewhat different.

    Every weight is made larger and smaller by a share, alone, with its whole group, and all of them at once, which is a
    finite number of trials and no proof. *Dominance* is one: what comes first is worse or equal in everything that the
    score is made of, so no weights can turn the two.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    ranking
        ``"blast"`` (functions by ``BR_high``), ``"exposure"`` (stores by ``X_high``) or ``"transit"`` (paths by
        ``SU_high``).
    weights
        Weights; those of the package by default.
    within
        By how much the weights may differ: a share, 0 to 1.
    most
        Most rows, the first of the ranking, 1 upwards; the order among these is looked at.

    Returns
    -------
    pandas.DataFrame
        In the order of the ranking.

        =====================  =======  ==================================================================
        rank                   int64    from 1
        rank_first, rank_last  int64    the first and the last place among the rows that it has under any trial
        node, label            str      id and label; of a path its two ends
        value_low, value_high  float64  the score, by its bounds
        order_stable           bool     under no trial does it change places with another row
        turned_by              object   tuple of str: trials under which it does
        dominates_next         bool     it comes before the next one whatever the weights (of access, sensitivity
                                        and factors; costs of steps as they are)
        =====================  =======  ==================================================================

        ``attrs``: ``reason`` (why it is empty), ``trials`` (their number), ``stable`` (whether all rows are),
        ``within``, ``weights``.

    Raises
    ------
    ScoreError
        If there is no such ranking, ``within`` is outside its range, ``most`` is below 1, or the graph is not of the
        schema.
    """
    if ranking not in RANKINGS:
        raise ScoreError(f"there is no ranking {ranking!r}, only {', '.join(map(repr, RANKINGS))}")
    if not 0 <= within <= 1:
        raise ScoreError(f"within is {within}, and must be between 0 and 1")
    if most < 1:
        raise ScoreError(f"most is {most}, and must be at least 1")
    compact = Compact.of(graph, weights)
    weights = compact.weights
    ranked = {"blast": _functions, "exposure": _stores, "transit": _paths}[ranking](compact, most)
    trials = list(variations(weights, _GROUPS[ranking], within))
    rows = _rows(ranked, trials)
    return table(
        rows,
        STABILITY_COLUMNS,
        reason="There is nothing to rank.",
        trials=len(trials),
        stable=all(row["order_stable"] for row in rows),
        within=within,
        weights=weights.cited,
    )


def _rows(ranked: _Ranked, trials: list[tuple[str, Weights]]) -> list[dict[str, object]]:
    turned: list[list[str]] = [[] for _ in ranked.nodes]
    places = [_places(ranked.high)]
    for name, other in trials:
        after = ranked.under(other)
        places.append(_places(after))
        for row in _turned(ranked.high, after).tolist():
            turned[row].append(name)
    first, last = np.min(places, axis=0), np.max(places, axis=0)
    end = len(ranked.nodes) - 1
    return [
        {
            "rank": number + 1,
            "rank_first": first[number],
            "rank_last": last[number],
            "node": ranked.nodes[number],
            "label": ranked.labels[number],
            "value_low": ranked.low[number],
            "value_high": ranked.high[number],
            "order_stable": not turned[number],
            "turned_by": tuple(turned[number]),
            "dominates_next": number < end and ranked.dominates(number, number + 1),
        }
        for number in range(len(ranked.nodes))
    ]


def variations(weights: Weights, groups: Sequence[str], within: float) -> Iterator[tuple[str, Weights]]:
    """Yield weights that differ by a share: each number alone, each group, and all at once, up and down.

    Numbers stay in their ranges; what would break the order within a group (a call dearer than a wait) is left out.
    """
    numbers = {group: msgspec.structs.asdict(getattr(weights, group)) for group in groups}
    alone = [{group: [name]} for group in groups for name, value in numbers[group].items() if value]
    whole = [{group: list(numbers[group])} for group in groups]
    for chosen in (*alone, *whole, {group: list(numbers[group]) for group in groups}):
        for sign, share in (("+", 1 + within), ("-", 1 - within)):
            changed = {
                group: {name: _within(group, numbers[group][name] * share) for name in names}
                for group, names in chosen.items()
            }
            what = ", ".join(
                group if len(names) == len(numbers[group]) else f"{group}.{names[0]}" for group, names in chosen.items()
            )
            what = "all weights" if len(chosen) == len(groups) > 1 else what
            try:
                yield f"{what} {sign}{within:.0%}", weights.changed(**changed)
            except ScoreError:
                continue


def _within(group: str, value: float) -> float:
    return min(value, 1.0) if group in {"factors", "access"} else value


def _places(values: Floats) -> NDArray[np.int64]:
    """Return the place of each row, from 1, the highest value first; rows that are alike keep their order."""
    higher = values[np.newaxis, :] > values[:, np.newaxis] + _SLACK
    alike = np.abs(values[np.newaxis, :] - values[:, np.newaxis]) <= _SLACK
    found: NDArray[np.int64] = 1 + higher.sum(axis=1) + np.tril(alike, -1).sum(axis=1)
    return found


def _turned(before: Floats, after: Floats) -> NDArray[np.int64]:
    """Return the rows that change places with another one; rows that were alike may come in any order."""
    size = len(before)
    if size < 2:  # noqa: PLR2004 -- a pair
        return np.array([], dtype=np.int64)
    higher = before[:, np.newaxis] > before[np.newaxis, :] + _SLACK
    now_lower = after[:, np.newaxis] < after[np.newaxis, :] - _SLACK
    swapped = higher & now_lower
    return np.flatnonzero(swapped.any(axis=1) | swapped.any(axis=0))


def _functions(compact: Compact, most: int) -> _Ranked:
    scene = Scene(compact)
    places, now = scene.functions, scene.radii()
    shown = _first(compact, places, now, most)
    base = scene.costs_of(shown, compact.weights)

    def under(other: Weights) -> Floats:
        same = (other.costs, other.entries) == (compact.weights.costs, compact.weights.entries)
        radii: Floats = scene.radii_at(base if same else scene.costs_of(shown, other), other)[:, 1]
        return radii

    def dominates(first: int, second: int) -> bool:
        return bool(np.all(base[first] <= base[second]))

    return _ranked(compact, [places[number] for number in shown], now[shown], under, dominates)


def _stores(compact: Compact, most: int) -> _Ranked:
    scene = Scene(compact)
    places, scored, s = compact.ground.stores, scene.scored(), compact.ground.s
    shown = _first(compact, places, scored.x, most)
    costs = scored.least[compact.ground.states]

    def under(other: Weights) -> Floats:
        exposures: Floats = scene.scored(weights=other).x[shown, 1]
        return exposures

    def dominates(first: int, second: int) -> bool:
        one, other = shown[first], shown[second]
        worse = bool(np.all(costs[one] <= costs[other]))
        return worse and s[one].low >= s[other].low and s[one].high >= s[other].high

    return _ranked(compact, [places[number] for number in shown], scored.x[shown], under, dominates)


def _first(compact: Compact, places: Sequence[int], now: Floats, most: int) -> list[int]:
    """Return the numbers of the first of a ranking."""
    ids = compact.attack.nodes.ids
    order = sorted(range(len(places)), key=lambda number: (-now[number, 1], -now[number, 0], ids[places[number]]))
    return order[:most]


def _ranked(
    compact: Compact,
    places: Sequence[int],
    values: Floats,
    under: Callable[[Weights], Floats],
    dominates: Callable[[int, int], bool],
) -> _Ranked:
    nodes = compact.attack.nodes
    return _Ranked(
        nodes=[nodes.ids[place] for place in places],
        labels=[nodes.at[place].label for place in places],
        low=values[:, 0],
        high=values[:, 1],
        under=under,
        dominates=dominates,
    )


def _paths(compact: Compact, most: int) -> _Ranked:
    flow, weights = compact.flow(), compact.weights
    unknown = weights.sensitivity.of(Sensitivity.UNKNOWN)
    paths = search_paths(flow, unknown, k=most, max_hops=_HOPS, budget=_BUDGET, per_ends=2).paths
    nodes = flow.nodes
    ends = [(flow.places[path.places[0]].node, flow.places[path.places[-1]].node) for path in paths]
    levels = [_levels(flow, path) for path in paths]

    def dominates(first: int, second: int) -> bool:
        one, other = paths[first], paths[second]
        factors = zip(levels[first], levels[second], strict=True)
        return one.s.low >= other.s.low and one.s.high >= other.s.high and all(_covers(a, b) for a, b in factors)

    return _Ranked(
        nodes=[f"{nodes.ids[start]} -> {nodes.ids[end]}" for start, end in ends],
        labels=[f"{nodes.at[start].label} → {nodes.at[end].label}" for start, end in ends],
        low=np.array([path.s.low * path.u_low / UNIT for path in paths], dtype=np.float64),
        high=np.array([path.s.high * path.u_high / UNIT for path in paths], dtype=np.float64),
        under=lambda other: _rescored(compact.under(other).flow(), flow, paths, other),
        dominates=dominates,
    )


def _rescored(new: Flow, old: Flow, paths: Sequence[Found], weights: Weights) -> Floats:
    """Return ``S * U`` (high bound) of the same paths by other weights."""
    u = {(step.tail, step.head): step.u_high for step in new.steps}
    unknown = weights.sensitivity.of(Sensitivity.UNKNOWN).high
    scores = []
    for path in paths:
        stores = [store.high for place in path.places if (store := new.places[place].store) is not None]
        kept = [store.high for place in path.places if (store := old.places[place].store) is not None]
        opens = path.s.high > max(kept, default=0.0)  # unclassified data counts more than its stores
        s = max([*stores, *([unknown] if opens else [])], default=0.0)
        hops = itertools.pairwise(path.places)
        scores.append(s * sum(u[ends] for ends in hops) / UNIT)
    return np.array(scores, dtype=np.float64)


def _levels(flow: Flow, path: Found) -> list[list[float]]:
    """Return the levels of each factor along a path, the worst first."""
    hops = [factor_levels(flow.steps[step].link.edge) for step in path.steps]
    return [sorted((hop[number].high for hop in hops), reverse=True) for number in range(len(FACTORS))]


def _covers(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether levels are at least as bad as others, hop by hop, the worst with the worst."""
    padded = [*one, *[0.0] * (len(other) - len(one))]
    return all(a >= b for a, b in zip(padded, other, strict=False))
