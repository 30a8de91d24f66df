import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.graph.transport import refuses_clear_text
from auditkit.inventory import UNSET, PolicyText, Source

BUCKET = "arn:aws:s3:::uploads"
OBJECTS = f"{BUCKET}/*"
WHERE = Source("policy.json", "/Policy")
IN_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def policy(*statements):
    return PolicyText({"Version": "2012-10-17", "Statement": list(statements)}, WHERE)


def deny(*, action="s3:*", resource=(BUCKET, OBJECTS), condition=IN_CLEAR, **changes):
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": list(resource)}
    if condition is not None:
        statement["Condition"] = condition
    return {**statement, **changes}


def judge(*statements):
    return refuses_clear_text(policy(*statements), service="s3", scopes=(BUCKET, OBJECTS))


@pytest.mark.parametrize(
    "statements",
    [
        [deny()],
        [deny(action="*")],
        [deny(action=["s3:GetObject", "S3:*"])],
        [deny(Principal={"AWS": "*"})],
        [deny(condition={"BoolIfExists": {"AWS:SecureTransport": False}})],
        [deny(condition={"StringEquals": {"aws:SecureTransport": "false"}})],
        [deny(condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})],
        [deny(condition={"NumericLessThan": {"s3:TlsVersion": 1.3}})],
        [deny(resource=[BUCKET]), deny(resource=[OBJECTS])],
        [deny(resource=["*"])],
        [deny(resource=["arn:aws:s3:::up*"])],
        [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}, deny()],
    ],
)
def test_clear_text_is_refused(statements):
    refusal = judge(*statements)
    assert refusal.refused is True
    assert refusal.sources[0].pointer.startswith("/Policy/Statement/")


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ([], "does not deny"),
        ([deny(action="s3:GetObject")], "not for all actions"),
        ([deny(action=["s3:Get*", "s3:Put*"])], "not for all actions"),
        ([{**deny(), "NotAction": "s3:ListBucket"}], "understood"),
        ([deny(resource=[BUCKET])], "what is in it"),
        ([deny(resource=[OBJECTS])], "the resource itself"),
        ([deny(resource=[BUCKET, f"{BUCKET}/public/*"])], "what is in it"),
        ([deny(resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"])], "the resource itself"),
        ([deny(Principal={"AWS": "arn:aws:iam::111122223333:role/app"})], "not for everyone"),
        ([deny(condition={**IN_CLEAR, "StringEquals": {"aws:PrincipalTag/team": "x"}})], "aws:PrincipalTag/team"),
        ([deny(condition={"Bool": {"aws:SecureTransport": "true"}})], "does not cover"),
        (
            [deny(condition={"Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": -1}})],
            "cover",
        ),
        ([deny(Effect="Allow")], "does not deny"),
        ([deny(condition=None)], "does not deny"),
    ],
)
def test_what_leaves_a_way_open_does_not_count(statements, why):
    refusal = judge(*statements)
    assert refusal.refused is not True
    assert why in refusal.reason


def test_not_principal_excepts_somebody():
    statement = deny()
    del statement["Principal"]
    refusal = judge({**statement, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/app"}})
    assert refusal.refused is False


@pytest.mark.parametrize("document", [{"Statement": [{"Effect": "Deny", "Bogus": 1}]}, {"Statement": "x"}])
def test_what_cannot_be_understood_is_not_known(document):
    refusal = refuses_clear_text(PolicyText(document, WHERE), service="s3", scopes=(BUCKET, OBJECTS))
    assert refusal.refused is None


def test_a_policy_that_was_not_seen_is_not_known_and_none_is_none():
    assert refuses_clear_text(UNSET, service="s3", scopes=(BUCKET,)).refused is None
    assert refuses_clear_text(None, service="s3", scopes=(BUCKET,)).refused is False


def test_topics_take_no_wildcard_so_publishing_is_all():
    topic = "arn:aws:sns:eu-west-1:111122223333:events"
    publish = deny(action="SNS:Publish", resource=[topic])
    assert refuses_clear_text(policy(publish), service="sns", scopes=(topic,)).refused is True
    subscribe = deny(action="sns:Subscribe", resource=[topic])
    assert refuses_clear_text(policy(subscribe), service="sns", scopes=(topic,)).refused is False
    queue = "arn:aws:sqs:eu-west-1:111122223333:orders"
    send = deny(action="sqs:SendMessage", resource=[queue])
    assert refuses_clear_text(policy(send), service="sqs", scopes=(queue,)).refused is False


actions = st.sampled_from(["s3:*", "s3:GetObject", "*", "sqs:*"])
resources = st.lists(st.sampled_from([BUCKET, OBJECTS, "*", f"{BUCKET}/a*"]), min_size=1, max_size=3)
statements = st.builds(
    lambda action, resource, effect: deny(action=action, resource=resource, Effect=effect),
    actions,
    resources,
    st.sampled_from(["Deny", "Allow"]),
)


@given(st.lists(statements, max_size=4), statements)
def test_a_further_statement_never_reopens_what_is_refused(some, more):
    if judge(*some).refused is True:
        assert judge(*some, more).refused is True
        assert judge(more, *some).refused is True
