"""Which places stand in policy documents, told of many at once, and where edges were read."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.areas._documents import Documents, Standing
from auditkit.graph import expand
from auditkit.inventory import Source
from auditkit.score import Compact
from auditkit.score._links import Grounds
from tests.score.test_grants import accounts

POINTERS = st.lists(st.sampled_from(["Statement", "0", "Policies", "1"]), max_size=4).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
SOURCES = st.builds(Source, st.sampled_from(["a.json", "b.json"]), POINTERS)


@given(st.lists(SOURCES, max_size=8), st.lists(st.lists(SOURCES, max_size=3).map(Documents), max_size=3))
def test_places_stand_in_documents_as_each_does(sources, documents):
    edges = np.arange(len(sources))
    standing = Standing(Grounds(sources, np.arange(len(sources) + 1), edges, edges), documents)
    for one in documents:
        assert standing.any_of(edges, one).tolist() == [one.hold([source]) for source in sources]


@settings(max_examples=40, deadline=None)
@given(accounts(), st.data())
def test_grounds_tell_the_sources_of_edges(graph, data):
    for edges in (Compact(graph).reading.edges, Compact(expand(graph)).reading.edges):
        sources = edges.grounds.sources
        flags = np.array(data.draw(st.lists(st.booleans(), min_size=len(sources), max_size=len(sources))), dtype=bool)
        flagged = {source for source, flag in zip(sources, flags, strict=True) if flag}
        flags = np.array([source in flagged for source in sources], dtype=bool)
        numbers = np.arange(len(edges))
        wanted = [not flagged.isdisjoint(edges.edge(number).sources) for number in numbers.tolist()]
        assert edges.grounds.any_of(numbers, flags).tolist() == wanted
