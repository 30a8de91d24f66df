"""Data in transit: the riskiest paths on which data travels."""

import msgspec
import pandas as pd

from auditkit.errors import ScoreError
from auditkit.facts import FACTORS
from auditkit.graph.schema import Edge, Evidence, Graph, Sensitivity
from auditkit.score._flow import Flow
from auditkit.score._input import Nodes
from auditkit.score._paths import Found, search_paths
from auditkit.score._table import table
from auditkit.score.compact import Compact
from auditkit.score.hops import UNIT, leak_of, shares_of, weakest_of
from auditkit.score.weights import Weights

__all__ = ["PLAINTEXT", "transit"]

PLAINTEXT = 0.6
"""Level of the factor *encryption* from which a hop counts as unencrypted: plaintext is accepted, or configured."""

_ORGANIZATION = 0.25
_EVIDENCE = tuple(Evidence)

TRANSIT_COLUMNS = {
    "rank": "int64",
    "start": "str",
    "end": "str",
    "start_label": "str",
    "end_label": "str",
    "starts": "str",
    "ends": "str",
    "entry": "str",
    "hops": "int64",
    "S_low": "float64",
    "S_high": "float64",
    "U_low": "float64",
    "U_high": "float64",
    "T_low": "float64",
    "T_high": "float64",
    "SU_low": "float64",
    "SU_high": "float64",
    "risk_low": "float64",
    "risk_high": "float64",
    "evidence": "str",
    "weakest_hop": "int64",
    "weakest_hop_W": "float64",
    "weakest_factor": "str",
    **{f"{name}_share": "float64" for name in FACTORS},
    "crosses_account": "str",
    "leaves_organization": "str",
    "unencrypted": "str",
    "carries_restricted": "bool",
    "proven": "bool",
    "nodes": "object",
    "edges": "object",
    "hop_W": "object",
}


