"""Which side inputs an export has: evidence beside the configuration, without which some answers stay open."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec
import pandas as pd

from auditkit.inventory.coverage import Coverage, CoverageState
from auditkit.inventory.record import Source

__all__ = ["SideInput", "SideInputs"]

_BEST = (CoverageState.PRESENT, CoverageState.EMPTY, CoverageState.DENIED, CoverageState.MISSING)


class SideInput(msgspec.Struct, frozen=True, order=True):
    """A file of a side input.

    Attributes
    ----------
    name
        What it is, by the table ``side_inputs.toml``: ``"CloudTrail"``.
    source
        The file.
    state
        Present, empty (read, and nothing in it) or denied.
    """

    name: str
    source: Source
    state: CoverageState = CoverageState.PRESENT


class _Row(msgspec.Struct):
    name: str
    tells: str
    without: str
    call: str = ""


class _Table(msgspec.Struct):
    input: list[_Row]


@cache
def _rows() -> list[_Row]:
    text = files("auditkit.inventory").joinpath("side_inputs.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Table).input


class SideInputs:
    """The side inputs of an inventory.

    Parameters
    ----------
    read
        Files that were read as such.
    coverage
        Says which of them are calls of their own.
    """

    def __init__(self, read: Iterable[SideInput] = (), coverage: Coverage | None = None) -> None:
        self._read: Mapping[str, list[SideInput]] = {row.name: [] for row in _rows()}
        for found in sorted(set(read)):
            self._read[found.name].append(found)
        self._coverage = coverage if coverage is not None else Coverage()

    def __iter__(self) -> Iterator[SideInput]:
        """Iterate over the files that were read as such, in order."""
        return iter(sorted(one for found in self._read.values() for one in found))

    def state(self, name: str) -> CoverageState:
        """Return the best state of an input: *present* where any file of it says something, *missing* without a file.

        Raises
        ------
        KeyError
            There is no such input.
        """
        states = {found.state for found in self._read[name]}
        row = next(row for row in _rows() if row.name == name)
        service, _, operation = row.call.partition(".")
        states |= {call.state for call in self._coverage.find(service, operation)} if row.call else set()
        return min(states, key=_BEST.index, default=CoverageState.MISSING)

    def frame(self) -> pd.DataFrame:
        """Return one row per input.

        Returns
        -------
        pandas.DataFrame
            ``input``, ``state`` (str), ``files`` (int64), ``tells``, ``unknown without it`` (str).
        """
        rows = [
            (row.name, str(self.state(row.name)), len(self._read[row.name]), row.tells, row.without) for row in _rows()
        ]
        return pd.DataFrame(rows, columns=["input", "state", "files", "tells", "unknown without it"])
