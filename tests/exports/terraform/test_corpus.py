"""One small configuration per construct: its edges, as a state, as a state file, and as a plan."""

import json
from pathlib import Path

import msgspec
import pytest

from auditkit.exports import read
from auditkit.graph.connect import connect, validate
from auditkit.graph.schema import Evidence
from auditkit.inventory import Source
from tests.exports.terraform.rendering import ACCOUNT, REGION, plan_of, state_file_of, state_of

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.json"))
FORMS = {"state": state_of, "state file": state_file_of, "plan": plan_of}
SECRET = "correct-horse-battery"


def short(node):
    return node.replace("arn:aws:", "").replace(f":{REGION}:{ACCOUNT}:", ":").replace(f"::{ACCOUNT}:", ":")


def edges_of(inventory):
    """Return the edges that are not of policies alone, in short."""
    graph = connect(inventory)
    validate(graph)
    return sorted(
        {
            f"{edge['kind']} {short(origin)} > {short(target)}"
            for origin, target, edge in graph.edges(data=True)
            if edge["evidence"] is not Evidence.PERMITTED
        }
    )


def sources_in(value):
    if isinstance(value, Source):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from sources_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from sources_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from sources_in(item)


def follow(document, pointer):
    """Return what stands at a place; JSON text counts as what it says."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = json.loads(document) if isinstance(document, str) else document
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_construct_has_its_edges_and_each_place_exists(path, form, tmp_path):
    case = json.loads(path.read_text())
    document = FORMS[form](case["resources"])
    (tmp_path / "tf.json").write_text(json.dumps(document))
    inventory = read(tmp_path / "tf.json")
    assert edges_of(inventory) == case["edges"]
    for record in inventory:
        for source in sources_in(record):
            follow(document, source.pointer)
    assert SECRET not in "".join(map(repr, (*inventory, *inventory.not_read, *inventory.contradictions)))