def transit(
    graph: Graph | Compact,
    *,
    k: int = 100,
    weights: Weights | None = None,
    permitted: bool = False,
    disabled: bool = False,
    through_rest: bool = False,
    contained: bool = False,
    per_ends: int | None = None,
    max_hops: int = 16,
    budget: int = 200_000,
) -> pd.DataFrame:
    """Return the k riskiest paths of data in transit.

    A *path* is a sequence of hops along the data view that meets no node twice. It starts at an entry, a store or
    outside, and ends at a store or outside (third party, another account, the internet); outside is met at its ends
    only. So that no hop is left out, a path also starts where nothing else leads in, and ends where nothing leads on;
    but not at what merely stands before an entry (its API, its listener), as data comes in there from outside.

    Data at rest (in a bucket, table, database, ...) that a function reads on its own account begins a new path; what is
    pushed on (a notification, a stream, a replica) and what passes through a queue, topic, stream or bus belongs to the
    path that it came by. Between two nodes the hop with the highest ``U`` counts. A path that is a part of another one
    is not listed by itself: its ``U`` and flags are never worse, and its ``S`` only where unclassified data comes to
    a store that counts for less than *unknown*. Where that makes the part the riskier one, both are listed.

    ``U`` is the sum over hops and factors of ``-ln(1 - a*x)``, ``T = 1 - exp(-U)``, ``risk = S * T``; paths are ranked
    by ``S * U``, high bound first, then low bound, then number of hops (all falling), then ids (``facts/scoring``).
    ``S`` is the highest sensitivity of the stores that the path reads from or writes to. Where data that came in at the
    start or at an entry is in no store afterwards, it is unclassified, which counts as *unknown*.

    Parameters
    ----------
    graph
        A graph of the schema, or a :class:`~auditkit.score.Compact` of it.
    k
        Most paths, 1 upwards.
    weights
        Weights; those of the package by default.
    permitted
        False: flows that are observed, configured or referenced. True: paths with at least one hop for which nothing
        but a permission speaks (what an attacker could add), listed apart.
    disabled
        Whether triggers count that are switched off.
    through_rest
        Whether a path goes on where data at rest is read.
    contained
        Whether parts of other paths are listed as well.
    per_ends
        Most paths listed between the same two ends; without it, variants of one long path can fill the list.
    max_hops
        Most hops of a path, 1 upwards. Longer ones are cut there.
    budget
        Most extensions of paths that are tried before the search ends; see ``attrs["exhaustive"]``.

    Returns
    -------
    pandas.DataFrame
        One row per path, the riskiest first.

        ====================  =======  =======================================================================
        rank                  int64    1 upwards
        start, end            str      ids of the first and last node
        start_label, ...      str      labels of the two
        starts                str      ``entry``, ``store``, ``outside``, or ``origin`` (nothing leads in)
        ends                  str      ``store``, ``outside``, ``entry`` (an answer leaves), ``dead end``, ``cut``
        entry                 str      kind of the first entry on the path, ``""`` where there is none
        hops                  int64    number of hops
        S_low, S_high         float64  sensitivity carried, its weight
        U_low, U_high         float64  sum over hops, in nats
        T_low, T_high         float64  ``1 - exp(-U)``, 0 to 1
        SU_low, SU_high       float64  ``S * U``, what paths are ranked by
        risk_low, risk_high   float64  ``S * T``
        evidence              str      the weakest evidence of any hop
        weakest_hop           int64    place of the hop with the highest ``U_high``, from 0; the first on a tie
        weakest_hop_W         float64  its weakness (high bound), 0 to 1
        weakest_factor        str      factor with the largest share, ``""`` where nothing is weak
        <factor>_share        float64  its part of ``U_high`` in percent; 0 throughout where ``U_high`` is 0
        crosses_account       str      ``yes``, ``no`` or ``unknown``: two accounts on the path
        leaves_organization   str      ``yes``, ``no`` or ``unknown``: it ends outside the organization
        unencrypted           str      ``yes``, ``no`` or ``unknown``: a hop accepts or uses plaintext
        carries_restricted    bool     a store on the path is classified *restricted*
        proven                bool     False where the budget ran out before it was sure that nothing riskier exists
        nodes                 object   tuple of str: ids along the path
        edges                 object   tuple of (from, to, key): the edge that counts for each hop
        hop_W                 object   tuple of float: weakness of each hop (high bound)
        ====================  =======  =======================================================================

        ``attrs``: ``reason`` (why it is empty), ``exhaustive`` (False if the budget ran out), ``SU_unseen`` (what was
        not looked at has at most this ``SU_high``), ``max_hops``, ``weights`` (version, date, digest).

    Raises
    ------
    ScoreError
        If k, max_hops, budget or per_ends is below 1, or the graph is not of the schema.

    Notes
    -----
    The search is exact but for its budget; see :mod:`auditkit.score._paths` for algorithm, complexity and reference.
    """
    limits = {"k": k, "max_hops": max_hops, "budget": budget, "per_ends": 1 if per_ends is None else per_ends}
    for name, value in limits.items():
        if value < 1:
            raise ScoreError(f"{name} is {value}, and must be at least 1")
    compact = Compact.of(graph, weights)
    weights = compact.weights
    flow = compact.flow(permitted=permitted, disabled=disabled, through_rest=through_rest)
    search = search_paths(
        flow,
        weights.sensitivity.of(Sensitivity.UNKNOWN),
        k=k,
        max_hops=max_hops,
        budget=budget,
        permitted=permitted,
        contained=contained,
        per_ends=per_ends,
    )
    rows = [_Row(flow, found, max_hops).row(rank) for rank, found in enumerate(search.paths, start=1)]
    return table(
        rows,
        TRANSIT_COLUMNS,
        reason=_reason(flow, permitted=permitted, exhaustive=search.exhaustive),
        exhaustive=search.exhaustive,
        SU_unseen=search.most_unseen / UNIT,
        max_hops=max_hops,
        weights=weights.cited,
    )


