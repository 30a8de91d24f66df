"""Random policies and requests from a small universe, where things meet often."""

from typing import Any

from hypothesis import strategies as st

from tests.policy.cases import AWAY, FEDERATED, HOME, KEY, OBJECT, ROLE, ROOT, SESSION, STRANGER, USER

FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders:live"
QUEUE = f"arn:aws:sqs:eu-west-1:{HOME}:orders"
TARGET_ROLE = f"arn:aws:iam::{HOME}:role/target"

ACTIONS = ("s3:GetObject", "sqs:SendMessage", "lambda:InvokeFunction", "kms:Decrypt", "sts:AssumeRole")
TARGETS = (OBJECT, QUEUE, FUNCTION, KEY, TARGET_ROLE)
KEYS = ("aws:SourceIp", "aws:PrincipalTag/team", "aws:MultiFactorAuthPresent", "aws:TagKeys")
VALUES = {
    "aws:SourceIp": ("10.0.0.1", "203.0.113.9"),
    "aws:PrincipalTag/team": ("red", "blue"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:TagKeys": ("red", ["red", "blue"], []),
}

action_patterns = st.sampled_from(
    (*ACTIONS, "*", "s3:*", "s3:Get*", "sqs:?endMessage", "lambda:*", "KMS:decrypt", "sts:*")
)
resource_patterns = st.sampled_from(
    (
        *TARGETS,
        "*",
        "arn:aws:s3:::lake/*",
        "arn:aws:s3:::*/raw/?.csv",
        f"arn:aws:lambda:*:{HOME}:function:o*",
        f"arn:aws:lambda:eu-west-1:{HOME}:function:orders",
        "arn:aws:sqs:*:*:*",
        "arn:aws:s3:::lake/${aws:PrincipalTag/team}/*",
        "arn:aws:s3:::lake/${aws:PrincipalTag/team, 'raw'}/*",
    )
)
named = st.sampled_from(
    (
        "*",
        {"AWS": "*"},
        {"AWS": HOME},
        {"AWS": ROOT},
        {"AWS": [USER, STRANGER]},
        {"AWS": ROLE},
        {"AWS": SESSION},
        {"AWS": FEDERATED},
        {"AWS": AWAY},
        {"Service": "s3.amazonaws.com"},
        {"Federated": "accounts.google.com", "Service": "events.amazonaws.com"},
    )
)
principals = st.sampled_from(
    (
        USER,
        ROLE,
        SESSION,
        FEDERATED,
        ROOT,
        STRANGER,
        {"type": "Anonymous"},
        {"Service": "s3.amazonaws.com"},
        {"Federated": "accounts.google.com"},
        f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    )
)
conditions = st.dictionaries(
    st.sampled_from(
        (
            "StringEquals",
            "StringNotEquals",
            "StringLikeIfExists",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
            "Null",
            "Bool",
            "IpAddress",
            "NotIpAddress",
        )
    ),
    st.sampled_from(KEYS),
    max_size=2,
).map(lambda chosen: {operator: {key: _written(operator, key)} for operator, key in chosen.items()})


def _written(operator: str, key: str) -> Any:
    if operator in {"Null", "Bool"}:
        return "true"
    if "IpAddress" in operator:
        return ["10.0.0.0/8", "203.0.113.0/24"][: 1 + (key == "aws:SourceIp")]
    return {"aws:SourceIp": "10.*", "aws:TagKeys": ["red", "${aws:PrincipalTag/team}"]}.get(key, "red")


def _values(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return one | st.lists(one, min_size=1, max_size=3)


@st.composite
def statements(draw: st.DrawFn, *, who: bool = False, effect: str | None = None) -> dict[str, Any]:
    """Draw a statement, with a Principal or without."""
    made: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    made[draw(st.sampled_from(("Action", "Action", "NotAction")))] = draw(_values(action_patterns))
    made[draw(st.sampled_from(("Resource", "Resource", "NotResource")))] = draw(_values(resource_patterns))
    if who:
        element = "Principal"
        if made["Effect"] == "Deny":
            element = draw(st.sampled_from(("Principal", "Principal", "NotPrincipal")))
        made[element] = draw(named)
    if condition := draw(conditions):
        made["Condition"] = condition
    if draw(st.booleans()):
        made["Sid"] = draw(st.sampled_from(("One", "Two")))
    return made


def documents(*, who: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Draw policy documents."""
    version = st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17"))
    return st.builds(
        lambda version, body: {"Version": version, "Statement": body},
        version,
        st.lists(statements(who=who), min_size=1, max_size=3),
    )


_FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_FULL_WHO = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}],
}

contexts = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()})
requests = st.builds(
    lambda who, pair, context: {
        "principal": who,
        "action": pair[0],
        "resource": pair[1],
        "resource_account": HOME,
        "context": context,
    },
    principals,
    st.sampled_from(tuple(zip(ACTIONS, TARGETS, strict=True))),
    contexts,
)
policies = st.fixed_dictionaries(
    {"identity": st.lists(documents() | st.just(_FULL), max_size=2)},
    optional={
        "boundary": st.none() | st.lists(documents() | st.just(_FULL), max_size=1),
        "session": st.none() | documents() | st.just(_FULL),
        "resource": st.none() | documents(who=True) | st.just(_FULL_WHO),
        "scp": st.lists(st.lists(documents() | st.just(_FULL), max_size=2), max_size=2),
        "rcp": st.lists(st.lists(documents(who=True), max_size=1), max_size=1),
        "endpoint": st.none() | st.lists(documents(who=True) | st.just(_FULL_WHO), max_size=1),
    },
)
