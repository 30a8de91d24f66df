"""Arrays in batches: whatever the blocks, the items are those that a decoder of the whole gives."""

import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.exports._json import JsonError
from auditkit.exports.side import _streams
from auditkit.exports.side._streams import array_batches, line_batches

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\\{}[],', max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["a", "eventName", '"', "\\", "},{"]), values, min_size=1, max_size=3)
layouts = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}])
SIZES = [1, 7, 64, 1 << 20]


def batched(read, text, block, head=0, item=dict, **more):
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_streams, "BLOCK", block)
        found, faults = [], {}
        try:
            for batch in read(io.BytesIO(data[head:]), data[:head], item, **more):
                assert batch.first == len(found)
                found += batch.items
                faults |= batch.faults
        except JsonError as error:
            return found, faults, str(error)
    return found, faults, ""


@given(
    st.lists(objects, max_size=6),
    layouts,
    st.sampled_from(SIZES),
    st.integers(0, 40),
    st.sampled_from([b"", b"},{", b'},{"a"', b"}", b'"']),
)
def test_an_array_gives_its_items_whatever_the_blocks(items, layout, block, head, guess):
    text = json.dumps({"Records": items}, **layout)
    text = text[text.index("[") + 1 :]
    assert batched(array_batches, text, block, head, guess=guess) == (json.loads(json.dumps(items)), {}, "")


@given(st.lists(objects, max_size=6), st.sampled_from(SIZES), st.integers(0, 40))
def test_lines_give_their_items_whatever_the_blocks(items, block, head):
    text = "\n\n".join(json.dumps(item) for item in items) + "\n"
    assert batched(line_batches, text, block, head) == (items, {}, "")


@given(st.lists(objects, min_size=1, max_size=6), st.sampled_from(SIZES), st.data())
def test_an_array_that_breaks_off_gives_what_was_whole(items, block, data):
    text = json.dumps(items, separators=(",", ":"))[1:-1]
    cut = data.draw(st.integers(0, len(text)))
    found, faults, error = batched(array_batches, text[:cut], block)
    assert found == items[: len(found)]
    assert not faults
    assert error.startswith("truncated")
    whole = [len(json.dumps(items[: count + 1], separators=(",", ":"))) - 2 for count in range(len(items))]
    assert len(found) == sum(end <= cut for end in whole)


@given(st.binary(max_size=80), st.sampled_from(SIZES))
def test_anything_else_is_an_error_and_never_a_hang(data, block):
    batched(array_batches, data, block)
    batched(line_batches, data, block)


class Item(msgspec.Struct):
    name: str


@pytest.mark.parametrize(
    ("text", "names", "faults"),
    [
        ('{"name":"a"},{"name":1},{"name":"c"}]', ["a", None, "c"], {1: "wrong shape"}),
        (
            '{"name":"a"},{"x":' + "[" * 100_000 + "]" * 100_000 + '},{"name":"c"}]',
            ["a", None, "c"],
            {1: "not JSON, or nested"},
        ),
        ('{"name":"\udcff"}]'.encode("utf-8", "surrogatepass"), [None], {0: "not valid UTF-8"}),
        ("1,2]", [], {}),
        ("", [], {}),
    ],
    ids=["wrong type", "too deep", "not UTF-8", "no objects", "nothing"],
)
def test_one_bad_item_does_not_take_the_others_along(text, names, faults):
    found, noted, error = batched(array_batches, text, 1 << 20, item=Item)
    assert [item and item.name for item in found] == names
    assert all(noted[index].startswith(fault) for index, fault in faults.items())
    assert bool(error) is not bool(names)


def test_an_item_beyond_bounds_is_an_error(monkeypatch):
    monkeypatch.setattr(_streams, "LARGEST", 1_000)
    assert "larger than 1,000 bytes" in batched(array_batches, '{"name":"' + "x" * 2_000, 100)[2]
    assert "longer than 1,000 bytes" in batched(line_batches, '{"name":"' + "x" * 2_000, 100)[2]
