"""Random accounts in which nearly everything meets: few names, wildcards in every place, every kind of layer."""

import json
from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET

from auditkit.policy import Document, PolicyKind, PrincipalPolicies, TargetPolicies, parse
from tests.policy.cases import AWAY, HOME, KEY, ROOT, STRANGER

ROLES = tuple(f"arn:aws:iam::{HOME}:role/{name}" for name in ("app/worker", "app/reader", "deploy"))
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
USER = f"arn:aws:iam::{HOME}:user/alice"
VISITOR = f"arn:aws:iam::{AWAY}:role/visitor"
ORIGIN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
PRINCIPALS = (*ROLES, LINKED, USER, VISITOR)
BUCKETS = ("arn:aws:s3:::lake", "arn:aws:s3:::lake-red")
QUEUES = tuple(f"arn:aws:sqs:{region}:{HOME}:orders" for region in ("eu-west-1", "us-east-1"))
FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"
TABLE = f"arn:aws:dynamodb:eu-west-1:{HOME}:table/orders"
GROUP = f"arn:aws:logs:eu-west-1:{HOME}:log-group:/aws/lambda/orders"
OWN = "{arn}"
"""Stands for a target's own ARN in a policy that several targets have."""
TARGETS = (*BUCKETS, *QUEUES, FUNCTION, TABLE, GROUP, KEY)

