"""What is beside the nodes of a graph, as rules ask for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from auditkit.areas._grants import Alike, Some
from auditkit.areas.neighbours import Neighbours
from auditkit.areas.seeing import Seeing
from auditkit.graph.grounds import each_once
from auditkit.graph.schema import Edge, EdgeKind, Evidence, Node
from auditkit.inventory import PRINCIPAL_KINDS, Inventory, Kind
from auditkit.score import Compact

__all__ = ["Beside", "is_given", "not_decided"]


class Beside(Seeing):
    """Tells what leads to nodes, what they lead to, and what functions may do.

    Parameters
    ----------
    inventory
        With its coverage.
    compact
        Its graph under the weights of the audit.
    """

    def __init__(self, inventory: Inventory, compact: Compact) -> None:
        super().__init__(inventory)
        self.compact = compact

    def label(self, node_id: str) -> str:
        """Return what a person calls a node."""
        return str(self.nodes[node_id].label or node_id)

    def triggers(self, function: str) -> tuple[tuple[str, Edge], ...]:
        """Return what sets a function off and is switched on, apart from principals: the node and the edge."""
        return tuple(
            (origin, edge)
            for origin, edge in self.into(function, EdgeKind.INVOKES, permitted=False)
            if edge.enabled and self.nodes[origin].kind not in PRINCIPAL_KINDS
        )

    def is_of_distribution(self, node_id: str) -> bool:
        """Return whether a node is a behaviour of a distribution."""
        return node_id in self._of_distributions

    @cached_property
    def _of_distributions(self) -> frozenset[str]:
        """What a distribution leads to."""
        distributions = [name for name, node in self.nodes.items() if node.kind is Kind.DISTRIBUTION]
        return frozenset(target for name in distributions for target, _ in self.out_of(name))

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Attributes of the nodes of the graph, by their sorted ids."""
        nodes = self.compact.reading.nodes
        return dict(zip(nodes.ids, nodes.at, strict=True))

    def node(self, node_id: str) -> Node | None:
        """Return the attributes of a node, ``None`` where the graph does not hold it."""
        return self.nodes.get(node_id)

    def into(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[tuple[str, Edge]]:
        """Return what leads to a node, as :meth:`Neighbours.into` does."""
        return self.neighbours.into(node_id, *kinds, permitted=permitted)

    def out_of(self, node_id: str, *kinds: EdgeKind, permitted: bool = True) -> Iterator[tuple[str, Edge]]:
        """Return what a node leads to, as :meth:`Neighbours.out_of` does."""
        return self.neighbours.out_of(node_id, *kinds, permitted=permitted)

    def from_outside(self, node_id: str, *kinds: EdgeKind) -> Iterator[tuple[str, Edge]]:
        """Return what leads to a node from outside, as :meth:`Neighbours.from_outside` does."""
        return self.neighbours.from_outside(node_id, *kinds)

    @cached_property
    def neighbours(self) -> Neighbours:
        """What is beside each node."""
        return Neighbours(self.compact.reading)

    def acting(self, function: str, role: str, *kinds: EdgeKind) -> Iterator[tuple[str, Edge]]:
        """Yield what a function may do in a role: the target and the edge.

        Where the role may only under conditions, which requests of the function meet, the edge is the function's own.
        """
        own = {
            (target, edge.kind, edge.access, edge.qualifier): edge
            for target, edge in self.out_of(function, *kinds)
            if edge.evidence is Evidence.PERMITTED
        }
        if not own:
            yield from self.out_of(role, *kinds)
            return
        for target, edge in self.out_of(role, *kinds):
            met = None if is_given(edge) else own.get((target, edge.kind, edge.access, edge.qualifier))
            yield target, met or edge

    def acts_apart(self, function: str, *kinds: EdgeKind) -> bool:
        """Return whether a function may do something that others in its role may not (:meth:`acting`)."""
        return self.neighbours.leads_out(function, _is_permitted, *kinds)

    def acting_alike(self, function: str, role: str, *kinds: EdgeKind) -> list[Alike]:
        """Return what :meth:`acting` does, with edges that say the same as one (:meth:`Neighbours.out_alike`)."""
        if self.acts_apart(function, *kinds):
            found: dict[int, tuple[Edge, list[int]]] = {}
            for target, edge in self.acting(function, role, *kinds):
                found.setdefault(id(edge), (edge, []))[1].append(self.neighbours.place(target))
            return [Alike(edge, np.array(places)) for edge, places in found.values()]
        return self.neighbours.out_alike(role, *kinds)

    def acting_on(
        self,
        function: str,
        role: str,
        *kinds: EdgeKind,
        holds: Callable[[Edge], bool],
        is_one: Callable[[Node], bool],
    ) -> Some:
        """Return what :meth:`acting_alike` does where something holds (:meth:`Neighbours.some_on`), in no order."""
        if not self.acts_apart(function, *kinds):
            return self.neighbours.some_on(role, *kinds, holds=holds, is_one=is_one)
        among = self.neighbours.where(is_one)
        found = [one for one in self.acting_alike(function, role, *kinds) if holds(one.edge)]
        some = [Alike(edge, places) for edge, all_ in found if len(places := all_[among[all_]])]
        return Some(np.zeros(0, dtype=np.int64), some)

    def permits(self, principal: str) -> Iterator[tuple[str, Edge]]:
        """Return what a principal may do to stores: the store and the edge that says at which level."""
        return self.out_of(principal, EdgeKind.PERMITS)

    def permitted_on(self, store: str) -> Iterator[tuple[str, Edge]]:
        """Return who may do something to a store: the principal and the edge that says at which level."""
        return self.into(store, EdgeKind.PERMITS)


def _is_permitted(edge: Edge) -> bool:
    return edge.evidence is Evidence.PERMITTED


def is_given(edge: Edge) -> bool:
    """Return whether policies that were seen give what an edge stands for, whatever the caller sends.

    Policies of the organization that were not seen can only take away: what is given without them counts as given.
    """
    return not edge.conditions and (not edge.unknown or bool(edge.limits))


def not_decided(edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return what is missing, in words, for edges that are neither given nor out of the question."""
    open_ = [edge for edge in edges if not is_given(edge)]
    keys = sorted({key for edge in open_ for key in edge.conditions})
    unmet = {f"whether requests meet {', '.join(keys)}"} if keys else set()
    return tuple(sorted({*each_once(edge.unknown for edge in open_ if edge.unknown), *unmet}))
