"""What tools get wrong: a case for each row."""

import json
from urllib.parse import quote

import pytest

from tests.policy.cases import (
    ALLOW,
    ANYONE,
    AWAY,
    EXPLICIT,
    FULL,
    HOME,
    IMPLICIT,
    NOTHING,
    OBJECT,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    USER,
    allow,
    ask,
    decision,
    deny,
    doc,
    when,
)

FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"


def covers(pattern, resource, action="s3:GetObject", **more):
    return decision(USER, action, resource, account=HOME, identity=[doc(allow("*", pattern))], **more) == ALLOW


# case


@pytest.mark.parametrize("action", ["S3:GETOBJECT", "s3:getobject", "S3:Get*", "s3:GetObjec?", "*", "s3:*"])
def test_actions_ignore_case(action):
    assert decision(identity=[doc(allow(action))]) == ALLOW
    assert decision(USER, "s3:getobject", OBJECT, identity=[doc(allow(action))]) == ALLOW


def test_condition_keys_ignore_case_and_values_do_not():
    assert when({"StringEquals": {"AWS:sourcevpc": "vpc-1"}}, {"aws:SourceVpc": "vpc-1"})
    assert not when({"StringEquals": {"aws:SourceVpc": "VPC-1"}}, {"aws:SourceVpc": "vpc-1"})


def test_resources_do_not_ignore_case():
    assert covers("arn:aws:s3:::lake/raw/*", OBJECT)
    assert not covers("arn:aws:s3:::Lake/raw/*", OBJECT)


# `*` and `?`


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", OBJECT, True),
        ("arn:aws:s3:::lake/*", OBJECT, True),
        ("arn:aws:s3:::l?ke/*.csv", OBJECT, True),
        ("arn:aws:s3:::lake/r*.csv", OBJECT, True),
        ("arn:aws:s3:::lake", OBJECT, False),
        ("arn:aws:s3:::lake*", OBJECT, True),
        ("arn:*:s3:::lake/*", OBJECT, True),
        ("arn:aws:s3:*:*:lake/*", OBJECT, True),
        ("arn:aws:s*:::lake/*", OBJECT, False),
        ("arn:aws:*:::lake/*", OBJECT, False),
        ("arn:aws:?3:::lake/*", OBJECT, False),
        (FUNCTION, FUNCTION, True),
        (FUNCTION, f"{FUNCTION}:live", False),
        (f"{FUNCTION}*", f"{FUNCTION}:live", True),
        (f"{FUNCTION}:*", f"{FUNCTION}:live", True),
        (f"{FUNCTION}:*", FUNCTION, False),
        (f"{FUNCTION}:l*e", f"{FUNCTION}:live", True),
        # not the last of its segment: stays within
        (f"arn:aws:lambda:eu-west-1:{HOME}:function:o*s:live", f"{FUNCTION}:live", True),
        (f"arn:aws:lambda:eu-west-1:{HOME}:function:o*e", f"{FUNCTION}:live", False),
        (f"arn:aws:lambda:eu-west-1:{HOME}:function:orders?live", f"{FUNCTION}:live", False),
        # the last of its segment: goes on beyond the colon
        (f"arn:aws:lambda:eu-west-1:{HOME}:function:o*:live", f"{FUNCTION}:live", True),
        (f"arn:aws:lambda:*:{HOME}:function:orders", FUNCTION, True),
        ("arn:aws:lambda:*:*:orders", FUNCTION, True),
        ("arn:aws:lambda:*:orders", FUNCTION, False),
        ("arn:aws:lambda:*", FUNCTION, True),
        ("arn:aws:lambda:*:live", FUNCTION, False),
        ("arn:aws:s3:::*/raw/*", OBJECT, True),
        ("arn:aws:s3:::lake/*/*/*", OBJECT, False),
        ("arn:aws:s3:::lake/raw/a.csv?", OBJECT, False),
        ("arn:aws:s3:::lake/raw/?.csv", OBJECT, True),
        ("lake/raw/a.csv", OBJECT, False),
        ("", OBJECT, False),
    ],
)
def test_resource_wildcards(pattern, resource, expected):
    assert covers(pattern, resource) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("arn:aws:sns:*:111122223333:t*", "arn:aws:sns:eu-west-1:111122223333:topic", True),
        ("arn:aws:svc:*:111122223333:finance/*", "arn:aws:svc:r:999999999999:store/abc:111122223333:finance/d", False),
        ("arn:aws:lambda:*:*:function:*", "arn:aws:lambda:eu-west-1:111122223333:function:f:live", True),
        ("arn:aws:lambda:*:function:*", "arn:aws:lambda:eu-west-1:111122223333:function:f", False),
        ("arn:aws:s*:::b", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::B", False),
        ("arn:aws:s3:::b", "not-an-arn", False),
    ],
)
@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals"])
def test_arn_operators_compare_six_parts(operator, pattern, value, expected):
    assert when({operator: {"aws:SourceArn": pattern}}, {"aws:SourceArn": value}) is expected


