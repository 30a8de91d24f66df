"""Who may do what to which resource."""

import gc
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from auditkit.policy import (
    Outcome,
    PolicyKind,
    PrincipalPolicies,
    TargetPolicies,
    actions_on,
    can,
    parse,
    relation,
    resource_kind,
    tracked_actions,
)
from auditkit.policy.resources import Access
from tests.policy.cases import AWAY, HOME, KEY, ROLE, ROOT, USER, allow, deny, doc
from tests.policy.strategies import documents

BUCKET = "arn:aws:s3:::lake"
QUEUE = f"arn:aws:sqs:eu-west-1:{HOME}:orders"
FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{HOME}:secret:db-AbCdEf"


def identity(*statements):
    return (parse(doc(*statements), kind=PolicyKind.IDENTITY, source="identity.json"),)


def resource(*statements):
    return parse(doc(*statements), kind=PolicyKind.RESOURCE, source="resource.json")


def role(*statements, **more):
    return PrincipalPolicies(**({"arn": ROLE, "account": HOME, "identity": identity(*statements), "scps": None} | more))


def target(arn, policy=None, **more):
    return TargetPolicies(**({"arn": arn, "account": HOME, "resource_policy": policy, "rcps": None} | more))


def found(principals, targets, **more):
    grants = relation(principals, targets, **more)
    return {(grant.principal, grant.target, grant.action): grant for grant in grants}


def outcomes(principals, targets, **more):
    return {key: grant.outcome for key, grant in found(principals, targets, **more).items()}


def test_a_grant_names_action_access_and_statement():
    grants = list(relation([role(allow("sqs:SendMessage", QUEUE, Sid="Send"))], [target(QUEUE)]))
    (grant,) = grants
    assert (grant.principal, grant.target, grant.resource) == (ROLE, QUEUE, QUEUE)
    assert (grant.action, grant.access, grant.outcome) == ("sqs:SendMessage", "write", Outcome.ALLOW)
    (ref,) = grant.statements
    assert (ref.sid, ref.source, ref.pointer) == ("Send", "identity.json", "/Statement/0")


def test_what_is_denied_is_no_grant():
    assert not found([role(allow("sqs:*", QUEUE), deny("sqs:*", QUEUE))], [target(QUEUE)])
    assert not found([role(allow("sqs:*", QUEUE), boundary=identity(allow("s3:*"))[0])], [target(QUEUE)])
    assert not found([role(allow("sqs:*", QUEUE), scps=((),))], [target(QUEUE)])
    assert not found([role(allow("sqs:*", QUEUE))], [target(QUEUE.replace("orders", "returns"))])


def test_the_narrow_question():
    grants = found([role(allow())], [target(QUEUE)], actions=["SQS:ReceiveMessage"])
    assert list(grants) == [(ROLE, QUEUE, "sqs:ReceiveMessage")]


def test_objects_of_a_bucket():
    whole = found([role(allow("s3:*", [BUCKET, f"{BUCKET}/*"]))], [target(BUCKET)])
    assert whole[ROLE, BUCKET, "s3:GetObject"].outcome is Outcome.ALLOW
    assert whole[ROLE, BUCKET, "s3:ListBucket"].resource == BUCKET
    part = found([role(allow("s3:*", f"{BUCKET}/reports/*"))], [target(BUCKET)])
    assert part[ROLE, BUCKET, "s3:GetObject"].resource == f"{BUCKET}/reports/-"
    assert (ROLE, BUCKET, "s3:ListBucket") not in part
    assert not found([role(allow("s3:*", f"{BUCKET}-other/*"))], [target(BUCKET)])


def test_qualifiers_of_a_function():
    grants = found([role(allow("lambda:InvokeFunction", f"{FUNCTION}:live"))], [target(FUNCTION)])
    assert grants[ROLE, FUNCTION, "lambda:InvokeFunction"].resource == f"{FUNCTION}:live"


def test_streams_of_a_log_group():
    group = f"arn:aws:logs:eu-west-1:{HOME}:log-group:/aws/lambda/orders"
    for pattern in (f"{group}:*", f"{group}:log-stream:*"):
        grants = found([role(allow("logs:PutLogEvents", pattern))], [target(group)])
        assert grants[ROLE, group, "logs:PutLogEvents"].access == "write"


def test_paths_of_a_search_domain():
    domain = f"arn:aws:es:eu-west-1:{HOME}:domain/products"
    assert found([role(allow("es:ESHttpGet", f"{domain}/*"))], [target(domain)])
    assert not found([role(allow("es:ESHttpGet", domain))], [target(domain)])


