"""Condition keys that an export answers: what hangs on them alone is no condition."""

import pytest

from auditkit.graph import EdgeKind, connect
from tests.areas.scenes import ACCOUNT, answer, arn, feed, function, functions, gaad, role

BUCKET = "arn:aws:s3:::orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/f"
ORGANIZATION = answer(
    "organizations.DescribeOrganization",
    {"Organization": {"Id": "o-1", "Arn": "arn:aws:organizations::999999999999:organization/o-1"}},
    region="global",
)
NONE = answer("organizations.DescribeOrganization", {}, region="global")


def read_of(condition, *more, organization=ORGANIZATION, trusted=("lambda.amazonaws.com",)):
    """Return the conditions of the edge by which a role reads a bucket, None where there is no edge."""
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    found = role("f", allow, deny, *more)
    found["AssumeRolePolicyDocument"]["Statement"] = [
        {"Effect": "Allow", "Principal": {"Service": list(trusted)}, "Action": "sts:AssumeRole"}
    ]
    graph = connect(
        feed(
            functions(function()),
            gaad(found),
            organization,
            answer("s3.ListBuckets", {"Buckets": [{"Name": "orders"}]}, region="global"),
            answer("s3.GetBucketPolicy", {}, "orders", region="global"),
        )
    )
    edges = graph.get_edge_data(ROLE, BUCKET) or {}
    return next((edge["conditions"] for edge in edges.values() if edge["kind"] is EdgeKind.PERMITS), None)


def perimeter(organization, operator="StringNotEqualsIfExists"):
    return {operator: {"aws:ResourceOrgID": organization}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def test_what_is_ours_is_in_our_organization():
    assert read_of(perimeter("o-1")) == ()
    assert read_of(perimeter("${aws:PrincipalOrgID}")) == ()
    assert read_of(perimeter("o-2")) is None
    assert read_of({"StringNotEquals": {"s3:ResourceAccount": ACCOUNT}}) == ()
    assert read_of({"StringEquals": {"s3:ResourceAccount": ACCOUNT}}) is None
    assert read_of(perimeter("o-1", "StringNotEquals"), organization=NONE) is None
    assert read_of({"StringEquals": {"aws:ResourceOrgID": "o-1"}}, organization=NONE) == ()


def test_the_function_that_rotates_a_secret_is_told_by_the_secret():
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf"
    rotates = {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": arn("lambda", "function:f")}}
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret, "Condition": rotates}

    def conditions(rotation):
        graph = connect(
            feed(
                functions(function()),
                gaad(role("f", allow)),
                NONE,
                answer("secretsmanager.ListSecrets", {"SecretList": [{"ARN": secret, "Name": "db"} | rotation]}),
                answer("secretsmanager.GetResourcePolicy", {"ARN": secret, "Name": "db"}, secret),
            )
        )
        return [edge["conditions"] for edge in (graph.get_edge_data(ROLE, secret) or {}).values()]

    assert conditions({"RotationLambdaARN": arn("lambda", "function:f")}) == [()]
    assert conditions({"RotationLambdaARN": arn("lambda", "function:g")}) == []
    assert conditions({}) == [("secretsmanager:resource/AllowRotationLambdaArn",)]


OF_INSTANCES = [
    {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}},
    {"StringLike": {"ec2:SourceInstanceARN": "*"}},
    {"Null": {"ec2:SourceInstanceARN": "false"}, "StringNotEquals": {"aws:Ec2InstanceSourceVpc": "${aws:SourceVpc}"}},
]


@pytest.mark.parametrize("condition", OF_INSTANCES, ids=str)
def test_a_role_that_no_instance_runs_as_has_no_keys_of_instances(condition):
    assert read_of(condition) == ()
    assert read_of(condition, trusted=("lambda.amazonaws.com", "ec2.amazonaws.com")) != ()
    assert read_of(condition, trusted=("*",)) != ()
