"""The sample account in four formats: the same graph, up to what a format cannot say, which is listed as data."""

import re
import shutil
from collections import Counter

import pytest

from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.retold import unsaid
from tests.exports.retold.account import FOLDER, Account
from tests.exports.retold.snapshots import snapshots
from tests.exports.retold.states import states
from tests.exports.retold.templates import templates

FORMATS = {"templates": templates, "states": states, "snapshots": snapshots}
FACTS = ("evidence", "view", "enabled", "cost", "qualifier")


@pytest.fixture(scope="module")
def account():
    return Account()


@pytest.fixture(scope="module", params=FORMATS)
def both(request, account, tmp_path_factory):
    """Return the name of a format, the inventory of the account in it, and that of what it can say of the export."""
    folder = tmp_path_factory.mktemp(request.param)
    for path, content in FORMATS[request.param](account).items():
        (folder / "retold" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "retold" / path).write_text(content)
    shutil.copytree(FOLDER, folder / "api")
    unsaid.leave_out(folder / "api", request.param)
    return request.param, read(folder / "retold"), read(folder / "api")


def named(name, text):
    for pattern, replacement in unsaid.NAMES[name]:
        text = re.sub(pattern, replacement, text)
    return text


def nodes_of(name, graph):
    return {
        named(name, node): (str(facts["kind"]), str(facts["sensitivity"]), facts["entry"] is not None)
        for node, facts in graph.nodes(data=True)
    }


def edges_of(name, graph):
    return Counter(
        (f"{edge['kind']} {named(name, origin)} > {named(name, target)}", *(str(edge[fact]) for fact in FACTS))
        for origin, target, edge in graph.edges(data=True)
    )


def unexplained(found, patterns, used):
    """Return what no pattern explains; note the patterns that explain something."""
    left = []
    for text in found:
        fit = {pattern for pattern in patterns if re.search(pattern, text)}
        used |= fit
        left += [] if fit else [text]
    return sorted(left)


def test_all_of_it_is_read(both):
    _, retold, _ = both
    assert not retold.not_read
    assert not retold.contradictions


def test_the_graph_is_the_same(both):
    name, *inventories = both
    retold, told = map(connect, inventories)
    used = set()
    ours, theirs = nodes_of(name, retold), nodes_of(name, told)
    assert len(ours) > 200
    assert not unexplained(theirs.keys() - ours.keys(), unsaid.MISSING[name], used)
    assert not ours.keys() - theirs.keys()
    assert {node: ours[node] for node in ours} == {node: theirs[node] for node in ours}
    missing = edges_of(name, told) - edges_of(name, retold)
    extra = edges_of(name, retold) - edges_of(name, told)
    assert not unexplained({edge[0] for edge in missing}, unsaid.MISSING[name], used)
    assert not unexplained({edge[0] for edge in extra}, unsaid.EXTRA[name], used)
    assert used == unsaid.MISSING[name].keys() | unsaid.EXTRA[name].keys()
