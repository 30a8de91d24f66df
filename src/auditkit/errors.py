"""Exceptions raised by auditkit.

The tree, all below :class:`AuditkitError`::

    AuditkitError
    ├── CaseError        a case is not of its form (message names file, line and what to write)
    ├── CollectError     an account cannot be asked, or what it says cannot be kept
    ├── ExportError      an export cannot be read (message names file and place)
    ├── PolicyError      a policy document or a request cannot be understood
    ├── GraphError       a graph lacks a node, an edge or an attribute that was asked for
    ├── ScoreError       weights, costs or levels outside their range
    └── DrawError        a picture cannot be drawn
"""

from collections.abc import Iterable

import msgspec

__all__ = [
    "AuditkitError",
    "CaseError",
    "CaseProblem",
    "CollectError",
    "DrawError",
    "ExportError",
    "GraphError",
    "PolicyError",
    "ScoreError",
]


class AuditkitError(Exception):
    """Base of every error that auditkit raises on purpose."""


class CaseProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a case.

    Attributes
    ----------
    file
        Name of the file.
    line, column
        Where, from 1; 0 where it is about the whole file.
    path
        Keys and indices that lead there, ``"waivers[0].expires"``.
    message
        What is wrong, and what to write instead.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""
    message: str

    def __str__(self) -> str:
        """Return it on one line."""
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}: {place}{path}{self.message}"


class CaseError(AuditkitError):
    """A case is not of its form, or cannot be read or written.

    Attributes
    ----------
    problems
        All that is wrong, in the order of the file.
    more
        Whether there are problems beyond these.
    """

    def __init__(self, problems: Iterable[CaseProblem], *, more: bool = False) -> None:
        self.problems = tuple(problems)
        self.more = more
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Return one line for each problem, and one where there are more."""
        return [*map(str, self.problems), *(["and more; mend these first"] if self.more else [])]


class CollectError(AuditkitError):
    """An account cannot be asked, or what it says cannot be kept."""


class ExportError(AuditkitError):
    """An export, or a part of one, cannot be read."""


class PolicyError(AuditkitError):
    """A policy document or a request cannot be understood."""


class GraphError(AuditkitError):
    """A graph lacks a node, an edge or an attribute that was asked for."""


class ScoreError(AuditkitError):
    """A weight, a cost or a level is outside its range."""


class DrawError(AuditkitError):
    """A picture cannot be drawn."""
