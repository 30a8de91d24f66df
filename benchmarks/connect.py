"""How long it takes to read, connect and score a made-up account of any size, how large the graph is, and the memory.

The accounts are those of :mod:`exports`: four resources for each role, or as many as are asked for. Each size is
measured in a process of its own: ``python benchmarks/connect.py --roles 100 500``. Results are JSON Lines on standard
output: seconds of the processor, the memory at the most up to each stage, counts. *plain* is the number of edges that
there would be without grants, *contains* how many edges tell what scopes consist of. Scores are the blast radii of all
functions and, with ``--exposure``, what outsiders reach.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import auditkit as ak
from auditkit.graph.expanding import members
from auditkit.graph.schema import Graph
from auditkit.inventory import Kind
from auditkit.inventory.records.functions import Function
from auditkit.score import Compact, blast_radius, exposure
from exports import write_export


def _plain(graph: Graph) -> int:
    """Return how many edges an expanded graph would have."""
    kinds = {node: data["kind"] for node, data in graph.nodes(data=True)}
    compact = {Kind.GRANT, Kind.SCOPE}
    found = sum(kinds[tail] not in compact and kinds[head] not in compact for tail, head in graph.edges())
    sizes: Counter[str] = Counter()
    for grant in (node for node, kind in kinds.items() if kind is Kind.GRANT):
        for _, scope in graph.out_edges(grant):
            if scope not in sizes:
                sizes[scope] = sum(1 for _ in members(graph, scope))
            found += sizes[scope] * graph.in_degree(grant)
    return found


def measured(folder: Path, *, exposed: bool) -> dict[str, float]:
    """Return how long an export takes to read, connect and score, how large the graph is, and the memory."""

    def peak() -> float:
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    start = time.process_time()
    inventory = ak.read(folder)
    read = time.process_time()
    found: dict[str, float] = {"functions": len(inventory.of(Function)), "read_s": read - start, "read_mb": peak()}
    graph = ak.connect(inventory)
    found["connect_s"] = time.process_time() - read
    found["connect_mb"] = peak()
    start = time.process_time()
    compact = Compact(graph)
    blast_radius(compact)
    found |= {"blast_s": time.process_time() - start, "blast_mb": peak()}
    if exposed:
        start = time.process_time()
        exposure(compact)
        found |= {"exposure_s": time.process_time() - start, "exposure_mb": peak()}
    counts = Counter(graph.nodes[node]["kind"] for node in graph)
    found |= {"nodes": len(graph), "grants": counts[Kind.GRANT], "scopes": counts[Kind.SCOPE]}
    contains = sum(graph.out_degree(node) for node in graph if graph.nodes[node]["kind"] is Kind.SCOPE)
    found |= {"edges": graph.number_of_edges(), "contains": contains, "plain": _plain(graph)}
    return {name: round(value, 1) for name, value in found.items()}


def main() -> None:
    """Measure, and print a line for each size."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--roles", type=int, nargs="*", default=[100, 500, 2000, 5000])
    options.add_argument("--resources", type=int, help="The same for all sizes; four for each role by default.")
    options.add_argument("--tied", action="store_true", help="Accounts tied to a network by a control policy.")
    options.add_argument("--exposure", action="store_true", help="What outsiders reach as well, which takes long.")
    options.add_argument("--folder", type=Path, help="Measure this export, in this process.")
    given = options.parse_args()
    if given.folder:
        sys.stdout.write(json.dumps(measured(given.folder, exposed=given.exposure)) + "\n")
        return
    for roles in given.roles:
        with tempfile.TemporaryDirectory() as folder:
            write_export(Path(folder), roles, resources=given.resources, tied=given.tied)
            command = [sys.executable, __file__, "--folder", folder, *["--exposure"] * given.exposure]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        sys.stdout.write(json.dumps({"roles": roles, **told}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
