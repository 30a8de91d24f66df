"""Where the values of a resolved template stand in the files of the export.

Resolving moves values: a function gives one of its arguments, a list loses what is left out, a transform makes
resources of others, and parts stand in files of their own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from auditkit.exports.cloudformation._includes import Included
from auditkit.exports.cloudformation._values import escaped, steps_of
from auditkit.inventory import Source

__all__ = ["Places"]


class Places:
    """Finds the places of one template.

    Parameters
    ----------
    file
        Its file, as sources name it.
    document
        Content of the file.
    base
        Where the template stands in the file.
    included
        Parts of the template that stand in files of their own, by where they now stand.
    looped
        Where what loops made stands in the template, by where it now stands.
    """

    def __init__(
        self,
        file: str,
        document: Any,  # noqa: ANN401 -- a file may hold anything
        base: str,
        included: Mapping[str, Included],
        looped: Mapping[str, str],
    ) -> None:
        self._file = file
        self._document = document
        self._base = base
        self._included = included
        self._looped = looped
        self._origin: Callable[[str], str] | None = None
        self._picked: dict[str, str] = {}
        self._shifted: dict[tuple[str, str], str] = {}

    def transformed(self, origin: Callable[[str], str]) -> None:
        """Note that a transform made the template, and how its places lead to those of the template as it was."""
        self._origin = origin
        self._picked.clear()
        self._shifted.clear()

    def pick(self, pointer: str, index: int) -> None:
        """Note that of a function's arguments one is its value: what stands below stands there."""
        self._picked[pointer.rpartition("/")[0]] = f"{pointer}/{index}"

    def shift(self, pointer: str, index: int, was: int) -> None:
        """Note that an item of a list stood further on in it."""
        self._shifted[pointer, str(index)] = str(was)

    def of_resolved(self, pointer: str) -> Source:
        """Return the place in a file of a place in the resolved template."""
        place = ""
        for step in pointer.split("/")[1:]:
            place = f"{place}/{self._shifted.get((place, step), step)}"
            while place in self._picked:
                place = self._picked[place]
        return self.of(place)

    def of(self, pointer: str) -> Source:
        """Return the place in a file of a place in the template: the nearest that the file has.

        It is a leaf where what stands below has other names, or none.
        """
        place = pointer if self._origin is None else self._origin(pointer)
        for start, part in self._included.items():
            if place == start or place.startswith(f"{start}/"):
                return Source(part.file, _nearest(part.content, place.removeprefix(start)), leaf=True)
        whole = self._base + self._before_loops(place)
        found = _nearest(self._document, whole) or self._base
        return Source(self._file, found, leaf=self._origin is not None or found != whole)

    def _before_loops(self, place: str) -> str:
        """Return the place, in the template with its loops, of a place in the one where they are written out."""
        start = place if self._looped else ""
        while start:
            if start in self._looped:
                return self._looped[start] + place.removeprefix(start)
            start = start.rpartition("/")[0]
        return place


def _nearest(document: Any, pointer: str) -> str:  # noqa: ANN401 -- a file may hold anything
    """Return a pointer as far as a document has what it leads to."""
    found, value = "", document
    for step in steps_of(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            break
        found += f"/{escaped(step)}"
    return found
