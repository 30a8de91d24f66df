"""Policy documents by where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditkit.inventory import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from auditkit.score._links import Grounds

__all__ = ["NO_DOCUMENTS", "Documents", "Standing"]

_Place = tuple[str, str]
"""File and JSON pointer."""


class Documents:
    """Some documents; tells what stands in one of them.

    Parameters
    ----------
    sources
        Where they stand.

    Attributes
    ----------
    places : frozenset of tuple of str
        File and pointer of each.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self.places = frozenset((source.file, source.pointer) for source in sources)

    def hold(self, sources: Iterable[Source]) -> bool:
        """Return whether any of some places lies in a document (:meth:`~auditkit.inventory.Source.lies_in`)."""
        return bool(self.places) and any(map(self._holds, sources))

    def _holds(self, source: Source) -> bool:
        return any(place in self.places for place in _above(source))


def _above(source: Source) -> Iterator[_Place]:
    """Yield a place and all that it lies in, as far as the file."""
    file, pointer = source.file, source.pointer
    yield file, pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield file, pointer


NO_DOCUMENTS = Documents(())


class Standing:
    """Tells of many edges at once which were read in some documents.

    Parameters
    ----------
    grounds
        Where edges were read.
    documents
        All documents that will be asked for.
    """

    def __init__(self, grounds: Grounds, documents: Iterable[Documents]) -> None:
        sources = grounds.sources
        known = frozenset[_Place]().union(*(one.places for one in documents))
        found: dict[_Place, list[int]] = {}
        above: dict[_Place, list[_Place]] = {}
        for number, source in enumerate(sources):
            file, pointer = source.file, source.pointer
            place = file, pointer.rpartition("/")[0]  # many stand in one
            if place not in above:
                above[place] = [one for one in _above(Source(*place)) if one in known]
            for one in above[place]:
                found.setdefault(one, []).append(number)
            if pointer and (file, pointer) in known:
                found.setdefault((file, pointer), []).append(number)
        self._found = {place: np.array(numbers) for place, numbers in found.items()}
        self._grounds = grounds
        self._flags = np.zeros(len(sources), dtype=bool)  # none is up between questions

    def any_of(self, edges: NDArray[np.int64], documents: Documents) -> NDArray[np.bool_]:
        """Return which edges were read in some documents, as :meth:`Documents.hold` tells of the sources of one."""
        marks = [self._found[place] for place in documents.places if place in self._found]
        for mark in marks:
            self._flags[mark] = True
        found = self._grounds.any_of(edges, self._flags)
        for mark in marks:
            self._flags[mark] = False
        return found
