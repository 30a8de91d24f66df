"""Statements that allow more than is used: of roles that code runs as, and of resources that name everyone."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditkit.facts import get_fix_rules
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Evidence, Graph, Sensitivity, View
from auditkit.inventory import Kind, Source
from auditkit.score.changes import EdgeKey
from auditkit.score.fixes.model import Fix, FixKind, fix_from_rule, in_short, quoted_in_hcl, words_of
from auditkit.score.fixes.usage import Usage

__all__ = ["resource_fixes", "role_fixes"]

_ORGANIZATION = re.compile(r"/Content(/|$)")
_OF_IDENTITY = re.compile(r"(Role|User|Group)PolicyList|PolicyVersionList|/Policies/\d+/PolicyDocument")
_OF_RESOURCE = re.compile(r"/(Policy|policyText|AccessPolicies|KeyPolicy|ResourcePolicy|AssumeRolePolicyDocument)(/|$)")
_GRANTED = frozenset({EdgeKind.PERMITS, EdgeKind.INVOKES, EdgeKind.CHANGES_CODE, EdgeKind.ASSUMES, EdgeKind.ESCALATES})
_MOST_ACTIONS = 40
_RANKS = (
    None,
    Sensitivity.PUBLIC,
    Sensitivity.INTERNAL,
    Sensitivity.UNKNOWN,
    Sensitivity.CONFIDENTIAL,
    Sensitivity.RESTRICTED,
)

_Edges = dict[EdgeKey, dict[str, Any]]


class Statements:
    """Permissions of a graph, sorted by the statement that they hang on.

    That a permission hangs on a statement is certain where no other one of the principal's, and none of the resource's,
    allows it as well; policies of the organization and of keys only take away, or pass on.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ends: dict[Source, tuple[set[str], set[str]]] = {}
        granted = [
            ((tail, head, key), edge)
            for tail, head, key, edge in sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3])
            if edge["kind"] in _GRANTED
            and edge["view"] is View.TRUST
            and edge["evidence"] is Evidence.PERMITTED
            and graph.nodes[tail]["kind"] is not Kind.GRANT  # what a grant gives is judged where it is held
        ]
        for (tail, head, _), edge in granted:
            for source in edge["sources"]:
                tails, heads = self._ends.setdefault(source, (set(), set()))
                tails.add(tail)
                heads.add(head)
        self.of_role: dict[tuple[str, Source], _Edges] = {}
        self.of_resource: dict[tuple[str, Source], _Edges] = {}
        for key, edge in granted:
            self._sort(key, edge)

    def met_by(self, functions: Iterable[str], source: Source) -> _Edges:
        """Return what a statement of their role gives functions alone, as their requests meet its conditions."""
        found: _Edges = {}
        for function in functions:
            found |= self.of_role.get((function, source), {})
        return found

    def _sort(self, key: EdgeKey, edge: dict[str, Any]) -> None:
        sources = [source for source in edge["sources"] if not _ORGANIZATION.search(source.pointer)]
        identity = [source for source in sources if self._is_identity(source)]
        resource = [source for source in sources if source not in identity and not self._of_key(source, key[1])]
        if edge["kind"] is EdgeKind.ESCALATES:
            for source in identity:
                self.of_role.setdefault((key[0], source), {})[key] = edge
        elif len(identity) == 1 and not resource:
            self.of_role.setdefault((key[0], identity[0]), {})[key] = edge
        elif len(resource) == 1 and not identity:
            self.of_resource.setdefault((key[1], resource[0]), {})[key] = edge

    def _is_identity(self, source: Source) -> bool:
        if _OF_IDENTITY.search(source.pointer):
            return True
        if _OF_RESOURCE.search(source.pointer):
            return False
        tails, heads = self._ends[source]
        return len(heads) > 1 or len(tails) == 1

    def _of_key(self, source: Source, head: str) -> bool:
        """Return whether a statement stands in the policy of a key, and passes on what identities are allowed."""
        if self._graph.nodes[head]["kind"] is Kind.KEY:
            return True
        _, heads = self._ends[source]
        return any(self._graph.nodes[other]["kind"] is Kind.KEY for other in heads)


def _by_place(item: tuple[tuple[str, Source], _Edges]) -> tuple[str, str]:
    (node, source), _ = item
    return node, str(source)


def role_fixes(graph: Graph, usage: Usage, statements: Statements) -> Iterator[Fix]:
    """Yield for each statement of a role that code runs as: leave in it what the code is seen, or set up, to do."""
    rule = get_fix_rules()["narrow"]
    for (role, source), edges in sorted(statements.of_role.items(), key=_by_place):
        runners = usage.runners(role)
        if graph.nodes[role]["kind"] is not Kind.ROLE or not runners:
            continue
        used = {
            key: edge for key, edge in edges.items() if usage.is_used(runners, key[1], edge["kind"], edge["access"])
        }
        dropped = [key for key in edges if key not in used]
        if not dropped:
            continue
        met = statements.met_by(runners, source)
        unmet = [key for key, edge in met.items() if not usage.is_used([key[0]], key[1], edge["kind"], edge["access"])]
        words = words_of(graph, role) | {
            "role": str(graph.nodes[role]["label"]),
            "dropped": str(len(dropped)),
            "all": str(len(edges)),
            "source": str(source),
            "runners": in_short([str(graph.nodes[runner]["label"]) for runner in runners], most=3),
            "worst": in_short(_listed(graph, edges, dropped), most=1),
            "list": in_short(_listed(graph, edges, dropped)),
            "statements": _statements(used),
            "blocks": _blocks(used),
        }
        yield fix_from_rule(
            rule,
            role,
            kind=FixKind.STATEMENT,
            words=words,
            sources=[source],
            extra=str(source),
            kept={key for key in (*dropped, *unmet) if (edges | met)[key]["kind"] is EdgeKind.ESCALATES},
            removes=(*dropped, *unmet),
        )


