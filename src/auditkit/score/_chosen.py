"""What a table of blast radii is about: nodes that are chosen, taken over, or that there are none of."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from auditkit.inventory import Kind
from auditkit.score._input import find_node
from auditkit.score.arrays import Attack

__all__ = ["chosen", "reason", "taken_over"]


def chosen(attack: Attack, of: str | Kind | Iterable[str] | None) -> list[int]:
    """Return the places of a node, of several, of all of a kind, or of all functions inside."""
    nodes = attack.nodes
    if of is None or isinstance(of, Kind):
        kind = Kind.FUNCTION if of is None else of
        return [place for place, node in enumerate(nodes.at) if node.kind is kind and (of or not nodes.outside[place])]
    ids = [of] if isinstance(of, str) else sorted(set(of))
    return [find_node(nodes, node_id) for node_id in ids]


def taken_over(attack: Attack, places: list[int]) -> NDArray[np.int64]:
    """Return what whoever holds some nodes starts from."""
    return np.array([attack.taken_over(place) for place in places], dtype=np.int64)


def reason(attack: Attack, what: str) -> str:
    """Return why a table is empty."""
    return f"The graph has no {what}." if len(attack.nodes) else "The graph is empty."
