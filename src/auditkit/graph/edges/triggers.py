"""Edges from resources of which only what they run is read."""

from auditkit.graph._build import Builder
from auditkit.graph.schema import INTERNET, EntryKind, Node
from auditkit.inventory import Kind
from auditkit.inventory.triggers import ServiceTrigger

__all__ = ["connect"]

_HOP = "service->lambda"


def connect(build: Builder) -> None:
    """Connect stacks, receipt rules, pipelines and the like with what they run, and the outside with what takes mail.

    A trigger whose target is not known makes no edge.
    """
    for trigger in build.inventory.of(ServiceTrigger):
        if not trigger.target:
            continue
        entry = EntryKind.AUTHENTICATED if trigger.signed_in else EntryKind.ANONYMOUS
        build.node(
            trigger.origin,
            Node(
                kind=Kind.RESOURCE,
                label=trigger.label,
                account=trigger.account,
                region=trigger.region,
                boundary=build.boundary(account=trigger.account),
                sources=trigger.sources,
                entry=entry if trigger.entry_hop else None,
            ),
        )
        target = build.ref(trigger.target)
        build.triggers(trigger.origin, target, hop=_HOP, sources=trigger.sources, detail=trigger.detail)
        if trigger.entry_hop:
            build.triggers(INTERNET, trigger.origin, hop=trigger.entry_hop, sources=trigger.sources)
