"""Who from outside may put events on a bus."""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph._documents import parsed, place
from auditkit.graph.boundaries import INTERNET_BOUNDARY
from auditkit.graph.outsiders import openings_of_policy
from auditkit.graph.schema import INTERNET, AccessLevel, Boundary, Node
from auditkit.inventory import Kind, PolicyText, Source
from auditkit.inventory.records.events import EventBus

__all__ = ["Sender", "organization_node", "senders_to"]


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
        policy, resource=bus.id, owner=bus.account, unsigned=False, known=frozenset({bus.account})
    )
    found = [
        Sender(_node(build, opening.outsider), opening.sources or (policy.source,), opening.conditions, opening.unknown)
        for opening in openings
        if opening.access is AccessLevel.WRITE and "events:PutEvents" in opening.actions
    ]
    return sorted([*found, *_organizations(build, policy)])


def _node(build: Builder, outsider: str) -> str:
    if outsider != "*":
        return build.ref(outsider)
    return build.node(INTERNET, Node(kind=Kind.INTERNET, label="internet", boundary=INTERNET_BOUNDARY))


def _organizations(build: Builder, policy: PolicyText) -> Iterator[Sender]:
    """Yield the organizations whose accounts a statement lets in: *anyone*, narrowed to an organization."""
    for statement in parsed(policy).statements:
        if statement.effect != "Allow" or not any(named.type == "*" for named in statement.principals or ()):
            continue
        for condition in statement.conditions:
            if condition.key.lower() == "aws:principalorgid":
                others = tuple(sorted({other.key for other in statement.conditions if other is not condition}))
                for organization in condition.values:
                    node = organization_node(build, organization)
                    yield Sender(node, (place(policy, statement.pointer),), others)


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
