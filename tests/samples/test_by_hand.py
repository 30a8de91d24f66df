"""What the collector says of an account is what a person finds who asks for it call by call."""

import re

import msgspec

from auditkit import samples
from auditkit.exports import read
from auditkit.graph import connect, edges_frame, nodes_frame
from auditkit.inventory import PolicyText, Source


def calls(folder):
    """Return account, region and call of every answer in an export."""
    found = (path.relative_to(folder).parts for path in folder.rglob("*.json"))
    return {(*parts[:2], parts[2].removesuffix(".json")) for parts in found}


def plain(value):
    """Return a record's content without where it was read."""
    if isinstance(value, Source):
        return None
    if isinstance(value, PolicyText):
        return value.document
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value if not isinstance(item, Source)]
    return value


def test_the_same_calls_are_answered(by_hand):
    assert calls(by_hand) == calls(samples.path("retailer"))


def test_the_same_account_is_read(by_hand, retailer):
    found = read(by_hand)
    assert not found.not_read
    ours = {record.id: plain(record) for record in retailer}
    theirs = {record.id: plain(record) for record in found}
    assert theirs.keys() == ours.keys()
    assert {name: record for name, record in theirs.items() if record != ours[name]} == {}


def test_the_same_graph_is_connected(by_hand, retailer):
    ours, theirs = connect(retailer), connect(read(by_hand))
    assert nodes_frame(theirs).drop(columns="source").equals(nodes_frame(ours).drop(columns="source"))
    assert edges_frame(theirs).drop(columns="source").equals(edges_frame(ours).drop(columns="source"))
    for name in ours:
        places = [{source.file for source in graph.nodes[name]["sources"]} for graph in (ours, theirs)]
        assert places[0] == places[1], name


def test_values_of_the_environment_stand_in_clear_only_in_what_was_exported_by_hand(by_hand):
    clear = re.compile(r"not-a-real|AKIAIOSFODNN7EXAMPLE")
    files = (by_hand / "111122223333" / "eu-west-1").rglob("lambda-*.json")
    assert any(clear.search(path.read_text(encoding="utf-8")) for path in files)
    written = samples.path("retailer").rglob("*.json")
    assert not [path for path in written if clear.search(path.read_text(encoding="utf-8"))]
