import pytest

from auditkit.graph.connect import connect
from auditkit.graph.outsiders import openings_of_policy
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, View
from auditkit.inventory import PolicyText, Source
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
BUCKET = "arn:aws:s3:::uploads"
OTHER = "999988887777"
WHERE = Source("policy.json", "/Policy")


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal="*", action="sqs:SendMessage", resource=QUEUE, condition=None, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
    return {**statement, "Condition": condition} if condition else statement


def openings(*statements, resource=QUEUE, unsigned=True):
    policy = PolicyText(document(*statements), WHERE)
    return openings_of_policy(
        policy, resource=resource, owner=ACCOUNT, unsigned=unsigned, known=frozenset({"111122223333"})
    )


def levels(*statements, **options):
    return {(one.outsider, one.access): one.certain for one in openings(*statements, **options)}


def test_anyone_may_send():
    assert levels(allow()) == {("*", AccessLevel.WRITE): True}
    assert levels(allow({"AWS": "*"})) == {("*", AccessLevel.WRITE): True}
    assert openings(allow())[0].sources == (WHERE.at("Statement", 0),)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    ],
)
def test_what_only_insiders_can_meet_opens_nothing(condition):
    assert levels(allow(condition=condition)) == {}


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:Referer": "https://shop.example/*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}},
    ],
)
def test_what_anyone_can_meet_narrows_nothing(condition):
    assert levels(allow(condition=condition)) == {("*", AccessLevel.WRITE): True}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Null": {"aws:PrincipalArn": "false"}}, True),
        ({"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy-*"}}, True),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/admin"}}, True),
        ({"StringEquals": {"aws:username": ["root", "admin"]}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalType": "User"}}, True),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, True),
        ({"StringLike": {"aws:SourceVpc": "vpc-0a1b2c3d"}}, None),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}, None),
        ({"Null": {"aws:SourceVpce": "false"}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*:role/deploy-*"}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*role/deploy"}}, True),
        ({"StringLike": {"aws:PrincipalArn": f"*:{ACCOUNT}:role/deploy"}}, None),
        ({"ArnLike": {"aws:SourceVpcArn": "arn:aws:ec2:*:*:vpc/*"}}, True),
        ({"ArnLike": {"aws:SourceVpcArn": f"arn:aws:ec2:*:{ACCOUNT}:vpc/*"}}, None),
        ({"StringEquals": {"aws:VpceAccount": ACCOUNT}}, None),
        ({"StringEquals": {"aws:VpceOrgID": "o-abcdefghij"}}, None),
        ({"StringLike": {"aws:VpceOrgID": "o-*"}}, True),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1", "*"]}}, None),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}}, None),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}, None),
        (
            {
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"},
                "StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"},
            },
            None,
        ),
    ],
)
def test_what_whoever_has_an_account_can_meet_is_open_to_them(condition, expected):
    for unsigned in (True, False):
        found = [one for one in openings(allow(condition=condition), unsigned=unsigned) if one.outsider == "*"]
        assert [(one.certain, one.signed) for one in found] == ([] if expected is None else [(True, unsigned)])


@pytest.mark.parametrize(
    ("condition", "key"),
    [
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "aws:SourceIp"),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "aws:CurrentTime"),
        ({"StringEquals": {"some:NewKey": "x"}}, "some:NewKey"),
    ],
)
def test_what_cannot_be_decided_is_conditional(condition, key):
    (opening,) = openings(allow(condition=condition))
    assert (opening.certain, [name.lower() for name in opening.conditions]) == (False, [key.lower()])


def test_a_deny_closes_it():
    assert levels(allow(), {**allow(), "Effect": "Deny"}) == {}
    only_ours = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    assert levels(allow(), {**allow(condition=only_ours), "Effect": "Deny"}) == {}


