"""Sets of targets as scopes: what many sets have in common is one scope, of which the others are made.

A set that is one role's alone may still share most of its targets with the sets of others: all buckets but three, the
tables of one team. So each set is put together from smaller sets that it contains, from *cells* (targets that are in
the very same sets), and from runs of neighbouring cells; edges are then some for each set, and not one for each target
of each set.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Packed", "put_together"]

Bits = NDArray[np.uint8]
Numbers = NDArray[np.int64]
K = TypeVar("K", bound=Hashable)

_TRIED, _TAKEN = 256, 64
"""Most smaller sets that are tried, and that one is put together from."""
_AT_ONCE = 512

_Block = tuple[int, int]
"""Neighbouring cells: a number and a level, from ``number << level`` up to the next."""


class Packed(MutableMapping[K, Numbers]):
    """Sets of numbers by name, each kept as bits: a large account has thousands of sets of thousands of targets."""

    def __init__(self) -> None:
        self._bits: dict[K, Bits] = {}

    def __getitem__(self, name: K) -> Numbers:
        return np.flatnonzero(np.unpackbits(self._bits[name]))

    def __setitem__(self, name: K, numbers: NDArray[np.integer[Any]]) -> None:
        flags = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
        flags[numbers] = True
        self._bits[name] = np.packbits(flags)

    def __delitem__(self, name: K) -> None:
        del self._bits[name]

    def __contains__(self, name: object) -> bool:
        return name in self._bits

    def __iter__(self) -> Iterator[K]:
        return iter(self._bits)

    def __len__(self) -> int:
        return len(self._bits)


def put_together(sets: Mapping[str, Numbers], members: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what scopes consist of: other scopes, and members.

    Besides the sets themselves there are the scopes that they share, named ``cell:<first member>`` and
    ``run:<first member>:<level>``.

    Parameters
    ----------
    sets
        Name of each set, and the places of its members, sorted; two names stand for different sets.
    members
        All members, sorted; each is in a set.

    Notes
    -----
    Sets that are intervals over the sorted members, or nest in each other, come to ``O(log n)`` parts each.
    """
    sizes = {name: len(numbers) for name, numbers in sets.items()}
    names = sorted(sets, key=lambda name: (sizes[name], name))
    cell_of = _cells((sets[name] for name in names), len(members))
    cells: list[list[str]] = [[] for _ in range(int(cell_of.max(initial=-1)) + 1)]
    for one, cell in zip(members, cell_of.tolist(), strict=True):
        cells[cell].append(one)
    cover = _Cover((np.unique(cell_of[sets[name]]) for name in names), len(names), len(cells))
    covered = [cover.of(row) for row in range(len(names))]
    blocks = [_blocks(left) for _, left in covered]
    made = _Made(cells, _used_twice(blocks))
    for name, (smaller, _), some in zip(names, covered, blocks, strict=True):
        if not smaller and len(some) == 1 and some[0] in made.cells:
            made.name(some[0], name)
        else:
            parts = (part for block in some for part in made.of(block))
            made.parts[name] = (*(names[row] for row in smaller), *parts)
    return made.parts


