"""What is needed of CloudTrail's events; see *CloudTrail record contents* in its user guide."""

from typing import Any

import msgspec

__all__ = ["Identity", "RequestParameters", "TrailEvent"]


class SessionIssuer(msgspec.Struct, rename="camel"):
    """Role whose session it is."""

    arn: str | None = None


class SessionContext(msgspec.Struct, rename="camel"):
    """Session of a role."""

    session_issuer: SessionIssuer | None = None


class Identity(msgspec.Struct, rename="camel"):
    """Who made a call."""

    type: str | None = None
    arn: str | None = None
    account_id: str | None = None
    invoked_by: str | None = None
    session_context: SessionContext | None = None


class EventResource(msgspec.Struct, rename="camel"):
    """What a call was made for."""

    arn: str | None = msgspec.field(default=None, name="ARN")


class RequestParameters(msgspec.Struct, rename="camel"):
    """Parameters of a call that name a resource; no other is decoded."""

    bucket_name: Any = None
    delivery_stream_name: Any = None
    event_bus_name: Any = None
    function_name: Any = None
    key_id: Any = None
    log_group_name: Any = None
    name: Any = None
    queue_url: Any = None
    repository_name: Any = None
    role_arn: Any = None
    secret_id: Any = None
    state_machine_arn: Any = None
    stream_arn: Any = msgspec.field(default=None, name="streamARN")
    stream_name: Any = None
    table_name: Any = None
    topic_arn: Any = None


class TrailEvent(msgspec.Struct, rename="camel"):
    """An event."""

    event_time: str
    event_source: str
    event_name: str
    aws_region: str | None = None
    recipient_account_id: str | None = None
    error_code: str | None = None
    event_category: str | None = None
    management_event: bool | None = None
    user_identity: Identity | None = None
    resources: list[EventResource] | None = None
    request_parameters: RequestParameters | str | None = None
