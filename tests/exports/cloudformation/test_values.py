"""Intrinsic functions, parameters, conditions and mappings; what YAML makes of scalars."""

import base64

import pytest

from auditkit.exports.cloudformation import load
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Topic
from tests.exports.cloudformation.writing import inventory_of, with_value

SECTIONS = """\
Parameters:
  Env: {Type: String, Default: prod}
  Bare: {Type: String}
  One: {Type: String, AllowedValues: [only]}
  Several: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Number: {Type: Number, Default: 5}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/name}
Mappings:
  Names: {prod: {short: p, list: [x, y]}}
  Places: {eu-west-1: {short: a, long: same}, us-east-1: {short: b, long: same}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  NotProd: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Not [!Condition NotProd]]
  Either: !Or [!Condition NotProd, !Equals [a, a]]
  Open: !Equals [!Ref Bare, prod]
  Round: !Condition Round
"""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("orders", "orders"),
        ("!Ref Env", "prod"),
        ("{Ref: Env}", "prod"),
        ("!Ref {'Fn::Sub': 'Env'}", "prod"),  # with the transform AWS::LanguageExtensions
        ("!Ref {'Fn::Select': [0, [Env]]}", "prod"),
        ("!Ref One", "only"),
        ("!Ref Number", "5"),
        ("!Sub '${Env}-x'", "prod-x"),
        ("!Sub ['${Env}-${Own}', {Own: y}]", "prod-y"),
        ("!Sub '${!Env}'", "${Env}"),
        ("!Sub '${AWS::StackName}-${AWS::Region}'", "t-unknown-region"),
        ("!Sub '${Missing}'", "(t.Missing)"),
        ("!Join ['-', [a, !Ref Env, 3]]", "a-prod-3"),
        ("!Join ['-', !Ref Several]", "a-b-c"),
        ("!Select [1, !Ref Several]", "b"),
        ("!Select ['0', !Split ['/', 'x/y']]", "x"),
        ("!Select [7, [a]]", "(t.Select)"),
        ("!If [Prod, a, b]", "a"),
        ("!If [NotProd, a, b]", "b"),
        ("!If [Both, a, b]", "a"),
        ("!If [Either, a, b]", "a"),
        ("!If [Open, a, b]", "a"),
        ("!If [Open, !Ref Bare, b]", "b"),
        ("!If [Round, a, b]", "a"),
        ("!FindInMap [Names, !Ref Env, short]", "p"),
        ("!Select [1, !FindInMap [Names, prod, list]]", "y"),
        ("!FindInMap [Names, none, short]", "(t.Names.none.short)"),
        ("!FindInMap [Names, none, short, {DefaultValue: d}]", "d"),
        ("!FindInMap [Names, !Ref Bare, short]", "p"),  # whichever it is
        ("!FindInMap [Places, !Ref AWS::Region, short]", "(t.Places.unknown-region.short)"),
        ("!FindInMap [Places, !Ref AWS::Region, long]", "same"),
        ("!Ref Bare", "(t.Bare)"),
        ("!Ref Stored", "(ssm./shop/name)"),
        ("!ImportValue other-name", "(import.other-name)"),
        ("!Base64 abc", base64.b64encode(b"abc").decode()),
        ("!Select [0, !GetAZs '']", "unknown-regiona"),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
        ("!Unknown [x]", "(t.Unknown)"),
        ("!Length [a, b]", "2"),
        ("{'Fn::Length': [a, b]}", "2"),
        ("{'Fn::ToJsonString': {a: 1}}", '{"a":1}'),
        ("2012-10-17", "2012-10-17"),
        ("010000000000", "010000000000"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1.10", "1.10"),
        ("12:30", "12:30"),
        ("yes", "true"),
    ],
)
def test_a_value_is_resolved(tmp_path, value, name):
    (topic,) = inventory_of(tmp_path, t__yaml=with_value(value, sections=SECTIONS)).of(Topic)

    assert topic.name == name


def test_no_value_leaves_the_property_out(tmp_path):
    (topic,) = inventory_of(tmp_path, t__yaml=with_value("!Ref AWS::NoValue")).of(Topic)
    assert topic.name == "t-Topic"


@pytest.mark.parametrize("key", ["On", "Yes", "012", "2012-10-17", "null", "true", "1.5"])
def test_keys_are_text(tmp_path, key):
    found = inventory_of(tmp_path, t__yaml=f"Resources:\n  {key}:\n    Type: AWS::SNS::Topic\n").of(Topic)
    assert [topic.name for topic in found] == [f"t-{key}"]


def test_a_parameter_without_default_is_the_same_symbol_everywhere(tmp_path):
    text = """\
    Parameters: {QueueArn: {Type: String}}
    Resources:
      One: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: f, EventSourceArn: !Ref QueueArn}}
      Two: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: f, EventSourceArn: !Ref QueueArn}}
    """
    found = inventory_of(tmp_path, t__yaml=text).of(EventSourceMapping)
    assert {mapping.event_source_arn for mapping in found} == {"arn:aws:sqs:unknown-region:000000000001:(t.QueueArn)"}
    assert len(found) == 2


def test_an_account_that_is_not_known_leaves_an_arn(tmp_path):
    text = """\
    Parameters: {Other: {Type: String}}
    Resources:
      One:
        Type: AWS::Lambda::EventSourceMapping
        Properties: {FunctionName: f, EventSourceArn: !Sub 'arn:aws:sqs:eu-west-1:${Other}:jobs'}
    """
    (mapping,) = inventory_of(tmp_path, t__yaml=text).of(EventSourceMapping)
    assert mapping.event_source_arn == "arn:aws:sqs:eu-west-1:000000000002:jobs"


def test_a_resource_whose_condition_fails_is_not_there(tmp_path):
    text = """\
    Parameters: {Env: {Type: String, Default: dev}}
    Conditions: {Prod: !Equals [!Ref Env, prod]}
    Resources:
      A: {Type: AWS::SNS::Topic, Condition: Prod}
      B: {Type: AWS::SNS::Topic, Condition: Unknown}
    """
    assert [topic.name for topic in inventory_of(tmp_path, t__yaml=text).of(Topic)] == ["t-B"]


def test_tabs_in_front_of_lines_are_told_as_such():
    document = load(b"Resources:\n\tQ:\n\t\tType: AWS::SQS::Queue\n")
    assert document.content == {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    assert document.notes == [("", "has tabs in front of lines, which are read as two spaces each")]
