"""Small accounts for checks: responses written out, judged by one check."""

from auditkit.areas import Scene, get_check, judge
from auditkit.exports.calls import call_named
from auditkit.graph import connect
from auditkit.inventory import Call, Coverage, CoverageState
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

DATE = "2026-11-01"

__all__ = [
    "ACCOUNT",
    "DATE",
    "LIMITED",
    "REGION",
    "answer",
    "arn",
    "function",
    "functions",
    "gaad",
    "judged",
    "role",
    "verdicts",
]


def arn(service, resource, *, account=ACCOUNT, region=REGION):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def function(name="f", **settings):
    """Return a function as ``lambda.ListFunctions`` has it."""
    return {
        "FunctionName": name,
        "FunctionArn": arn("lambda", f"function:{name}"),
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "PackageType": "Zip",
        "LastModified": "2026-10-01T00:00:00.000+0000",
        "Version": "$LATEST",
    } | settings


def functions(*found):
    return answer("lambda.ListFunctions", {"Functions": list(found)})


def role(name="f", *statements, trust=None, **more):
    """Return a role as GetAccountAuthorizationDetails has it, with one inline policy of some statements."""
    lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "RoleName": name,
        "RoleId": f"AROA{name.upper()}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust or lambdas]},
        "RolePolicyList": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
        ]
        if statements
        else [],
        "AttachedManagedPolicies": [],
        "Tags": [],
    } | more


def gaad(*roles, users=(), policies=()):
    payload = {
        "RoleDetailList": list(roles),
        "UserDetailList": list(users),
        "GroupDetailList": [],
        "Policies": list(policies),
    }
    return answer("iam.GetAccountAuthorizationDetails", payload, region="global")


def judged(check, *responses, date=DATE, case=None, around=True):
    """Return the findings of one check; what it needs to see around them was asked for and is empty, on demand not."""
    inventory = feed(*responses)
    graph = connect(inventory, case=case)
    if around:
        inventory.coverage = Coverage([*inventory.coverage, *_around(check, responses)])
    return judge(Scene(inventory, graph, date=date, case=case), checks=[check])


def _around(check, responses):
    """Return calls without an answer, for those whose absence a PASS hangs on and that no response is of."""
    asked = {f"{response.service}.{response.operation}" for response in responses} | {
        "iam.GetAccountAuthorizationDetails"
    }
    for name in get_check(check).absence:
        service, operation = name.split(".")
        where = "global" if call_named(service, operation).everywhere else REGION
        if name not in asked:
            yield Call(ACCOUNT, where, service, operation, state=CoverageState.EMPTY)


def verdicts(check, *responses, judged_only=True, **options):
    """Return verdicts by resource and place; of accounts and regions only on demand."""
    found = judged(check, *responses, **options)
    listed = [item for item in found if item.kind or not judged_only]
    assert all(item.sources for item in listed if item.verdict in {"FAIL", "WARN", "PASS"})
    assert all(item.missing for item in listed if item.verdict == "UNKNOWN")
    assert all(item.reason for item in found)
    assert get_check(check).fix
    return {f"{item.label} {item.place}".strip(): str(item.verdict) for item in listed}


LIMITED = """\
  Graph: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: graph, AuthenticationType: API_KEY}}
  Schema:
    Type: AWS::AppSync::GraphQLSchema
    Properties: {ApiId: !GetAtt Graph.ApiId, Definition: 'type Query {a: Int}'}
  Acl:
    Type: AWS::WAFv2::WebACL
    Properties:
      Name: acl
      Scope: REGIONAL
      DefaultAction: {Allow: {}}
      VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: m, SampledRequestsEnabled: true}
      Rules:
        - Name: rate
          Priority: 0
          Action: {Block: {}}
          VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: r, SampledRequestsEnabled: true}
          Statement: {RateBasedStatement: {Limit: 500, AggregateKeyType: IP}}
"""
"""Resources of a template: a GraphQL API, and a web ACL that limits how often one address calls."""
