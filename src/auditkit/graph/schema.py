"""The graph's words: kinds of edges, strength of evidence, access levels, hop factors, attributes of nodes and edges.

Nodes are ARNs (URNs for what AWS gives none: ``internet``, ``route:...``, ``thirdparty:...``). Every node has the
attributes of :class:`Node`, every edge those of :class:`Edge`, as plain networkx attributes of the same names:
``graph.nodes[id]["kind"]`` is a :class:`~auditkit.inventory.Kind`.

How the trust view is to be walked. An attacker who stands on a node follows its trust edges, with two rules about
stores:

- ``PERMITS`` from a principal, rule, pipe or the like leads to a store *at one access level*.
- From a store, ``INVOKES`` (what the store triggers) is open to one who came at *write* or *admin*; ``OPENS`` (what a
  secret or a key opens) to one who came at *read* or *admin*. A reader of a queue does not make its consumer run.

So a trigger that fills a store is a ``PERMITS`` edge at *write*, and one that runs something is an ``INVOKES`` edge;
the cost of waiting or injecting (2, or 3 where input is validated) lies on the edge that leaves the store.
"""

import math
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Self

import msgspec
import networkx as nx

from auditkit.inventory import Kind, Source

__all__ = [
    "ACCESS_LAMBDA",
    "INTERNET",
    "SCHEMA_VERSION",
    "TRUST_KINDS",
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
    "View",
]

if TYPE_CHECKING:
    Graph = nx.MultiDiGraph[str]
else:
    Graph = nx.MultiDiGraph  # which cannot be subscripted at run time

SCHEMA_VERSION = 1
"""Version of these attributes; raised when one changes its meaning."""

INTERNET = "internet"
"""Id of the node that stands for anyone on the internet."""


class View(StrEnum):
    """Which of the two views of the graph an edge belongs to."""

    TRUST = "trust"
    DATA = "data"


class Evidence(StrEnum):
    """How an edge is known, strongest first."""

    OBSERVED = "observed"
    CONFIGURED = "configured"
    REFERENCED = "referenced"
    PERMITTED = "permitted"


class EdgeKind(StrEnum):
    """Kind of an edge."""

    # trust view: who can act on what
    INVOKES = "invokes"  # entry, trigger or principal -> function or state machine
    RUNS_AS = "runs as"  # function, state machine, pipe ... -> its role
    ASSUMES = "assumes"  # principal -> role
    PERMITS = "permits"  # role or other principal -> store or resource, at one access level
    HOLDS = "holds"  # function -> secret in its environment, or the like
    OPENS = "opens"  # secret or key -> store it opens
    CHANGES_CODE = "changes code"  # principal -> function
    ESCALATES = "escalates"  # principal -> principal by an escalation technique
    CONTAINS = "contains"  # function -> version or alias; API -> route
    # data view: which way data moves
    DELIVERS = "delivers"  # trigger -> function; topic -> queue; rule -> target ...
    READS = "reads"  # store -> function
    WRITES = "writes"  # function -> store
    CALLS = "calls"  # function -> function, state machine or third party
    RETURNS = "returns"  # function -> caller, where the response carries data out
    REPLICATES = "replicates"  # store -> store: replication, stream, export, redrive, archive


TRUST_KINDS = frozenset(
    {
        EdgeKind.INVOKES,
        EdgeKind.RUNS_AS,
        EdgeKind.ASSUMES,
        EdgeKind.PERMITS,
        EdgeKind.HOLDS,
        EdgeKind.OPENS,
        EdgeKind.CHANGES_CODE,
        EdgeKind.ESCALATES,
        EdgeKind.CONTAINS,
    }
)
"""Kinds of the trust view; all others are of the data view."""


class AccessLevel(StrEnum):
    """What a permission lets one do to a store."""

    METADATA = "metadata"
    DELETE = "delete"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


ACCESS_LAMBDA: dict[AccessLevel, float] = {
    AccessLevel.METADATA: 0.1,
    AccessLevel.DELETE: 0.4,
    AccessLevel.READ: 0.6,
    AccessLevel.WRITE: 0.6,
    AccessLevel.ADMIN: 1.0,
}
"""Default weight of each access level in a blast radius (dimensionless, 0 to 1)."""


class Limit(StrEnum):
    """What can only take away from what was seen to be given; the value says it in words."""

    SERVICE_CONTROL = "service control policies"
    RESOURCE_CONTROL = "resource control policies"
    SERVICE_CONTROL_OF_KEY = "service control policies of the key"
    RESOURCE_CONTROL_OF_KEY = "resource control policies of the key"
    DENIALS = "denials of the resource policy"
    ACCOUNT_BLOCK = "the public-access block of the account"