def test_string_like_crosses_what_arn_like_does_not():
    pattern, value = "arn:aws:svc:*:111122223333:f/*", "arn:aws:svc:r:999999999999:store/abc:111122223333:f/d"
    assert when({"StringLike": {"k": pattern}}, {"k": value})
    assert not when({"ArnLike": {"k": pattern}}, {"k": value})


# missing key


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "v", False),
        ("StringNotEquals", "v", True),
        ("StringLike", "*", False),
        ("StringNotLike", "*", True),
        ("NumericLessThan", "1", False),
        ("NumericNotEquals", "1", True),
        ("DateGreaterThan", "2020-01-01", False),
        ("DateNotEquals", "2020-01-01", True),
        ("Bool", "false", False),
        ("IpAddress", "0.0.0.0/0", False),
        ("NotIpAddress", "0.0.0.0/0", True),
        ("ArnLike", "arn:aws:s3:::*", False),
        ("ArnNotLike", "arn:aws:s3:::*", True),
        ("BinaryEquals", "YQ==", False),
        ("StringEqualsIfExists", "v", True),
        ("StringNotEqualsIfExists", "v", True),
        ("BoolIfExists", "true", True),
        ("Null", "true", True),
        ("Null", "false", False),
        ("ForAllValues:StringEquals", "v", True),
        ("ForAllValues:StringNotEquals", "v", True),
        ("ForAnyValue:StringEquals", "v", False),
        ("ForAnyValue:StringNotEquals", "v", False),
        ("ForAnyValue:StringEqualsIfExists", "v", True),
    ],
)
@pytest.mark.parametrize("context", [{}, {"other": "v"}, {"key": []}])
def test_missing_key(operator, value, expected, context):
    if context.get("key") == [] and operator.startswith("ForAny") and operator.endswith("IfExists"):
        expected = False  # it exists, and none of its values match
    assert when({operator: {"key": value}}, context) is expected


def test_null_decides_on_presence():
    assert when({"Null": {"key": "false"}}, {"key": "v"})
    assert not when({"Null": {"key": "true"}}, {"key": "v"})
    assert when({"Null": {"key": False}}, {"key": ["v", "w"]})


def test_an_empty_string_is_an_empty_set():
    assert when({"ForAllValues:StringEquals": {"key": "v"}}, {"key": ""})
    assert not when({"ForAnyValue:StringEquals": {"key": ""}}, {"key": ""})
    assert when({"StringEquals": {"key": ""}}, {"key": ""})


# several values


