import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.exports._json import MAX_DEPTH, JsonError, depth_of, parse_json, parse_json_lines


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b'{"a": 1', "truncated at line 1 column 8 (byte 7)"),
        (b'{\n"a": [1,\n 2', "truncated at line 3 column 3 (byte 13)"),
        (b'{"a": 1,}', "trailing comma in object at line 1 column 9 (byte 8)"),
        (b"[NaN]", "invalid character at line 1 column 2 (byte 1)"),
        (b"[Infinity]", "invalid character at line 1 column 2 (byte 1)"),
        (b'{"a": 1, "a": 2}', "an object names the key 'a' twice"),
        (b'{"o": [{"b": {"x": ":", "x" : 2}}]}', "an object names the key 'x' twice"),
        (b"[" * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, f"nested deeper than {MAX_DEPTH} levels"),
        (b"1" * 10_000, "Integer value out of range"),
        (b'{"a": "\xff"}', "not valid UTF-8 at line 1 column 8 (byte 7)"),
        (b'\xff\xfe{\x00"\x00', "truncated at line 1 column 3 (byte 2)"),
        (b"\xff\xfe\x00", "not valid UTF-16-LE at byte 0"),
        (b"{} {}", "trailing characters at line 1 column 5 (byte 4)"),
        (b'{"a": "x\ny"}', "invalid character at line 1 column 9 (byte 8)"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(data, message):
    with pytest.raises(JsonError) as caught:
        parse_json(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_that_shells_write_is_read(encoding):
    assert parse_json('{"ä": ["☃"]}'.encode(encoding)) == {"ä": ["☃"]}


def test_a_message_holds_nothing_of_the_text():
    with pytest.raises(JsonError) as caught:
        parse_json(b'{"DB_PASSWORD": "hunter2" "x"}')
    assert "hunter2" not in str(caught.value)


def test_brackets_and_colons_within_text_do_not_count():
    value = {"a": "[" * 500, "b": ['"]:{":'] * 3, "c": {"d:": {"e": ':"'}}}
    assert parse_json(json.dumps(value).encode()) == value


numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(json_values, st.sampled_from([None, 2]), st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : ")]))
def test_what_json_writes_is_read_back(value, indent, separators):
    assert parse_json(json.dumps(value, indent=indent, separators=separators).encode()) == value


@given(
    st.lists(json_values.filter(lambda value: isinstance(value, dict | list)), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n", ""]),
)
def test_values_one_after_the_other_are_read(values, between):
    assert parse_json_lines(between.join(json.dumps(value) for value in values).encode()) == values


def test_a_broken_line_is_told_with_its_number():
    with pytest.raises(JsonError, match=r"twice, counted from line 2"):
        parse_json_lines(b'{"a": 1}\n{"b": 1, "b": 2}')


@given(st.lists(st.booleans(), max_size=40))
def test_depth_is_counted_up_to_a_limit(levels):
    value = "text"
    for is_list in levels:
        value = [value, 1] if is_list else {"a": value, "b": 1}
    assert depth_of(value, 30) == min(len(levels), 31)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b" : 2, "a": 3}',
        '{"a\\\\": 1, "a\\\\": 2}',
        '{"a": "\\u0022:", "a": 2}',
        '{"a":1,"b"\n:2,"a":3}',
        '{"x": "\\":\\":", "a": 1, "\\u0061": 2}',
        '[{"a": 1}, {"a": {"b": 1, "b": 1}}]',
    ],
)
def test_a_key_that_stands_twice_cannot_hide(text):
    with pytest.raises(JsonError, match="twice"):
        parse_json(text.encode())
