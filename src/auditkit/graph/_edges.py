"""Attributes of edges: records that many edges may have in common, as the dictionaries that networkx holds."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Graph

__all__ = ["Attributes", "add_edge", "edge_of", "meaning_of", "shared_edge"]

_FIELDS = Edge.__struct_fields__
_NAMES = frozenset(_FIELDS)


class Attributes(MutableMapping[str, Any]):
    """Attributes of an edge, as a dictionary holds them.

    Edges that say the same have one record in common, in a fifth of the room of a dictionary each; what is changed of
    one of them becomes a dictionary of its own.

    Parameters
    ----------
    edge
        Its fields are the attributes, in their order. It must not be changed.
    """

    __slots__ = ("_held",)

    def __init__(self, edge: Edge) -> None:
        self._held: Edge | dict[str, Any] = edge

    @property
    def edge(self) -> Edge | None:
        """The attributes as one record; None if they were changed."""
        record = self._record()
        return record if isinstance(record, Edge) else None

    def _record(self) -> Edge | Mapping[str, Any]:
        return self._held

    def _own(self) -> MutableMapping[str, Any]:
        """Return the attributes as what takes changes."""
        if isinstance(self._held, Edge):
            self._held = msgspec.structs.asdict(self._held)
        return self._held

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- of an edge, or anything that was added
        record = self._record()
        if not isinstance(record, Edge):
            return record[name]
        if name not in _NAMES:
            raise KeyError(name)
        return getattr(record, name)

    def __contains__(self, name: object) -> bool:
        record = self._record()
        return name in (_NAMES if isinstance(record, Edge) else record)

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401
        self._own()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._own()[name]

    def __iter__(self) -> Iterator[str]:
        record = self._record()
        return iter(_FIELDS if isinstance(record, Edge) else record)

    def __len__(self) -> int:
        record = self._record()
        return len(_FIELDS if isinstance(record, Edge) else record)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Attributes):
            return self._record() is other._record() or self.copy() == other.copy()
        return self.copy() == other if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.copy())

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return self.copy() | dict(other)

    def copy(self) -> dict[str, Any]:
        """Return a dictionary of the attributes."""
        record = self._record()
        return msgspec.structs.asdict(record) if isinstance(record, Edge) else dict(record)


def add_edge(graph: Graph, place: tuple[str, str, str], edge: Edge) -> None:
    """Add an edge to a graph.

    Parameters
    ----------
    graph
        Has both nodes.
    place
        Origin, target and key.
    edge
        Its fields become attributes, in their order.
    """
    origin, target, key = place
    graph.add_edge(origin, target, key=key)
    between: MutableMapping[Any, Any] = graph.get_edge_data(origin, target)
    between[key] = Attributes(edge)


def shared_edge(attributes: Mapping[str, Any]) -> Edge | None:
    """Return the record of attributes that are as they were made; None for others."""
    return attributes.edge if isinstance(attributes, Attributes) else None


def edge_of(attributes: Mapping[str, Any]) -> Edge:
    """Return the attributes of an edge as one record, which must not be changed.

    Raises
    ------
    TypeError
        If one is missing that has no default.
    """
    return shared_edge(attributes) or Edge(**{name: attributes[name] for name in _FIELDS if name in attributes})


def meaning_of(edge: Edge) -> tuple[EdgeKind, AccessLevel | None, str] | None:
    """Return what an edge says that policies give: one principal has one edge for it on one target; None for others.

    So where a grant gives the same on that target, the plain edge says it in full, and nothing follows from the grant.
    """
    of_policies = edge.evidence in {Evidence.PERMITTED, Evidence.OBSERVED} and edge.kind is not EdgeKind.ESCALATES
    return (edge.kind, edge.access, edge.qualifier) if of_policies else None