@pytest.mark.parametrize(
    ("operator", "written", "requested", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", ["a", "b"], "c", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotLike", ["a*", "b*"], "c", True),
        ("StringNotLike", ["a*", "b*"], "bc", False),
        ("StringEquals", "a", ["a", "b"], False),
        ("StringEquals", ["a", "b"], ["a", "b"], False),
        ("StringNotEquals", "c", ["a", "b"], False),
        ("StringEquals", "a", ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringLike", "a*", ["c", "ab"], True),
        ("ForAllValues:StringNotLike", "key1*", ["key1:hr", "key2:x"], False),
        ("ForAllValues:StringNotLike", "key1*", ["key2:x"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAllValues:StringEquals", "a", "a", True),
        ("ForAnyValue:StringEquals", "a", "a", True),
    ],
)
def test_several_values(operator, written, requested, expected):
    assert when({operator: {"key": written}}, {"key": requested}) is expected


def test_all_lines_of_a_condition_must_hold():
    context = {"a": "1", "b": "2"}
    assert when({"StringEquals": {"a": "1", "b": "2"}}, context)
    assert not when({"StringEquals": {"a": "1", "b": "3"}}, context)
    assert not when({"StringEquals": {"a": "1"}, "StringLike": {"b": "3*"}}, context)


# policy variables


@pytest.mark.parametrize(
    ("resource", "requested", "expected"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/x", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/x", False),
        ("arn:aws:s3:::b/${AWS:UserName}/*", "arn:aws:s3:::b/alice/x", True),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:::b/anything/x", False),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team, 'shared'}/*", "arn:aws:s3:::b/shared/x", True),
        ("arn:aws:s3:::b/${aws:username, 'shared'}/*", "arn:aws:s3:::b/shared/x", False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", True),
        ("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/${$}{aws:username}", "arn:aws:s3:::b/${aws:username}", True),
        ("arn:aws:s3:::b/${aws:PrincipalTag/wild}", "arn:aws:s3:::b/anything", False),
        ("arn:aws:s3:::b/${aws:TagKeys}", "arn:aws:s3:::b/one", False),
        ("arn:aws:s3:::b/${oddly", "arn:aws:s3:::b/${oddly", True),
    ],
)
def test_variables_in_resources(resource, requested, expected):
    context = {"aws:username": "alice", "aws:PrincipalTag/wild": "*", "aws:TagKeys": ["one", "two"]}
    answer = decision(USER, "s3:GetObject", requested, context=context, identity=[doc(allow("*", resource))])
    assert (answer == ALLOW) is expected


@pytest.mark.parametrize("version", [None, "2008-10-17"])
def test_variables_are_literal_text_in_old_versions(version):
    policy = doc(allow("*", "arn:aws:s3:::b/${aws:username}/*"), version=version)
    context = {"aws:username": "alice"}
    assert decision(USER, "s3:GetObject", "arn:aws:s3:::b/alice/x", context=context, identity=[policy]) == IMPLICIT
    literal = "arn:aws:s3:::b/${aws:username}/x"
    assert decision(USER, "s3:GetObject", literal, context=context, identity=[policy]) == ALLOW
    assert not when({"StringEquals": {"k": "${aws:username}"}}, {"k": "alice"} | context, version=version)
    assert when({"StringEquals": {"k": "${aws:username}"}}, {"k": "${aws:username}"} | context, version=version)


@pytest.mark.parametrize(
    ("operator", "written", "expected"),
    [
        ("StringEquals", "${aws:username}", True),
        ("StringEquals", "${aws:PrincipalTag/team}", False),
        ("StringEquals", ["${aws:PrincipalTag/team}", "alice"], True),
        ("StringNotEquals", "${aws:username}", False),
        ("StringNotEquals", "${aws:PrincipalTag/team}", True),
        ("StringNotEquals", ["${aws:PrincipalTag/team}", "alice"], False),
        ("StringNotLike", "${aws:PrincipalTag/team}*", True),
        ("StringNotEquals", "${aws:PrincipalTag/team, 'none'}", True),
        ("StringLike", "${aws:username}*", True),
        ("StringLike", "al${*}ce", False),
        ("StringEqualsIgnoreCase", "${aws:UserID}", True),
        ("StringEquals", "${aws:username}**?", False),
    ],
)
def test_variables_in_conditions(operator, written, expected):
    context = {"key": "alice", "aws:username": "alice", "aws:userid": "ALICE"}
    assert when({operator: {"key": written}}, context) is expected


def test_an_unresolved_variable_excepts_nothing():
    policy = doc(allow(), deny("*", None, NotResource="arn:aws:s3:::lake/${aws:PrincipalTag/team}/*"))
    assert decision(identity=[policy]) == EXPLICIT
    assert decision(context={"aws:PrincipalTag/team": "x"}, identity=[policy]) == EXPLICIT
    assert decision(context={"aws:PrincipalTag/team": "raw"}, identity=[policy]) == ALLOW


# operators


@pytest.mark.parametrize(
    ("operator", "written", "requested", "expected"),
    [
        ("StringEqualsIgnoreCase", "ABC", "abc", True),
        ("StringNotEqualsIgnoreCase", "ABC", "abc", False),
        ("StringEquals", "a*", "abc", False),
        ("StringEquals", "a*", "a*", True),
        ("StringLike", "a?c", "abc", True),
        ("StringLike", "A?C", "abc", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", 10, 10, True),
        ("NumericLessThan", "9", "10", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThanEquals", "1.5", "1.50", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "ten", False),
        ("NumericNotEquals", "10", "ten", False),
        ("DateEquals", "2024-05-01T00:00:00Z", "2024-05-01", True),
        ("DateEquals", "2024-05-01T02:00:00+02:00", "2024-05-01T00:00Z", True),
        ("DateLessThan", "2024-05-01T00:00:00Z", "2024-04-30T23:59:59.999Z", True),
        ("DateGreaterThan", "2024-05-01T00:00:00Z", "1714521601", True),
        ("DateLessThan", "1714521600", "2024-04-30T23:59:59Z", True),
        ("DateGreaterThanEquals", "2024-05", "2024-05-01T00:00:00Z", True),
        ("DateLessThanEquals", "2024", "2023-12-31", True),
        ("DateNotEquals", "2024-05-01", "2024-05-02", True),
        ("DateLessThan", "2024-05-01", "yesterday", False),
        ("DateLessThan", "2024-05-01", "2024-02-30", False),
        ("Bool", "true", "true", True),
        ("Bool", "true", True, True),
        ("Bool", True, "True", True),
        ("Bool", "false", "true", False),
        ("Bool", "true", "yes", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:DB8:1::1", True),
        ("IpAddress", "2001:db8::1", "2001:db8:0:0:0:0:0:1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "203.0.113.9/24", "203.0.113.7", True),
        ("IpAddress", "0.0.0.0/0", "nonsense", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.7", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
        ("NotIpAddress", ["203.0.113.0/24", "203.0.114.0/24"], "203.0.114.7", False),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
        ("NotIpAddress", "203.0.113.0/24", "nonsense", False),
        ("ArnNotEquals", "arn:aws:s3:::a*", "arn:aws:s3:::b", True),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::bb", False),
        ("StringLikeIfExists", "a*", "abc", True),
        ("StringLikeIfExists", "a*", "bcd", False),
        ("stringlike", "a*", "abc", True),
    ],
)
def test_operators(operator, written, requested, expected):
    assert when({operator: {"key": written}}, {"key": requested}) is expected


# NotAction, NotResource


def test_not_action_and_not_resource_are_complements():
    assert decision(identity=[doc(allow(None, NotAction="iam:*"))]) == ALLOW
    assert decision(identity=[doc(allow(None, NotAction=["iam:*", "s3:Get*"]))]) == IMPLICIT
    assert decision(identity=[doc(allow("*", None, NotResource="arn:aws:s3:::other/*"))]) == ALLOW
    assert decision(identity=[doc(allow("*", None, NotResource="arn:aws:s3:::lake/*"))]) == IMPLICIT


def test_complements_within_deny():
    assert decision(identity=[FULL, doc(deny(None, NotAction="s3:*"))]) == ALLOW
    assert decision(identity=[FULL, doc(deny(None, NotAction="ec2:*"))]) == EXPLICIT
    assert decision(identity=[FULL, doc(deny("s3:*", None, NotResource="arn:aws:s3:::lake/*"))]) == ALLOW
    assert decision(identity=[FULL, doc(deny("s3:*", None, NotResource="arn:aws:s3:::other/*"))]) == EXPLICIT


# NotPrincipal

BOB = f"arn:aws:iam::{AWAY}:user/bob"


@pytest.mark.parametrize(
    ("principal", "excepted", "expected"),
    [
        (BOB, [BOB, f"arn:aws:iam::{AWAY}:root"], ALLOW),
        (BOB, [BOB], ALLOW),
        (f"arn:aws:iam::{AWAY}:user/eve", [BOB, f"arn:aws:iam::{AWAY}:root"], EXPLICIT),
        (f"arn:aws:iam::{AWAY}:user/eve", [f"arn:aws:iam::{AWAY}:root"], ALLOW),
        (f"arn:aws:iam::{AWAY}:user/eve", [AWAY], ALLOW),
        (USER, [BOB], EXPLICIT),
        (SESSION, [ROLE, ROOT], ALLOW),
        (SESSION, [SESSION, ROLE, ROOT], ALLOW),
        (f"{SESSION}2", [SESSION, ROLE, ROOT], EXPLICIT),
    ],
)
def test_not_principal_with_deny(principal, excepted, expected):
    policy = doc(allow(who="*"), deny("s3:*", unless={"AWS": excepted}))
    assert decision(principal, identity=[FULL], resource=policy) == expected


def test_not_principal_with_deny_under_a_boundary_always_denies():
    policy = doc(deny("s3:*", unless={"AWS": [USER, ROOT]}))
    assert decision(identity=[FULL], resource=policy) == ALLOW
    assert decision(identity=[FULL], resource=policy, boundary=[FULL]) == EXPLICIT


def test_not_principal_with_allow_is_flagged_and_does_not_allow():
    answer = ask(resource=doc(allow("s3:*", unless={"AWS": BOB})))
    assert answer["decision"] == IMPLICIT
    assert [problem["code"] for problem in answer["problems"]] == ["notprincipal-allow"]
    assert answer["problems"][0]["pointer"] == "/policies/resource/Statement/0"


# principals in a resource policy


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (SESSION, {"AWS": ROLE}, ALLOW),
        (SESSION, {"AWS": f"arn:aws:iam::{HOME}:role/other"}, IMPLICIT),
        (SESSION, {"AWS": f"arn:aws:iam::{AWAY}:role/worker"}, IMPLICIT),
        (ROLE, {"AWS": ROLE}, ALLOW),
        (ROLE, {"AWS": SESSION}, IMPLICIT),
        (ROLE, {"AWS": f"arn:aws:iam::{HOME}:role/worker"}, IMPLICIT),
        (USER, {"AWS": [STRANGER, USER]}, ALLOW),
        (USER, {"AWS": USER.upper()}, IMPLICIT),
        (USER, {"AWS": f"arn:aws:iam::{HOME}:user/*"}, IMPLICIT),
        (USER, {"AWS": "AIDAEXAMPLEEXAMPLE123"}, IMPLICIT),
        (USER, {"Service": "lambda.amazonaws.com"}, IMPLICIT),
        (USER, {"Service": "lambda.amazonaws.com", "AWS": USER}, ALLOW),
        (ANYONE, "*", ALLOW),
        (ANYONE, {"AWS": "*"}, ALLOW),
        (ANYONE, {"AWS": HOME}, IMPLICIT),
    ],
)
def test_principals(principal, named, expected):
    assert decision(principal, resource=doc(allow("s3:*", who=named))) == expected


def test_a_statement_without_principal_never_matches():
    assert decision(resource=doc(allow("s3:*"))) == IMPLICIT
    assert decision(identity=[FULL], resource=doc(deny("s3:*"))) == ALLOW


def test_a_deny_for_the_account_is_one_for_its_principals():
    assert decision(identity=[FULL], resource=doc(deny("s3:*", who={"AWS": HOME}))) == EXPLICIT
    assert decision(identity=[FULL], resource=doc(deny("s3:*", who={"AWS": AWAY}))) == ALLOW


# shapes


@pytest.mark.parametrize(
    "shape",
    [
        lambda document: document,
        json.dumps,
        lambda document: quote(json.dumps(document)),
        lambda document: quote(json.dumps(document), safe=""),
        lambda document: json.dumps(json.dumps(document)),
        lambda document: quote(quote(json.dumps(document))),
        lambda document: json.dumps(quote(json.dumps(document))),
        lambda document: f"\n  {json.dumps(document, indent=2)}\n",
    ],
)
@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]},
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
        {"Id": "x", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::lake/raw/100%25*"}},
    ],
)
def test_shapes_of_documents(shape, document):
    target = "arn:aws:s3:::lake/raw/100%25.csv"
    assert decision(USER, "s3:GetObject", target, identity=[shape(document)]) == ALLOW


# Lambda resource policy

BUCKET_CALLS = {"Service": "s3.amazonaws.com"}


def test_a_service_without_source_lets_any_resource_of_it_invoke():
    def invoke(policy, context):
        service = {"Service": "s3.amazonaws.com"}
        return decision(service, "lambda:InvokeFunction", FUNCTION, context=context, resource=policy)

    theirs = {"aws:SourceArn": "arn:aws:s3:::theirs", "aws:SourceAccount": AWAY}
    open_policy = doc(allow("lambda:InvokeFunction", FUNCTION, who=BUCKET_CALLS))
    assert invoke(open_policy, theirs) == ALLOW
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::ours"}, "StringEquals": {"aws:SourceAccount": HOME}}
    closed = doc(allow("lambda:InvokeFunction", FUNCTION, who=BUCKET_CALLS, when=condition))
    assert invoke(closed, theirs) == IMPLICIT
    assert invoke(closed, {"aws:SourceArn": "arn:aws:s3:::ours", "aws:SourceAccount": AWAY}) == IMPLICIT
    assert invoke(closed, {"aws:SourceArn": "arn:aws:s3:::ours", "aws:SourceAccount": HOME}) == ALLOW


def test_qualifiers_limit_what_a_statement_covers():
    policy = doc(allow("lambda:InvokeFunction", f"{FUNCTION}:live", who=BUCKET_CALLS))

    def invoke(function):
        return decision({"Service": "s3.amazonaws.com"}, "lambda:InvokeFunction", function, resource=policy)

    assert invoke(f"{FUNCTION}:live") == ALLOW
    assert invoke(FUNCTION) == IMPLICIT
    assert invoke(f"{FUNCTION}:3") == IMPLICIT


# wildcard-only actions


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("*", ALLOW), (["arn:aws:s3:::a", "*"], ALLOW), ("arn:aws:s3:::*", IMPLICIT), ("arn:aws:s3:::a", IMPLICIT)],
)
@pytest.mark.parametrize("target", ["*", "arn:aws:s3:::a", None])
def test_wildcard_only_actions(resource, expected, target):
    identity = [doc(allow("s3:ListAllMyBuckets", resource))]
    assert decision(USER, "s3:ListAllMyBuckets", target, wildcard_only=True, identity=identity) == expected


