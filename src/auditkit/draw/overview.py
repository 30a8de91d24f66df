"""The whole account on one page: groups of resources that belong together, each drawn as one node."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from auditkit.draw._dot import Picture
from auditkit.draw._sketch import EdgeId, Sketch, SketchNode, sketch_from_graph
from auditkit.draw._style import Chip, Family, family
from auditkit.draw.dataflow import picture_from_sketch
from auditkit.graph.schema import Boundary, Graph
from auditkit.inventory import Kind

__all__ = ["GROUP_TAGS", "OVERVIEW_NODES", "groups_from_graph", "plot_overview"]

OVERVIEW_NODES = 150
"""Nodes that an overview of groups may have; above, each account is one node."""

GROUP_TAGS = (
    "application",
    "app",
    "service",
    "system",
    "domain",
    "project",
    "stack",
    "aws:cloudformation:stack-name",
    "team",
    "owner",
)
"""Tag keys that say what belongs together, the first that a resource has counts; keys are compared without case."""

_BOUNDARY_CHIP = Chip("All", "#3b5568", "all that lies in a trust boundary")
_GROUP_CHIP = Chip("Group", "#3b5568", "resources that belong together")
_OURS = frozenset({"account", "VPC"})


def groups_from_graph(graph: Graph, *, tags: Sequence[str] = GROUP_TAGS) -> dict[str, list[str]]:
    """Return the groups of an account's resources: by tag, and what has no tag by its neighbours.

    Where nothing has such a tag, functions whose names begin with the same word belong together.

    Parameters
    ----------
    graph
        Graph with the attributes of :mod:`auditkit.graph.schema`.
    tags
        Tag keys to look at, most telling first.

    Returns
    -------
    dict
        Group's name -> its node ids, both sorted. Nodes outside our accounts are in no group. What neither has a tag
        nor touches a group is in the group ``"ungrouped"``.

    Notes
    -----
    An untagged node joins the group that most of its neighbours are in (ties: the first by name), repeated until
    nothing changes; linear in the edges per round, and a round for each step of distance.
    """
    ours = {node for node, data in graph.nodes(data=True) if data["boundary"].kind in _OURS}
    named = {node: name for node in ours if (name := _tag(graph.nodes[node]["tags"], tags))} or _prefixes(graph, ours)
    beside: dict[str, set[str]] = {node: set() for node in ours}
    for source, target in graph.edges():
        if source in ours and target in ours and source != target:
            beside[source].add(target)
            beside[target].add(source)
    while True:
        votes = {
            node: Counter(named[near] for near in beside[node] if near in named) for node in sorted(ours - named.keys())
        }
        joined = {node: min(vote, key=lambda name: (-vote[name], name)) for node, vote in votes.items() if vote}
        if not joined:
            break
        named.update(joined)
    groups: dict[str, list[str]] = {}
    for node in sorted(ours):
        groups.setdefault(named.get(node, "ungrouped"), []).append(node)
    return dict(sorted(groups.items()))


def _prefixes(graph: Graph, ours: set[str]) -> dict[str, str]:
    """Return the first word of functions' names as their group, where at least two functions begin with it."""
    words = {
        node: re.split(r"[-_.]", str(graph.nodes[node]["label"]), maxsplit=1)[0]
        for node in ours
        if graph.nodes[node]["kind"] is Kind.FUNCTION
    }
    count = Counter(words.values())
    return {node: word for node, word in words.items() if word and count[word] > 1}


def _tag(tags: Mapping[str, str], wanted: Sequence[str]) -> str:
    lower = {key.lower(): value for key, value in sorted(tags.items()) if value}
    return next((lower[key] for key in wanted if key in lower), "")


