"""Outlines of files: the nearest place that there is, whatever a source names."""

import pytest

from auditkit.inventory import Inventory, Source
from auditkit.inventory.outlines import nearest, outline_of

CONTENT = {"Resources": {"Q": {"Properties": {"Tags": [{"Key": "a/b"}], "Text": "{}", "a/b": {"~": 1}}}}}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", ""),
        ("/Resources/Q/Properties/Tags/0/Key", "/Resources/Q/Properties/Tags/0/Key"),
        ("/Resources/Q/Properties/Tags/1", "/Resources/Q/Properties/Tags"),
        ("/Resources/Q/Properties/RedrivePolicy/maxReceiveCount", "/Resources/Q/Properties"),
        ("/Resources/Q/Properties/Text/States/A", "/Resources/Q/Properties/Text/States/A"),  # within a text
        ("/Resources/Q/Properties/a~1b/~0", "/Resources/Q/Properties/a~1b/~0"),
        ("/Resources/Q/Properties/a~1b/x", "/Resources/Q/Properties/a~1b"),
    ],
)
def test_nearest(pointer, expected):
    assert nearest(Source("t", pointer), outline_of(CONTENT)).pointer == expected


def test_sources_of_other_files_stay():
    other = (Source("o", "/a"), Source("o", "/b"))
    assert Inventory(outlines={"t": outline_of(CONTENT)}).resolved(other) == other


def test_places_that_come_to_the_same_are_told_once():
    sources = (Source("t", "/Resources/Q/Properties/A"), Source("t", "/Resources/Q/Properties/B"))
    told = Inventory(outlines={"t": outline_of(CONTENT)}).resolved(sources)
    assert [one.pointer for one in told] == ["/Resources/Q/Properties"]


def test_nothing_of_what_stands_there_is_kept():
    assert outline_of({"password": "hunter2", "list": ["hunter2", 7]}) == {
        "password": None,
        "list": {"0": None, "1": None},
    }
