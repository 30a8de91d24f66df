"""What runs a function and is read for that alone: mail, stacks, pipelines."""

import pytest

from auditkit.graph import connect
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind
from auditkit.inventory import Inventory, Source
from auditkit.inventory.triggers import ServiceTrigger

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"
RULE = "arn:aws:ses:eu-west-1:111122223333:receipt-rule/mail"


def graph_of(**fields):
    known = {"origin": RULE, "label": "mail", "target": FUNCTION, "service": "ses.amazonaws.com"}
    record = ServiceTrigger(
        id="trigger:x",
        name="mail",
        account="111122223333",
        region="eu-west-1",
        sources=(Source("t.json", "/x"),),
        **{**known, **fields},
    )
    return connect(Inventory([record]))


def kinds(graph, origin, target):
    return {edge["kind"] for edge in graph.get_edge_data(origin, target, default={}).values()}


def test_anyone_may_send_mail_to_a_function():
    graph = graph_of(entry_hop="ses->lambda")
    assert graph.nodes[RULE]["entry"] is EntryKind.ANONYMOUS
    assert kinds(graph, INTERNET, RULE) == {EdgeKind.DELIVERS, EdgeKind.INVOKES}
    assert kinds(graph, RULE, FUNCTION) == {EdgeKind.DELIVERS, EdgeKind.INVOKES}


def test_nobody_outside_runs_a_custom_resource():
    graph = graph_of()
    assert graph.nodes[RULE]["entry"] is None
    assert INTERNET not in graph


@pytest.mark.parametrize("target", ["arn:aws:s3:::inbox", "arn:aws:sns:eu-west-1:111122223333:news"])
def test_a_store_is_written_to(target):
    assert kinds(graph_of(target=target), RULE, target) == {EdgeKind.DELIVERS, EdgeKind.PERMITS}


def test_a_target_that_is_not_known_makes_no_edge():
    assert RULE not in graph_of(target="")
