"""Whatever stands in a state or a plan: an inventory with notes, or a clear refusal."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from auditkit.graph.connect import connect
from tests.exports.hostility import anything, mutated, relaxed, withstood, written
from tests.exports.terraform.rendering import plan_of, state_file_of, state_of

CORPUS = [
    json.loads(path.read_text())["resources"] for path in sorted(Path(__file__).with_name("corpus").glob("*.json"))
]
DOCUMENTS = [form(resources) for resources in CORPUS for form in (state_of, state_file_of, plan_of)]
TYPES = sorted({key.removeprefix("data.").partition(".")[0] for resources in CORPUS for key in resources})
ATTRIBUTES = sorted({name for resources in CORPUS for values in resources.values() for name in values})


@settings_of(relaxed, max_examples=150)
@given(which=st.integers(0, len(DOCUMENTS) - 1), seed=st.integers(0, 2**32))
def test_a_mutated_document_is_read_but_for_what_was_mutated(which, seed, tmp_path):
    document = mutated(DOCUMENTS[which], seed)
    inventory = withstood(written(tmp_path / "t.json", document))
    if inventory is not None:
        connect(inventory)


resource = st.fixed_dictionaries(
    {
        "address": st.text(max_size=8) | st.sampled_from(["aws_sqs_queue.q", "module.a.aws_sqs_queue.q[0]"]),
        "type": st.sampled_from(TYPES),
        "mode": st.sampled_from(["managed", "data", "x"]),
        "values": st.dictionaries(st.sampled_from(ATTRIBUTES), anything, max_size=5),
    }
)
module = st.fixed_dictionaries({"resources": st.lists(resource, max_size=4)})


@settings_of(relaxed, max_examples=150)
@given(root=module, configuration=anything, planned=st.booleans(), more=st.dictionaries(st.text(max_size=5), anything))
def test_resources_with_anything_as_attributes_are_read(root, configuration, planned, more, tmp_path):
    key = {"planned_values": {"root_module": root}} if planned else {"values": {"root_module": root}}
    document = {"format_version": "1.2", "configuration": configuration, **more, **key}
    withstood(written(tmp_path / "t.json", document))


@settings_of(relaxed, max_examples=100)
@given(
    parts=st.dictionaries(st.sampled_from(["values", "planned_values", "resource_changes", "configuration"]), anything)
)
def test_a_document_of_anything_is_read_or_refused(parts, tmp_path):
    withstood(written(tmp_path / "t.json", {"format_version": "1.0", **parts}))


def test_a_truncated_document_is_refused_or_noted(tmp_path):
    text = json.dumps(DOCUMENTS[0])
    for cut in random.Random(1).sample(range(len(text)), 60):
        (tmp_path / "t.json").write_text(text[:cut])
        withstood(tmp_path / "t.json")


@pytest.mark.parametrize("depth", [60, 190, 100_000])
def test_deep_nesting_ends(depth, tmp_path):
    inner = '{"child_modules":[' * (depth // 2) + "{}" + "]}" * (depth // 2)
    (tmp_path / "t.json").write_text(f'{{"format_version":"1.0","values":{{"root_module":{inner}}}}}')
    withstood(tmp_path / "t.json")


def test_references_that_multiply_end(tmp_path):
    """Each of many outputs refers to all of the one before."""
    calls = {}
    for number in range(60):
        before = [f"module.m{number - 1}.o"] * 50 if number else ["aws_sqs_queue.q.arn"]
        outputs = {"o": {"expression": {"references": ["var.i"]}}}
        calls[f"m{number}"] = {"expressions": {"i": {"references": before}}, "module": {"outputs": outputs}}
    plan = plan_of({"aws_sqs_queue.q": {"name": "q"}, "aws_lambda_event_source_mapping.m": {"function_name": "f"}})
    root = plan["configuration"]["root_module"]
    root["module_calls"] = calls
    root["resources"][1]["expressions"]["event_source_arn"] = {"references": ["module.m59.o"]}
    withstood(written(tmp_path / "t.json", plan))
