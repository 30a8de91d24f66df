"""What a policy cannot allow by its actions, it does not allow when it is asked in full."""

import pytest

from auditkit.policy import PolicyKind, PolicySet, Request, actions_on, allows_action, evaluate, parse, principal

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
STRANGER = principal("arn:aws:iam::999999999999:role/anyone")
EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)


def policy(**statement):
    told = {"Effect": "Allow", "Principal": "*", "Resource": QUEUE} | statement
    return parse({"Version": "2012-10-17", "Statement": [told]}, kind=PolicyKind.RESOURCE)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy(Action="sqs:SendMessage"), {"sqs:SendMessage"}),
        (policy(Action=["SQS:send*", "sqs:Rec*"]), {"sqs:SendMessage", "sqs:ReceiveMessage"}),
        (policy(Action="s3:*"), set()),
        (policy(Action="sqs:*", Effect="Deny"), set()),
        (policy(Action=7), set()),
    ],
)
def test_actions_that_a_policy_is_about(document, expected):
    assert {one.name for one in actions_on("sqs:queue") if allows_action(document, one.name)} == expected


@pytest.mark.parametrize(
    "document", [policy(Action="sqs:Se*"), policy(NotAction="sqs:Send*"), policy(NotAction=["*"]), policy(Action="*")]
)
def test_what_it_is_not_about_it_does_not_allow(document):
    for action in actions_on("sqs:queue"):
        request = Request(principal=STRANGER, action=action.name, resource=QUEUE, resource_account="111122223333")
        found = evaluate(request, PolicySet(identity=(EVERYTHING,), resource=document))
        assert found.allowed == allows_action(document, action.name)
