"""Handing on to a target: what rules, schedules and pipes have in common."""

from collections.abc import Iterable
from typing import Unpack

from auditkit.graph._build import Builder, Said
from auditkit.graph._refs import Reference
from auditkit.graph.callers import Caller, caller_of
from auditkit.graph.factors import Level
from auditkit.graph.schema import EdgeKind, Interval
from auditkit.inventory import STORE_KINDS, UNSET, Kind, PolicyText, Source, UnsetType
from auditkit.inventory.records.events import Connection

__all__ = ["NOT_PERMITTED", "called_by_service", "connection_level", "dead_letter", "hand_on", "policy_of"]

NOT_PERMITTED = "not permitted by the policy of the target"
"""Detail of an edge that is configured although the target's policy does not let the caller in."""

_ACTIONS = {
    Kind.FUNCTION: "lambda:InvokeFunction",
    Kind.QUEUE: "sqs:SendMessage",
    Kind.TOPIC: "sns:Publish",
}


def policy_of(build: Builder, arn: str, target: Reference) -> PolicyText | UnsetType | None:
    """Return the resource policy of a target, of the version or alias where it is called by one; UNSET if not seen."""
    record = build.inventory.get(arn if target.qualifier else target.id)
    policy: PolicyText | UnsetType | None = getattr(record, "policy", UNSET)
    return policy


def called_by_service(build: Builder, arn: str, *, service: str, origin: str, account: str) -> Caller | None:
    """Return how well the target's policy knows a service that calls; ``None`` for targets that need no policy."""
    target = build.reference(arn)
    action = _ACTIONS.get(target.kind)
    if action is None:
        return None
    policy = policy_of(build, arn, target)
    return caller_of(policy, service=service, action=action, target=arn, origin=origin, account=account)


def hand_on(
    build: Builder,
    origin: str,
    arn: str,
    *,
    hop: str,
    sources: Iterable[Source],
    service: str,
    role: str | None,
    **said: Unpack[Said],
) -> str:
    """Connect what hands on (a rule, a schedule, a pipe) with a target, and return the target's id.

    Parameters
    ----------
    origin
        Id of what hands on: an ARN.
    arn
        Target, as the setting has it.
    hop, sources, **said
        As of :meth:`Builder.triggers`.
    service
        Service principal that calls where there is no role.
    role
        ARN of the role it acts in.
    """
    target = build.reference(arn)
    account = build.reference(origin).account
    found = list(sources)
    cost: float | None = None
    if role:
        said["authentication"] = (0, f"Acts in the role {build.reference(role).label}.")
    else:
        caller = called_by_service(build, arn, service=service, origin=origin, account=account)
        if caller is not None:
            said["authentication"] = (caller.level, caller.reason)
            found += caller.sources
            if caller.permitted is False:
                cost = 4
                said["detail"] = ", ".join(text for text in (said.get("detail", ""), NOT_PERMITTED) if text)
    if "validation" not in said:
        stores = target.kind in STORE_KINDS
        said["validation"] = (0, "A store acts on nothing.") if stores else (1, "Nothing checks what is handed on.")
    if target.qualifier:
        said["qualifier"] = target.qualifier
    kind = EdgeKind.CALLS if target.kind is Kind.THIRD_PARTY else EdgeKind.DELIVERS
    build.triggers(origin, target.id, hop=hop, sources=found, kind=kind, cost=cost, **said)
    return target.id


def dead_letter(
    build: Builder, origin: str, arn: str | None, *, hop: str, sources: Iterable[Source], service: str, enabled: bool
) -> None:
    """Connect what hands on with the queue for what could not be delivered."""
    if arn:
        hand_on(
            build,
            origin,
            arn,
            hop=hop,
            sources=sources,
            service=service,
            role=None,
            label="dead letter",
            enabled=enabled,
        )


def connection_level(build: Builder, arn: str | None) -> Level:
    """Return how well a connection shows a third party who calls: the level of *authentication*."""
    record = build.inventory.get(arn) if arn else None
    if not isinstance(record, Connection) or record.authorization_type is None:
        return Interval(0.25, 0.5), "Which credentials the connection holds was not seen."
    if record.authorization_type == "OAUTH_CLIENT_CREDENTIALS":
        return 0.25, "The connection gets a short-lived token by OAuth client credentials."
    return 0.5, f"The connection sends a shared secret ({record.authorization_type})."