class EntryKind(StrEnum):
    """How the outside gets in; the exponent of its weight in an exposure is its ``cost``."""

    ANONYMOUS = "anonymous"
    AUTHENTICATED = "authenticated public"
    THIRD_PARTY = "third party"
    AGENT = "AI agent"
    OTHER_ACCOUNT = "other account"

    @property
    def cost(self) -> int:
        """Cost of the entry itself: 0 anonymous, 2 another account, 1 otherwise."""
        return {EntryKind.ANONYMOUS: 0, EntryKind.OTHER_ACCOUNT: 2}.get(self, 1)


class Sensitivity(Enum):
    """Sensitivity of a store, with its weight as value; *unknown* has the interval 0 to 3."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"
    UNKNOWN = "unknown"


class Boundary(msgspec.Struct, frozen=True, order=True, gc=False):
    """Trust boundary that a node lies in; drawn as a cluster.

    Attributes
    ----------
    kind
        ``"internet"``, ``"third party"``, ``"account"``, ``"VPC"``, ``"partner"`` (an account that is not ours) or
        ``"AWS"`` (a service itself).
    id
        Account number, VPC id, host name; ``""`` for the internet and for AWS, ``"unknown"`` for a partner whose
        account is not known.
    label
        What a person reads.
    parent
        Id of the boundary around this one (a VPC's account), ``""`` for none.
    """

    kind: str
    id: str
    label: str
    parent: str = ""


class Interval(msgspec.Struct, frozen=True, order=True, gc=False):
    """A level known only within bounds: ``low <= level <= high``, dimensionless."""

    low: float
    high: float

    @classmethod
    def exactly(cls, level: float) -> Self:
        """Return the interval of one known level."""
        return cls(level, level)

    @property
    def known(self) -> bool:
        """Whether both bounds are the same."""
        return self.low == self.high


class Factors(msgspec.Struct, frozen=True, gc=False):
    """Hop factors: the weakness level of each, in [0, 1], with the reason each was given.

    Attributes
    ----------
    authentication, encryption, third_party, peer, validation, network
        Levels as ``facts/scoring`` defines them; an :class:`Interval` where the export leaves it open.
    reasons
        Factor name -> one sentence, naming the setting that decided or what is missing.
    hop
        Row of the hop facts this hop was classified by (``"sqs->lambda"``), ``""`` where it is in no table.
    """

    authentication: Interval
    encryption: Interval
    third_party: Interval
    peer: Interval
    validation: Interval
    network: Interval
    reasons: dict[str, str] = {}
    hop: str = ""


class Node(msgspec.Struct, kw_only=True, gc=False):
    """Attributes of a node.

    Attributes
    ----------
    kind, label, account, region
        What it is, what a person calls it, where it is (``""`` where that has no meaning).
    boundary
        Trust boundary it lies in.
    sources
        Where it was read.
    entry
        How the outside gets in here, ``None`` where it does not. Carried by nodes such as routes, function URLs,
        listeners, public buckets, foreign accounts.
    sensitivity, sensitivity_reason
        Of a store: the classification and where it comes from; ``None`` for what is not a store.
    tags
        Tags, empty where there are none or they were not seen.
    exists
        False where something refers to it but the export does not hold it (a dangling target, a foreign resource).
    """

    kind: Kind
    label: str
    account: str = ""
    region: str = ""
    boundary: Boundary
    sources: tuple[Source, ...] = ()
    entry: EntryKind | None = None
    sensitivity: Sensitivity | None = None
    sensitivity_reason: str = ""
    tags: dict[str, str] = {}
    exists: bool = True


class Edge(msgspec.Struct, kw_only=True, gc=False):
    """Attributes of an edge.

    Attributes
    ----------
    kind, view, evidence
        What it says, which view it is in, how it is known.
    sources
        The records, statements or settings that it comes from.
    label
        A few words for a picture: ``"SendMessage"``, ``"POST /orders"``.
    cost
        Steps of an attacker, by ``facts/scoring``: 0, 1, 2, 3, 4, or ``math.inf`` for a denied one. Trust view.
    conditions
        Condition keys that the edge hangs on; empty where it is unconditional.
    unknown
        What is missing where the edge cannot be decided (``"service control policies"``); ``""`` where it is decided.
    limits
        The same, where all that is missing could only take away from what was seen to be given; empty where it might
        also give.
    access
        Access level of a ``PERMITS`` edge.
    factors
        Hop factors of a data-view edge.
    enabled
        False for a trigger that is configured and switched off.
    qualifier
        Version or alias at which a function or state machine is addressed; ``""`` for the unqualified one.
    detail
        What else the setting says: ``"input transformer"``, ``"rate(5 minutes)"``, ``"filter"``.
    """

    kind: EdgeKind
    view: View
    evidence: Evidence
    sources: tuple[Source, ...] = ()
    label: str = ""
    cost: float = math.inf
    conditions: tuple[str, ...] = ()
    unknown: str = ""
    limits: tuple[Limit, ...] = ()
    access: AccessLevel | None = None
    factors: Factors | None = None
    enabled: bool = True
    qualifier: str = ""
    detail: str = ""
