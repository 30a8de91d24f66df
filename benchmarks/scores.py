"""How fast scores are on a made-up account of any size: ratios to networkx on the same graph, taken in one run.

The account is drawn as the compact graph that ``auditkit.connect`` gives (``compactgraph.py``).

``python benchmarks/scores.py`` measures several sizes, each in a process of its own, ``--functions 5000`` one of them;
``--networkx 1000`` compares up to that size with a search per source in networkx. Results are JSON Lines on standard
output: seconds of the processor, megabytes, counts. ``--write`` writes ``benchmarks/scores.md`` and ``scores.png`` too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
from compactgraph import Account

from auditkit import score
from auditkit.graph.schema import Graph, Sensitivity, View
from auditkit.score import Compact, default_weights
from auditkit.score._paths import Outlook, search_paths
from auditkit.score._scene import Scene
from auditkit.score._ways import Ways, entries_of
from auditkit.score.changes import Change
from auditkit.score.kernels import Network, Tiers, tails_of

# ---------------------------------------------------------------- measuring

SIZES = (100, 200, 500, 1000, 2000, 5000)
TIERS = 4
_CHANGES = 100
_CUTS = 20


def seconds(what: Callable[[], object]) -> float:
    """Return how long something takes, in seconds of this process: what else runs on the machine does not count."""
    start = time.process_time()
    what()
    return time.process_time() - start


def reach_of_all(scene: Scene) -> int:
    """Work out the first tiers of reach of all functions, and return how many (function, access) pairs that are."""
    attack = scene.attack
    sources, columns = np.array([attack.taken_over(place) for place in scene.functions]), scene.ground.states.ravel()
    cost = attack.cost.astype(np.int64)
    tiers = Tiers(tails_of(attack.start), attack.head, cost, states=attack.states, sources=sources, columns=columns)
    kept, _ = tiers.classes(columns)
    pairs = 0
    for block in np.array_split(kept, max(1, len(kept) // 2048)):
        for tier in itertools.islice(tiers.bits(block), TIERS):
            last = tier
        pairs += int(np.bitwise_count(last[tiers.rows]).sum())
    return pairs


def reach_in_networkx(scene: Scene) -> None:
    """Work out the same with networkx, function by function."""
    attack = scene.attack
    graph = nx.DiGraph()
    for tail, head, cost in zip(
        tails_of(attack.start).tolist(), attack.head.tolist(), attack.cost.tolist(), strict=True
    ):
        if not graph.has_edge(tail, head) or graph[tail][head]["weight"] > cost:
            graph.add_edge(tail, head, weight=cost)
    for place in scene.functions:
        nx.single_source_dijkstra_path_length(graph, attack.taken_over(place), cutoff=TIERS - 1)


def changes(scene: Scene, graph: Graph, count: int) -> Iterator[Change]:
    """Yield changes of all sorts: edges cut, stores reclassified, functions lost."""
    random = Random(2)
    edges = sorted(edge for edge in graph.edges(keys=True) if graph.edges[edge]["view"] is View.TRUST)
    ids = scene.attack.nodes.ids
    stores, functions = ([ids[place] for place in places] for places in (scene.ground.stores, scene.functions))
    for number in range(count):
        if number % 4 == 0:
            yield Change(label="class", sensitivities=((random.choice(stores), Sensitivity.RESTRICTED),))
        elif number % 4 == 1:
            yield Change(label="lost", compromised=(random.choice(functions),))
        else:
            yield Change(label="cut", removes=(random.choice(edges),))


def measured(functions: int, *, with_networkx: bool) -> dict[str, float]:
    """Return what there is and how long it takes at one size."""
    weights, random = default_weights(), Random(3)
    graph = Account(functions).graph
    found: dict[str, float] = {"functions": functions, "nodes": len(graph), "edges": graph.number_of_edges()}
    start = time.process_time()
    compact = Compact(graph, weights=weights)
    scene = Scene(compact)
    scene.scored([next(changes(scene, graph, 1))])
    found["arrays_s"] = time.process_time() - start
    found["pairs"] = reach_of_all(scene)
    found["tiers_s"] = min(seconds(lambda: reach_of_all(scene)) for _ in range(3))
    if with_networkx:
        found["networkx_s"] = seconds(lambda: reach_in_networkx(scene))
        found["ratio"] = found["networkx_s"] / found["tiers_s"]
    times = [seconds(lambda change=change: scene.scored([change])) for change in changes(scene, graph, _CHANGES)]  # type: ignore[misc]
    found["whatif_p50_s"], found["whatif_p95_s"] = np.percentile(times, [50, 95]).tolist()
    entries = entries_of(scene.attack, weights.entries)
    ways = Ways(scene.attack, entries)
    jewels = [place for place in scene.ground.stores if scene.ground.is_jewel(place)]
    chosen = random.sample(jewels, min(_CUTS, len(jewels)))
    found["cut_p95_s"] = float(np.percentile([seconds(lambda place=place: ways.cut(place)) for place in chosen], 95))  # type: ignore[misc]
    states = dict(zip(scene.ground.stores, scene.ground.states.tolist(), strict=True))
    starts = {state: start.exponent for state, start in entries.items()}
    network = Network(scene.attack.start, scene.attack.head, scene.attack.cost)
    times = [seconds(lambda place=place: network.k_cheapest(starts, states[place], k=100)) for place in chosen]  # type: ignore[misc]
    found["ways_p95_s"] = float(np.percentile(times, 95))
    flow = compact.flow()
    unknown = weights.sensitivity.of(Sensitivity.UNKNOWN)
    start = time.process_time()
    outlook = Outlook(flow, unknown, max_hops=16)
    found["outlook_s"] = time.process_time() - start
    found["paths_s"] = min(
        seconds(lambda: search_paths(flow, unknown, k=100, max_hops=16, budget=200_000, outlook=outlook))
        for _ in range(3)
    )
    return {name: round(value, 5) for name, value in found.items()}


def tables(functions: int) -> dict[str, float]:
    """Return how long each table of scores takes at one size, the graph read once, and the peak of memory."""
    graph = Account(functions).graph
    found: dict[str, float] = {"functions": functions, "edges": graph.number_of_edges(), "before_mb": _peak_mb()}
    compact = Compact(graph)
    found["read_s"] = seconds(lambda: (compact.attack, compact.ground))
    found["blast_s"] = seconds(lambda: score.blast_radius(compact))
    found["exposure_s"] = seconds(lambda: score.exposure(compact))
    found["choke_s"] = seconds(lambda: score.choke_points(compact))
    found["transit_s"] = seconds(lambda: score.transit(compact, k=100))
    found["hops_s"] = seconds(lambda: score.hops(graph))
    found["matrix_s"] = seconds(lambda: score.matrix(compact, most=1000))
    function = str(compact.attack.nodes.ids[Scene(compact).functions[0]])
    found["detail_s"] = seconds(lambda: score.blast_radius_detail(compact, function, most=500))
    found["peak_mb"] = _peak_mb()
    return {name: round(value, 3) for name, value in found.items()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


HERE = Path(__file__).parent
_SHOWN = {
    "read_s": "read",
    "blast_s": "blast radii",
    "exposure_s": "exposure",
    "choke_s": "choke points",
    "transit_s": "100 paths",
    "hops_s": "hops",
    "matrix_s": "matrix",
    "detail_s": "one function",
}


_LEAST = 0.001
"""Seconds that are told apart."""

_QUICK = ("four tiers: s", "times faster than networkx", "what-if: ms", "cut: ms", "ways: ms", "paths: ms")


def write(lines: list[dict[str, float]]) -> None:
    """Write the page and the picture."""
    heads = ["functions", "edges", *_SHOWN.values(), "graph MB", "peak MB"]
    rows = [
        [
            *(f"{line[name]:,.0f}" for name in ("functions", "edges")),
            *(f"{line[name]:.2f}" for name in _SHOWN),
            *(f"{line[name]:.0f}" for name in ("before_mb", "peak_mb")),
        ]
        for line in lines
    ]
    rows.append(["power", "", *(f"{_slope(lines, name):.2f}" for name in _SHOWN), "", ""])
    quick = [
        [
            f"{line['functions']:,.0f}",
            f"{line['tiers_s']:.3f}",
            f"{line['ratio']:,.0f}" if "ratio" in line else "",
            *(f"{1000 * line[name]:.0f}" for name in ("whatif_p95_s", "cut_p95_s", "ways_p95_s", "paths_s")),
        ]
        for line in lines
    ]
    text = _PAGE.format(
        tables=_as_markdown([heads, *rows]),
        quick=_as_markdown([["functions", *_QUICK], *quick]),
        slope=f"{_slope(lines, *_SHOWN):.2f}",
    )
    (HERE / "scores.md").write_text(text, encoding="utf-8")
    _plot(lines)


def _slope(lines: list[dict[str, float]], *names: str) -> float:
    """Return the power of the number of edges that the time of some tables grows with, from end to end."""
    totals = [max(sum(line[name] for name in names), _LEAST) for line in lines]
    return math.log(totals[-1] / totals[0]) / math.log(lines[-1]["edges"] / lines[0]["edges"])


def _as_markdown(rows: list[list[str]]) -> str:
    head, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *rest])


def _plot(lines: list[dict[str, float]]) -> None:
    import matplotlib as mpl  # noqa: PLC0415 -- only here

    mpl.use("Agg")
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    edges = [line["edges"] for line in lines]
    for name, marker in zip(_SHOWN, "osv^D<>P", strict=True):
        axes.loglog(edges, [max(line[name], 0.005) for line in lines], marker=marker, markersize=4, label=_SHOWN[name])
    first = max(lines[0][name] for name in _SHOWN)
    axes.loglog(edges, [first * each / edges[0] for each in edges], color="#999999", linestyle="--", label="linear")
    axes.set_xlabel("edges of the compact graph")
    axes.set_ylabel("seconds of the processor")
    axes.legend(fontsize=8)
    figure.savefig(HERE / "scores.png", dpi=120, metadata={"Software": None})


_PAGE = """# Scores on accounts of several sizes

