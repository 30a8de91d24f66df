"""The graph of an account: inventory and permissions as one ``networkx.MultiDiGraph``."""

from auditkit.graph.connect import connect, validate
from auditkit.graph.escalation import escalation_steps, escalations
from auditkit.graph.expanding import expand
from auditkit.graph.graphml import graphml_bytes, to_graphml
from auditkit.graph.schema import (
    INTERNET,
    AccessLevel,
    Boundary,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Factors,
    Graph,
    Interval,
    Limit,
    Node,
    Sensitivity,
    View,
)
from auditkit.graph.use import Use, use_frame, use_of
from auditkit.graph.views import data_view, edges_frame, nodes_frame, summary, trust_view

__all__ = [
    "INTERNET",
    "AccessLevel",
    "Boundary",
    "Edge",
    "EdgeKind",
    "EntryKind",
    "Evidence",
    "Factors",
    "Graph",
    "Interval",
    "Limit",
    "Node",
    "Sensitivity",
    "Use",
    "View",
    "connect",
    "data_view",
    "edges_frame",
    "escalation_steps",
    "escalations",
    "expand",
    "graphml_bytes",
    "nodes_frame",
    "summary",
    "to_graphml",
    "trust_view",
    "use_frame",
    "use_of",
    "validate",
]