def test_wildcard_only_actions_and_complements():
    only = doc(deny("s3:*", "arn:aws:s3:::a"))
    assert decision(USER, "s3:ListAllMyBuckets", "*", wildcard_only=True, identity=[FULL, only]) == ALLOW
    all_but = doc(deny("s3:*", None, NotResource="arn:aws:s3:::a"))
    assert decision(USER, "s3:ListAllMyBuckets", "*", wildcard_only=True, identity=[FULL, all_but]) == EXPLICIT


# what cannot be understood never allows


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (allow(when={"StringAlmost": {"k": "v"}}), "unknown-operator"),
        (allow(when={"NullIfExists": {"k": "true"}}), "unknown-operator"),
        (allow(when={"ForSomeValues:StringEquals": {"k": "v"}}), "unknown-operator"),
        (allow(when={"NumericEquals": {"k": "ten"}}), "invalid-value"),
        (allow(when={"IpAddress": {"k": "300.0.0.0/8"}}), "invalid-value"),
        (allow(when={"DateLessThan": {"k": "soon"}}), "invalid-value"),
        (allow(when={"NumericLessThan": {"k": "${aws:MultiFactorAuthAge}"}}), "invalid-value"),
        (allow(when="always"), "invalid-condition"),
        (allow(when={"StringEquals": {"k": None}}), "not-a-string"),
        (allow("*", "bucket"), "invalid-arn"),
        (allow("*", "arn:aws:s3"), "invalid-arn"),
        (allow("*", "arn:aws:*:::b"), "invalid-arn"),
        (allow("GetObject"), "invalid-action"),
        (allow([]), "empty"),
        (allow(None), "missing-action"),
        (allow("*", None), "missing-resource"),
        (allow(NotAction="s3:*"), "both"),
        (allow(who="*"), "unexpected-principal"),
        (allow(Conditions={}), "unknown-element"),
        ({"Action": "*", "Resource": "*"}, "invalid-effect"),
        ({"Effect": "allow", "Action": "*", "Resource": "*"}, "invalid-effect"),
        ("Allow", "not-a-statement"),
        (allow(["s3:*", 7]), "not-a-string"),
    ],
)
def test_what_cannot_be_understood_never_allows(bad, code):
    answer = ask(identity=[doc(bad)])
    assert answer["decision"] == IMPLICIT
    assert code in [problem["code"] for problem in answer["problems"]]
    assert all(problem["pointer"].startswith("/policies/identity/0/Statement/0") for problem in answer["problems"])


