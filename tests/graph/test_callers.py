import pytest

from auditkit.graph.callers import caller_of
from auditkit.graph.schema import Interval
from auditkit.inventory import UNSET, PolicyText, Source

ACCOUNT = "111122223333"
FN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:orders"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly"
WHERE = Source("policy.json", "/Policy")


def policy(service, *conditions, action="lambda:InvokeFunction", effect="Allow"):
    allow = {"Effect": effect, "Principal": {"Service": service}, "Action": action, "Resource": FN}
    statements = [{**allow, "Condition": condition} if condition else allow for condition in conditions or ({},)]
    return PolicyText({"Version": "2012-10-17", "Statement": statements}, WHERE)


def ask(document, service="events.amazonaws.com", origin=RULE, account=ACCOUNT):
    return caller_of(
        document, service=service, action="lambda:InvokeFunction", target=FN, origin=origin, account=account
    )


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        ({}, 0.5),
        ({"ArnLike": {"aws:SourceArn": RULE}}, 0),
        ({"ArnEquals": {"AWS:SourceArn": RULE}}, 0),
        ({"StringEquals": {"aws:SourceArn": RULE}}, 0),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}}, 0.25),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0.25),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}, 0.5),
        ({"StringLike": {"aws:SourceArn": "*"}}, 0.5),
        ({"ArnLike": {"aws:SourceArn": RULE}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0),
    ],
)
def test_what_counts_is_whom_the_condition_keeps_out(condition, level):
    caller = ask(policy("events.amazonaws.com", condition))
    assert caller.permitted is True
    assert caller.level == Interval.exactly(level)
    assert caller.sources == (Source("policy.json", "/Policy/Statement/0"),)


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "false"}},
        {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
        {"StringNotEquals": {"aws:PrincipalServiceName": "events.amazonaws.com"}},
        {"StringNotEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    ],
)
def test_a_denial_that_means_others_leaves_a_delivery_alone(condition):
    document = policy("events.amazonaws.com", {"ArnLike": {"aws:SourceArn": RULE}}).document
    others = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": FN, "Condition": condition}
    whole = {**document, "Statement": [*document["Statement"], others]}
    assert ask(PolicyText(whole, WHERE)) == ask(PolicyText(document, WHERE))


def test_one_open_statement_opens_a_policy_with_a_pinned_one():
    caller = ask(policy("events.amazonaws.com", {"ArnLike": {"aws:SourceArn": RULE}}, {}))
    assert caller.level == Interval.exactly(0.5)


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}}, 0.25),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, 0.25),
    ],
)
def test_names_of_buckets_need_the_account_beside_them(condition, level):
    caller = ask(policy("s3.amazonaws.com", condition), "s3.amazonaws.com", "arn:aws:s3:::uploads")
    assert caller.level == Interval.exactly(level)


def test_what_was_not_seen_has_bounds():
    assert ask(UNSET).level == Interval(0, 0.5)
    assert ask(UNSET).permitted is None


def test_no_policy_and_another_service_do_not_permit():
    assert ask(None).permitted is False
    assert ask(policy("sns.amazonaws.com")).permitted is False
    assert ask(policy("events.amazonaws.com", {"ArnLike": {"aws:SourceArn": f"{RULE}-2"}})).permitted is False


def test_a_condition_on_what_is_not_seen_leaves_it_open():
    caller = ask(policy("events.amazonaws.com", {"StringEquals": {"aws:SourceOrgID": "o-abc"}}))
    assert caller.permitted is None
    assert caller.level == Interval(0, 0.5)
    assert "aws:sourceorgid" in caller.reason.lower()


def test_a_policy_that_is_none_decides_nothing():
    assert ask(PolicyText({"Statement": "x"}, WHERE)).permitted is not True
