"""Whatever stands in an export: the readers and the graph go on, and what cannot be read is told."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.graph.connect import connect
from tests.exports.feeding import REGION, answer, feed

CORPUS = [
    (row["call"], row["payload"], *row["arguments"])
    for row in json.loads(Path(__file__).with_name("stores.json").read_text(encoding="utf-8"))
]
"""One sound response of most calls that describe stores: call, payload, arguments."""
JUNK = st.sampled_from(
    [
        None,
        "",
        "x",
        " ",
        "*",
        "arn:",
        "arn:aws:s3:::",
        "<b>",
        "\x1b[31m",
        "%7B",
        "[[[",
        0,
        -1,
        1.5,
        True,
        [],
        {},
        [None],
    ]
)


def places(value, path=()):
    """Yield the path of every value in a document."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


PLACES = [(index, path) for index, (_, payload, *_) in enumerate(CORPUS) for path in places(payload) if path]


def responses(changes):
    payloads = [copy.deepcopy(payload) for _, payload, *_ in CORPUS]
    for (index, path), junk in changes:
        target = payloads[index]
        try:
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = copy.deepcopy(junk)  # a later change may reach into it
        except (IndexError, KeyError, TypeError):  # a change before this one has taken the place away
            continue
    return [
        answer(call, payload, *arguments, region="global" if call.startswith("s3") else REGION)
        for (call, _, *arguments), payload in zip(CORPUS, payloads, strict=True)
    ]


def test_the_corpus_itself_is_read_without_a_complaint():
    inventory = feed(*responses([]))
    assert inventory.not_read == ()
    assert inventory.contradictions == ()
    graph = connect(inventory)
    assert graph.number_of_edges() > 40


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=6))
def test_one_broken_value_stops_nothing_else(changes):
    connect(feed(*responses(changes)))


@pytest.mark.parametrize("junk", ["x", 7, [7]])
def test_a_response_of_another_shape_is_told(junk):
    for index, (call, payload, *arguments) in enumerate(CORPUS):
        if call != "mq.DescribeBroker":  # whose fields lie at the top
            inventory = feed(answer(call, {next(iter(payload)): junk}, *arguments, file=f"{index}.json"))
            assert inventory.not_read, call