def test_conditions_that_an_export_cannot_decide():
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:PrincipalAccount": HOME}}
    grants = found([role(allow("sqs:SendMessage", QUEUE, when=condition))], [target(QUEUE)])
    grant = grants[ROLE, QUEUE, "sqs:SendMessage"]
    assert (grant.outcome, grant.keys, grant.missing) == (Outcome.CONDITIONAL, ("aws:SourceIp",), ())
    condition = {"StringEquals": {"aws:PrincipalAccount": AWAY}}
    assert not found([role(allow("sqs:SendMessage", QUEUE, when=condition))], [target(QUEUE)])


def test_a_conditional_deny_makes_uncertain():
    refuse = deny("sqs:*", when={"Bool": {"aws:SecureTransport": "false"}})
    grants = found([role(allow("sqs:SendMessage", QUEUE), refuse)], [target(QUEUE)])
    assert grants[ROLE, QUEUE, "sqs:SendMessage"].keys == ("aws:SecureTransport",)
    refs = grants[ROLE, QUEUE, "sqs:SendMessage"].statements
    assert [ref.effect for ref in refs] == ["Allow", "Deny"]


def test_what_is_known_of_principals_and_resources():
    condition = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    mine = role(allow("sqs:*", when=condition), context={"aws:PrincipalTag/team": "red"})

    def ask(**tags):
        grants = outcomes([mine], [target(QUEUE, **tags)], actions=["sqs:SendMessage"])
        return grants.get((ROLE, QUEUE, "sqs:SendMessage"))

    assert ask(context={"aws:ResourceTag/team": "red"}) is Outcome.ALLOW
    assert ask(context={"aws:ResourceTag/team": "blue"}) is None
    assert ask() is Outcome.CONDITIONAL


def test_region_and_account_are_known_from_arns():
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:ResourceAccount": HOME}}
    there = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert outcomes([role(allow("sqs:SendMessage", when=here))], [target(QUEUE)])
    assert not outcomes([role(allow("sqs:SendMessage", when=there))], [target(QUEUE)])


@pytest.mark.parametrize(
    ("more", "layer"),
    [
        ({"scps": UNSET}, "scp"),
        ({"boundary": UNSET}, "boundary"),
        ({"identity": UNSET}, "identity"),
        ({"identity": (parse("garbage", kind=PolicyKind.IDENTITY),)}, "identity"),
    ],
)
def test_missing_layers_of_a_principal(more, layer):
    grants = found([role(allow("sqs:*"), **more)], [target(QUEUE)])
    grant = grants[ROLE, QUEUE, "sqs:SendMessage"]
    assert (grant.outcome, grant.missing) == (Outcome.UNKNOWN, (layer,))


@pytest.mark.parametrize(
    ("more", "layer"),
    [
        ({"rcps": UNSET}, "rcp"),
        ({"resource_policy": UNSET}, "resource"),
        ({"resource_policy": parse("garbage", kind=PolicyKind.RESOURCE)}, "resource"),
    ],
)
def test_missing_layers_of_a_target(more, layer):
    grants = found([role(allow("sqs:*"))], [target(QUEUE, **more)])
    grant = grants[ROLE, QUEUE, "sqs:SendMessage"]
    assert (grant.outcome, grant.missing) == (Outcome.UNKNOWN, (layer,))


def test_a_role_is_a_target_by_its_trust_policy():
    trusted = PrincipalPolicies(
        arn=f"arn:aws:iam::{HOME}:role/target",
        account=HOME,
        scps=None,
        trust=resource(allow("sts:AssumeRole", None, who={"AWS": ROOT, "Service": "lambda.amazonaws.com"})),
    )
    grants = outcomes([role(allow(["sts:AssumeRole", "iam:PassRole"])), trusted], [])
    assert grants[ROLE, trusted.arn, "sts:AssumeRole"] is Outcome.ALLOW
    assert grants["lambda.amazonaws.com", trusted.arn, "sts:AssumeRole"] is Outcome.ALLOW
    # the trust policy is about assuming the role alone
    assert grants[ROLE, trusted.arn, "iam:PassRole"] is Outcome.ALLOW
    assert (ROLE, ROLE, "sts:AssumeRole") not in grants
    assert not outcomes([role(), trusted], [], actions=["iam:PassRole"])


