import hashlib
import json
import math
from importlib.resources import files

import msgspec
import pytest

from auditkit.errors import ScoreError
from auditkit.graph.schema import ACCESS_LAMBDA, AccessLevel, EntryKind, Interval, Sensitivity
from auditkit.score import default_weights, weights_from_json

FILE = files("auditkit").joinpath("facts/weights.json").read_bytes()


def changed_file(group, name, value):
    content = json.loads(FILE)
    content[group][name] = value
    return json.dumps(content)


def test_the_defaults_are_those_of_the_definition():
    weights = default_weights()
    assert msgspec.structs.asdict(weights.factors) == {
        "authentication": 0.70,
        "encryption": 0.60,
        "third_party": 0.40,
        "peer": 0.35,
        "validation": 0.30,
        "network": 0.20,
    }
    assert [weights.sensitivity.of(word) for word in Sensitivity] == [
        *map(Interval.exactly, (0, 1, 3, 9)),
        Interval(0, 3),
    ]
    assert {level: weights.access.of(level) for level in AccessLevel} == ACCESS_LAMBDA
    assert {kind: weights.entries.of(kind) for kind in EntryKind} == {kind: kind.cost for kind in EntryKind}
    assert weights.entries.assumed_breach == 3
    assert [weights.costs.of(cost) for cost in (0, 1, 2, 3, 4, 5, 2.5)] == [0, 1, 2, 3, 4, 5, 2.5]
    assert weights.costs.of(math.inf) == math.inf


def test_a_report_can_cite_them():
    weights = default_weights()
    assert weights.version
    assert len(weights.date) == len("2026-11-23")
    assert weights.digest == hashlib.sha256(FILE).hexdigest()
    assert weights.cited == (weights.version, weights.date, weights.digest)


def test_an_own_file_replaces_them():
    text = changed_file("sensitivity", "restricted", 27)
    weights = weights_from_json(text)
    assert weights.sensitivity.restricted == 27
    assert weights.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_digest_in_a_file_is_not_believed():
    content = json.loads(FILE)
    content["digest"] = "0" * 64
    text = json.dumps(content)
    assert weights_from_json(text).digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("group", "name", "value", "says"),
    [
        ("factors", "network", 1.01, "factor network"),
        ("factors", "network", -0.01, "factor network"),
        ("access", "read", 2, "access level read"),
        ("entries", "anonymous", -1, "entry anonymous"),
        ("costs", "call", -1, "step call"),
        ("costs", "held", 1, "step held"),
        ("costs", "bug", 1, "wait"),
        ("sensitivity", "public", -1, "sensitivity public"),
        ("sensitivity", "public", 2, "public"),
        ("sensitivity", "unknown_low", 4, "unknown_low"),
        ("factors", "network", "1", "network"),
        ("factors", "network", None, "network"),
        ("factors", "network", True, "network"),
        ("factors", "weather", 0.5, "weather"),
    ],
)
def test_a_wrong_number_in_a_file_is_named(group, name, value, says):
    with pytest.raises(ScoreError, match=says):
        weights_from_json(changed_file(group, name, value))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_file_of_weights_is_refused(text):
    with pytest.raises(ScoreError, match="weights"):
        weights_from_json(text)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.5, "0.2", None, True])
def test_a_wrong_number_in_a_copy_is_refused(value):
    with pytest.raises(ScoreError, match="network"):
        default_weights().changed(factors={"network": value})


def test_a_copy_says_that_it_was_changed_and_leaves_the_original_alone():
    weights = default_weights()
    copy = weights.changed(factors={"network": 0.4}, sensitivity={"restricted": 10})
    assert (copy.factors.network, copy.sensitivity.restricted) == (0.4, 10)
    assert (weights.factors.network, weights.sensitivity.restricted) == (0.2, 9)
    assert copy.digest == ""
    assert copy.version == f"{weights.version} (changed)"
    assert copy.changed(factors={"network": 0.5}).version == copy.version
    assert weights.changed(factors={"network": 0.2}) is weights


@pytest.mark.parametrize("groups", [{"weather": {"rain": 1}}, {"factors": {"rain": 1}}, {"version": {"a": 1}}])
def test_a_copy_takes_only_names_that_there_are(groups):
    with pytest.raises(ScoreError, match="there is no"):
        default_weights().changed(**groups)
