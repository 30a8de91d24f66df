"""Whatever a file holds: an inventory with notes of what was not read, or one clear error; never anything else."""

import copy
import json
import random
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports._reading import Reading, Response
from auditkit.exports.calls import known_calls
from auditkit.exports.services import HANDLERS
from auditkit.inventory import Kind, Source

ACCOUNT, REGION = "111122223333", "eu-west-1"
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "retailer"
CALLS = [call for call in known_calls() if (call.service, call.operation) in HANDLERS]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
)
relaxed = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def whole(inventory):
    """Use everything that an inventory offers."""
    repr(inventory)
    inventory._repr_html_()
    inventory.coverage.frame()
    for kind in inventory.kinds:
        inventory.frame(kind)
    return inventory


def handled(call, payload, arguments):
    reading = Reading()
    response = Response(call.service, call.operation, ACCOUNT, REGION, arguments, payload, Source("f.json"))
    HANDLERS[call.service, call.operation](response, reading)
    return whole(reading.build())


@st.composite
def responses(draw):
    """A call with a response whose keys are right and whose values are anything."""
    call = draw(st.sampled_from(CALLS))
    payload = draw(st.fixed_dictionaries(dict.fromkeys(call.results, anything)))
    arguments = draw(st.lists(st.text(max_size=8), max_size=4))
    return call, payload, tuple(arguments)


@relaxed
@given(responses())
def test_a_handler_withstands_anything_under_the_right_keys(case):
    handled(*case)


@st.composite
def files(draw):
    paths = st.sampled_from([f"{call.service}-{call.operation}" for call in CALLS])
    names = draw(st.lists(paths, min_size=1, max_size=4, unique=True))
    return {f"{ACCOUNT}/{REGION}/{name}.json": json.dumps(draw(anything)) for name in names}


@relaxed
@given(files())
def test_an_export_of_anything_is_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in content.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        inventory = whole(read(folder))
    assert len(inventory.digests) == len(content)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_under_a_known_name_are_read_or_noted(data):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "lambda-list-functions.json").write_bytes(data)
        whole(read(folder))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_under_any_name_are_read_or_refused(data):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "something.json").write_bytes(data)
        with suppress(ExportError):
            whole(read(folder))


# ---------------------------------------------------------------- mutations of a real export


def responses_of_the_sample():
    paths = sorted(path for path in SAMPLE.rglob("*.json") if path.stat().st_size < 200_000)
    return [(path.relative_to(SAMPLE).as_posix(), json.loads(path.read_text())) for path in paths]


ODD = [None, True, -1, 10**30, 1.5, "", "\x1b[31m<script>", "arn:aws:x", [], {}, [[]], {"a": None}, "é" * 40]


def mutated(value, choose):
    """Replace, drop or double one part of a JSON value."""
    value = copy.deepcopy(value)
    holders = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict | list) and item:
            holders.append(item)
            waiting.extend(item.values() if isinstance(item, dict) else item)
    if not holders:
        return choose.choice(ODD)
    holder = choose.choice(holders)
    key = choose.choice(sorted(holder)) if isinstance(holder, dict) else choose.randrange(len(holder))
    if choose.random() < 0.2:
        del holder[key]
    else:
        holder[key] = choose.choice(ODD)
    return value


@pytest.mark.parametrize("seed", range(25))
def test_a_mutated_export_is_read_but_for_what_was_mutated(seed, tmp_path):
    choose = random.Random(seed)
    sample = responses_of_the_sample()
    touched = set(choose.sample(range(len(sample)), 60))
    for number, (path, original) in enumerate(sample):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        value = original
        for _ in range(choose.randrange(1, 4) if number in touched else 0):
            value = mutated(value, choose)
        place.write_text(json.dumps(value))
    inventory = whole(read(tmp_path))
    assert len(inventory.frame(Kind.FUNCTION)) > 0