def _cells(sets: Iterable[Numbers], count: int) -> Numbers:
    """Return the cell of each member, numbered by the first member of each."""
    cell, size = np.zeros(count, dtype=np.int64), np.array([count])
    for some in sets:
        touched, which, inside = np.unique(cell[some], return_inverse=True, return_counts=True)
        split = np.flatnonzero(inside < size[touched])
        to = touched.copy()
        to[split] = len(size) + np.arange(len(split))
        size[touched[split]] -= inside[split]
        size = np.append(size, inside[split])
        cell[some] = to[which]
    _, first, which = np.unique(cell, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    found: Numbers = rank[which]
    return found


class _Cover:
    """Puts sets of cells together from smaller ones.

    Parameters
    ----------
    sets
        The cells of each set, sorted; sets come in the order of their size.
    count, cells
        How many there are.
    """

    def __init__(self, sets: Iterable[Numbers], count: int, cells: int) -> None:
        self._first, self._last = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self._bits: Bits = np.zeros((count, -(-cells // 8)), dtype=np.uint8)
        for row, some in enumerate(sets):
            self._first[row], self._last[row] = some[0], some[-1]
            self._bits[row] = np.packbits(np.bincount(some, minlength=cells).astype(bool))
        self._cells = cells

    def of(self, row: int) -> tuple[list[int], Numbers]:
        """Return the smaller sets that a set contains and is put together from, and the cells that are left."""
        left = self._bits[row].copy()
        found: list[int] = []
        for one in islice(self._inside(row), _TRIED):
            if len(found) == _TAKEN or not left.any():
                break
            if int(np.bitwise_count(left & self._bits[one]).sum()) > 1:
                found.append(one)
                left &= ~self._bits[one]
        return found, np.flatnonzero(np.unpackbits(left, count=self._cells))

    def _inside(self, row: int) -> Iterator[int]:
        """Yield the smaller sets that a set contains, the largest first."""
        own = self._bits[row]
        inside = np.unpackbits(own, count=self._cells).astype(bool)
        smaller = np.flatnonzero(inside[self._first[:row]] & inside[self._last[:row]])[::-1]
        span = slice(int(self._first[row]) // 8, int(self._last[row]) // 8 + 1)
        outside = ~own[span]
        for start in range(0, len(smaller), _AT_ONCE):
            some = smaller[start : start + _AT_ONCE]
            yield from some[~(self._bits[some, span] & outside).any(axis=1)].tolist()


class _Made:
    """Scopes that sets share, made when they are asked for."""

    def __init__(self, cells: list[list[str]], shared: set[_Block]) -> None:
        self.cells = {(number, 0): tuple(cell) for number, cell in enumerate(cells)}
        self._shared = shared
        self._names: dict[_Block, str] = {}
        self.parts: dict[str, tuple[str, ...]] = {}

    def name(self, block: _Block, name: str) -> None:
        """Name a cell by the set that it is all of."""
        self._names[block], self.parts[name] = name, self.cells[block]

    def of(self, block: _Block) -> Iterator[str]:
        """Yield what stands for a block: one scope where it is shared, what is in it otherwise."""
        number, level = block
        if block in self.cells:
            yield self._of_cell(block)
        elif block in self._shared:
            name = f"run:{self.cells[number << level, 0][0]}:{level}"
            if name not in self.parts:
                self.parts[name] = tuple(part for half in _halves(block) for part in self.of(half))
            yield name
        else:
            for half in _halves(block):
                yield from self.of(half)

    def _of_cell(self, block: _Block) -> str:
        cell = self.cells[block]
        if len(cell) == 1:
            return cell[0]
        if block not in self._names:
            self.name(block, f"cell:{cell[0]}")
        return self._names[block]


def _halves(block: _Block) -> tuple[_Block, _Block]:
    number, level = block
    return (2 * number, level - 1), (2 * number + 1, level - 1)


def _blocks(cells: Numbers) -> list[_Block]:
    """Return the fewest aligned blocks that some cells are, in order."""
    numbers, level = set(cells.tolist()), 0
    found: list[_Block] = []
    while numbers:
        upper = {number >> 1 for number in numbers if number ^ 1 in numbers}
        found += [(number, level) for number in numbers if number >> 1 not in upper]
        numbers, level = upper, level + 1
    return sorted(found, key=lambda block: block[0] << block[1])


def _used_twice(blocks: list[list[_Block]]) -> set[_Block]:
    """Return the blocks of several cells that more than one set, or larger block, is made of."""
    counts = Counter(block for some in blocks for block in some)
    for level in range(max((level for _, level in counts), default=0), 0, -1):
        for block in [block for block in counts if block[1] == level]:
            counts.update(_halves(block))
    return {block for block, count in counts.items() if count > 1 and block[1] > 0}
