"""What makes a function run and is otherwise not read: stacks, receipt rules, pipelines, rules of AWS Config."""

from typing import ClassVar

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["ServiceTrigger"]


class ServiceTrigger(Record, kw_only=True):
    """A setting of a service that names what it runs or hands data to; nothing else of the resource is kept.

    Attributes
    ----------
    origin, label
        ARN of the resource that has the setting, and what a person calls it.
    target
        ARN of what it runs, or hands data to.
    service
        Principal of the service: ``"ses.amazonaws.com"``.
    entry_hop
        Row of the hop facts by which anyone outside gets in here, by mail or by telephone; ``""`` where nobody does.
    signed_in
        Whether who gets in there has signed in.
    requires_tls
        Whether mail that arrives without TLS is refused; ``None`` where no mail arrives, or that is not known.
    detail
        What a person should know of it.
    """

    kind: ClassVar[Kind] = Kind.RESOURCE

    origin: str
    label: str
    target: str
    service: str
    entry_hop: str = ""
    signed_in: bool = False
    requires_tls: bool | None = None
    detail: str = ""
