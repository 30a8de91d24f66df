"""Edges from resources of which only what they run is read."""

from auditkit.graph._build import Builder, Said
from auditkit.graph.schema import INTERNET, EntryKind, Node
from auditkit.inventory import Kind
from auditkit.inventory.triggers import ServiceTrigger

__all__ = ["connect"]

_HOP = "service->lambda"
_TLS = (0, "The receipt rule takes no mail without TLS (TlsPolicy).")
_NO_TLS = (0.6, "The receipt rule takes mail that arrives without TLS (TlsPolicy is Optional).")


def connect(build: Builder) -> None:
    """Connect stacks, receipt rules, pipelines and the like with what they run, and the outside with what takes mail.

    A trigger whose target is not known makes no edge.
    """
    doors: dict[str, list[ServiceTrigger]] = {}
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
            doors.setdefault(trigger.origin, []).append(trigger)
    for origin, found in doors.items():
        _open(build, origin, found)


def _open(build: Builder, origin: str, triggers: list[ServiceTrigger]) -> None:
    """Connect the outside with what takes mail or calls, once however much that sets off."""
    said: Said = {}
    if triggers[0].requires_tls is not None:
        said["encryption"] = _TLS if triggers[0].requires_tls else _NO_TLS
    sources = [source for trigger in triggers for source in trigger.sources]
    build.triggers(INTERNET, origin, hop=triggers[0].entry_hop, sources=sources, **said)