def test_a_deny_that_overlooks_who_is_in_no_organization_closes_nothing():
    overlooks = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}, "Null": {"aws:PrincipalOrgID": "false"}}
    assert levels(allow(), {**allow(condition=overlooks), "Effect": "Deny"}) == {("*", AccessLevel.WRITE): True}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, "sns.amazonaws.com"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:*:orders"}}, "sns.amazonaws.com"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}}, None),
        ({"StringLike": {"aws:SourceArn": "arn:aws:events:*"}}, "events.amazonaws.com"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads-*"}}, "s3.amazonaws.com"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}}, None),
        ({"StringLike": {"aws:SourceArn": "arn:aws:cloudfront::*:distribution/*"}}, "cloudfront.amazonaws.com"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}, None),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, "sns.amazonaws.com"),
        ({"StringEquals": {"aws:PrincipalServiceName": "logs.amazonaws.com"}}, "logs.amazonaws.com"),
        ({"StringLike": {"aws:SourceAccount": "*"}}, "sns.amazonaws.com"),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, None),
        ({"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}, None),
    ],
)
def test_who_lets_any_source_in_lets_services_in_for_anyone(condition, expected):
    assert [one.outsider for one in openings(allow(condition=condition))] == ([expected] if expected else [])
    if expected and "aws:PrincipalIsAWSService" not in str(condition):
        named = allow({"Service": expected}, condition=condition)
        assert [one.outsider for one in openings(named)] == [expected]


def test_what_a_service_does_on_the_way_is_not_decided():
    (opening,) = openings(allow(condition={"Bool": {"aws:ViaAWSService": "true"}}))
    assert (opening.outsider, opening.conditions) == ("*", ("aws:ViaAWSService",))


def test_named_foreign_accounts_are_outsiders_and_known_ones_are_not():
    found = levels(allow({"AWS": [f"arn:aws:iam::{OTHER}:root", "111122223333", ACCOUNT, "AIDAEXAMPLEUNIQUEID00"]}))
    assert found == {(f"arn:aws:iam::{OTHER}:root", AccessLevel.WRITE): True}


def test_a_policy_that_names_many_accounts_says_the_same_to_each_as_to_a_few():
    names = [f"{number:012d}" for number in range(500, 600)]
    roles = [f"arn:aws:iam::{name}:role/r" for name in names]
    statements = [
        allow({"AWS": names}),
        *(allow({"AWS": role}, action="sqs:ReceiveMessage") for role in roles),
        {**allow({"AWS": names[3]}), "Effect": "Deny"},
        {
            **allow(action="sqs:ReceiveMessage", condition={"StringEquals": {"aws:PrincipalAccount": names[5]}}),
            "Effect": "Deny",
        },
    ]
    found = openings(*statements)
    sending = {one.outsider for one in found if one.access is AccessLevel.WRITE}
    assert sending >= {f"{name}" for name in names} - {names[3]}
    assert names[3] not in sending
    receiving = {one.outsider for one in found if "sqs:ReceiveMessage" in one.actions}
    assert receiving == {*roles} - {roles[5]}
    assert {one.sources for one in found if one.outsider == names[7]} == {(WHERE.at("Statement", 0),)}


def test_everyone_of_a_foreign_account_is_that_account():
    def found(condition):
        return [(one.outsider, one.conditions) for one in openings(allow(condition=condition))]

    assert found({"StringEquals": {"aws:PrincipalAccount": [OTHER, ACCOUNT, "111122223333"]}}) == [(OTHER, ())]
    by_name = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/deploy"}}
    assert found(by_name) == [(OTHER, ("aws:PrincipalArn",))]
    assert found({"StringNotEquals": {"aws:PrincipalAccount": OTHER}}) == [("*", ())]


def test_an_account_stands_for_its_roles():
    role = f"arn:aws:iam::{ACCOUNT}:role/reader"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "sts:AssumeRole"}
    assert [(one.outsider, one.conditions) for one in openings(trust, resource=role, unsigned=False)] == [
        (f"arn:aws:iam::{OTHER}:root", ())
    ]
    one = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/reader-*"}}
    found = openings(trust | {"Condition": one}, resource=role, unsigned=False)
    assert [opening.conditions for opening in found] == [("aws:PrincipalArn",)]


def test_a_service_for_anyone_is_an_opening_and_a_pinned_one_is_not():
    assert levels(allow({"Service": "sns.amazonaws.com"})) == {("sns.amazonaws.com", AccessLevel.WRITE): True}
    pinned = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:events"}}
    assert levels(allow({"Service": "sns.amazonaws.com"}, condition=pinned)) == {}


def test_objects_count_as_the_bucket_even_where_only_some_are_open():
    statement = allow(action="s3:GetObject", resource=f"{BUCKET}/public/*")
    assert levels(statement, resource=BUCKET) == {("*", AccessLevel.READ): True}


# ------------------------------------------------------------------ in the graph


