"""A graph over a table of edges: networkx as everybody knows it, and a twentieth of the room.

What is changed in a graph lies beside its table, which it may share with others: a copy takes hardly any room.
"""

from array import array
from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from itertools import chain
from typing import Any, Self

import msgspec
import networkx as nx

from auditkit.graph._edges import Attributes
from auditkit.graph._table import Table
from auditkit.graph.schema import Edge, Graph, Node

__all__ = ["KeptGraph", "graph_of", "table_of"]

Parallel = MutableMapping[Any, Any]
"""Edges from one node to another, by their keys."""


class _Changed:
    """What has become of the edges of a table in one graph."""

    __slots__ = ("pairs", "table")

    def __init__(self, table: Table, pairs: dict[int, dict[Any, Any]] | None = None) -> None:
        self.table = table
        self.pairs: dict[int, dict[Any, Any]] = pairs or {}

    def own(self, pair: int) -> dict[Any, Any]:
        """Return the edges of a pair as what this graph has of its own from now on."""
        if pair not in self.pairs:
            table = self.table
            self.pairs[pair] = {table.key(one): Attributes(table.edge(one)) for one in table.edges(pair)}
        return self.pairs[pair]

    def copy(self) -> "_Changed":
        return _Changed(self.table, {pair: _copied(edges) for pair, edges in self.pairs.items()})


class _OfTable(Attributes):
    """Attributes of an edge of a table."""

    __slots__ = ("_changed", "_number", "_pair")

    def __init__(self, changed: _Changed, pair: int, number: int) -> None:
        self._changed, self._pair, self._number = changed, pair, number

    @property
    def is_kept(self) -> bool:
        """Whether the edge is as it is in the table."""
        return self._pair not in self._changed.pairs

    def _other(self) -> MutableMapping[str, Any] | None:
        """Return the attributes that have taken the place of these."""
        edges = self._changed.pairs.get(self._pair)
        return None if edges is None else edges.get(self._changed.table.key(self._number))

    def _record(self) -> Edge | Mapping[str, Any]:
        other = None if self.is_kept else self._other()
        if other is None:
            return self._changed.table.edge(self._number)
        return other._record() if isinstance(other, Attributes) else dict(other)  # noqa: SLF001 -- of its own kind

    def _own(self) -> MutableMapping[str, Any]:
        self._changed.own(self._pair)
        other = self._other()
        return {} if other is None else other  # where the edge is gone, what is written to it is of no account

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if self.is_kept and name in _NAMES:
            table = self._changed.table
            return table.sources(self._number) if name == "sources" else getattr(table.says(self._number), name)
        return super().__getitem__(name)


_NAMES = frozenset(Edge.__struct_fields__)


class _Pair(MutableMapping[Any, Any]):
    """The edges from one node to another, by key."""

    __slots__ = ("_changed", "_pair")

    def __init__(self, changed: _Changed, pair: int) -> None:
        self._changed, self._pair = changed, pair

    def __getitem__(self, key: object) -> Any:  # noqa: ANN401
        own = self._changed.pairs.get(self._pair)
        if own is not None:
            return own[key]
        table = self._changed.table
        for number in table.edges(self._pair):
            if table.key(number) == key:
                return _OfTable(self._changed, self._pair, number)
        raise KeyError(key)

    def __setitem__(self, key: object, value: Any) -> None:  # noqa: ANN401
        own = self._changed.own(self._pair)
        if isinstance(value, _OfTable):  # which may stand for what is there already
            value = value.copy()
        own[key] = value

    def __delitem__(self, key: object) -> None:
        del self._changed.own(self._pair)[key]

    def __iter__(self) -> Iterator[Any]:
        own = self._changed.pairs.get(self._pair)
        table = self._changed.table
        return map(table.key, table.edges(self._pair)) if own is None else iter(own)

    def __len__(self) -> int:
        own = self._changed.pairs.get(self._pair)
        return len(self._changed.table.edges(self._pair)) if own is None else len(own)

    def __repr__(self) -> str:
        return repr(dict(self))

    def values(self) -> ValuesView[Any]:
        return _Values(self)

    def items(self) -> ItemsView[Any, Any]:
        return _Items(self)

    def copy_to(self, changed: _Changed) -> "_Pair":
        """Return the same for a copy of the graph."""
        return _Pair(changed, self._pair)

    def attributes(self) -> Iterator[Any]:
        """Yield the attributes of the edges; their keys are not worked out for it."""
        own = self._changed.pairs.get(self._pair)
        if own is not None:
            yield from own.values()
        else:
            for number in self._changed.table.edges(self._pair):
                yield _OfTable(self._changed, self._pair, number)


class _Values(ValuesView[Any]):
    _mapping: _Pair

    def __iter__(self) -> Iterator[Any]:
        return self._mapping.attributes()


class _Items(ItemsView[Any, Any]):
    _mapping: _Pair

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return zip(self._mapping, self._mapping.attributes(), strict=True)


