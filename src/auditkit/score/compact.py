"""A graph read once into arrays, for scores that are asked for one after the other."""

from functools import cached_property
from typing import Self

from auditkit._garbage import no_collection
from auditkit.errors import ScoreError
from auditkit.graph.schema import Graph
from auditkit.score._flow import Flow, read_flow
from auditkit.score._ground import Ground
from auditkit.score._input import Reading
from auditkit.score._ways import Start, Ways, entries_of
from auditkit.score.arrays import Attack
from auditkit.score.attack import UNDECIDED, read_attack, read_both
from auditkit.score.weights import Weights, default_weights

__all__ = ["Compact"]


class Compact:
    """A graph that is read once, when it is first asked for: do not change it afterwards.

    Every score takes it in the place of the graph, and then does not read the graph again, which is most of the work
    of a score of one node or store.

    Parameters
    ----------
    graph
        A graph of the schema.
    weights
        Weights; those of the package by default.
    undecided
        How steps count that cannot be decided: ``"gated"`` (cost 4), ``"open"`` or ``"closed"``.

    Raises
    ------
    ScoreError
        If ``undecided`` is none of the three; and from every score, if the graph is not of the schema.

    Examples
    --------
    >>> compact = Compact(graph)  # doctest: +SKIP
    >>> for function in blast_radius(compact).node[:25]:  # doctest: +SKIP
    ...     blast_radius_detail(compact, function)
    """

    def __init__(self, graph: Graph, *, weights: Weights | None = None, undecided: str = "gated") -> None:
        if undecided not in UNDECIDED:
            raise ScoreError(f"undecided is {undecided!r}, and must be one of {', '.join(map(repr, UNDECIDED))}")
        self.graph = graph
        self.weights = weights or default_weights()
        self.undecided = undecided

    @classmethod
    def of(cls, graph: "Graph | Compact", weights: Weights | None, undecided: str | None = None) -> Self:
        """Return a graph as it is read, if it has been, else one to be read.

        Raises
        ------
        ScoreError
            If it was read with other weights than those asked for, or with another ``undecided``.
        """
        if not isinstance(graph, cls):
            assert not isinstance(graph, Compact)
            return cls(graph, weights=weights, undecided=undecided or "gated")
        if weights is not None and weights != graph.weights:
            raise ScoreError("the graph was read with other weights; read it anew, or leave them out")
        if undecided not in {None, graph.undecided}:
            raise ScoreError(f"the graph was read with undecided={graph.undecided!r}, not {undecided!r}")
        return graph

    def under(self, weights: Weights) -> "Compact":
        """Return the same graph under other weights; it is not read again."""
        other = Compact(self.graph, weights=weights, undecided=self.undecided)
        other.__dict__["reading"] = self.reading
        return other

    @cached_property
    def reading(self) -> Reading:
        """Nodes and edges."""
        with no_collection():
            return Reading(self.graph)

    @cached_property
    def attack(self) -> Attack:
        """Steps of an attacker."""
        if self.undecided == "gated":
            return self._both[0]
        with no_collection():
            return read_attack(self.reading, self.weights, self.undecided)

    @cached_property
    def _both(self) -> tuple[Attack, Attack]:
        with no_collection():
            return read_both(self.reading, self.weights)

    @property
    def opened(self) -> Attack:
        """The same with all open that cannot be decided."""
        return self.attack if self.undecided == "open" else self._both[1]

    @cached_property
    def if_open(self) -> Attack:
        """The same as :attr:`opened`; the very steps of :attr:`attack` where nothing is undecided."""
        same = self.undecided == "gated" and bool(self.attack.steps.settled.all())
        return self.attack if same else self.opened

    @cached_property
    def ground(self) -> Ground:
        """Stores, and access to them."""
        return Ground(self.attack, self.weights)

    @cached_property
    def entries(self) -> dict[int, Start]:
        """Where the outside gets in, by state."""
        return entries_of(self.attack, self.weights.entries)

    @cached_property
    def ways(self) -> Ways:
        """Ways from outside."""
        return Ways(self.attack, self.entries)

    def flow(self, *, permitted: bool = False, disabled: bool = False, through_rest: bool = False) -> Flow:
        """Return the data view, worked out anew each time; parameters as of :func:`auditkit.score.transit`."""
        return read_flow(self.reading, self.weights, permitted=permitted, disabled=disabled, through_rest=through_rest)
