"""Calls that logs and traces saw: who did what to what, how often, first and last."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["ActivityLog", "ObservedCall", "Observer", "Party"]


class Observer(StrEnum):
    """What saw a call."""

    TRAIL = "CloudTrail"
    TRACE = "X-Ray"


class Party(msgspec.Struct, frozen=True, order=True):
    """One end of a call, as far as the observer names it; which record it is, is found where records are connected.

    Attributes
    ----------
    arn
        ARN of the role, user or account that called, or of the resource that was called; of a bucket without the key of
        the object.
    name, type
        Of what is named without an ARN: ``"orders"``, ``"AWS::DynamoDB::Table"``.
    session
        Name of the role session that called; Lambda calls the sessions of a function's role by the function's name.
    service
        AWS service that called, by itself or for the principal: ``"states.amazonaws.com"``.
    host
        Scheme (where it is known) and host of what is outside AWS.
    """

    arn: str = ""
    name: str = ""
    type: str = ""
    session: str = ""
    service: str = ""
    host: str = ""

    @property
    def known(self) -> bool:
        """Whether anything at all is said of it."""
        return self != Party()


class ObservedCall(Record, kw_only=True):
    """Calls of one kind between the same two ends, by CloudTrail or X-Ray; its id is ``observed:`` and a digest.

    Attributes
    ----------
    observer
        What saw them.
    caller, target
        The two ends; either may be unknown.
    action
        ``"dynamodb:PutItem"``: event source and event name, for the API's own name; ``""`` where a trace does not say.
    error
        Error code of calls that failed, ``""`` for calls that succeeded. Nothing moves in a call that was refused.
    count
        Number of calls.
    first, last
        When the first and the last one was seen.
    """

    kind: ClassVar[Kind] = Kind.OBSERVED_CALL

    observer: Observer
    caller: Party
    target: Party
    action: str = ""
    error: str = ""
    count: int = 0
    first: str = ""
    last: str = ""


class ActivityLog(Record, kw_only=True):
    """What part of CloudTrail's log of a region was read, so that *not seen* can be told from *not logged*.

    Attributes
    ----------
    first, last
        Time of the first and the last event.
    events
        Number of events by category: ``{"Management": 120, "Data": 3}``.
    data_services
        Event sources of which data events were seen (``"s3.amazonaws.com"``); of others they may be switched off.
    """

    kind: ClassVar[Kind] = Kind.ACTIVITY_LOG

    first: str = ""
    last: str = ""
    events: dict[str, int] = msgspec.field(default_factory=dict)
    data_services: tuple[str, ...] = ()