class _Row(MutableMapping[Any, Parallel]):
    """The neighbours of one node in one direction, with the edges between."""

    __slots__ = ("_back", "_changed", "_node", "_own")

    def __init__(self, changed: _Changed, node: int, *, back: bool) -> None:
        self._changed, self._node, self._back = changed, node, back
        self._own: dict[Any, Parallel] | None = None

    def _pairs(self) -> "array[int] | range":
        table, node = self._changed.table, self._node
        if self._back:
            return table.back[table.back_start[node] : table.back_start[node + 1]]
        return range(table.start[node], table.start[node + 1])

    def _ends(self) -> "array[int]":
        return self._changed.table.tails if self._back else self._changed.table.heads

    def _all(self) -> dict[Any, Parallel]:
        """Return the neighbours as a dictionary that takes changes."""
        if self._own is None:
            self._own = dict(self.items())
        return self._own

    def __getitem__(self, other: object) -> Parallel:
        if self._own is not None:
            return self._own[other]
        table = self._changed.table
        place = table.index.get(other)  # type: ignore[call-overload]
        if place is not None:
            ends = (place, self._node) if self._back else (self._node, place)
            pair = table.pair(*ends)
            if pair >= 0:
                return _Pair(self._changed, pair)
        raise KeyError(other)

    def __setitem__(self, other: object, edges: Parallel) -> None:
        self._all()[other] = edges

    def __delitem__(self, other: object) -> None:
        del self._all()[other]

    def __iter__(self) -> Iterator[Any]:
        if self._own is not None:
            return iter(self._own)
        ids, ends = self._changed.table.ids, self._ends()
        return (ids[ends[pair]] for pair in self._pairs())

    def __len__(self) -> int:
        return len(self._pairs()) if self._own is None else len(self._own)

    def __repr__(self) -> str:
        return repr(dict(self))

    def values(self) -> ValuesView[Parallel]:
        return _Neighbours(self)

    def items(self) -> ItemsView[Any, Parallel]:
        return _NeighbourItems(self)

    def parallel(self) -> Iterator[Parallel]:
        """Yield the edges to each neighbour."""
        if self._own is not None:
            yield from self._own.values()
        else:
            for pair in self._pairs():
                yield _Pair(self._changed, pair)

    @property
    def is_kept(self) -> bool:
        """Whether the neighbours are those of the table."""
        return self._own is None

    def copy_to(self, changed: _Changed, known: dict[int, Parallel]) -> "_Row":
        """Return the same for a copy of the graph; ``known`` are the edges that were copied already."""
        other = _Row(changed, self._node, back=self._back)
        if self._own is not None:
            other._own = _copied_row(self._own, changed, known)
        return other


class _Neighbours(ValuesView[Parallel]):
    _mapping: _Row

    def __iter__(self) -> Iterator[Parallel]:
        return self._mapping.parallel()


class _NeighbourItems(ItemsView[Any, Parallel]):
    _mapping: _Row

    def __iter__(self) -> Iterator[tuple[Any, Parallel]]:
        return zip(self._mapping, self._mapping.parallel(), strict=True)


def _copied(edges: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: attributes.copy() for key, attributes in edges.items()}


def _copied_row(row: Mapping[Any, Parallel], changed: _Changed, known: dict[int, Parallel]) -> dict[Any, Parallel]:
    found: dict[Any, Parallel] = {}
    for other, edges in row.items():
        if id(edges) not in known:  # what leads there and what leads back is the same
            known[id(edges)] = edges.copy_to(changed) if isinstance(edges, _Pair) else _copied(edges)
        found[other] = known[id(edges)]
    return found


class KeptGraph(nx.MultiDiGraph):  # type: ignore[type-arg]  # which cannot be subscripted at run time
    """A graph that may lie over a table of edges, made by :func:`graph_of`; else a graph as any other."""

    _node: dict[Any, dict[str, Any]]
    _adj: dict[Any, MutableMapping[Any, Parallel]]
    _pred: dict[Any, MutableMapping[Any, Parallel]]
    _changed: _Changed | None = None

    def lie_over(self, table: Table, nodes: Mapping[str, Node]) -> None:
        """Become the graph of the edges of a table, and of its nodes."""
        self.add_nodes_from((node, msgspec.structs.asdict(nodes[node])) for node in table.ids)
        changed = self._changed = _Changed(table)
        for place, node in enumerate(table.ids):
            self._adj[node] = _Row(changed, place, back=False)
            self._pred[node] = _Row(changed, place, back=True)

    @property
    def table(self) -> Table | None:
        """The table that the graph lies over, as long as no edge was changed."""
        changed = self._changed
        if changed is None or changed.pairs or len(self) != len(changed.table.ids):
            return None
        rows = chain(self._adj.values(), self._pred.values())
        return changed.table if all(isinstance(row, _Row) and row.is_kept for row in rows) else None

    def __str__(self) -> str:
        """Return how large it is, under the name that people know it by."""
        return f"MultiDiGraph with {self.number_of_nodes()} nodes and {self.number_of_edges()} edges"

    def copy(self, as_view: bool = False) -> Self:  # noqa: FBT001, FBT002 -- as networkx has it
        """Return a copy, which has the table in common with this graph."""
        if as_view or self._changed is None:
            whole: Self = super().copy(as_view=as_view)
            return whole
        found = self.__class__()
        found.graph.update(self.graph)
        found.add_nodes_from((node, attributes.copy()) for node, attributes in self._node.items())
        found.share(self._changed, self._adj, self._pred)
        return found

    def share(self, changed: _Changed, *directions: Mapping[Any, MutableMapping[Any, Parallel]]) -> None:
        """Take over the edges of another graph, out and in, as they are there now."""
        own, known = changed.copy(), dict[int, Parallel]()
        self._changed = own
        for mine, rows in zip((self._adj, self._pred), directions, strict=True):
            for node, row in rows.items():
                mine[node] = row.copy_to(own, known) if isinstance(row, _Row) else _copied_row(row, own, known)


def graph_of(nodes: Mapping[str, Node], table: Table) -> Graph:
    """Return a graph of nodes and of the edges of a table; of both in their order."""
    graph = KeptGraph()
    graph.lie_over(table, nodes)
    return graph


def table_of(graph: Graph) -> Table | None:
    """Return the table of a graph whose edges are as they were made; None for others."""
    return graph.table if isinstance(graph, KeptGraph) else None