class _Row(msgspec.Struct, frozen=True):
    flow: Flow
    found: Found
    max_hops: int

    def row(self, rank: int) -> dict[str, object]:
        s, steps, nodes = self.found.s, [self.flow.steps[number] for number in self.found.steps], self.flow.nodes
        places = [self.flow.places[place].node for place in self.found.places]
        u_low, u_high = self.found.u_low / UNIT, self.found.u_high / UNIT
        parts = tuple(map(sum, zip(*(step.score.parts for step in steps), strict=True)))
        weakest = max(range(len(steps)), key=lambda number: (steps[number].u_high, -number))
        return {
            "rank": rank,
            "start": nodes.ids[places[0]],
            "end": nodes.ids[places[-1]],
            "start_label": nodes.at[places[0]].label,
            "end_label": nodes.at[places[-1]].label,
            "starts": self._starts(),
            "ends": self._ends(),
            "entry": next((str(entry) for place in places if (entry := nodes.at[place].entry) is not None), ""),
            "hops": len(steps),
            "S_low": s.low,
            "S_high": s.high,
            "U_low": u_low,
            "U_high": u_high,
            "T_low": leak_of(u_low),
            "T_high": leak_of(u_high),
            "SU_low": s.low * u_low,
            "SU_high": s.high * u_high,
            "risk_low": s.low * leak_of(u_low),
            "risk_high": s.high * leak_of(u_high),
            "evidence": str(max((step.link.edge.evidence for step in steps), key=_EVIDENCE.index)),
            "weakest_hop": weakest,
            "weakest_hop_W": steps[weakest].score.w_high,
            "weakest_factor": weakest_of(parts),
            **shares_of(parts),
            "crosses_account": _crosses_account(nodes, places),
            "leaves_organization": _leaves_organization(nodes, places[-1], steps[-1].link.edge),
            "unencrypted": _any_of([_unencrypted(link.edge) for step in steps for link in step.links]),
            "carries_restricted": any(nodes.at[place].sensitivity is Sensitivity.RESTRICTED for place in places),
            "proven": self.found.proven,
            "nodes": tuple(nodes.ids[place] for place in places),
            "edges": tuple((nodes.ids[step.link.tail], nodes.ids[step.link.head], step.link.key) for step in steps),
            "hop_W": tuple(step.score.w_high for step in steps),
        }

    def _starts(self) -> str:
        place = self.flow.places[self.found.places[0]]
        if self.flow.nodes.outside[place.node]:
            return "outside"
        return "store" if place.store is not None else "entry" if place.begins else "origin"

    def _ends(self) -> str:
        place = self.flow.places[self.found.places[-1]]
        if self.flow.nodes.outside[place.node]:
            return "outside"
        if place.ends:
            return "store" if place.store is not None else "entry"
        return "cut" if len(self.found.steps) == self.max_hops else "dead end"


def _crosses_account(nodes: Nodes, places: list[int]) -> str:
    accounts = {nodes.at[place].account for place in places} - {"", "aws"}
    owner_unknown = any(nodes.at[place].boundary.kind == "partner" and not nodes.at[place].account for place in places)
    return "yes" if len(accounts) > 1 else "unknown" if owner_unknown else "no"


def _leaves_organization(nodes: Nodes, last: int, edge: Edge) -> str:
    """Return whether a path leaves: to the internet or a third party always, to a partner as its hop's factor says."""
    node = nodes.at[last]
    if not nodes.outside[last]:
        return "no"
    if node.boundary.kind != "partner" or edge.factors is None:
        return "unknown" if node.boundary.kind == "partner" else "yes"
    level = edge.factors.third_party
    return "no" if level.high <= _ORGANIZATION else "yes" if level.low > _ORGANIZATION else "unknown"


def _unencrypted(edge: Edge) -> str:
    if edge.factors is None:
        return "unknown"
    level = edge.factors.encryption
    return "yes" if level.low >= PLAINTEXT else "unknown" if level.high >= PLAINTEXT else "no"


def _any_of(answers: list[str]) -> str:
    return "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"


def _reason(flow: Flow, *, permitted: bool, exhaustive: bool) -> str:
    if not len(flow.nodes):
        return "The graph is empty."
    if not exhaustive:
        return "The budget ran out before a path was found."
    if permitted and flow.steps:
        return "Every flow is observed, configured or referenced; none needs a mere permission."
    return "No data moves in this graph."