action_patterns = st.sampled_from(
    ("*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "s3:PutObject", "*:Get*", "sqs:*", "sqs:SendMessage",
     "sqs:ReceiveMessage", "lambda:*", "lambda:Invoke*", "dynamodb:Query", "dynamodb:*Item", "kms:*", "kms:Decrypt",
     "sts:AssumeRole", "sts:*", "iam:PassRole", "logs:*", "s?s:SendMessage", "ec2:RunInstances")
)  # fmt: skip
resource_patterns = st.sampled_from(
    (*TARGETS, *ROLES[:2], "*", "arn:aws:s3:::lake/*", "arn:aws:s3:::lake*", "arn:aws:s3:::*/raw/*",
     "arn:aws:s3:::lake/raw/a.csv",
     "arn:aws:s3:::lake/${aws:username}/*", "arn:aws:s3:::lake-${aws:PrincipalTag/team}/*", "arn:aws:s3:::la?e",
     "arn:aws:s3:::lake-${aws:PrincipalTag/team, 'red'}", "arn:aws:sqs:*:*:*", f"arn:aws:sqs:*:{HOME}:ord*",
     f"arn:aws:sqs:us-*:{HOME}:orders", "arn:aws:sqs:*:orders", f"arn:aws:lambda:*:{HOME}:function:o*",
     f"{FUNCTION}:live", f"{FUNCTION}:*", "arn:*:lambda:*:*:function:orders", f"{TABLE}/index/*",
     f"arn:aws:dynamodb:*:{HOME}:table/*/index/by-day", f"{GROUP}:*", "arn:aws:logs:*:*:log-group:*:log-stream:*",
     f"arn:aws:kms:*:{HOME}:key/*", f"arn:aws:iam::{HOME}:role/app/*", "arn:aws:iam::*:role/*",
     "arn:aws:sqs:${aws:RequestedRegion}:*:orders", "arn:aws:sqs:*:*:${aws:ResourceTag/team}", "arn:aws:s3")
)  # fmt: skip
own_patterns = st.sampled_from(
    ("*", OWN, f"{OWN}/*", f"{OWN}*", f"{OWN}:*", f"{OWN}/raw/*", f"{OWN}/raw/?.csv", f"{OWN}/*/by-day",
     f"{OWN}/${{aws:username}}/*")
)  # fmt: skip
"""Patterns in the policy of a target about itself."""
named = st.sampled_from(
    ("*", {"AWS": "*"}, {"AWS": HOME}, {"AWS": ROOT}, {"AWS": list(ROLES[:2])}, {"AWS": [ROOT, ROLES[2]]},
     {"AWS": USER},
     {"AWS": [AWAY, VISITOR]}, {"AWS": ORIGIN}, {"AWS": f"arn:aws:sts::{HOME}:assumed-role/worker/run"},
     {"CanonicalUser": "79a5"}, {"AWS": AWAY}, {"AWS": STRANGER}, {"Service": "s3.amazonaws.com"},
     {"Federated": "accounts.google.com"}, {"AWS": f"arn:aws:iam::{HOME}:role/gone"}, {"AWS": ["*", 7]})
)  # fmt: skip
conditions = st.sampled_from(
    ({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
     {"StringNotEquals": {"aws:ResourceTag/team": "red"}},
     {"StringEquals": {"aws:PrincipalTag/team": "red"}},
     {"StringNotEqualsIfExists": {"aws:PrincipalTag/team": ["blue", "green"]}},
     {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
     {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
     {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/app/*"}},
     {"ArnNotLike": {"aws:PrincipalArn": [ROLES[0], "arn:aws:iam::*:user/*"]}},
     {"StringLike": {"aws:PrincipalArn": "*reader"}, "Bool": {"aws:SecureTransport": "true"}},
     {"Bool": {"aws:SecureTransport": "false"}},
     {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
     {"Null": {"aws:username": "true"}},
     {"StringEquals": {"aws:PrincipalType": "User"}},
     {"StringLike": {"kms:ViaService": "s3.*"}},
     {"StringLike": {"kms:ViaService": "sqs.*"}},
     {"StringEquals": {"aws:PrincipalAccount": HOME}, "StringLike": {"s3:prefix": "raw/*"}},
     {"StringEquals": {"aws:PrincipalAccount": [AWAY, "777788889999"]}},
     {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{AWAY}:role/*"}},
     {"ForAllValues:StringEquals": {"aws:PrincipalTag/team": ["red"]}},
     {"NoSuchOperator": {"aws:username": "x"}})
)  # fmt: skip


def _values(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return one | st.lists(one, min_size=1, max_size=3)


@st.composite
def statements(
    draw: st.DrawFn, *, who: bool = False, patterns: st.SearchStrategy[str] = resource_patterns
) -> dict[str, Any]:
    """Draw a statement, with a Principal or without."""
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny")))}
    made[draw(st.sampled_from(("Action", "Action", "Action", "NotAction")))] = draw(_values(action_patterns))
    made[draw(st.sampled_from(("Resource", "Resource", "Resource", "NotResource")))] = draw(_values(patterns))
    if who:
        unless = made["Effect"] == "Deny" and draw(st.booleans())
        made["NotPrincipal" if unless else "Principal"] = draw(named)
    if draw(st.integers(0, 2)) == 0:
        made["Condition"] = draw(conditions)
    return made


def documents(kind: PolicyKind, **how: Any) -> st.SearchStrategy[Any]:
    """Draw parsed documents of a kind; some cannot be read."""
    version = st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17"))
    made = st.builds(
        lambda version, body: parse({"Version": version, "Statement": body}, kind=kind),
        version,
        st.lists(statements(**how), min_size=1, max_size=3),
    )
    full = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **({"Principal": "*"} if how else {})}}
    return st.one_of(made, made, made, st.just(parse(full, kind=kind)), st.just(parse("garbage", kind=kind)))


def _policy_of(arn: str, body: list[dict[str, Any]]) -> Document:
    """Return a policy of a target that others have as well, each about itself."""
    text = json.dumps({"Version": "2012-10-17", "Statement": body})
    return parse(text.replace(OWN, arn), kind=PolicyKind.RESOURCE)


def _levels(kind: PolicyKind, **how: Any) -> st.SearchStrategy[Any]:
    level = st.lists(documents(kind, **how), max_size=2).map(tuple)
    return st.none() | st.just(UNSET) | st.lists(level, max_size=2).map(tuple)


@st.composite
def accounts(draw: st.DrawFn, *, alike: bool = False) -> tuple[list[PrincipalPolicies], list[TargetPolicies]]:
    """Draw principals and targets with their policies; alike are targets that all have one policy about themselves."""
    identity = st.lists(documents(PolicyKind.IDENTITY), max_size=2).map(tuple)
    trust = documents(PolicyKind.RESOURCE, who=True)
    shared = draw(st.lists(statements(who=True, patterns=own_patterns), min_size=1, max_size=3))
    scps, rcps = draw(_levels(PolicyKind.SCP)), draw(_levels(PolicyKind.RCP, who=True))
    principals = [
        PrincipalPolicies(
            arn=arn,
            account=arn.split(":")[4],
            identity=draw(identity | identity | identity | st.just(UNSET)),
            boundary=draw(st.none() | st.none() | documents(PolicyKind.BOUNDARY) | st.just(UNSET)),
            scps=scps if arn != VISITOR else UNSET,
            trust=draw(st.none() | trust | st.just(UNSET)) if ":role/" in arn else None,
            context=draw(st.sampled_from(({}, {"aws:PrincipalTag/team": "red"}, {"aws:PrincipalTag/team": "blue"}))),
        )
        for arn in draw(st.lists(st.sampled_from(PRINCIPALS), unique=True, min_size=1, max_size=4))
    ]
    targets = [
        TargetPolicies(
            arn=arn,
            account=draw(st.sampled_from((HOME, HOME, AWAY if arn in BUCKETS else HOME))),
            resource_policy=_policy_of(arn, shared) if alike else draw(st.none() | st.just(UNSET) | trust | trust),
            key_arn=draw(st.sampled_from((None, None, KEY, KEY.replace("1234abcd", "ffffffff")))),
            rcps=rcps,
            context=draw(
                st.sampled_from(({}, {"aws:ResourceTag/team": "red"}, {"aws:ResourceTag/team": "orders",
                                                                       "aws:SecureTransport": "true"}))
            ),
        )
        for arn in draw(
            st.lists(st.sampled_from((*BUCKETS, *QUEUES) if alike else TARGETS), unique=True, min_size=1, max_size=4)
        )
    ]  # fmt: skip
    return principals, targets
