"""Who from outside may put events on a bus."""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph.boundaries import INTERNET_BOUNDARY
from auditkit.graph.outsiders import Call, openings_of_policy, openings_to_organizations
from auditkit.graph.schema import INTERNET, Boundary, Node
from auditkit.inventory import Kind, PolicyText, Source
from auditkit.inventory.records.events import EventBus

__all__ = ["Sender", "organization_node", "senders_to"]

_PUT = Call("events:PutEvents")


class Sender(NamedTuple):
    """Someone outside who may put events.

    Attributes
    ----------
    node
        Id: of an account or a principal of one, an organization, or the internet for whoever has an account of AWS.
    sources
        Statements that decide.
    conditions, unknown
        Condition keys that it hangs on; what was not understood.
    """

    node: str
    sources: tuple[Source, ...]
    conditions: tuple[str, ...] = ()
    unknown: str = ""


def senders_to(build: Builder, bus: EventBus) -> list[Sender]:
    """Return the outsiders that the policy of a bus lets put events on it."""
    policy = bus.policy
    if not isinstance(policy, PolicyText):
        return []
    openings = openings_of_policy(
        policy, resource=bus.id, owner=bus.account, unsigned=False, known=frozenset({bus.account}), call=_PUT
    )
    found = [
        Sender(_node(build, opening.outsider), opening.sources or (policy.source,), opening.conditions, opening.unknown)
        for opening in openings
    ]
    return sorted([*found, *_organizations(build, bus, policy)])


def _node(build: Builder, outsider: str) -> str:
    if outsider != "*":
        return build.ref(outsider)
    return build.node(INTERNET, Node(kind=Kind.INTERNET, label="internet", boundary=INTERNET_BOUNDARY))


def _organizations(build: Builder, bus: EventBus, policy: PolicyText) -> Iterator[Sender]:
    """Yield the organizations whose accounts a policy lets in: *anyone*, narrowed to an organization."""
    for one in openings_to_organizations(policy, resource=bus.id, owner=bus.account, call=_PUT):
        node = organization_node(build, one.outsider)
        yield Sender(node, one.sources or (policy.source,), one.conditions, one.unknown)


def organization_node(build: Builder, organization: str) -> str:
    """Return the node of an organization, by its id."""
    label = f"Organization {organization}"
    node = Node(
        kind=Kind.ORGANIZATION,
        label=label,
        boundary=Boundary("partner", organization, label),
        exists=any(record.kind is Kind.ORGANIZATION and record.id.endswith(organization) for record in build.inventory),
    )
    return build.node(f"organization:{organization}", node)
