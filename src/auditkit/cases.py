"""A case to start from: what the export mentions and only people can decide, as comments to be taken up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditkit.case import CaseFile
from auditkit.case.editing import flow
from auditkit.cells import plain_text
from auditkit.facts import get_known_account
from auditkit.graph import Graph, connect
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Inventory

__all__ = ["new_case"]

_LISTED = 500
"""Most names that a section lists."""
_DIGITS = 12

_HEAD = """\
# The case of an audit: decisions that the export cannot know. Nothing is decided yet: lines that begin with # do not
# count. Take the # and the space behind it away from what you decide, fill in what is left empty, and see with
#   auditkit case check FILE
# whether all is as it should be. A name may be a pattern with * (any text) and ? (one character).
version: 1
# title:                     # what the audit is called
# weights:                   # a file in this folder with weights of the scores, in place of auditkit's own
"""
_SCOPE = """
# What the audit is about. What is out of scope stays in the graph and gets no findings.
scope:
#   in:                      # only what is of one of these accounts, and of one of these regions, and so on
{places}
#   out:                     # what is of any of these
#     tags: ["environment=dev*"]
#     stacks: ["sandbox-*"]
#     resources: []
#   reason:
"""
_ACCOUNTS = """
# Accounts outside the export that are trusted, and what the trust rests on: a contract, a review, with its date.
accounts:
"""
_PARTIES = """
# Third parties that data may go to (a host, or "*.host.name" for all below it), and the agreement with each.
third_parties:
"""
_CLASSIFICATION = """
# How sensitive stores are (public, internal, confidential, restricted), and why. The longest pattern that fits wins.
classification:
"""
_CRITICAL = """
# Functions that the business hangs on.
critical:
#   "checkout-*":
#     reason:

# Functions that check their input in their own code, where no API does it for them.
validated:
#   "orders-*":
#     attestation:

# Findings that somebody answers for until a day (YYYY-MM-DD). They stay findings, and are told as waived.
waivers:
#   - check: perim.route-auth
#     resource:
#     reason:
#     owner:
#     expires:
"""


def new_case(inventory: Inventory | None = None) -> CaseFile:
    """Return a case to start from, which decides nothing and is in no file yet.

    Parameters
    ----------
    inventory
        Accounts and third parties that it mentions, and stores whose sensitivity is not known, are listed as comments.

    Returns
    -------
    CaseFile
        To be changed, and saved with a path.
    """
    graph = connect(inventory if inventory is not None else Inventory([]))
    accounts, parties = _outsiders(graph)
    parts = [
        _HEAD,
        _SCOPE.format(places="\n".join(_places(graph))),
        _ACCOUNTS,
        *_listed(accounts, ("name", "attestation")),
        _PARTIES,
        *_listed(parties, ("attestation",)),
        _CLASSIFICATION,
        *_listed(_stores(graph), ("sensitivity", "reason")),
        _CRITICAL,
    ]
    return CaseFile("".join(parts))


def _places(graph: Graph) -> Iterator[str]:
    yield f"#     accounts: {flow(list(graph.graph['accounts']))}"
    yield f"#     regions: {flow([region for region in graph.graph['regions'] if region != 'global'])}"


def _outsiders(graph: Graph) -> tuple[dict[str, str], dict[str, str]]:
    """Return accounts and third parties that are mentioned, with what a reader should know of each."""
    accounts: dict[str, str] = {}
    parties: dict[str, str] = {}
    for node in sorted(graph):
        boundary = graph.nodes[node]["boundary"]
        if boundary.kind == "partner" and boundary.id.isdecimal() and len(boundary.id) == _DIGITS:
            known = get_known_account(boundary.id)
            accounts.setdefault(boundary.id, f"of {known.owner}; " if known else "")
            accounts[boundary.id] += "" if "met as" in accounts[boundary.id] else f"met as {_told(graph, node)}"
        elif boundary.kind == "third party" and boundary.id:
            parties.setdefault(boundary.id, f"met as {_told(graph, node)}")
    return dict(sorted(accounts.items())), dict(sorted(parties.items()))


def _told(graph: Graph, node: str) -> str:
    """Return what a node is called and where it, or the first edge to it, was read."""
    data = graph.nodes[node]
    edges = [*graph.in_edges(node, data=True), *graph.out_edges(node, data=True)]
    sources = [*data["sources"], *(source for _, _, edge in edges for source in edge["sources"])]
    return f"{data['label'] or node}" + (f" in {min(map(str, sources))}" if sources else "")


def _stores(graph: Graph) -> dict[str, str]:
    unknown = (node for node in sorted(graph) if graph.nodes[node]["sensitivity"] is Sensitivity.UNKNOWN)
    return {node: f"{graph.nodes[node]['kind']}: {graph.nodes[node]['sensitivity_reason']}" for node in unknown}


def _listed(named: Mapping[str, str], fields: Sequence[str]) -> Iterator[str]:
    """Yield entries of a section as comments."""
    for name, note in list(named.items())[:_LISTED]:
        yield f"#   {_key(name)}:    # {plain_text(note)}\n"
        yield from (f"#     {field}:\n" for field in fields)
    if len(named) > _LISTED:
        yield f"# and {len(named) - _LISTED} more, which `auditkit graph EXPORT --nodes` lists\n"


def _key(name: str) -> str:
    said = flow(name)
    return said if said.startswith('"') else f'"{said}"'