def bucket(*, policy=None, acl=None, block=None, account_block=None, ownership=None, seen=True, status=None):
    responses = [answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads", "BucketRegion": REGION}]}, region="global")]

    def add(call, payload):
        responses.append(answer(call, payload, "uploads", region="global"))

    if policy is not None:
        add("s3.GetBucketPolicy", {"Policy": policy})
    if acl is not None:
        add("s3.GetBucketAcl", {"Grants": acl})
    if status is not None:
        add("s3.GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": status}})
    if seen:
        add("s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": block} if block else {})
        account = {"PublicAccessBlockConfiguration": account_block} if account_block else {}
        responses.append(answer("s3control.GetPublicAccessBlock", account, ACCOUNT, region="global"))
        rules = {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}} if ownership else {}
        add("s3.GetBucketOwnershipControls", rules)
    return connect(feed(*responses))


PUBLIC = document(allow(action="s3:GetObject", resource=f"{BUCKET}/*"))
ALL_USERS = [
    {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "WRITE"}
]


def permits(graph):
    return (
        [
            (edge["access"], edge["cost"], edge["unknown"])
            for _, _, edge in graph.edges(INTERNET, data=True)
            if edge["kind"] is EdgeKind.PERMITS
        ]
        if INTERNET in graph
        else []
    )


def test_a_public_bucket_is_an_entry_that_gives_data_out():
    graph = bucket(policy=PUBLIC)
    assert graph.nodes[BUCKET]["entry"] is EntryKind.ANONYMOUS
    assert permits(graph) == [(AccessLevel.READ, 0, "")]
    flows = [(u, v, e["kind"]) for u, v, e in graph.edges(data=True) if e["view"] is View.DATA]
    assert flows == [(BUCKET, INTERNET, EdgeKind.RETURNS)]


@pytest.mark.parametrize("level", ["block", "account_block"])
def test_a_public_access_block_closes_it_at_either_level(level):
    graph = bucket(policy=PUBLIC, **{level: {"RestrictPublicBuckets": True}})
    assert graph.nodes[BUCKET]["entry"] is None
    assert permits(graph) == []


OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


