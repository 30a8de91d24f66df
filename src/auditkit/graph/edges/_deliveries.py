"""What a store hands to something else: notifications of buckets, subscriptions of topics, filters of log groups."""

from collections.abc import Iterable
from typing import Unpack

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._targets import NOT_PERMITTED, called_by_service
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import STORE_KINDS, Source

__all__ = ["deliver"]


def deliver(
    build: Builder,
    origin: str,
    arn: str,
    *,
    hop: str,
    sources: Iterable[Source],
    service: str,
    account: str,
    kind: EdgeKind = EdgeKind.DELIVERS,
    wait: float = 0,
    **said: Unpack[Said],
) -> None:
    """Connect a store with what it delivers to, judged by the policy of the target.

    Parameters
    ----------
    build
        The builder.
    origin, account
        Id of the store, and its account (the ARN of a bucket does not tell it).
    arn
        Target, as the setting has it.
    hop, sources, kind, **said
        As of :meth:`Builder.triggers`.
    service
        Service principal that delivers; ``""`` where a role of the account does.
    wait
        Cost of the way to another store: by default none, since what is handed on arrives without anybody's doing. Of
        the way to what runs, the costs are those of :meth:`Builder.triggers`.
    """
    target = build.reference(arn)
    found = list(sources)
    cost: float | None = wait if target.kind in STORE_KINDS else None
    caller = called_by_service(build, arn, service=service, origin=origin, account=account) if service else None
    if caller is not None:
        said.setdefault("authentication", (caller.level, caller.reason))
        found += caller.sources
        if caller.permitted is False:
            cost = 4
            said["detail"] = ", ".join(text for text in (said.get("detail", ""), NOT_PERMITTED) if text)
    if target.qualifier:
        said["qualifier"] = target.qualifier
    build.triggers(origin, target.id, hop=hop, sources=found, kind=kind, cost=cost, **said)