@pytest.mark.parametrize(
    "bad",
    [
        deny("s3:*", when={"StringAlmost": {"k": "v"}}),
        deny("s3:*", when={"IpAddress": {"k": "nowhere"}}),
        deny("s3:*", "bucket"),
        deny([]),
        {"Action": "s3:*", "Resource": "*"},
        "Deny",
    ],
)
def test_a_deny_that_cannot_be_understood_is_no_silent_pass(bad):
    answer = ask(identity=[FULL, doc(bad)])
    assert answer["decision"] == IMPLICIT
    assert answer["blocked_by"] == ["identity"]
    assert answer["problems"]


def test_a_deny_that_cannot_be_understood_is_still_about_its_actions():
    bad = doc(deny("sqs:*", when={"StringAlmost": {"k": "v"}}))
    assert decision(identity=[FULL, bad]) == ALLOW
    elsewhere = doc(deny("s3:*", "arn:aws:s3:::other/*", when={"StringAlmost": {"k": "v"}}))
    assert decision(identity=[FULL, elsewhere]) == ALLOW


@pytest.mark.parametrize("document", ["not json", "%7Bbroken", "", [], 7, {"Version": "2012-10-17"}, "{}", '"x"'])
def test_an_unreadable_document_may_say_anything(document):
    answer = ask(identity=[FULL, document])
    assert answer["decision"] == IMPLICIT
    assert answer["blocked_by"] == ["identity"]
    assert [problem["code"] for problem in answer["problems"]] == ["unreadable"]
    assert decision(identity=[document, doc(deny())]) == EXPLICIT
    assert decision(identity=[document], scp=[[NOTHING]]) == IMPLICIT


