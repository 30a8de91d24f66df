"""Checks that only ask where restricted data is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit.areas.answers import Answer, not_found, unknown
from auditkit.areas.reach import RANK
from auditkit.areas.scene import is_given, not_decided
from auditkit.areas.versions import live_versions
from auditkit.graph.schema import AccessLevel, EdgeKind, Sensitivity

if TYPE_CHECKING:
    from auditkit.areas.scene import Scene
    from auditkit.graph.schema import Node
    from auditkit.inventory.records.functions import Function

__all__ = ["unless_restricted"]

_MOST = RANK[Sensitivity.RESTRICTED]


def unless_restricted(scene: Scene, function: Function, *, place: str = "") -> Answer | None:
    """Return the answer for a function that is not known to hold restricted data, ``None`` for one that does.

    It is *unknown* where the function holds stores of unknown sensitivity, as one of them may be restricted, and where
    its role gets at one that may be only under conditions.
    """
    held = scene.reach.loot(function.id, 0.0)
    if held.sensitivity is Sensitivity.RESTRICTED:
        return None
    if held.unknown:
        count = f"{held.unknown} store{'s' if held.unknown > 1 else ''}"
        lacks = f"the sensitivity of {count} that it holds (tags, case)"
        return unknown(function, lacks, at=function.source, place=place)
    roles = {code.role or "": None for code in (function, *(version for version, _ in live_versions(function, scene)))}
    permitted = [one for role in roles for one in scene.acting_alike(function.id, role, EdgeKind.PERMITS)]
    doubtful = (one for one in permitted if one.edge.access is not AccessLevel.METADATA and not is_given(one.edge))
    narrowed = [one.edge for one in doubtful if scene.neighbours.where(_may_be_restricted)[one.places].any()]
    if narrowed:
        at = [source for edge in narrowed for source in edge.sources]
        return unknown(function, not_decided(narrowed), at=at, place=place)
    return not_found(function, "it holds no restricted data", at=function.source, place=place)


def _may_be_restricted(node: Node) -> bool:
    return node.sensitivity is not None and RANK.get(node.sensitivity, _MOST) >= _MOST
