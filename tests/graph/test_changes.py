from auditkit.graph._build import Builder
from auditkit.graph.changes import add_changes
from auditkit.graph.schema import Edge, EdgeKind, Evidence, View
from auditkit.inventory import Inventory, Source

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"
FN = "arn:aws:lambda:eu-west-1:111122223333:function:f"
DEVELOPER = "arn:aws:iam::111122223333:role/developer"
ROLE = "arn:aws:iam::111122223333:role/m"
WHERE = Source("f", "/0")


def built(target, **fields):
    build = Builder(Inventory())
    build.acts_in(target, ROLE, sources=[WHERE])
    change = Edge(
        kind=EdgeKind.CHANGES_CODE, view=View.TRUST, evidence=Evidence.PERMITTED, sources=(WHERE,), cost=1, **fields
    )
    build.edge(DEVELOPER, target, change)
    add_changes(build, build.graph)
    graph = build.graph
    return [edge for _, to, edge in graph.out_edges(DEVELOPER, data=True) if to == ROLE]


def test_who_may_write_a_definition_holds_its_role():
    (edge,) = built(MACHINE)
    assert (edge["kind"], edge["cost"]) == (EdgeKind.ESCALATES, 1)


def test_what_a_change_hangs_on_is_kept():
    (edge,) = built(MACHINE, conditions=("aws:MultiFactorAuthPresent",), unknown="x")
    assert (edge["conditions"], edge["unknown"]) == (("aws:MultiFactorAuthPresent",), "x")


def test_a_function_needs_no_such_step():
    assert built(FN) == []
