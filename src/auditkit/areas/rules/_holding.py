"""Checks that only ask where restricted data is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditkit.areas.answers import Answer, not_found, unknown
from auditkit.graph.schema import Sensitivity

if TYPE_CHECKING:
    from auditkit.areas.scene import Scene
    from auditkit.inventory.records.functions import Function

__all__ = ["unless_restricted"]


def unless_restricted(scene: Scene, function: Function) -> Answer | None:
    """Return the answer for a function that is not known to hold restricted data, ``None`` for one that does.

    It is *unknown* where the function holds stores of unknown sensitivity: one of them may be restricted.
    """
    held = scene.reach.loot(function.id, 0.0)
    if held.sensitivity is Sensitivity.RESTRICTED:
        return None
    if held.unknown:
        count = f"{held.unknown} store{'s' if held.unknown > 1 else ''}"
        return unknown(function, f"the sensitivity of {count} that it holds (tags, case)", at=function.source)
    return not_found(function, "it holds no restricted data", at=function.source)
