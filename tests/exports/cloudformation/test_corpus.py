"""Small templates, one per construct: the triggers of functions and state machines are exactly those that they declare.

What a template must give stands in its comments: ``edge: <kind> <label> -> <kind> <label>`` for each trigger, ``note:
<pointer>`` for what is not read; in some ``entry: <how> <kind> <label>`` for each route and API by which the outside
gets in. Labels are without the name of the stack, which is that of the file.
"""

import re
from pathlib import Path

import pytest

from auditkit.exports import read
from auditkit.exports.cloudformation._loading import load
from auditkit.graph import connect
from auditkit.graph.schema import INTERNET, EdgeKind, Evidence
from auditkit.inventory import Kind

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
RUNS = {Kind.FUNCTION, Kind.STATE_MACHINE}
DOORS = {Kind.ROUTE, Kind.GRAPHQL_API, Kind.FUNCTION_URL}


def expected(path: Path, what: str) -> set[str]:
    found = re.findall(rf"{what}: ([^\n;\"]*)", path.read_text())
    return {line.strip() for line in found}


def shown(graph, node: str, stack: str) -> str:
    kind, label = graph.nodes[node]["kind"].value, graph.nodes[node]["label"]
    return f"{kind} {label.removeprefix(f'{stack}-')}"


def triggers(graph, stack: str) -> set[str]:
    return {
        f"{shown(graph, origin, stack)} -> {shown(graph, target, stack)}"
        for origin, target, edge in graph.edges(data=True)
        if edge["kind"] is EdgeKind.INVOKES
        and edge["evidence"] is Evidence.CONFIGURED
        and graph.nodes[target]["kind"] in RUNS
        and origin != INTERNET
    }


def entries(graph, stack: str) -> set[str]:
    return {
        f"{entry} {shown(graph, node, stack)}"
        for node, entry in graph.nodes(data="entry")
        if entry and graph.nodes[node]["kind"] in DOORS
    }


def leads_somewhere(path: Path, source) -> bool:
    value = load(path.read_bytes()).content if source.file == path.name else None
    for step in source.pointer.split("/")[1:] if value is not None else ():
        key = step.replace("~1", "/").replace("~0", "~")
        if not (key in value if isinstance(value, dict) else isinstance(value, list) and int(key) < len(value)):
            return False
        value = value[key] if isinstance(value, dict) else value[int(key)]
    return True


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_the_triggers_are_those_that_the_template_declares(path):
    inventory = read(path)
    graph = connect(inventory)
    assert triggers(graph, path.stem) == expected(path, "edge")
    if expected(path, "entry"):
        assert entries(graph, path.stem) == expected(path, "entry")
    pointers = {note.source.pointer.removeprefix("/") for note in inventory.not_read}
    assert pointers == expected(path, "note"), [str(note.reason) for note in inventory.not_read]
    for edge in (edge for _, _, edge in graph.edges(data=True)):
        assert all(leads_somewhere(path, source) for source in edge["sources"]), edge["sources"]
    files = {source.file for record in inventory for source in record.sources}
    assert files - {"auditkit/managed_policies.json"} == {path.name}
