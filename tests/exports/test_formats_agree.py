"""The same account in four formats: the same graph, up to what a format cannot say."""

import pytest

from auditkit.exports import read
from auditkit.graph.connect import connect
from auditkit.inventory.records.functions import Function
from tests.exports.agreed import FORMATS
from tests.exports.hostility import written
from tests.exports.terraform.test_corpus import short

UNSAID = {
    "cloudformation": set(),
    "config": {
        # neither event source mappings and subscriptions nor definitions are recorded
        "calls states:stateMachine:flow > lambda:function:orders",
        "delivers sns:news > sqs:jobs",
        "delivers sqs:jobs > lambda:function:orders",
        "invokes sqs:jobs > lambda:function:orders",
        "invokes states:stateMachine:flow > lambda:function:orders",
        "permits sns:news > sqs:jobs",
        "returns lambda:function:orders > states:stateMachine:flow",
    },
    "terraform": set(),
}


def exported(folder, *formats):
    for name in formats:
        for path, content in FORMATS[name].items():
            written(folder / name / path, content)
    return [folder / name for name in formats]


def edges_of(*paths):
    graph = connect(read(*paths))
    return {
        f"{edge['kind']} {short(origin)} > {short(target)}": (edge["evidence"], edge["enabled"], edge["cost"])
        for origin, target, edge in graph.edges(data=True)
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return edges_of(*exported(tmp_path_factory.mktemp("api"), "api"))


@pytest.mark.parametrize("name", UNSAID)
def test_a_format_gives_the_graph_of_the_api(name, expected, tmp_path):
    found = edges_of(*exported(tmp_path, name))
    assert found == {edge: facts for edge, facts in expected.items() if edge not in UNSAID[name]}


def test_all_formats_together_give_the_graph_of_the_api(expected, tmp_path):
    assert edges_of(*exported(tmp_path, *FORMATS)).keys() >= expected.keys()


def test_what_the_formats_say_of_one_account_does_not_contradict_itself(tmp_path):
    inventory = read(*exported(tmp_path, "api", "config", "terraform"))
    assert inventory.contradictions == ()
    (function,) = inventory.of(Function)
    assert {source.file.partition(":")[0] for source in function.sources} == {"api", "config", "terraform"}
