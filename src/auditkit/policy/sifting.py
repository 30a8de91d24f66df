"""What a policy cannot allow, told from its actions alone, before it is asked in full."""

from functools import lru_cache

from auditkit.policy.documents import Document
from auditkit.policy.matching import match_action
from auditkit.policy.resources import TrackedAction, actions_on

__all__ = ["about_action", "allowed_actions", "allows_action"]

_Named = tuple[tuple[str, ...] | None, tuple[str, ...] | None]
"""The actions that a statement names, and those that it leaves out."""


def allows_action(document: Document, action: str) -> bool:
    """Return whether an Allow statement of a policy is about an action, whoever asks, of whatever resource.

    Parameters
    ----------
    document
        A policy that could be read: of one that could not, nothing can be told.
    action
        ``"service:Action"``.

    Returns
    -------
    bool
        False where nothing in it can allow the action; statements that are unclear allow nothing.
    """
    return any(
        about_action(statement.actions, statement.not_actions, action)
        for statement in document.statements
        if statement.effect == "Allow" and not statement.unclear
    )


def allowed_actions(document: Document, kind: str) -> tuple[TrackedAction, ...]:
    """Return the tracked actions on a kind of resource of which :func:`allows_action` holds, sorted by name."""
    named = [(one.actions, one.not_actions) for one in document.statements if one.effect == "Allow" and not one.unclear]
    return _allowed_actions(tuple(named), kind)


@lru_cache(maxsize=1 << 12)
def _allowed_actions(named: tuple[_Named, ...], kind: str) -> tuple[TrackedAction, ...]:
    return tuple(action for action in actions_on(kind) if any(about_action(*one, action.name) for one in named))


@lru_cache(maxsize=1 << 15)
def about_action(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None, action: str) -> bool:
    """Return whether a statement with these elements is about an action; many statements have the same ones."""
    if actions is not None:
        return match_action(actions, action)
    return not_actions is not None and not match_action(not_actions, action)
