"""From an inventory to a graph."""

from auditkit._garbage import make_room, no_collection
from auditkit.case import Case, CaseFile, decisions_of
from auditkit.errors import GraphError
from auditkit.graph._build import FAN_OUT, Builder
from auditkit.graph._edges import edge_of, shared_edge
from auditkit.graph.changes import add_changes
from auditkit.graph.edges import FAMILIES
from auditkit.graph.edges.observed import add_observed
from auditkit.graph.edges.versions import add_versions
from auditkit.graph.entries import add_entries
from auditkit.graph.inheritance import add_inherited
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import SCHEMA_VERSION, TRUST_KINDS, Edge, Evidence, Factors, Graph, Node, View
from auditkit.inventory import Inventory, Kind

__all__ = ["connect", "validate"]


def connect(inventory: Inventory, *, case: Case | CaseFile | None = None, fan_out: int = FAN_OUT) -> Graph:
    """Connect an inventory.

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    case
        Decisions of the audit: trusted accounts, attested third parties, classification.
    fan_out
        Most targets that one principal is given the same on, by the same statements, by plain edges. For more there is
        one node, a *grant*, which all principals share that were given the same. It leads to a *scope*, which contains
        the targets, or other scopes. :func:`auditkit.expand` makes plain edges of it.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes and edges sorted by id and key, with the attributes of :class:`~auditkit.graph.schema.Node` and
        :class:`~auditkit.graph.schema.Edge`. Graph attributes: ``schema`` (version), ``accounts``, ``regions`` (sorted
        tuples), ``digests`` (SHA-256 of every input file).

    Raises
    ------
    GraphError
        If the case names a sensitivity that there is not.
    """
    with no_collection():
        graph = _connected(Builder(inventory, case=decisions_of(case), fan_out=fan_out))
    validate(graph)
    return graph


def _connected(build: Builder) -> Graph:
    for family in FAMILIES:
        family(build)
    add_versions(build)
    permissions_of(build.inventory).rest()
    make_room(build.edge_count)
    said = build.graph
    if add_observed(build, said):
        said.clear()
        said = build.graph
    for conclude in (add_changes, add_entries, add_inherited):
        conclude(build, said)
    said.clear()  # what is left of it would stay as long as the collector is kept away
    graph = build.finished()
    graph.graph.update(
        schema=SCHEMA_VERSION,
        accounts=tuple(sorted(build.boundaries.own)),
        regions=tuple(sorted({record.region for record in build.inventory if record.region})),
        digests=dict(build.inventory.digests),
    )
    return graph


def validate(graph: Graph) -> None:
    """Check that every node and edge has the attributes of the schema, of the right type.

    Raises
    ------
    GraphError
        Naming the first node or edge that has not.
    """
    for node_id, attributes in graph.nodes(data=True):
        _has_all(Node, attributes, f"node {node_id!r}")
        if not isinstance(attributes["kind"], Kind):
            raise GraphError(f"node {node_id!r}: its kind is {attributes['kind']!r}")
    for origin, target, key, attributes in graph.edges(keys=True, data=True):
        known = shared_edge(attributes)
        if known is None:
            _has_all(Edge, attributes, f"edge {origin!r} -> {target!r} ({key})")
        if complaint := _complaint(known or edge_of(attributes)):
            raise GraphError(f"edge {origin!r} -> {target!r} ({key}): {complaint}")


def _complaint(edge: Edge) -> str:
    """Return what is wrong with an edge, ``""`` for nothing."""
    if (edge.view is View.TRUST) != (edge.kind in TRUST_KINDS):
        return f"{edge.kind} does not belong to the {edge.view} view"
    evidence: object = edge.evidence  # a graph of another make may have anything there
    if not isinstance(evidence, Evidence) or not edge.sources:
        return "it has no evidence or no source"
    if edge.limits and not edge.unknown:
        return f"it lacks {', '.join(edge.limits)}, and nothing is unknown"
    if edge.view is View.DATA and not isinstance(edge.factors, Factors):
        return "it has no hop factors"
    if edge.view is View.TRUST and not edge.cost >= 0:
        return f"its cost is {edge.cost}"
    return ""


def _has_all(cls: type[Node | Edge], attributes: dict[str, object], where: str) -> None:
    missing = set(cls.__struct_fields__) - set(attributes)
    if missing:
        raise GraphError(f"{where}: it has no {', '.join(sorted(missing))}")
