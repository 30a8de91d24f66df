"""Scores of a graph with grants and scopes are those of the expanded graph: a law, held on random small graphs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.graph import expand
from auditkit.graph.schema import AccessLevel, EdgeKind, EntryKind, Evidence, Sensitivity
from auditkit.inventory import Kind, Source
from auditkit.score import blast_radius, choke_points, exposure, matrix, whatif
from auditkit.score.fixes import derive_fixes
from tests.score.graphs import Sketch

ROLES, STORES = ("a-role", "b-role", "c-role"), ("queue", "s1", "s2", "s3", "s4")
STATEMENT = Source("iam.json", "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0")
SHOWN = ["entry", "entry_label", "entry_kind", "q", "rho", "cost", "path", "edges", "steps", "sources"]
"""Columns that show one of several ways of the same strength."""


def _contains(sketch: Sketch, scope: str, part: str) -> None:
    sketch.trust(scope, part, EdgeKind.CONTAINS, 0, evidence=Evidence.PERMITTED)


@st.composite
def accounts(draw):
    """Draw a graph: functions behind doors, roles that hold grants on scopes, which contain others and overlap."""
    sketch = Sketch()
    sketch.internet()
    for number, role in enumerate(ROLES):
        sketch.function(f"f{number}", role=role)
        if draw(st.booleans()):
            door = sketch.route(f"door {number}", draw(st.sampled_from([EntryKind.ANONYMOUS, EntryKind.AUTHENTICATED])))
            sketch.trust("internet", door, EdgeKind.INVOKES, 0)
            sketch.trust(door, f"f{number}", EdgeKind.INVOKES, 0)
    for store in STORES:
        kind = Kind.QUEUE if store == "queue" else Kind.TABLE
        sketch.store(store, kind, draw(st.sampled_from([Sensitivity.RESTRICTED, Sensitivity.INTERNAL])))
    sketch.trust("queue", "f2", EdgeKind.INVOKES, 2)
    for role in draw(st.sets(st.sampled_from(ROLES))):
        sketch.permits(role, draw(st.sampled_from(STORES)), draw(st.sampled_from(list(AccessLevel))))
        other, kind = draw(
            st.sampled_from([*((one, EdgeKind.ASSUMES) for one in ROLES), ("f0", EdgeKind.CHANGES_CODE)])
        )
        if other != role:  # as grants below may say as well
            sketch.trust(role, other, kind, 1, evidence=Evidence.PERMITTED, label="plain")
    for family, members in (("store", STORES), ("role", ROLES), ("function", ("f0", "f1", "f2"))):
        _draw_grants(draw, sketch, family, members)
    return sketch.graph


def _draw_grants(draw, sketch: Sketch, family: str, members: tuple[str, ...]) -> None:
    scopes = []
    for number in range(draw(st.integers(0, 3))):
        scope = sketch.node(f"scope:{family} {number}", Kind.SCOPE)
        parts = draw(st.sets(st.sampled_from([*members, *scopes]), min_size=1))
        for part in sorted(parts):
            _contains(sketch, scope, part)
        scopes.append(scope)
        grant = sketch.node(f"grant:{family} {number}", Kind.GRANT)
        for role in sorted(draw(st.sets(st.sampled_from(ROLES), min_size=1))):
            sketch.trust(role, grant, EdgeKind.PERMITS, 0, evidence=Evidence.PERMITTED, sources=(STATEMENT,))
        kinds = {"store": [EdgeKind.PERMITS], "role": [EdgeKind.ASSUMES], "function": [EdgeKind.CHANGES_CODE]}[family]
        levels = draw(st.sets(st.sampled_from(list(AccessLevel)), min_size=1)) if family == "store" else {None}
        for level in sorted(levels, key=str):
            more = {"conditions": ("aws:SourceIp",)} if draw(st.booleans()) else {}
            cost = 0 if family == "store" else 1
            sketch.trust(
                grant,
                scope,
                kinds[0],
                cost,
                evidence=Evidence.PERMITTED,
                access=level,
                sources=(STATEMENT,),
                label=f"{grant} {level}",
                **more,
            )


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_scores_of_grants_are_those_of_the_edges_that_they_stand_for(graph):
    plain = expand(graph)
    assert not {Kind.GRANT, Kind.SCOPE} & {kind for _, kind in plain.nodes(data="kind")}
    assert matrix(graph).equals(matrix(plain))
    for score in (blast_radius, exposure):
        one, other = score(graph), score(plain)
        assert one.drop(columns=SHOWN, errors="ignore").equals(other.drop(columns=SHOWN, errors="ignore"))
        figures = [name for name in one.attrs if name != "weights"]
        assert [one.attrs[name] for name in figures] == [other.attrs[name] for name in figures]


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_choke_points_of_grants_are_those_of_the_edges_that_they_stand_for(graph):
    one, other = choke_points(graph), choke_points(expand(graph))
    same = ["store", "cost", "ways", "cut", "cut_labels", "cut_entries", "sources"]
    assert one[same].equals(other[same])
    for column in ("nodes", "edges"):
        assert one[column].map(set).equals(other[column].map(set))


@settings(max_examples=30, deadline=None)
@given(accounts())
def test_fixes_and_what_if_see_the_same(graph):
    plain = expand(graph)
    assert [(fix.id, fix.change) for fix in derive_fixes(graph)] == [
        (fix.id, fix.change) for fix in derive_fixes(plain)
    ]
    one, other = (whatif(some).compromise("f1").risk for some in (graph, plain))
    assert one == other


@given(accounts())
def test_paths_lead_past_grants(graph):
    between = {node for node, kind in graph.nodes(data="kind") if kind in {Kind.GRANT, Kind.SCOPE}}
    plain = set(expand(graph).edges(keys=True))
    found = exposure(graph)
    assert not any(between & set(path) for path in found["path"])
    assert all(edge in plain for edges in found["edges"] for edge in edges)
