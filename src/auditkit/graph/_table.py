"""Edges as columns: those that are said, in any order, and those of a finished graph, sorted.

A large graph has millions of edges. In dictionaries each takes some 500 bytes; here it takes 20.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditkit.graph._merging import observed, unique
from auditkit.graph._words import Words
from auditkit.graph.schema import Edge
from auditkit.inventory import Source

__all__ = ["Place", "Said", "Table"]

Place = tuple[str, str, str]
"""Where an edge is: its two ends, and its key."""
Column = NDArray[np.int32]
Columns = tuple[Column, Column, Column, Column]
"""Of each edge: the places of its tail and its head, and what is said on which grounds, by number."""


class Said:
    """Edges as they were said, in any order.

    Attributes
    ----------
    nodes : list of str
        Ids that were given a number.
    words : Words
        What the edges say.
    """

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self._numbers: dict[str, int] = {}
        self.words = Words()
        self._tail, self._head, self._bare, self._ground = (array("i") for _ in range(4))

    def __len__(self) -> int:
        """Return how many edges were said."""
        return len(self._tail)

    def number(self, node: str) -> int:
        """Return the number of a node, by its id."""
        number = self._numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number

    def say(self, tails: Sequence[int], heads: Sequence[int], edge: Edge) -> None:
        """Say that there is the same edge between each of some pairs of nodes, by their numbers."""
        bare, ground = self.words.say(edge), self.words.ground(edge.sources)
        self._tail.extend(tails)
        self._head.extend(heads)
        self._bare.extend([bare] * len(tails))
        self._ground.extend([ground] * len(tails))

    def into(self, holds: Callable[[Edge], bool]) -> Iterator[tuple[str, Edge]]:
        """Yield targets of edges of which something holds, with what these say but for their sources."""
        chosen = [number for number, edge in enumerate(self.words.bare) if holds(edge)]
        _, head, bare, _ = self.columns()
        for place in np.flatnonzero(np.isin(bare, chosen)).tolist():
            yield self.nodes[head[place]], self.words.bare[bare[place]]

    def columns(self) -> Columns:
        """Return tails, heads, and what is said on which grounds; nothing may be said while they are in use."""
        tail, head, bare, ground = (
            np.frombuffer(column, dtype=np.int32) for column in (self._tail, self._head, self._bare, self._ground)
        )
        return tail, head, bare, ground

    def clear(self) -> None:
        """Forget all edges."""
        self._tail, self._head, self._bare, self._ground = (array("i") for _ in range(4))


class Table:
    """Edges of a graph, sorted by their ends and key; the edges from one node to another are a *pair*.

    Parameters
    ----------
    ids
        Ids of the nodes, sorted.
    columns
        Edges in any order.
    words
        What there is to say.

    Attributes
    ----------
    ids, words
        As given.
    index : dict of str to int
        Place of each id.
    start, heads, tails : array of int
        First pair of each node that it is the tail of, and the ends of each pair.
    back_start, back : array of int
        The same pairs by their heads: where those of each node begin, and the pairs.
    first : array of int
        First edge of each pair.
    bare, ground : array of int
        What each edge says.
    """

    def __init__(self, ids: list[str], columns: Columns, words: Words) -> None:
        self.ids, self.words = ids, words
        self.index = {node: place for place, node in enumerate(ids)}
        self._named: dict[int, str] = {}
        tail, head, bare, ground = self._in_order(columns)
        self.bare, self.ground = _packed(bare), _packed(ground)
        begins = np.flatnonzero(_differs(tail) | _differs(head))
        self.first = _packed(np.append(begins, len(tail)))
        tail, head = tail[begins], head[begins]
        self.tails, self.heads = _packed(tail), _packed(head)
        nodes = np.arange(len(ids) + 1)
        self.start = _packed(np.searchsorted(tail, nodes))
        back = np.argsort(head, kind="stable")
        self.back = _packed(back)
        self.back_start = _packed(np.searchsorted(head[back], nodes))

    def _in_order(self, columns: Columns) -> Columns:
        """Return edges sorted by ends and key, each once; those of one key that differ get keys of their own."""
        tail, head, bare, ground = columns
        rank = self.words.order(bare, ground)
        order = np.lexsort((*rank.T[::-1], head, tail))
        tail, head, bare, ground = tail[order], head[order], bare[order], ground[order]
        twin = ~(_differs(tail) | _differs(head) | _differs(rank[order, 0]) | _differs(rank[order, 1]))
        if not twin.any():
            return tail, head, bare, ground
        follows = np.append(twin[1:], np.zeros(1, dtype=bool))
        begins, ends = np.flatnonzero(~twin & follows), np.flatnonzero(twin & ~follows) + 1
        named: dict[int, str] = {}
        gone: list[int] = []
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            said = self._told_apart(zip(bare[begin:end].tolist(), ground[begin:end].tolist(), strict=True))
            for number, pair in enumerate(said, begin):
                bare[number], ground[number] = pair
                if number > begin:
                    named[number] = f"{self.words.key(*pair)}#{number - begin + 1}"
            gone += range(begin + len(said), end)
        kept = np.delete(np.arange(len(tail)), gone)
        self._named = {int(np.searchsorted(kept, number)): key for number, key in named.items()}
        return tail[kept], head[kept], bare[kept], ground[kept]

    def _told_apart(self, said: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return what edges say that have the same key, each once."""
        edges = [(self.words.edge(*pair), pair) for pair in dict.fromkeys(said)]
        every = unique(edge for edge, _ in edges)
        ordered = sorted(every, key=repr) if len(every) > 1 else every
        return [next(pair for one, pair in edges if one is edge) for edge in ordered]

    # ------------------------------------------------------------ reading

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.bare)

    def pair(self, tail: int, head: int) -> int:
        """Return the pair from one node to another, by their places; -1 where there is none."""
        end = self.start[tail + 1]
        found = bisect_left(self.heads, head, self.start[tail], end)
        return found if found < end and self.heads[found] == head else -1

    def pair_of(self, tail: str, head: str) -> int:
        """Return the pair from one node to another, by their ids; -1 where there is none."""
        return self.pair(self.index[tail], self.index[head]) if tail in self.index and head in self.index else -1

    def edges(self, pair: int) -> range:
        """Return the numbers of the edges of a pair."""
        return range(self.first[pair], self.first[pair + 1])

    def says(self, number: int) -> Edge:
        """Return what an edge says, but for its sources."""
        return self.words.bare[self.bare[number]]

    def sources(self, number: int) -> tuple[Source, ...]:
        """Return the sources of an edge."""
        return self.words.sources(self.ground[number])

    def edge(self, number: int) -> Edge:
        """Return an edge in full; it must not be changed."""
        return self.words.edge(self.bare[number], self.ground[number])

    def key(self, number: int) -> str:
        """Return the key of an edge."""
        return self._named.get(number) or self.words.key(self.bare[number], self.ground[number])

    # ------------------------------------------------------------ what was observed

    def observe(self, observations: Mapping[Place, Iterable[Source]]) -> None:
        """Raise edges to observed ones; their keys stay."""
        for (tail, head, key), sources in observations.items():
            pair = self.pair_of(tail, head)
            for number in self.edges(pair) if pair >= 0 else ():
                if self.key(number) == key:
                    edge = observed(self.edge(number), sources)
                    self._named[number] = key
                    self.bare[number], self.ground[number] = self.words.say(edge), self.words.ground(edge.sources)


def _differs(column: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return where a column is not what it was one before."""
    return np.append(np.ones(min(len(column), 1), dtype=bool), column[1:] != column[:-1])


def _packed(column: NDArray[np.int32] | NDArray[np.int64]) -> "array[int]":
    found = array("i")
    found.frombytes(np.ascontiguousarray(column, dtype=np.int32).tobytes())
    return found
