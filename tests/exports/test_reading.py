"""The engine of the readers: contributions in any order make one record."""

import itertools
import json
from typing import ClassVar
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Reading, Response
from auditkit.inventory import UNSET, Kind, PolicyText, Record, Source

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"


class Thing(Record, kw_only=True, rename="pascal"):
    kind: ClassVar[Kind] = Kind.QUEUE

    size: int | None = None
    parts: tuple[str, ...] = ()
    policy: PolicyText | msgspec.UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class Needy(Thing, kw_only=True, rename="pascal"):
    must: str


def thing(file, **fields):
    return Thing(id=QUEUE, name="orders", sources=(Source(file),), **fields)


def built(*steps):
    reading = Reading()
    for step in steps:
        step(reading)
    return reading.build()


def snapshot(inventory):
    return (
        [json.loads(msgspec.json.encode(record)) for record in inventory],
        inventory.not_read,
        inventory.contradictions,
        list(inventory.coverage),
        inventory.digests,
    )


STEPS = (
    lambda reading: reading.add(thing("a", size=1)),
    lambda reading: reading.add(thing("b", size=1, parts=("x",))),
    lambda reading: reading.add(thing("c", size=2)),
    lambda reading: reading.enrich(Thing, "orders", Source("d"), region="eu-west-1", policy=None),
    lambda reading: reading.enrich(Thing, QUEUE, Source("e"), policy=PolicyText({"Statement": []}, Source("e"))),
    lambda reading: reading.enrich(Thing, "payments", Source("f"), policy=None),
)


def test_the_order_of_contributions_changes_nothing():
    first = snapshot(built(*STEPS))
    for order in itertools.permutations(STEPS):
        assert snapshot(built(*order)) == first


def test_fields_are_filled_and_sources_add_up():
    inventory = built(STEPS[0], STEPS[1], STEPS[4])
    record = inventory.get(QUEUE)
    assert (record.size, record.parts, record.policy.document) == (1, ("x",), {"Statement": []})
    assert [source.file for source in record.sources] == ["a", "b", "e"]
    assert (record.account, record.region) == ("111122223333", "eu-west-1")
    assert inventory.contradictions == ()


def test_a_contradiction_names_both_sides_and_the_richer_record_wins():
    inventory = built(STEPS[1], STEPS[2])
    (found,) = inventory.contradictions
    assert (found.id, found.field, found.kept, found.dropped) == (QUEUE, "size", "1", "2")
    assert (found.kept_source, found.dropped_source) == (Source("b"), Source("c"))
    assert inventory.get(QUEUE).size == 1


def test_the_same_policy_from_two_files_is_no_contradiction():
    inventory = built(
        STEPS[0],
        lambda reading: reading.enrich(Thing, QUEUE, Source("x"), policy=PolicyText({"a": 1}, Source("x"))),
        lambda reading: reading.enrich(Thing, QUEUE, Source("y"), policy=PolicyText({"a": 1}, Source("y"))),
    )
    assert inventory.contradictions == ()


def test_a_value_that_is_there_wins_over_one_that_is_absent_and_both_are_told():
    inventory = built(STEPS[0], STEPS[3], STEPS[4])
    assert inventory.get(QUEUE).policy.document == {"Statement": []}
    assert [item.dropped for item in inventory.contradictions] == ["null"]


def test_what_belongs_to_no_record_is_noted():
    inventory = built(STEPS[0], STEPS[5])
    assert [str(item.source) for item in inventory.not_read] == ["f#"]
    assert "'payments'" in inventory.not_read[0].reason


def test_a_name_that_two_records_have_is_given_to_none():
    other = QUEUE.replace("eu-west-1", "us-east-1")
    inventory = built(
        STEPS[0],
        lambda reading: reading.add(Thing(id=other, name="orders", sources=(Source("z"),))),
        lambda reading: reading.enrich(Thing, "orders", Source("d"), policy=None),
    )
    assert inventory.get(QUEUE).policy is UNSET
    assert "2 records" in inventory.not_read[0].reason
    inventory = built(
        STEPS[0],
        lambda reading: reading.add(Thing(id=other, name="orders", sources=(Source("z"),))),
        STEPS[3],
    )
    assert inventory.get(QUEUE).policy is None
    assert inventory.get(other).policy is UNSET


@given(st.permutations(range(8)), st.lists(st.sampled_from([None, 1, 2, 3]), min_size=8, max_size=8))
def test_any_values_in_any_order_make_the_same_record(order, sizes):
    def say(number):
        return lambda reading: reading.add(thing(f"f{number}", size=sizes[number], parts=("x",) * (number % 2)))

    def told(inventory):
        return snapshot(inventory)

    assert told(built(*(say(number) for number in order))) == told(built(*(say(number) for number in range(8))))


