import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.case import Case
from auditkit.graph._build import Builder
from auditkit.graph.inheritance import add_inherited
from auditkit.graph.schema import INTERNET, EdgeKind, Evidence, Sensitivity
from auditkit.inventory import Inventory, Source
from auditkit.inventory.records.functions import Function

PLACE = "eu-west-1:111122223333"
TABLE, OTHER = f"arn:aws:dynamodb:{PLACE}:table/orders", f"arn:aws:dynamodb:{PLACE}:table/other"
QUEUE, LATER, TOPIC = f"arn:aws:sqs:{PLACE}:q", f"arn:aws:sqs:{PLACE}:later", f"arn:aws:sns:{PLACE}:t"
FN, CONSUMER = f"arn:aws:lambda:{PLACE}:function:f", f"arn:aws:lambda:{PLACE}:function:g"
SECRET = f"arn:aws:secretsmanager:{PLACE}:secret:s-AbCdEf"
WHERE = [Source("f", "/0")]


def inherited(flows, classification, **said):
    here = Function(id=FN, account="111122223333", function_name="f", function_arn=FN)
    build = Builder(Inventory([here]), case=Case(classification=classification))
    for origin, target in flows:
        build.flow(origin, target, kind=EdgeKind.DELIVERS, hop="sqs->lambda", sources=WHERE, **said)
    add_inherited(build, build.graph)
    graph = build.graph
    return {node: (data["sensitivity"], data["sensitivity_reason"]) for node, data in graph.nodes(data=True)}


def test_a_queue_carries_what_its_producer_reads():
    found = inherited([(TABLE, FN), (FN, QUEUE), (QUEUE, CONSUMER), (CONSUMER, LATER)], {"orders": "restricted"})
    assert found[QUEUE][0] is found[LATER][0] is Sensitivity.RESTRICTED
    assert "orders" in found[LATER][1]


def test_little_is_inherited_only_where_all_is_known():
    assert inherited([(TABLE, FN), (FN, QUEUE)], {"orders": "internal"})[QUEUE][0] is Sensitivity.INTERNAL
    both = [(TABLE, FN), (OTHER, FN), (FN, QUEUE)]
    assert inherited(both, {"orders": "internal"})[QUEUE][0] is Sensitivity.UNKNOWN
    assert inherited(both, {"orders": "internal", "other": "public"})[QUEUE][0] is Sensitivity.INTERNAL
    assert inherited(both, {"orders": "confidential"})[QUEUE][0] is Sensitivity.CONFIDENTIAL


def test_what_comes_from_outside_is_unknown():
    flows = [(INTERNET, FN), (TABLE, FN), (FN, QUEUE)]
    assert inherited(flows, {"orders": "internal"})[QUEUE][0] is Sensitivity.UNKNOWN


def test_a_secret_is_not_handed_on():
    found = inherited([(SECRET, FN), (FN, QUEUE)], {SECRET: "restricted"})
    assert found[QUEUE][0] is Sensitivity.UNKNOWN


def test_a_store_that_lasts_inherits_nothing():
    found = inherited([(TABLE, FN), (FN, OTHER)], {"orders": "restricted"})
    assert found[OTHER][0] is Sensitivity.UNKNOWN


def test_what_is_classified_keeps_its_own():
    found = inherited([(TABLE, FN), (FN, QUEUE)], {"orders": "restricted", "q": "public"})
    assert found[QUEUE] == (Sensitivity.PUBLIC, "The case classifies q so.")


@pytest.mark.parametrize("said", [{"enabled": False}, {"evidence": Evidence.PERMITTED}])
def test_a_flow_that_is_off_or_only_permitted_carries_nothing(said):
    found = inherited([(TABLE, FN), (FN, QUEUE)], {"orders": "restricted"}, **said)
    assert found[QUEUE][0] is Sensitivity.UNKNOWN


NODES = [TABLE, OTHER, QUEUE, LATER, TOPIC, FN, CONSUMER, INTERNET]
FLOWS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=14)


@given(FLOWS, st.randoms(use_true_random=False))
def test_order_and_cycles_change_nothing(flows, random):
    shuffled = list(flows)
    random.shuffle(shuffled)
    case = {"orders": "restricted", "other": "internal"}
    assert inherited(flows, case) == inherited(shuffled, case)


@given(FLOWS, st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)))
def test_another_flow_never_lowers_what_is_at_least_confidential(flows, more):
    order = list(Sensitivity)
    case = {"orders": "restricted", "other": "confidential"}
    before, after = inherited(flows, case), inherited([*flows, more], case)
    for node, (sensitivity, _) in before.items():
        if sensitivity in {Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED}:
            assert order.index(after[node][0]) >= order.index(sensitivity)