@pytest.mark.parametrize(
    ("conditions", "status", "found"),
    [
        ([OFFICE], None, [(AccessLevel.READ, 4, "")]),
        ([OFFICE], False, [(AccessLevel.READ, 4, "")]),
        ([OFFICE], True, []),
        ([OFFICE, None], None, []),  # one public statement, and S3 takes the whole policy for public
        ([{"StringEquals": {"aws:PrincipalTag/team": "red"}, **OFFICE}], None, [(AccessLevel.READ, 4, "")]),
        ([{"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}], None, []),
    ],
)
def test_a_public_access_block_lets_by_what_s3_does_not_take_for_public(conditions, status, found):
    statements = [allow(action="s3:GetObject", resource=f"{BUCKET}/*", condition=one) for one in conditions]
    graph = bucket(policy=document(*statements), block={"RestrictPublicBuckets": True}, status=status)
    assert graph.nodes[BUCKET]["entry"] is None
    assert permits(graph) == found


def test_blocking_new_policies_closes_nothing():
    graph = bucket(policy=PUBLIC, block={"BlockPublicPolicy": True, "BlockPublicAcls": True, "IgnorePublicAcls": True})
    assert graph.nodes[BUCKET]["entry"] is EntryKind.ANONYMOUS


def test_without_the_public_access_block_nobody_knows():
    graph = bucket(policy=PUBLIC, seen=False)
    assert graph.nodes[BUCKET]["entry"] is None
    assert permits(graph) == [(AccessLevel.READ, 4, "the public-access block of the account or the bucket")]


@pytest.mark.parametrize(
    ("settings", "open_"),
    [
        ({}, True),
        ({"ownership": "ObjectWriter"}, True),
        ({"ownership": "BucketOwnerEnforced"}, False),
        ({"block": {"IgnorePublicAcls": True}}, False),
        ({"account_block": {"IgnorePublicAcls": True}}, False),
        ({"block": {"BlockPublicAcls": True}}, True),
    ],
)
def test_lists_count_only_where_they_are_on(settings, open_):
    graph = bucket(acl=ALL_USERS, **settings)
    assert (graph.nodes[BUCKET]["entry"] is EntryKind.ANONYMOUS) is open_
    assert permits(graph) == ([(AccessLevel.WRITE, 0, "")] if open_ else [])


def test_any_account_of_aws_is_not_anonymous():
    group = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    graph = bucket(acl=[{"Grantee": {"Type": "Group", "URI": group}, "Permission": "READ"}])
    assert graph.nodes[BUCKET]["entry"] is EntryKind.AUTHENTICATED


def test_what_s3_says_of_a_policy_that_may_not_be_read_is_told():
    graph = connect(
        feed(
            answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads"}]}, region="global"),
            answer("s3.GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": True}}, "uploads", region="global"),
        )
    )
    assert graph.nodes[BUCKET]["entry"] is None
    assert permits(graph) == [(AccessLevel.READ, 4, "the bucket policy, which S3 says is public")]


def test_a_public_queue_takes_data_in():
    attributes = {"QueueArn": QUEUE, "VisibilityTimeout": "30", "Policy": document(allow())}
    graph = connect(feed(answer("sqs.GetQueueAttributes", {"Attributes": attributes}, "")))
    assert graph.nodes[QUEUE]["entry"] is EntryKind.ANONYMOUS
    (flow,) = [edge for _, _, edge in graph.edges(INTERNET, data=True) if edge["view"] is View.DATA]
    assert flow["factors"].authentication.low == 1
    assert flow["factors"].encryption.low == 0.25


def test_the_policy_that_every_topic_starts_with_opens_nothing():
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:events"
    actions = ["SNS:Publish", "SNS:Subscribe", "SNS:SetTopicAttributes"]
    owner = {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    policy = document(allow({"AWS": "*"}, action=actions, resource=topic, condition=owner))
    graph = connect(
        feed(answer("sns.GetTopicAttributes", {"Attributes": {"TopicArn": topic, "Policy": policy}}, topic))
    )
    assert graph.nodes[topic]["entry"] is None
    assert INTERNET not in graph


def domain(**settings):
    arn = f"arn:aws:es:{REGION}:{ACCOUNT}:domain/catalog"
    policy = document(allow({"AWS": "*"}, action="es:*", resource=f"{arn}/*"))
    status = {"DomainName": "catalog", "ARN": arn, "AccessPolicies": policy, **settings}
    graph = connect(feed(answer("opensearch.DescribeDomain", {"DomainStatus": status}, "catalog")))
    return graph.nodes[arn]["entry"]


def test_an_open_search_domain_is_an_entry_unless_something_stands_before_it():
    assert domain() is EntryKind.ANONYMOUS
    assert domain(VPCOptions={"VPCId": "vpc-1", "SubnetIds": ["subnet-1"]}) is None
    assert domain(AdvancedSecurityOptions={"Enabled": True}) is None
    assert domain(AdvancedSecurityOptions={"Enabled": True, "AnonymousAuthEnabled": True}) is EntryKind.ANONYMOUS


OURS = {
    "Id": "o-ours1",
    "Arn": "arn:aws:organizations::999999999999:organization/o-ours1",
    "FeatureSet": "ALL",
    "MasterAccountId": "999999999999",
}


@pytest.mark.parametrize(
    ("organization", "condition", "expected"),
    [
        ({}, {"StringEquals": {"aws:PrincipalOrgID": "o-partner1"}}, [("organization:o-partner1", 1, "")]),
        (
            {},
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-partner1/r-1/*"}},
            [("organization:o-partner1", 4, "")],
        ),
        (
            OURS,
            {"StringEquals": {"aws:PrincipalOrgID": ["o-ours1", "o-partner1"]}},
            [("organization:o-partner1", 1, "")],
        ),
        (OURS, {"StringEquals": {"aws:PrincipalOrgID": "o-ours1"}}, []),
        (
            None,
            {"StringEquals": {"aws:PrincipalOrgID": "o-ours1"}},
            [("organization:o-ours1", 4, "whose organization o-ours1 is")],
        ),
        ({}, {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours1"}}, []),
    ],
)
def test_what_is_for_everyone_of_another_organization_is_told(organization, condition, expected):
    policy = document(allow(action="s3:GetObject", resource=f"{BUCKET}/*", condition=condition))
    described = [] if organization is None else [{"Organization": organization} if organization else {}]
    graph = connect(
        feed(
            answer("s3.ListBuckets", {"Buckets": [{"Name": "uploads"}]}, region="global"),
            answer("s3.GetBucketPolicy", {"Policy": policy}, "uploads", region="global"),
            answer("s3.GetPublicAccessBlock", {}, "uploads", region="global"),
            *(answer("organizations.DescribeOrganization", one) for one in described),
        )
    )
    told = [(u, edge["cost"], edge["unknown"]) for u, _, edge in graph.in_edges(BUCKET, data=True) if u != INTERNET]
    assert told == expected