def test_outsiders():
    foreign = f"arn:aws:iam::{AWAY}:role/visitor"
    source = {"StringEquals": {"aws:SourceAccount": HOME}}
    policy = resource(
        allow("sqs:ReceiveMessage", who="*", when={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        allow("sqs:SendMessage", who={"AWS": [AWAY, foreign, HOME]}),
        allow("sqs:SendMessage", who={"Service": "sns.amazonaws.com"}),
        allow("sqs:SendMessage", who={"Service": "events.amazonaws.com"}, when=source),
        deny("sqs:*", who={"AWS": foreign}),
    )
    assert outcomes([], [target(QUEUE, policy)]) == {
        ("*", QUEUE, "sqs:ReceiveMessage"): Outcome.CONDITIONAL,
        (AWAY, QUEUE, "sqs:SendMessage"): Outcome.ALLOW,
        (AWAY, QUEUE, "sqs:ReceiveMessage"): Outcome.CONDITIONAL,
        ("sns.amazonaws.com", QUEUE, "sqs:SendMessage"): Outcome.ALLOW,
        ("events.amazonaws.com", QUEUE, "sqs:SendMessage"): Outcome.CONDITIONAL,
    }


def test_somebody_in_an_account_is_not_its_root_user():
    named = resource(
        allow("sqs:SendMessage", who={"AWS": AWAY}, when={"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/ci"}})
    )
    grants = found([], [target(QUEUE, named)])
    assert grants[AWAY, QUEUE, "sqs:SendMessage"].keys == ("aws:PrincipalArn",)
    trusted = TargetPolicies(
        arn=ROLE, account=HOME, rcps=None, resource_policy=resource(allow("sts:AssumeRole", None, who={"AWS": AWAY}))
    )
    assert outcomes([], [trusted]) == {(AWAY, ROLE, "sts:AssumeRole"): Outcome.ALLOW}


def test_whom_a_deny_excepts():
    visitor = f"arn:aws:iam::{AWAY}:role/visitor"
    excepting = deny("sqs:*", unless={"AWS": [visitor, AWAY]})
    everyone = target(QUEUE, resource(allow("sqs:SendMessage", who="*"), excepting))
    assert outcomes([], [everyone], actions=["sqs:SendMessage"]) == {
        (visitor, QUEUE, "sqs:SendMessage"): Outcome.ALLOW,
        (AWAY, QUEUE, "sqs:SendMessage"): Outcome.CONDITIONAL,
    }


def test_the_public():
    grants = found([], [target(BUCKET, resource(allow("s3:GetObject", f"{BUCKET}/site/*", who="*")))])
    assert grants["*", BUCKET, "s3:GetObject"].outcome is Outcome.ALLOW
    assert grants["*", BUCKET, "s3:GetObject"].resource == f"{BUCKET}/site/-"


def test_a_principal_of_the_account_that_was_not_given():
    unseen = f"arn:aws:iam::{HOME}:role/unseen"
    grants = found([], [target(QUEUE, resource(allow("sqs:SendMessage", who={"AWS": unseen})))])
    assert grants[unseen, QUEUE, "sqs:SendMessage"].outcome is Outcome.UNKNOWN


def test_reading_what_is_encrypted_needs_the_key():
    key_policy = resource(allow("kms:*", who={"AWS": ROOT}))
    secret = target(SECRET, key_arn=KEY)
    reader = role(allow("secretsmanager:GetSecretValue"))
    both = role(allow(["secretsmanager:GetSecretValue", "kms:Decrypt"]))
    wanted = (ROLE, SECRET, "secretsmanager:GetSecretValue")
    assert wanted not in outcomes([reader], [secret, target(KEY, key_policy)])
    assert outcomes([both], [secret, target(KEY, key_policy)])[wanted] is Outcome.ALLOW
    assert len(found([both], [secret, target(KEY, key_policy)])[wanted].statements) == 3
    unseen = found([both], [secret])[wanted]
    assert (unseen.outcome, unseen.missing) == (Outcome.UNKNOWN, ("key resource",))
    elsewhere = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    through = resource(allow("kms:*", who={"AWS": ROOT}, when=elsewhere))
    assert wanted not in outcomes([both], [secret, target(KEY, through)])
    assert can(reader, secret, "secretsmanager:GetSecretValue").missing == ("key resource",)
    assert can(reader, secret, "secretsmanager:DescribeSecret").outcome is Outcome.IMPLICIT_DENY


def test_can():
    assert can(role(allow("sqs:*")), target(QUEUE), "sqs:SendMessage").allowed
    decision = can(role(allow("s3:*", f"{BUCKET}/a/*")), target(BUCKET), "s3:GetObject", resource=f"{BUCKET}/b/x")
    assert decision.outcome is Outcome.IMPLICIT_DENY
    assert "identity" in decision.explain()


def test_the_order_is_fixed():
    policy = resource(allow("sqs:SendMessage", who={"AWS": [AWAY, USER]}))
    one = [
        (grant.target, grant.principal, grant.action) for grant in relation([role(allow())], [target(QUEUE, policy)])
    ]
    assert one == sorted(one)
    grants = relation([role(allow("sqs:SendMessage"))], [target(QUEUE, policy)])
    assert len(grants) == 3
    assert [grant.principal for grant in grants.on(QUEUE)] == [AWAY, ROLE, USER]
    assert [grant.target for grant in grants.of(ROLE)] == [QUEUE]


@given(st.lists(documents(), max_size=2), documents(who=True) | st.none())
def test_relation_and_evaluator_agree(mine, its):
    policies = tuple(parse(one, kind=PolicyKind.IDENTITY) for one in mine)
    policy = None if its is None else parse(its, kind=PolicyKind.RESOURCE)
    asker, queue = role(identity=policies), target(QUEUE, policy)
    grants = found([asker], [queue])
    for action in actions_on("sqs:queue"):
        decision = can(asker, queue, action.name)
        grant = grants.get((ROLE, QUEUE, action.name))
        assert decision.denied if grant is None else decision.outcome is grant.outcome


# the table of actions


def test_the_table_of_actions_says_what_it_means():
    table = tracked_actions()
    assert {action.access for action in table.values()} == set(get_args(Access))
    assert list(table) == sorted(table)
    assert table["s3:getobject"].access == "read"
    assert table["s3:getobject"].resources >= {"s3:object"}
    assert table["lambda:updatefunctioncode"].access == "change-code"
    assert table["iam:passrole"].resources == {"iam:role"}
    assert table["sts:assumerole"].access == "invoke"
    assert table["kms:decrypt"].resources == {"kms:key"}
    assert table["s3:listallmybuckets"].resources == frozenset()


def test_every_store_has_ways_to_be_read():
    for kind in (
        "s3:object",
        "dynamodb:table",
        "sqs:queue",
        "kinesis:stream",
        "secretsmanager:secret",
        "ssm:parameter",
    ):
        assert "read" in {action.access for action in actions_on(kind)}, kind


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (BUCKET, "s3:bucket"),
        (f"{BUCKET}/a/b", "s3:object"),
        ("arn:aws:s3:eu-west-1:1:accesspoint/x", "s3:accesspoint"),
        (QUEUE, "sqs:queue"),
        (FUNCTION, "lambda:function"),
        (f"{FUNCTION}:live", "lambda:function"),
        ("arn:aws:dynamodb:r:1:table/t", "dynamodb:table"),
        ("arn:aws:dynamodb:r:1:table/t/index/i", "dynamodb:index"),
        ("arn:aws:dynamodb:r:1:table/t/stream/2024-01-01T00:00:00.000", "dynamodb:stream"),
        ("arn:aws:logs:r:1:log-group:/aws/lambda/x:*", "logs:log-group"),
        ("arn:aws:logs:r:1:log-group:x:log-stream:y", "logs:log-stream"),
        ("arn:aws:apigateway:r::/restapis/a/stages/b", "apigateway:restapis"),
        ("arn:aws:rds:r:1:cluster:c", "rds:cluster"),
        ("internet", ""),
    ],
)
def test_kinds_of_resources(arn, kind):
    assert resource_kind(arn) == kind


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": AWAY}}, Outcome.ALLOW),
        ({"StringLike": {"AWS:principalaccount": [HOME, AWAY]}}, Outcome.ALLOW),
        ({"StringEquals": {"kms:CallerAccount": AWAY}}, Outcome.ALLOW),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{AWAY}:role/*"}}, Outcome.CONDITIONAL),
        ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{AWAY}:*"}}, Outcome.CONDITIONAL),
        ({"StringEquals": {"aws:PrincipalAccount": HOME}}, None),
        ({"StringNotEquals": {"aws:PrincipalAccount": AWAY}}, None),
    ],
)
def test_what_is_for_everyone_of_an_account_is_a_grant_to_the_account(when, outcome):
    queue = target(QUEUE, resource(allow("sqs:SendMessage", QUEUE, who="*", when=when)))
    assert outcomes([], [queue]).get((AWAY, QUEUE, "sqs:SendMessage")) == outcome


def test_nothing_is_collected_while_the_relation_is_made():
    seen = []

    def principals():
        seen.append(gc.isenabled())
        yield role(allow("s3:*"))

    assert gc.isenabled()
    assert tuple(relation(principals(), [TargetPolicies(arn=BUCKET)]))
    assert seen == [False]
    assert gc.isenabled()
