"""Hops inside one service: from a door to what is behind it, before anything leaves the service."""

from auditkit.graph._build import Builder, Said
from auditkit.graph.factors import Level
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Source

__all__ = ["COMES_IN", "INSIDE", "JUDGED", "leads_to"]

COMES_IN: Level = (0, "The data comes in; it is not given to a third party.")
"""Level of the factor *third party* of a hop from the internet."""

JUDGED: Level = (0, "Judged at the route.")
"""Level of a factor that the next hop, to the route, carries."""

INSIDE: Said = {
    "encryption": (0, "Inside the service."),
    "third_party": (0, "Inside the service."),
    "peer": (0, "Inside the service."),
    "network": (0, "Inside the service."),
}
"""Levels of a hop inside one service."""


def leads_to(
    build: Builder,
    door: str,
    behind: str,
    *,
    sources: tuple[Source, ...],
    label: str,
    authentication: Level = JUDGED,
    validation: Level = JUDGED,
) -> None:
    """Connect a door with what is behind it: a domain name, its API, the API's routes; a listener and its rules.

    Whoever comes to the door by another way than from the internet (a distribution, a function, another load balancer)
    goes on along these edges.
    """
    said: Said = {**INSIDE, "authentication": authentication, "validation": validation, "label": label}
    build.flow(door, behind, kind=EdgeKind.DELIVERS, hop="door->behind", sources=sources, **said)
    contains = Edge(
        kind=EdgeKind.CONTAINS, view=View.TRUST, evidence=Evidence.CONFIGURED, sources=sources, label=label, cost=0
    )
    build.edge(door, behind, contains)