def plot_overview(
    graph: Graph,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    weakness: Mapping[EdgeId, tuple[float, float]] | None = None,
    title: str = "Overview: groups, trust boundaries and the data between them",
    sketch: Sketch | None = None,
    filepath: str | os.PathLike[str] | None = None,
) -> Picture:
    """Draw an account with each group of resources as one node.

    Parameters
    ----------
    graph
        Graph with the attributes of :mod:`auditkit.graph.schema`.
    groups
        Group's name -> node ids; by default :func:`groups_from_graph`.
    weakness
        Low and high bound of the hop weakness W in [0, 1] by (source, target, key).
    title
        Heading inside the picture.
    sketch
        As of :func:`plot_dataflow`.
    filepath
        Where to save; the suffix gives the format (.svg, .png, .pdf).

    Returns
    -------
    Picture
        With a caption that says how many resources each node stands for in all.

    Notes
    -----
    Where the groups are more than :data:`OVERVIEW_NODES`, each account and each boundary outside is one node, and what
    is outside is one node for each kind of it if the boundaries are still too many; the caption says so.
    """
    members = groups if groups is not None else groups_from_graph(graph)
    if sketch is None:
        sketch = sketch_from_graph(graph, weakness=weakness)
    folded = sketch.fold(_group_nodes(sketch, members))
    what = "Each group stands for the resources that share its tag or touch it"
    if len(folded.nodes) > OVERVIEW_NODES:
        what = f"{len(folded.nodes)} groups are too many to draw: each node stands for all that lies in its boundary"
        folded = sketch.fold(_boundary_nodes(sketch, apart=True))
    if len(folded.nodes) > OVERVIEW_NODES:
        folded = sketch.fold(_boundary_nodes(sketch, apart=False))
    total = sum(len(node.members) for node in folded.nodes.values())
    caption = f"{what}; {total} resources in {len(folded.nodes)} nodes."
    picture = picture_from_sketch(folded, title=title, chips={}, caption=caption, lanes=False)
    if filepath is not None:
        picture.save(filepath)
    return picture


def _group_nodes(sketch: Sketch, groups: Mapping[str, Sequence[str]]) -> dict[str, SketchNode]:
    of_member = {member: name for name, members in groups.items() for member in members}
    inside: dict[tuple[str, str], list[SketchNode]] = {}
    for node in sketch.nodes.values():
        name = next((of_member[member] for member in node.members if member in of_member), None)
        if name is not None:
            account = node.boundary.parent or node.boundary.id
            inside.setdefault((account, name), []).append(node)
    out: dict[str, SketchNode] = {}
    for (account, name), nodes in sorted(inside.items()):
        home = next((node.boundary for node in nodes if node.boundary.kind == "account"), None)
        group = SketchNode(
            id=f"group:{account}/{name}",
            label=name,
            kind=Kind.FUNCTION,
            boundary=home or Boundary("account", account, f"Account {account}"),
            members=[],
            note=_contents(nodes),
            chip=_GROUP_CHIP,
        )
        out.update({node.id: group for node in nodes})
    return out


def _boundary_nodes(sketch: Sketch, *, apart: bool) -> dict[str, SketchNode]:
    """Return one node for each account and boundary outside, to fold what lies in it into.

    With ``apart`` False, one node stands for all that is outside in the same way.
    """
    accounts = {node.boundary.id: node.boundary for node in sketch.nodes.values() if node.boundary.kind == "account"}
    inside: dict[Boundary, list[SketchNode]] = {}
    for node in sketch.nodes.values():
        boundary = node.boundary
        if boundary.kind == "VPC" and boundary.parent:
            parent = boundary.parent
            boundary = accounts.get(parent, Boundary("account", parent, f"Account {parent}"))
        if not apart and boundary.kind not in _OURS:
            boundary = Boundary(boundary.kind, "", f"All of kind {boundary.kind}")
        inside.setdefault(boundary, []).append(node)
    out: dict[str, SketchNode] = {}
    for boundary, nodes in sorted(inside.items()):
        if len(nodes) == 1:
            continue
        group = SketchNode(
            id=f"boundary:{boundary.kind}/{boundary.id}",
            label=boundary.label,
            kind=Kind.ACCOUNT,
            boundary=boundary,
            members=[],
            note=_contents(nodes) or f"{len(nodes)} nodes",
            chip=_BOUNDARY_CHIP,
        )
        out.update({node.id: group for node in nodes})
    return out


def _contents(nodes: Sequence[SketchNode]) -> str:
    counts = Counter(family(node.kind) for node in nodes)
    words = {Family.ENTRY: "entry", Family.COMPUTE: "function", Family.EVENT: "queue or bus", Family.STORE: "store"}
    plural = {Family.ENTRY: "entries", Family.EVENT: "queues and buses"}
    parts = [
        f"{counts[group]} {word if counts[group] == 1 else plural.get(group, word + 's')}"
        for group, word in words.items()
        if counts[group]
    ]
    return " · ".join(parts)
