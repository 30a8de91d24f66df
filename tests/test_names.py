"""Names as people read them: no two resources of one sort under one name, if it can be told which is which."""

import pandas as pd
import pytest

from auditkit.inventory import Kind
from auditkit.names import names_of, told_apart, with_names
from tests.score.graphs import Sketch

HERE, THERE = "111122223333", "444455556666"


def function(name, *, account=HERE, region="eu-west-1"):
    return f"arn:aws:lambda:{region}:{account}:function:{name}"


@pytest.mark.parametrize(
    ("ids", "names", "told"),
    [
        ([function("a"), function("b")], ["a", "b"], ["a", "b"]),
        ([function("a"), function("a")], ["a", "a"], ["a", "a"]),
        ([function("a"), f"arn:aws:iam::{HERE}:role/a"], ["a", "a"], ["a", "a"]),
        (
            [function("a"), function("a", account=THERE)],
            ["a", "a"],
            [f"a ({HERE})", f"a ({THERE})"],
        ),
        (
            [function("a"), function("a", region="us-east-1"), function("b", region="us-east-1")],
            ["a", "a", "b"],
            ["a (eu-west-1)", "a (us-east-1)", "b"],
        ),
        (
            [function("a"), function("a", account=THERE, region="us-east-1")],
            ["a", "a"],
            [f"a ({HERE}, eu-west-1)", f"a ({THERE}, us-east-1)"],
        ),
        (
            [f"route:{HERE}:eu-west-1:one/GET /", f"route:{HERE}:eu-west-1:two/GET /"],
            ["GET /", "GET /"],
            ["GET / (one)", "GET / (two)"],
        ),
        (
            ["url:" + function("a"), "url:" + function("a", region="us-east-1")],
            ["u", "u"],
            ["u (eu-west-1)", "u (us-east-1)"],
        ),
        (["internet", "thirdparty:internet", "route:odd"], ["internet"] * 3, ["internet"] * 3),
    ],
)
def test_what_shares_a_name_is_told_apart_by_what_differs(ids, names, told):
    assert told_apart(ids, names) == told


def test_what_is_shown_beside_a_name_is_not_said_twice():
    frame = pd.DataFrame(
        {
            "node": [function("a"), function("a", region="us-east-1")],
            "label": ["a", "a"],
            "region": ["eu-west-1", "us-east-1"],
        }
    )
    assert list(with_names(frame, {"label": "function"})["label"]) == ["a (eu-west-1)", "a (us-east-1)"]
    assert list(with_names(frame, {"label": "function", "region": "region"})["label"]) == ["a", "a"]
    assert list(frame["label"]) == ["a", "a"]


def test_where_a_resource_is_says_nothing_of_the_others_in_its_row():
    ids = [function("a"), function("a", account=THERE)]
    frame = pd.DataFrame({"entry": ids, "entry_label": ["a", "a"], "account": [HERE, THERE]})
    told = with_names(frame, {"account": "account", "entry_label": "from"})
    assert list(told["entry_label"]) == [f"a ({HERE})", f"a ({THERE})"]


def test_words_of_programs_are_words():
    frame = pd.DataFrame({"weakest_factor": ["third_party", ""]})
    assert list(with_names(frame, {"weakest_factor": "mend first"})["weakest_factor"]) == ["third party", ""]


def test_the_nodes_of_a_graph_are_told_apart():
    sketch = Sketch()
    for account in (HERE, THERE):
        sketch.node(function("a", account=account), Kind.FUNCTION, label="a")
    sketch.node(function("b"), Kind.FUNCTION, label="")
    assert list(names_of(sketch.graph).values()) == [f"a ({HERE})", f"a ({THERE})", function("b")]