def resource_fixes(graph: Graph, usage: Usage, statements: Statements) -> Iterator[Fix]:
    """Yield for each statement of a resource that lets many in: name those who need it, and keep the internet out."""
    for (target, source), edges in sorted(
        statements.of_resource.items(), key=lambda item: (item[0][0], str(item[0][1]))
    ):
        node = graph.nodes[target]
        public = [key for key in edges if _is_anyone(graph, key[0])]
        kept: list[EdgeKey] = []
        dropped = list(public)
        for key, edge in edges.items():
            if key in public:
                continue
            runners = usage.runners(key[0])
            used = usage.is_used(runners, target, edge["kind"], edge["access"])
            needed = used or not runners or node["kind"] is Kind.ROLE
            (kept if needed else dropped).append(key)
        if not public and (len(edges) == 1 or not dropped):
            continue
        removed = {key: edges[key] for key in dropped}
        yield _resource_fix(graph, target, source, removed, {key: edges[key] for key in kept})


def _resource_fix(graph: Graph, target: str, source: Source, removed: _Edges, kept: _Edges) -> Fix:
    node = graph.nodes[target]
    public = any(_is_anyone(graph, tail) for tail, _, _ in removed)
    blocks = public and node["kind"] is Kind.BUCKET
    tails = {tail for tail, _, _ in kept if graph.nodes[tail]["kind"] is not Kind.FUNCTION}  # its role is named
    actions = sorted({action for edge in (removed | kept).values() for action in _actions(target, edge)})
    words = words_of(graph, target) | {
        "source": str(source),
        "dropped": in_short(sorted({str(graph.nodes[tail]["label"]) for tail, _, _ in removed})),
        "principals": ", ".join(sorted({json.dumps(tail) for tail in tails})),
        "actions": ", ".join(map(json.dumps, actions)),
        "resource": target,
    }
    return fix_from_rule(
        get_fix_rules()["block-public" if blocks else "name-principals"],
        target,
        kind=FixKind.SETTING if blocks else FixKind.CONDITION,
        words=words,
        sources=[source],
        extra=str(source),
        kept=None if blocks else (),
        removes=tuple(removed),
        entries=((target, None),) if public and node["entry"] in {EntryKind.ANONYMOUS, EntryKind.AUTHENTICATED} else (),
    )


def _is_anyone(graph: Graph, node: str) -> bool:
    return node == INTERNET or graph.nodes[node]["kind"] in {Kind.INTERNET, Kind.ANONYMOUS}


def _listed(graph: Graph, edges: _Edges, keys: Iterable[EdgeKey]) -> list[str]:
    """Return permissions in words, those on the most sensitive stores first."""

    def rank(key: EdgeKey) -> tuple[int, str, str]:
        sensitivity = graph.nodes[key[1]]["sensitivity"]
        return -_RANKS.index(sensitivity), str(graph.nodes[key[1]]["label"]), key[2]

    return list(dict.fromkeys(_in_words(graph, key, edges[key]) for key in sorted(keys, key=rank)))


def _in_words(graph: Graph, key: EdgeKey, edge: Mapping[str, Any]) -> str:
    what = str(edge["access"]) if edge["kind"] is EdgeKind.PERMITS and edge["access"] else str(edge["kind"])
    return f"{what} {graph.nodes[key[1]]['label']}"


def _actions(target: str, edge: Mapping[str, Any]) -> Iterable[str]:
    """Return the actions of an edge, with the service's prefix as far as the ARN tells it."""
    service = target.split(":")[2] if target.startswith("arn:") else "execute-api"
    names = str(edge["detail"] if " and " in edge["label"] else edge["label"])
    return [f"{service}:{name.strip()}" for name in names.split(",") if name.strip().isidentifier()]


def _left(used: Mapping[EdgeKey, Mapping[str, Any]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Return what is left of a statement: actions, and the ARNs that all of them are needed on."""
    by_target: dict[str, set[str]] = {}
    for key, edge in used.items():
        by_target.setdefault(key[1], set()).update(_actions(key[1], edge))
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for target, actions in sorted(by_target.items()):
        if actions:
            by_actions.setdefault(tuple(sorted(actions)), []).append(target)
    return [
        (actions[:_MOST_ACTIONS], [arn for target in targets for arn in _arns(target)])
        for actions, targets in sorted(by_actions.items())
    ]


def _statements(used: Mapping[EdgeKey, Mapping[str, Any]]) -> str:
    """Return what is left of a statement as YAML: one for each set of actions."""
    left = [
        f"- Effect: Allow\n  Action: [{', '.join(map(json.dumps, actions))}]\n"
        f"  Resource: [{', '.join(map(json.dumps, arns))}]"
        for actions, arns in _left(used)
    ]
    return "\n".join(left) or "[]  # nothing of it is left"


def _blocks(used: Mapping[EdgeKey, Mapping[str, Any]]) -> str:
    """Return the same as HCL."""
    left = [
        "  statement {\n"
        f"    actions   = [{', '.join(map(quoted_in_hcl, actions))}]\n"
        f"    resources = [{', '.join(map(quoted_in_hcl, arns))}]\n"
        "  }"
        for actions, arns in _left(used)
    ]
    return "\n".join(left) or "  # nothing of it is left"


def _arns(target: str) -> tuple[str, ...]:
    """Return what a statement names for a target: a bucket with its objects, a log group with its streams."""
    if target.startswith("arn:aws:s3:::"):
        return target, f"{target}/*"
    return (f"{target}:*",) if ":log-group:" in target else (target,)
