"""What edges say, kept once: a large graph has millions of edges, which say a few hundred things on many grounds."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditkit.graph._merging import beginning_of_key
from auditkit.graph.schema import Edge
from auditkit.inventory import Source

__all__ = ["Words"]

_SOURCES = Edge.__struct_fields__.index("sources")


class Words:
    """Edges without their ends: what they say, and on which grounds, by number.

    Attributes
    ----------
    bare : list of Edge
        What edges say, but for their sources.
    """

    def __init__(self) -> None:
        self.bare: list[Edge] = []
        self._beginnings: list[str] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._sources: list[Source] = []
        self._numbers: dict[Source, int] = {}
        self._start, self._grounds = array("i", [0]), array("i")

    def say(self, edge: Edge) -> int:
        """Return the number of what an edge says, but for its sources."""
        if edge.factors is not None:
            return self._add(edge)  # few are alike
        fields = msgspec.structs.astuple(edge)
        key = (type(edge.cost), type(edge.label), *fields[:_SOURCES], *fields[_SOURCES + 1 :])
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = self._add(edge)
        return number

    def _add(self, edge: Edge) -> int:
        self.bare.append(msgspec.structs.replace(edge, sources=()))
        self._beginnings.append(beginning_of_key(edge))
        return len(self.bare) - 1

    def ground(self, sources: Iterable[Source]) -> int:
        """Return the number of some sources, a new one each time."""
        for source in sources:
            number = self._numbers.setdefault(source, len(self._sources))
            if number == len(self._sources):
                self._sources.append(source)
            self._grounds.append(number)
        self._start.append(len(self._grounds))
        return len(self._start) - 2

    def sources(self, ground: int) -> tuple[Source, ...]:
        """Return sources by their number."""
        found = self._grounds[self._start[ground] : self._start[ground + 1]]
        return tuple([self._sources[number] for number in found])

    def grounds(self) -> tuple[Sequence[Source], NDArray[np.int32], NDArray[np.int32]]:
        """Return all sources, the same perhaps more than once; where those of each ground begin; and their numbers."""
        return self._sources, np.array(self._start, dtype=np.int32), np.array(self._grounds, dtype=np.int32)

    def rest(self) -> None:
        """Forget what tells whether something was said before; nothing is said for a while."""
        self._known, self._numbers = {}, {}

    def edge(self, bare: int, ground: int) -> Edge:
        """Return an edge in full."""
        return msgspec.structs.replace(self.bare[bare], sources=self.sources(ground))

    def key(self, bare: int, ground: int) -> str:
        """Return the key of an edge: :func:`auditkit.graph._merging.edge_key`."""
        first = self._start[ground]
        source = str(self._sources[self._grounds[first]]) if first < self._start[ground + 1] else ""
        return self._beginnings[bare] + source

    def order(self, bare: NDArray[np.int32], ground: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return numbers of edges that rise with their keys, the same for the same key: int32, shape (edges, 2)."""
        start = np.frombuffer(self._start, dtype=np.int32)
        grounds = np.append(np.frombuffer(self._grounds, dtype=np.int32), -1)
        first = np.where(start[:-1] < start[1:], grounds[start[:-1]], -1)[ground]
        beginnings = sorted(set(self._beginnings))
        if any(other.startswith(one) for one, other in pairwise(beginnings)):
            return self._order_of_keys(bare, first)
        rank = {text: number for number, text in enumerate(beginnings)}
        of_bare = np.array([rank[text] for text in self._beginnings], dtype=np.int32)
        texts = list(map(str, self._sources))
        rank = {text: number for number, text in enumerate(sorted(texts))}
        of_source = np.array([*(rank[text] for text in texts), -1], dtype=np.int32)
        return np.column_stack([of_bare[bare], of_source[first]])

    def _order_of_keys(self, bare: NDArray[np.int32], first: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the same by the keys themselves: where one begins with another, its parts do not tell the order."""
        pairs, which = np.unique(np.column_stack([bare, first]), axis=0, return_inverse=True)
        texts = [*map(str, self._sources), ""]
        keys = [self._beginnings[one] + texts[source] for one, source in pairs.tolist()]
        rank = {text: number for number, text in enumerate(sorted(set(keys)))}
        found = np.array([rank[key] for key in keys], dtype=np.int32)[which.reshape(-1)]
        return np.column_stack([found, np.zeros_like(found)])