def test_an_unknown_element_of_a_document_is_reported():
    policy = FULL | {"Statment": [deny()]}
    answer = ask(identity=[policy])
    assert answer["decision"] == ALLOW
    assert [problem["pointer"] for problem in answer["problems"]] == ["/policies/identity/0/Statment"]


def test_wildcards_are_literal_beside_a_variable():
    context = {"key": "alice**?", "aws:username": "alice"}
    assert when({"StringEquals": {"key": "${aws:username}**?"}}, context)
    assert not when({"StringEquals": {"key": "${aws:username}*?"}}, context)


def test_a_variable_may_stand_for_a_boolean():
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "${aws:PrincipalTag/mfa}"}}
    context = {"aws:MultiFactorAuthPresent": "true", "aws:PrincipalTag/mfa": "True"}
    assert when(condition, context)
    assert not when(condition, context | {"aws:PrincipalTag/mfa": "false"})


def test_the_short_form_of_an_api_resource_policy():
    policy = doc(allow("execute-api:Invoke", "execute-api:/prod/GET/*", who="*"))
    api = f"arn:aws:execute-api:eu-west-1:{HOME}:abc123"
    assert decision(ANYONE, "execute-api:Invoke", f"{api}/prod/GET/orders", resource=policy) == ALLOW
    assert decision(ANYONE, "execute-api:Invoke", f"{api}/prod/POST/orders", resource=policy) == IMPLICIT


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        ("cognito-identity.amazonaws.com", {"Federated": "cognito-identity.amazonaws.com"}, ALLOW),
        ({"Federated": "cognito-identity.amazonaws.com"}, {"Federated": "cognito-identity.amazonaws.com"}, ALLOW),
        ({"Federated": "accounts.google.com"}, {"Federated": "*"}, ALLOW),
        ("lambda.amazonaws.com", {"Federated": "*"}, IMPLICIT),
        ("lambda.amazonaws.com", {"Service": "*"}, ALLOW),
        ("lambda.amazonaws.com", "*", ALLOW),
        ({"CanonicalUser": "79a5"}, {"CanonicalUser": "79a5"}, ALLOW),
        ({"CanonicalUser": "79a5"}, {"CanonicalUser": "80b6"}, IMPLICIT),
        (USER, {"CanonicalUser": "79a5"}, IMPLICIT),
    ],
)
def test_other_types_of_principals(principal, named, expected):
    assert decision(principal, resource=doc(allow("s3:*", who=named))) == expected


@pytest.mark.parametrize(
    "who",
    [
        "arn:aws:iam::111122223333:root",
        {},
        [],
        7,
        {"Aws": "*"},
        {"AWS": ""},
        {"AWS": "alice@example.com"},
        {"AWS": [None]},
        {"Service": "*.amazonaws.com"},
    ],
)
def test_principals_that_cannot_be_understood(who):
    answer = ask(resource=doc(allow("s3:*", who=who)))
    assert answer["decision"] == IMPLICIT
    assert answer["problems"]
    assert decision(identity=[FULL], resource=doc(deny("s3:*", who=who))) == IMPLICIT


def test_a_value_that_is_no_operator_block():
    assert ask(identity=[doc(allow(when={"StringEquals": "x"}))])["problems"][0]["code"] == "invalid-condition"


def test_versions():
    policy = FULL | {"Version": "2020-01-01"}
    assert ask(identity=[policy])["problems"][0]["code"] == "unknown-version"
    assert decision(identity=[policy]) == IMPLICIT
    assert decision(identity=[FULL, policy]) == IMPLICIT  # what it denies is not known either
    assert decision(identity=[doc()]) == IMPLICIT
    assert decision(identity=[FULL, doc()]) == ALLOW
