"""What is asked about each kind of target: the actions, each a bit of a mask, and where in the target they are asked.

A request about objects, log streams or paths is about something *in* a target: reading a bucket is asked of
``bucket/-``.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from auditkit.errors import PolicyError
from auditkit.policy.matching import match_action
from auditkit.policy.resources import TrackedAction, actions_on, tracked_actions

__all__ = ["KEY_USE", "Shape", "shape_of"]

_BELOW = {"s3:bucket": {"s3:object": "/-"}, "logs:log-group": {"logs:log-stream": ":log-stream:-"}}
_HTTP = ("es:ESHttp*",)
_WORD = 64
KEY_USE = "use of kms:key"
"""Kind of a key that data is encrypted with, as far as decrypting is concerned."""


class Shape(NamedTuple):
    """What is asked about a kind of target.

    Attributes
    ----------
    actions
        The actions; the place of one is its bit.
    suffixes
        What is put behind the target's ARN -> mask of the actions that are asked there.
    read
        Mask of the actions that read what is stored: with encryption they need the key as well.
    """

    actions: tuple[TrackedAction, ...]
    suffixes: dict[str, int]
    read: int

    def mask(self, names: Iterable[str]) -> int:
        """Return the mask of some actions, by their names in lower case."""
        wanted = frozenset(names)
        return sum(1 << bit for bit, action in enumerate(self.actions) if action.name.lower() in wanted)

    def acting_on(self, kind: str) -> int:
        """Return the mask of the actions that act on a kind of resource inside the target."""
        return sum(1 << bit for bit, action in enumerate(self.actions) if kind in action.resources)


@lru_cache(maxsize=4096)
def shape_of(kind: str, wanted: frozenset[str] | None = None) -> Shape:
    """Return what is asked about a kind of target.

    Parameters
    ----------
    kind
        As :func:`auditkit.policy.resource_kind` names it, or :data:`KEY_USE`.
    wanted
        Names of the actions to look at, in lower case; None for all.
    """
    if kind == KEY_USE:
        return Shape((tracked_actions()["kms:decrypt"],), {"": 1}, 0)
    places = {action: "/-" if match_action(_HTTP, action.name) else "" for action in actions_on(kind)}
    for below, suffix in _BELOW.get(kind, {}).items():
        places |= dict.fromkeys(actions_on(below), suffix)
    actions = tuple(sorted(action for action in places if wanted is None or action.name.lower() in wanted))
    if len(actions) > _WORD:
        raise PolicyError(f"{len(actions)} actions are tracked on {kind}; a mask has room for {_WORD}")
    suffixes: dict[str, int] = {}
    read = 0
    for bit, action in enumerate(actions):
        suffixes[places[action]] = suffixes.get(places[action], 0) | 1 << bit
        read |= (action.access == "read") << bit
    return Shape(actions, suffixes, read)