# ---------------------------------------------------------------- decoding


def response(payload, pages=None):
    return Response("sqs", "ListThings", "111122223333", "eu-west-1", (), payload, Source("f.json"), pages or {})


def test_only_the_item_of_the_wrong_shape_is_lost():
    reading = Reading()
    payload = {"Things": [{"Size": 1, "Must": "x"}, {"Must": 1}, 7, None, {"Must": "y", "Parts": None}]}
    found = [record.must for record, _, _ in reading.each(response(payload), Needy, "Things")]
    assert found == ["x", "y"]
    noted = {str(item.source): item.reason for item in reading.build().not_read}
    assert list(noted) == ["f.json#/Things/1", "f.json#/Things/2", "f.json#/Things/3"]
    assert noted["f.json#/Things/1"] == "wrong shape: Expected `str`, got `int` at .Must"
    assert noted["f.json#/Things/2"] == "wrong shape: expected an object, got a number"


def test_a_field_of_the_wrong_shape_is_left_out_and_noted():
    reading = Reading()
    item = {"Must": "x", "Size": "many", "Parts": ["a", 7]}
    ((record, _, _),) = reading.each(response({"Things": [item, *[]]}), Needy, "Things")
    assert (record.must, record.size, record.parts) == ("x", None, ())
    assert {item.source.pointer: item.reason for item in reading.build().not_read} == {
        "/Things/0/Size": "wrong shape: Expected `int | null`, got `str` at .Size",
        "/Things/0/Parts": "wrong shape: Expected `str`, got `int` at .Parts[1]",
    }


def test_numbers_may_be_text_or_floats():
    payload = {"Things": [{"Size": "12"}, {"Size": 12.0}, {"Size": None}]}
    assert [record.size for record, _, _ in Reading().each(response(payload), Thing, "Things")] == [12, 12, None]


def test_a_list_that_is_none_is_noted_with_its_place():
    reading = Reading()
    assert list(reading.each(response({"Things": {"a": 1}}), Thing, "Things")) == []
    assert [str(item) for item in (reading.build().not_read[0].source,)] == ["f.json#/Things"]


def test_the_place_of_an_item_is_that_in_its_page():
    paged = response({"Things": [{}, {}, {}]}, {"Things": ((0, "/0/Things"), (2, "/1/Things"))})
    assert [str(paged.at("Things", index, "Size")) for index in range(3)] == [
        "f.json#/0/Things/0/Size",
        "f.json#/0/Things/1/Size",
        "f.json#/1/Things/0/Size",
    ]


# ---------------------------------------------------------------- policies and tags

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TEXT = json.dumps(DOCUMENT)


@pytest.mark.parametrize(
    "value",
    [DOCUMENT, TEXT, quote(TEXT), quote(TEXT, safe=""), json.dumps(TEXT), quote(json.dumps(TEXT)), f"\n {TEXT} "],
    ids=["object", "text", "quoted", "wholly quoted", "text in text", "quoted text in text", "with blanks"],
)
def test_a_policy_is_read_however_it_is_written(value):
    assert policy_text(value, Source("f"), Reading(), name="p") == PolicyText(DOCUMENT, Source("f"), "p")


@pytest.mark.parametrize("value", [None, ""])
def test_no_policy_is_seen_and_absent(value):
    assert policy_text(value, Source("f"), Reading()) is None


@pytest.mark.parametrize(
    "value",
    ["not a policy", "{", "%7B%22", 7, [], "[]", '"x"', {"a": json.loads("[" * 90 + "]" * 90)}, '{"a": 1, "a": 2}'],
)
def test_a_policy_that_cannot_be_read_counts_as_not_seen_and_is_noted(value):
    reading = Reading()
    assert policy_text(value, Source("f", "/Policy"), reading) is UNSET
    (noted,) = reading.build().not_read
    assert str(noted.source) == "f#/Policy"


@pytest.mark.parametrize(
    "value",
    [
        {"team": "orders", "env": "prod"},
        [{"Key": "team", "Value": "orders"}, {"Key": "env", "Value": "prod"}],
        [{"key": "env", "value": "prod"}, {"key": "team", "value": "orders"}],
        [{"TagKey": "env", "TagValue": "prod"}, {"TagKey": "team", "TagValue": "orders"}],
    ],
)
def test_tags_are_read_however_they_are_written(value):
    assert tags_of(value, Source("f"), Reading()) == {"team": "orders", "env": "prod"}


def test_tags_of_another_shape_are_noted():
    reading = Reading()
    assert tags_of(None, Source("f"), reading) == {}
    assert tags_of(["team"], Source("f"), reading) is UNSET
    assert tags_of({"team": {"a": 1}}, Source("g"), reading) is UNSET
    assert len(reading.build().not_read) == 2
