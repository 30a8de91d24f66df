"""Names of resources as people read them: those that several share are told apart by account, region and API."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from auditkit.graph import Graph

__all__ = ["names_of", "told_apart", "with_names"]

_NAMED = {
    "label": ("node", "store", "function", "id", "resource"),
    "name": ("function", "id", "target"),
    "title": ("node",),
    **{f"{end}_label": (end,) for end in ("start", "end", "origin", "target", "from", "to", "store", "entry")},
    "worst_store_label": ("worst_store",),
}
"""Column of names -> columns that may hold what they are the names of."""
_WORDS = frozenset({"weakest_factor"})
"""Columns that hold words of programs."""
_PLACED = ("label", "name")
"""Columns of names that columns of account and region are about."""
_KIND = re.compile(r"[^:/]*[:/]")
_ROUTE = re.compile(r"route:([^:]*):([^:/]*):([^/]*)/.*", re.DOTALL)
_PARTS = ("account", "region", "api")
_PIECES = 5
"""Of an ARN, after the first."""


class _Place(NamedTuple):
    """Where a resource is, and of what sort it is; ``api`` is the id of the API that a route is of."""

    sort: str
    account: str = ""
    region: str = ""
    api: str = ""


def names_of(graph: Graph) -> dict[str, str]:
    """Return what people call each node, by its id: its label, and where it is if others of its sort are called so."""
    ids = list(graph)
    return dict(zip(ids, told_apart(ids, (str(graph.nodes[node]["label"] or node) for node in ids)), strict=True))


def told_apart(ids: Iterable[str], names: Iterable[str], *, shown: Collection[str] = ()) -> list[str]:
    """Return names; behind those that several resources of one sort share, in what of account, region, API they differ.

    Parameters
    ----------
    ids
        What each is the name of: ARNs, or ids of nodes.
    names
        One for each.
    shown
        ``"account"``, ``"region"``: what is told beside the names anyway.
    """
    named = list(zip(ids, names, strict=True))
    known = {node: _place(node) for node, _ in named}
    alike: dict[tuple[str, str], set[_Place]] = {}
    for node, name in named:
        alike.setdefault((known[node].sort, name), set()).add(known[node])
    parts = {key: _parts(places, shown) for key, places in alike.items()}
    return [_told(name, known[node], parts[known[node].sort, name]) for node, name in named]


def with_names(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a table as people read it: what has the same name is told apart (:func:`told_apart`), and words are words.

    Parameters
    ----------
    frame
        A table that people read; it stays as it is.
    columns
        Those that are shown, with their headings.
    """
    told = {}
    for column, owners in _NAMED.items():
        owner = next((name for name in owners if name in frame.columns), None)
        if column in columns and column in frame.columns and owner is not None:
            beside = columns if column in _PLACED else ()
            told[column] = told_apart(map(str, frame[owner]), map(str, frame[column]), shown=beside)
    for column in _WORDS & set(columns) & set(frame.columns):
        told[column] = [str(value).replace("_", " ") for value in frame[column]]
    found = frame.assign(**{name: pd.Series(names, index=frame.index, dtype="str") for name, names in told.items()})
    found.attrs = dict(frame.attrs)
    return found


def _place(node: str) -> _Place:
    """Return where a node is by its id; nowhere in particular where its id does not say."""
    before, arn, rest = node.partition("arn:")
    pieces = rest.split(":", _PIECES - 1)
    if arn and len(pieces) == _PIECES:
        _, service, region, account, resource = pieces
        return _Place(f"{before}{service}:{_kind(resource)}", account, region)
    route = _ROUTE.fullmatch(node)
    return _Place("route", *route.groups()) if route else _Place(node)


def _kind(resource: str) -> str:
    """Return what stands before the name of a resource in its ARN."""
    found = _KIND.match(resource)
    return found[0] if found else ""


def _parts(places: Collection[_Place], shown: Collection[str]) -> tuple[str, ...]:
    """Return in what some places differ that is not told anyway."""
    return tuple(part for part in _PARTS if part not in shown and len({getattr(one, part) for one in places}) > 1)


def _told(name: str, place: _Place, parts: Iterable[str]) -> str:
    said = ", ".join(filter(None, (getattr(place, part) for part in parts)))
    return f"{name} ({said})" if said else name
