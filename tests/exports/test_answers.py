"""Responses put together from another format: records are those of the API, sources those of the format."""

import pytest

from auditkit.exports._answers import Answers, Node, Place
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._reading import Reading
from auditkit.exports._shapes import fitted, shape_of
from auditkit.inventory import CoverageState, Source, UnsetType
from auditkit.inventory.records.events import Rule
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue

HERE = Place("111122223333", "eu-west-1")
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:orders"
BLOCK = {
    "function_name": "orders",
    "arn": FUNCTION,
    "memory_size": 256.0,
    "vpc_config": [{"subnet_ids": ["subnet-1"], "vpc_id": "vpc-1"}],
    "environment": [{"variables": {"TABLE": "orders"}}],
    "dead_letter_config": [],
}


PLACE = Source("state.json", "/resources/0")


def given() -> tuple[Reading, CoverageBook]:
    reading, book = Reading(), CoverageBook()
    answers = Answers(reading, book, "of a state")
    tree = fitted(Node(BLOCK, PLACE), shape_of("lambda", "FunctionConfiguration"), {"arn": "FunctionArn", "id": ""})
    answers.give("lambda.GetFunction", {"Configuration": tree}, "orders", place=HERE, source=PLACE, unseen=("tags",))
    return reading, book


def test_a_block_in_another_spelling_becomes_the_record_of_the_api() -> None:
    (function,) = given()[0].build().of(Function)
    assert (function.id, function.memory_size, function.vpc_config.subnet_ids) == (FUNCTION, 256, ("subnet-1",))
    assert set(function.environment) == {"TABLE"}
    assert isinstance(function.tags, UnsetType)


def test_records_name_the_place_in_the_format() -> None:
    assert given()[0].build().of(Function)[0].source == PLACE


def test_what_cannot_be_read_is_noted_at_its_place() -> None:
    reading, book = Reading(), CoverageBook()
    tree = {"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:q", "Policy": Node("{", Source("f", "/p"))}}
    Answers(reading, book, "").give("sqs.GetQueueAttributes", tree, "q", place=HERE, source=Source("f"))
    inventory = reading.build()
    assert [str(note.source) for note in inventory.not_read] == ["f#/p"]
    assert len(inventory.of(Queue)) == 1


def test_places_can_be_corrected() -> None:
    reading, book = Reading(), CoverageBook()
    answers = Answers(reading, book, "", locate=lambda source: Source(source.file, "/there"))
    answers.give(
        "sqs.ListQueues", {"QueueUrls": [Node("https://x/", Source("f", "/here"))]}, place=HERE, source=Source("f")
    )
    assert {str(note.source) for note in reading.build().not_read} <= {"f#/there"}


def test_an_incomplete_call_is_no_proof_of_absence() -> None:
    reading, book = Reading(), CoverageBook()
    Answers(reading, book, "of a state").partly("lambda.ListFunctions", HERE, Source("f"))
    (call,) = [call for call in book.calls() if (call.service, call.operation) == ("lambda", "ListFunctions")]
    assert (call.state, call.complete, call.detail) == (CoverageState.PRESENT, False, "of a state")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, 3), ("3", "3"), (True, True), ("", None)],
)
def test_numbers_are_brought_into_shape(value: object, expected: object) -> None:
    tree = fitted(Node({"memory_size": value}, Source("f")), shape_of("lambda", "FunctionConfiguration"))
    found = tree.get("MemorySize")
    assert (found.value if found is not None else None) == expected


def test_a_policy_put_together_from_parts_knows_where_each_statement_stands() -> None:
    reading, parts = Reading(), (Source("main.json", "/a"), Source("other.json", "/b"))
    statements = [Node({"Effect": "Allow", "Sid": str(number)}, part) for number, part in enumerate(parts)]
    attributes = {
        "QueueArn": "arn:aws:sqs:eu-west-1:111122223333:orders",
        "Policy": {"Version": "2012-10-17", "Statement": statements},
    }
    answers = Answers(reading, CoverageBook(), "")
    answers.give("sqs.GetQueueAttributes", {"Attributes": attributes}, "q", place=HERE, source=PLACE)
    policy = reading.build().of(Queue)[0].policy
    assert policy.statements == parts
    assert policy.at("Statement", "1", "Sid") == parts[1].at("Sid")


def test_what_stands_deeper_has_its_own_place() -> None:
    reading, book = Reading(), CoverageBook()
    targets = [{"Id": "one", "Arn": FUNCTION}]
    rule = Node({"Targets": targets}, Source("f", "/Resources/Rule/Properties"))
    tree = fitted(rule, shape_of("events", "ListTargetsByRuleResponse"))
    arn = "arn:aws:events:eu-west-1:111122223333:rule/nightly"
    answers = Answers(reading, book, "")
    answers.give("events.ListRules", {"Rules": [{"Name": "nightly", "Arn": arn}]}, place=HERE, source=Source("f"))
    answers.give("events.ListTargetsByRule", tree, "default", "nightly", place=HERE, source=Source("f"))
    (found,) = reading.build().of(Rule)[0].targets
    assert str(found.source) == "f#/Resources/Rule/Properties/Targets/0"
