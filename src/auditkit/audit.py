"""All that follows from an inventory, each part computed once, when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pandas as pd

from auditkit import areas, score, tables
from auditkit import graph as graphs
from auditkit.advisories import Advisories
from auditkit.areas import Finding
from auditkit.case import Case, CaseFile, decisions_of
from auditkit.errors import DrawError, GraphError, ScoreError
from auditkit.graph.schema import Graph
from auditkit.inventory import Inventory, Kind
from auditkit.names import names_of
from auditkit.score import Weights

__all__ = ["Audit"]

Progress = Callable[[str, int, int], None]

_NEAR = 5
"""Names that a message offers in place of one that there is not."""
_CELLS = 1000
"""Most functions, and most stores, in the matrix of the two."""


class Audit:
    """An inventory, its graph and the scores.

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    date
        Audit date, ``YYYY-MM-DD``; ``""`` where none is given.
    case
        Decisions of the audit, or their file: as they stand now, what is changed later needs a new audit.
    weights
        Weights of the scores; those that the case names by default, else those of the package.
    advisories
        Of packages (:func:`auditkit.read_advisories`); without them, what scanners found is all that is known.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        date: str = "",
        case: Case | CaseFile | None = None,
        weights: Weights | None = None,
        advisories: Advisories | None = None,
    ) -> None:
        self.inventory = inventory
        self.date = date
        self.case = decisions_of(case) if case is not None else None
        self.weights = weights if weights is not None else _weights(self.case)
        self.advisories = advisories

    @cached_property
    def graph(self) -> Graph:
        """The graph (:func:`auditkit.connect`)."""
        return graphs.connect(self.inventory, case=self.case)

    @cached_property
    def compact(self) -> score.Compact:
        """The graph as arrays, read once for all scores (:class:`auditkit.score.Compact`)."""
        return score.Compact(self.graph, weights=self.weights)

    @cached_property
    def hops(self) -> pd.DataFrame:
        """Every hop with its weakness (:func:`auditkit.score.hops`)."""
        return score.hops(self.graph, weights=self.weights)

    @cached_property
    def blast(self) -> pd.DataFrame:
        """Blast radius of every function (:func:`auditkit.score.blast_radius`)."""
        return score.blast_radius(self.compact)

    @cached_property
    def exposure(self) -> pd.DataFrame:
        """Exposure of every store (:func:`auditkit.score.exposure`), with the cheapest ``way`` in."""
        return tables.with_ways(score.exposure(self.compact), self.graph)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """Functions and stores (:func:`auditkit.score.matrix`), those with the largest sums."""
        return score.matrix(self.compact, most=_CELLS)

    @cached_property
    def fixes(self) -> pd.DataFrame:
        """What can be done, and what each fix would gain (:func:`auditkit.score.fixes`)."""
        return score.fixes(self.graph, weights=self.weights)

    @cached_property
    def gains(self) -> dict[Finding, areas.Gain]:
        """What the fix of each finding would gain (:func:`auditkit.areas.gains`)."""
        return self.gains_of(self.findings)

    def gains_of(self, findings: Iterable[Finding]) -> dict[Finding, areas.Gain]:
        """Return what the fix of each of some findings would gain."""
        return areas.gains(findings, score.derive_fixes(self.graph), self.fixes)

    def first(self, count: int = 3) -> pd.DataFrame:
        """Return what to do first, each counted after those above it (:func:`auditkit.areas.top_fixes`)."""
        trial = self.what_if()
        return areas.top_fixes(self.findings, count, self.gains, risk=lambda made: trial.reset().apply(*made).risk[1])

    @cached_property
    def choke_points(self) -> pd.DataFrame:
        """What every way to a crown jewel goes through (:func:`auditkit.score.choke_points`)."""
        return score.choke_points(self.compact)

    def what_if(self) -> score.WhatIf:
        """Return the graph to try changes on (:func:`auditkit.score.whatif`)."""
        return score.whatif(self.graph, weights=self.weights)

    @cached_property
    def labels(self) -> dict[str, str]:
        """What a person calls each node, by its id (:func:`auditkit.names.names_of`)."""
        return names_of(self.graph)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks of the nine areas say (:func:`auditkit.areas.judge`)."""
        return areas.judge(self.scene)

    @cached_property
    def scoping(self) -> areas.Scoping:
        """What the case leaves out of scope."""
        return areas.Scoping(self.inventory, decisions_of(self.case))

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """What the case decides and how much each decision is about (:func:`auditkit.areas.decisions_frame`)."""
        return areas.decisions_frame(self.scene)

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Resources that the case leaves out of scope (:func:`auditkit.areas.left_out_frame`)."""
        return areas.left_out_frame(self.inventory, self.case)

    @cached_property
    def waivers(self) -> pd.DataFrame:
        """Every waiver of the case and what has become of it (:func:`auditkit.areas.waivers_frame`)."""
        return areas.waivers_frame(self.findings, self.case, self.date)

    @cached_property
    def scene(self) -> areas.Scene:
        """What the checks look at."""
        return areas.Scene(
            self.inventory,
            self.graph,
            date=self.date,
            case=self.case,
            weights=self.weights,
            advisories=self.advisories,
            compact=self.compact,
        )

    @cached_property
    def ownership(self) -> pd.DataFrame:
        """What each function costs its owner (:func:`auditkit.areas.ownership_frame`)."""
        return areas.ownership_frame(self.scene, self.findings)

    @cached_property
    def deletable(self) -> pd.DataFrame:
        """What could be deleted, and who would notice (:func:`auditkit.areas.deletable_frame`)."""
        return areas.deletable_frame(self.scene)

    @cached_property
    def perimeters(self) -> areas.Perimeters:
        """The perimeter sheet of every function, by ARN or name (:class:`auditkit.areas.Perimeters`)."""
        return areas.Perimeters(self.scene, self.findings)

    @cached_property
    def wallet(self) -> areas.Wallet:
        """What floods can cost (:class:`auditkit.areas.Wallet`), by entry, function and account."""
        return areas.Wallet(self.scene)

    @cached_property
    def patching(self) -> pd.DataFrame:
        """Who patches what functions run on (:func:`auditkit.areas.patching_frame`)."""
        return areas.patching_frame(self.scene)

    @cached_property
    def disclosure(self) -> areas.Disclosure:
        """Packages by name, to ask what a new vulnerability touches."""
        return areas.Disclosure(self.scene)

    def who_uses(self, package: str) -> pd.DataFrame:
        """Return what runs a package (:meth:`auditkit.areas.Disclosure.who_uses`)."""
        return self.disclosure.who_uses(package)

    def paths(self, *, k: int = 100, permitted: bool = False, per_ends: int | None = 2) -> pd.DataFrame:
        """Return the riskiest data-in-transit paths (:func:`auditkit.score.transit`), with their route in words.

        Parameters
        ----------
        k
            Most paths.
        permitted
            Paths with a hop that is only permitted, instead.
        per_ends
            Most paths between the same two ends.
        """
        found = score.transit(self.compact, k=k, permitted=permitted, per_ends=per_ends)
        return tables.with_routes(found, self.graph)

    def blast_of(self, of: str | Kind | Iterable[str]) -> pd.DataFrame:
        """Return the blast radius of a node, of several, or of all of a kind (:func:`auditkit.score.blast_radius`)."""
        return score.blast_radius(self.compact, of=of)

    def blast_detail(self, node: str, *, most: int | None = None) -> pd.DataFrame:
        """Return the stores that a node reaches, with the ``way`` (:func:`auditkit.score.blast_radius_detail`)."""
        return tables.with_ways(score.blast_radius_detail(self.compact, node, most=most), self.graph)

    def exposure_of(self, of: str | Kind) -> pd.DataFrame:
        """Return the exposure of a store, or of all of a kind (:func:`auditkit.score.exposure`), with the ``way``."""
        if isinstance(of, Kind):
            wanted = [node for node, data in self.graph.nodes(data=True) if data["kind"] is of]
        else:
            wanted = [of]
        return tables.with_ways(score.exposure(self.compact, of=wanted), self.graph)

    def ways_in(self, store: str, *, k: int = 10) -> pd.DataFrame:
        """Return the cheapest ways from outside to a store (:func:`auditkit.score.ways_in`)."""
        return score.ways_in(self.compact, store, k=k)

    @cached_property
    def weakness(self) -> dict[tuple[str, str, object], tuple[float, float]]:
        """Low and high bound of the hop weakness W by edge, as pictures take it."""
        table = self.hops
        edges = zip(table["from"], table["to"], table["key"], strict=True)
        bounds = zip(map(float, table["W_low"]), map(float, table["W_high"]), strict=True)
        return dict(zip(edges, bounds, strict=True))

    def node(self, name: str) -> str:
        """Return the id of the node with this id or label.

        Raises
        ------
        GraphError
            There is none, or there are several; the message names what comes near.
        """
        return self._named(name, lambda node: self.graph.nodes[node]["kind"] is Kind.FUNCTION)

    def store(self, name: str) -> str:
        """Return the id of the store with this id or label.

        Raises
        ------
        GraphError
            There is none, or there are several; the message names what comes near.
        """
        nodes = self.compact.reading.nodes
        found = self._named(
            name, lambda node: nodes.store[nodes.index[node]] and self.graph.nodes[node]["kind"] is not Kind.KEY
        )
        if not nodes.store[nodes.index[found]]:
            raise GraphError(f"{name!r} is no store, but a {self.graph.nodes[found]['kind']}")
        return found

    def _named(self, name: str, likely: Callable[[str], bool]) -> str:
        """Return the id of the node with an id or label; of several that which is likely to be meant."""
        if name in self.graph:
            return name
        found = sorted(node for node, data in self.graph.nodes(data=True) if data["label"] == name)
        meant = [node for node in found if likely(node)] or found
        if len(meant) == 1:
            return meant[0]
        if found:
            raise GraphError(f"{name!r} names {len(meant)} nodes; give the id of one: {', '.join(meant)}")
        near = self._near(name)
        hint = f"; near it: {', '.join(near)}" if near else "; `auditkit graph EXPORT --nodes` lists all"
        raise GraphError(f"there is no node {name!r} in the graph{hint}")

    def kind(self, name: str) -> Kind:
        """Return the kind of this name, of which the graph has nodes.

        Raises
        ------
        GraphError
            There is none; the message names those that there are.
        """
        there = sorted({data["kind"] for _, data in self.graph.nodes(data=True)})
        if name not in there:
            raise GraphError(f"the graph has no {name!r}; it has: {', '.join(there)}")
        return Kind(name)

    def _near(self, name: str) -> list[str]:
        """Return a few nodes whose id or label holds a name, or else labels that are written like it."""
        wanted, labels = name.lower(), {node: str(data["label"]) for node, data in self.graph.nodes(data=True)}
        if holding := sorted(node for node, label in labels.items() if wanted in f"{node}\n{label}".lower()):
            return holding[:_NEAR]
        return get_close_matches(name, sorted(set(labels.values())), n=_NEAR)

    def save_graph(self, filepath: str | os.PathLike[str], *, focus: Iterable[str] = ()) -> Path:
        """Write the graph: GraphML, or a data-flow diagram as SVG, PNG or PDF; the suffix gives the format.

        Parameters
        ----------
        filepath
            Where to.
        focus
            Ids or labels: draw only what is near them.
        """
        path = Path(filepath)
        if path.suffix.lower() == ".graphml":
            graphs.to_graphml(self.graph, path)
            return path
        if path.suffix.lower() not in {".svg", ".png", ".pdf"}:
            raise DrawError(f"cannot write a graph as {path.suffix!r}: .graphml, .svg, .png or .pdf")
        near = [self.node(name) for name in focus]
        from auditkit import draw  # noqa: PLC0415 -- matplotlib takes long to import, and is only needed here

        draw.plot_dataflow(self.graph, focus=near or None, weakness=self.weakness, filepath=path)
        return path


def _weights(case: Case | None) -> Weights | None:
    """Return the weights that a case names."""
    if case is None or case.weights is None:
        return None
    try:
        return score.weights_from_json(case.weights)
    except ScoreError as error:
        raise ScoreError(f"{case.weights_file}: {error}") from None
