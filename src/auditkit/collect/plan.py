"""What a collection asks, before it asks."""

from collections.abc import Iterable

import msgspec

from auditkit.collect.permissions import actions_of
from auditkit.exports.calls import ApiCall

__all__ = ["PlannedCall", "plan"]


class PlannedCall(msgspec.Struct, frozen=True):
    """A call of the plan.

    Attributes
    ----------
    service, operation
        By botocore's names.
    scope
        ``"account"`` for once, ``"region"`` for once in each region.
    made_for
        The call whose answer says what it is made for, again and again; ``""`` for a call that needs none.
    actions
        IAM actions that it needs.
    """

    service: str
    operation: str
    scope: str
    made_for: str
    actions: tuple[str, ...]


def plan(calls: Iterable[ApiCall]) -> tuple[PlannedCall, ...]:
    """Return what is asked, in the order in which it is."""
    return tuple(
        PlannedCall(
            service=call.service,
            operation=call.operation,
            scope="account" if call.everywhere else "region",
            made_for=", ".join(
                dict.fromkeys(f"{argument.service}.{argument.operation}" for argument in call.arguments)
            ),
            actions=actions_of(call),
        )
        for call in calls
    )