`scores.py --write` draws accounts and wrote this page: seconds of the processor, each size in a process of its own. The
graph is read once (*read*); each table is then made from it. *Matrix* keeps the 1,000 functions and stores with the
largest sums, *one function* the 500 stores that add most. *Graph MB* is the peak of memory with the graph drawn, *peak
MB* the one after all tables.

{tables}

From the smallest to the largest account the time of all tables together grows with the number of edges to the power of
{slope}; *power* is that of each table. Choke points name the edges of each cut, of which a larger account has more for
each store.

![Growth with the edges of the compact graph](scores.png)

*Four tiers* is the reach of all functions within three steps, warm; beside it how many times faster that is than a
search per function in networkx on the same graph. The others are what is asked one by one, the 95th percentile: a
change re-scored, a minimum cut, the 100 cheapest ways to a crown jewel; and the 100 riskiest data paths.

{quick}
"""


def main() -> None:
    """Measure, and print a line for each size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--functions", type=int, action="append", help="A size; may be repeated.")
    options.add_argument("--networkx", type=int, default=500, help="Largest size at which networkx is asked too.")
    options.add_argument("--write", action="store_true", help="Write the page and the picture.")
    options.add_argument("--here", choices=("kernels", "tables"), help="Measure in this process.")
    given = options.parse_args()
    sizes = given.functions or SIZES
    if given.here:
        for size in sizes:
            found = tables(size) if given.here == "tables" else measured(size, with_networkx=size <= given.networkx)
            sys.stdout.write(json.dumps(found) + "\n")
        return
    lines = []
    for size in sizes:
        lines.append(_apart(size, given.networkx, "kernels") | _apart(size, given.networkx, "tables"))
        sys.stdout.write(json.dumps(lines[-1]) + "\n")
        sys.stdout.flush()
    if given.write:
        write(lines)


def _apart(size: int, networkx: int, what: str) -> dict[str, float]:
    """Measure one size in a process of its own."""
    command = [sys.executable, __file__, "--functions", str(size), "--networkx", str(networkx), "--here", what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
