"""Every function a perimeter: failing, passing and unknown cases of each check, and what other tools get wrong."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.case import Case
from auditkit.graph import connect
from auditkit.inventory import Call, Coverage, CoverageState
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts
from tests.exports.feeding import feed

OTHER = "999988887777"
F = arn("lambda", "function:f")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(who, action="lambda:InvokeFunction", resource=F, condition=None):
    statement = {"Effect": "Allow", "Principal": who, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def function_policy(*statements):
    return answer("lambda.GetPolicy", {"Policy": policy(*statements)} if statements else {}, "f")


# -------------------------------------------------------------------- routes


def rest(authorization="NONE", *, key=False, api=None, authorizers=(), path="/orders", stages=("live",), method="POST"):
    described = {
        "httpMethod": method,
        "authorizationType": authorization,
        "apiKeyRequired": key,
        "methodIntegration": {
            "type": "AWS_PROXY",
            "uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{F}/invocations",
        },
    }
    if authorization in {"CUSTOM", "COGNITO_USER_POOLS"}:
        described["authorizerId"] = "a"
    resource = {"id": "x", "path": path, "resourceMethods": {method: described}}
    return [
        functions(function()),
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"} | (api or {})]}),
        answer("apigateway.GetResources", {"items": [resource]}, "r"),
        answer("apigateway.GetStages", {"item": [{"stageName": name, "deploymentId": "d"} for name in stages]}, "r"),
        answer("apigateway.GetAuthorizers", {"items": list(authorizers)}, "r"),
        answer("apigateway.GetDomainNames", {"items": []}),
        answer("apigatewayv2.GetDomainNames", {"Items": []}),
    ]


POOL = {"id": "a", "name": "pool", "type": "COGNITO_USER_POOLS", "providerARNs": [arn("cognito-idp", "userpool/p")]}
PRIVATE = {"endpointConfiguration": {"types": ["PRIVATE"]}}
ENDPOINT = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
PINNED = policy(allow("*", "execute-api:Invoke", "execute-api:/*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(), "FAIL"),
        (rest(authorizers=[POOL]), "FAIL"),  # an authorizer that no method uses
        (rest(key=True), "FAIL"),  # a key is no authentication
        (rest("AWS_IAM"), "PASS"),
        (rest(method="OPTIONS"), "WARN"),  # a preflight cannot carry credentials
        (rest("COGNITO_USER_POOLS", authorizers=[POOL]), "PASS"),
        (rest("COGNITO_USER_POOLS"), "UNKNOWN"),
        (rest(api=PRIVATE), "PASS"),
        (rest(api=PRIVATE | {"policy": policy(allow("*", "execute-api:Invoke", "execute-api:/*"))}), "WARN"),
        (rest(api=PRIVATE | {"policy": policy(allow("*", "execute-api:Invoke", "execute-api:/*", ENDPOINT))}), "PASS"),
        (rest(api=PRIVATE | {"policy": "{no json"}), "UNKNOWN"),
        (rest(stages=()), "PASS"),
        (rest(api={"policy": PINNED}), "PASS"),
    ],
)
def test_route_auth(account, expected):
    assert list(verdicts("perim.route-auth", *account).values()) == [expected]


def test_a_method_that_was_not_embedded_is_unknown():
    account = rest()
    account[2] = answer(
        "apigateway.GetResources", {"items": [{"id": "x", "path": "/", "resourceMethods": {"POST": {}}}]}, "r"
    )
    assert list(verdicts("perim.route-auth", *account).values()) == ["UNKNOWN"]


def test_every_route_is_judged_by_itself():
    routes = [
        {"RouteId": "1", "RouteKey": "GET /open", "AuthorizationType": "NONE"},
        {"RouteId": "2", "RouteKey": "GET /closed", "AuthorizationType": "AWS_IAM"},
        {"RouteId": "3", "RouteKey": "OPTIONS /{all+}", "AuthorizationType": "NONE"},
    ]
    found = verdicts(
        "perim.route-auth",
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP"}]}),
        answer("apigatewayv2.GetRoutes", {"Items": routes}, "h"),
        answer("apigatewayv2.GetStages", {"Items": [{"StageName": "$default"}]}, "h"),
    )
    assert found == {"GET /open": "FAIL", "GET /closed": "PASS", "OPTIONS /{all+}": "WARN"}


# --------------------------------------------------------------------- URLs


def url(auth="NONE", made="2026-01-01", name="f", region=REGION):
    config = {
        "FunctionUrl": "https://x.lambda-url/",
        "FunctionArn": arn("lambda", f"function:{name}", region=region),
        "AuthType": auth,
        "CreationTime": f"{made}T00:00:00Z",
    }
    return answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [config]}, name, region=region)


OPEN = allow("*", "lambda:InvokeFunctionUrl")
BOTH = (OPEN, allow("*", "lambda:InvokeFunction", condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([url(), function_policy(*BOTH)], "FAIL"),
        ([url(made="2025-01-01"), function_policy(OPEN)], "FAIL"),
        ([url(), function_policy(OPEN)], "PASS"),  # since October 2025 both permissions are needed
        ([url(), function_policy()], "PASS"),
        ([url()], "UNKNOWN"),
        ([url("AWS_IAM"), function_policy()], "PASS"),
    ],
)
def test_function_url(account, expected):
    assert verdicts("perim.function-url", functions(function()), *account) == {"f": expected}


@pytest.mark.parametrize(
    ("older", "expected"),
    [
        ([url(made="2025-09-30", name="g")], "UNKNOWN"),  # AWS excepted such accounts, for a time nobody can read off
        ([url(made="2025-10-30", name="g")], "PASS"),
        ([url(made="2025-09-30", name="g", region="eu-west-3")], "PASS"),  # it excepted them region by region
    ],
)
def test_a_newer_url_with_the_older_permission_alone_may_be_open_where_there_was_an_older_url(older, expected):
    found = verdicts("perim.function-url", functions(function(), function("g")), url(), function_policy(OPEN), *older)
    assert found["f"] == expected


# ------------------------------------------------------------ invoke policies


def test_what_lets_anyone_in_is_one_finding():
    pinned = allow({"Service": "sns.amazonaws.com"}, condition={"ArnLike": {"aws:SourceArn": arn("sns", "t")}})
    statements = json.dumps({"Version": "2012-10-17", "Statement": [allow("*"), pinned]})
    account = [functions(function()), answer("lambda.GetPolicy", {"Policy": statements}, "f")]
    assert verdicts("perim.invoke-policy", *account) == {"f *": "FAIL"}
    beside = json.dumps({"Version": "2012-10-17", "Statement": [allow("*"), allow({"Service": "sns.amazonaws.com"})]})
    account = [functions(function()), answer("lambda.GetPolicy", {"Policy": beside}, "f")]
    assert verdicts("perim.invoke-policy", *account) == {"f *": "FAIL", "f sns.amazonaws.com": "FAIL"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*")], "FAIL"),
        ([allow("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})], "PASS"),
        ([allow({"Service": "sns.amazonaws.com"})], "FAIL"),
        ([allow({"Service": "sns.amazonaws.com"}, condition={"ArnLike": {"aws:SourceArn": arn("sns", "t")}})], "PASS"),
        ([allow({"Service": "s3.amazonaws.com"}, condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}})], "WARN"),
        (
            [allow({"Service": "sns.amazonaws.com"}, condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t"}})],
            "FAIL",
        ),
        ([allow({"Service": "sns.amazonaws.com"}, condition={"StringEquals": {"aws:SourceAccount": OTHER}})], "WARN"),
        ([allow({"Service": "sns.amazonaws.com"}, condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})], "PASS"),
        ([allow({"AWS": f"arn:aws:iam::{OTHER}:root"})], "WARN"),
        ([allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})], "PASS"),
        (None, "UNKNOWN"),
        ([], "PASS"),
    ],
)
def test_invoke_policy(statements, expected):
    given = [] if statements is None else [function_policy(*statements)]
    assert set(verdicts("perim.invoke-policy", functions(function()), *given).values()) == {expected}


def test_a_skill_of_alexa_is_pinned_by_its_id():
    alexa = {"Service": "alexa-appkit.amazon.com"}
    pinned = allow(alexa, condition={"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.1"}})
    assert verdicts("perim.invoke-policy", functions(function()), function_policy(pinned)) == {"f": "PASS"}
    (found,) = judged("perim.invoke-policy", functions(function()), function_policy(allow(alexa)))
    assert (found.verdict, "lambda:EventSourceToken" in found.reason) == ("FAIL", True)


def test_a_trusted_account_is_none_to_warn_of():
    case = Case(accounts={OTHER: "our logistics partner"})
    given = [functions(function()), function_policy(allow({"AWS": f"arn:aws:iam::{OTHER}:root"}))]
    assert verdicts("perim.invoke-policy", *given, case=case) == {"f": "PASS"}


def test_open_to_anyone_is_critical():
    found = judged("perim.invoke-policy", functions(function()), function_policy(allow("*")))
    assert [str(item.severity) for item in found] == ["critical"]


def bucket_pinned(**more):
    return allow({"Service": "s3.amazonaws.com"}, condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"}, **more})


BUCKETS = answer("s3.ListBuckets", {"Buckets": [{"Name": "b"}]}, region="global")
NO_BUCKETS = answer("s3.ListBuckets", {"Buckets": []}, region="global")


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ([function_policy(bucket_pinned()), NO_BUCKETS], "FAIL"),
        ([function_policy(bucket_pinned(StringEquals={"aws:SourceAccount": ACCOUNT})), NO_BUCKETS], "WARN"),
        ([function_policy(bucket_pinned()), BUCKETS], "PASS"),
        ([function_policy(bucket_pinned())], "UNKNOWN"),
        ([], "UNKNOWN"),
        ([function_policy()], "N/A"),
    ],
)
def test_dangling_trigger(account, expected):
    assert list(verdicts("perim.dangling-trigger", functions(function()), *account).values()) == [expected]


@pytest.mark.parametrize(
    ("stage", "apis", "expected"),
    [("r/*/POST/orders", [{"id": "r"}], "PASS"), ("gone/*/POST/orders", [{"id": "r"}], "WARN")],
)
def test_the_route_of_an_api_exists_while_the_api_does(stage, apis, expected):
    source = {"ArnLike": {"aws:SourceArn": arn("execute-api", stage)}}
    found = verdicts(
        "perim.dangling-trigger",
        functions(function()),
        function_policy(allow({"Service": "apigateway.amazonaws.com"}, condition=source)),
        answer("apigateway.GetRestApis", {"items": apis}),
        answer("apigatewayv2.GetApis", {"Items": []}),
    )
    assert list(found.values()) == [expected]


# ---------------------------------------------------- authorizers, front doors


TOKEN = "$request.header.Authorization"


def http(authorizer):
    return [
        answer("apigatewayv2.GetApis", {"Items": [{"ApiId": "h", "Name": "shop", "ProtocolType": "HTTP"}]}),
        answer("apigatewayv2.GetAuthorizers", {"Items": [{"AuthorizerId": "a", "Name": "who"} | authorizer]}, "h"),
    ]


@pytest.mark.parametrize(
    ("authorizer", "expected"),
    [
        ({"AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "https://id.example"}}, "FAIL"),
        ({"AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "https://id.example", "Audience": ["x"]}}, "PASS"),
        ({"AuthorizerType": "REQUEST", "AuthorizerResultTtlInSeconds": 300}, "WARN"),
        ({"AuthorizerType": "REQUEST", "AuthorizerResultTtlInSeconds": 0}, "PASS"),
        (
            {
                "AuthorizerType": "REQUEST",
                "AuthorizerResultTtlInSeconds": 300,
                "IdentitySource": ["$request.header.Authorization", "$context.routeKey"],
            },
            "PASS",
        ),
        *(
            (
                {"AuthorizerType": "REQUEST", "AuthorizerResultTtlInSeconds": 300, "IdentitySource": [TOKEN, *more]},
                expected,
            )
            for more, expected in (
                (["$context.httpMethod"], "WARN"),  # the same method of another path is answered alike
                (["$context.path"], "WARN"),
                (["$context.httpMethod", "$context.path"], "PASS"),
            )
        ),
    ],
)
def test_authorizer_quality(authorizer, expected):
    assert verdicts("perim.authorizer-quality", *http(authorizer)) == {"who": expected}


@pytest.mark.parametrize(("used", "expected"), [("a", "FAIL"), ("b", "N/A")])
def test_an_authorizer_that_no_route_uses_is_not_judged(used, expected):
    route = {"RouteId": "1", "RouteKey": "GET /", "AuthorizationType": "JWT", "AuthorizerId": used}
    routes = answer("apigatewayv2.GetRoutes", {"Items": [route]}, "h")
    authorizer = {"AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "https://id.example"}}
    assert verdicts("perim.authorizer-quality", *http(authorizer), routes) == {"who": expected}


@pytest.mark.parametrize(("path", "expected"), [("/admin/users", "WARN"), ("/orders", "PASS")])
def test_admin_routes_ask_for_a_scope(path, expected):
    account = rest("COGNITO_USER_POOLS", authorizers=[POOL], path=path)
    assert verdicts("perim.authorizer-quality", *account) == {"pool": expected}


@pytest.mark.parametrize(
    ("settings", "named", "expected"),
    [
        ({}, True, "FAIL"),
        ({"disableExecuteApiEndpoint": True}, True, "PASS"),
        ({"policy": PINNED}, True, "PASS"),
        ({}, False, "N/A"),
    ],
)
def test_bypass(settings, named, expected):
    account = rest(api=settings)
    if named:
        name = {"domainName": "shop.example", "endpointConfiguration": {"types": ["REGIONAL"]}}
        account[-2] = answer("apigateway.GetDomainNames", {"items": [name]})
        mapping = {"basePath": "(none)", "restApiId": "r", "stage": "live"}
        account.append(answer("apigateway.GetBasePathMappings", {"items": [mapping]}, "shop.example"))
    assert verdicts("perim.bypass", *account) == {"shop": expected}


def test_what_stands_before_an_api_is_unknown_where_it_was_not_asked_for():
    (found,) = [one for one in judged("perim.bypass", *rest(), around=False) if one.kind]
    assert (found.verdict, found.label) == ("UNKNOWN", "shop")
    assert "cloudfront:ListDistributions" in found.missing


# --------------------------------------------------------------------- guests


OURS = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


def guests(allowed, *, roles=None, statements=(), classic=False):
    pool = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "app"}
    settings = pool | {"AllowUnauthenticatedIdentities": allowed, "AllowClassicFlow": classic}
    trust = {"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}}
    trust |= {"Action": "sts:AssumeRoleWithWebIdentity"}
    trust |= {"Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": f"{REGION}:1"}}}
    found = [
        answer("cognito-identity.ListIdentityPools", {"IdentityPools": [pool]}),
        answer("cognito-identity.DescribeIdentityPool", settings, f"{REGION}:1"),
        answer("dynamodb.DescribeTable", {"Table": {"TableName": "t", "TableArn": arn("dynamodb", "table/t")}}, "t"),
        gaad(role("guest", *statements, trust=trust), role("other", trust=OURS)),
    ]
    if roles is not None:
        payload = {"IdentityPoolId": f"{REGION}:1", "Roles": roles}
        found.append(answer("cognito-identity.GetIdentityPoolRoles", payload, f"{REGION}:1"))
    return found


BECOMES = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/other"}
GUEST = {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"}
READS = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": arn("dynamodb", "table/t")}
FROM_OFFICE = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (guests(True, roles=GUEST, statements=[READS]), {"app": "FAIL"}),
        (guests(True, roles=GUEST, statements=[READS | FROM_OFFICE]), {"app": "UNKNOWN"}),
        (guests(True, roles=GUEST), {"app": "PASS"}),
        (guests(False, roles=GUEST, statements=[READS]), {"app": "PASS"}),
        (guests(True, statements=[READS]), {"app": "UNKNOWN"}),
        (guests(True, roles=GUEST, classic=True), {"app": "PASS", "app classic flow": "WARN"}),
        (guests(True, roles=GUEST, statements=[BECOMES]), {"app": "FAIL"}),
    ],
)
def test_guest_identity(account, expected):
    organization = answer("organizations.DescribeOrganization", {}, region="global")
    table = answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t"))
    assert verdicts("perim.guest-identity", *account, organization, table) == expected


OWN_ROWS = {
    "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}}
}
CALLS = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "by_themselves", "expected"),
    [
        ([READS], True, {"app": "PASS", "app signed up": "WARN"}),
        ([READS], None, {"app": "PASS", "app signed up": "WARN"}),  # nothing said: they may
        ([READS], False, {"app": "PASS"}),
        ([READS | OWN_ROWS], True, {"app": "PASS"}),
        ([CALLS], True, {"app": "PASS"}),
        ([], True, {"app": "PASS"}),
    ],
)
def test_what_whoever_signs_up_may_do(statements, by_themselves, expected):
    users = {"Id": f"{REGION}_a", "Arn": arn("cognito-idp", f"userpool/{REGION}_a"), "Name": "users"}
    config = {} if by_themselves is None else {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not by_themselves}}
    signed_in = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"}
    provider = {"ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_a", "ClientId": "c"}
    pool = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "app"}
    settings = pool | {"AllowUnauthenticatedIdentities": False, "CognitoIdentityProviders": [provider]}
    account = [
        *(
            one
            for one in guests(False, roles=signed_in, statements=statements)
            if one.operation != "DescribeIdentityPool"
        ),
        answer("cognito-identity.DescribeIdentityPool", settings, f"{REGION}:1"),
        answer("cognito-idp.DescribeUserPool", {"UserPool": users | config}, f"{REGION}_a"),
        answer("organizations.DescribeOrganization", {}, region="global"),
        answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t")),
        rest()[0],
    ]
    assert verdicts("perim.guest-identity", *account) == expected
    everyone = policy(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "dynamodb:GetItem"), allow("*", "dynamodb:Query"))
    account.append(answer("dynamodb.GetResourcePolicy", {"Policy": everyone}, arn("dynamodb", "table/other")))
    other = {"TableName": "other", "TableArn": arn("dynamodb", "table/other")}
    account.append(answer("dynamodb.DescribeTable", {"Table": other}, "other"))
    assert verdicts("perim.guest-identity", *account) == expected  # what a store gives to all is told of the store


CLAIM = "cognito-identity.amazonaws.com"


def chosen(*, amr=None, pool=f"{REGION}:1", allowed=True, classic=True, statements=(READS,), more=None, deny=None):
    """Return a pool with guests, and a role for users that trusts it."""
    trust = {"Effect": "Allow", "Principal": {"Federated": CLAIM}, "Action": "sts:AssumeRoleWithWebIdentity"}
    asked = {"StringEquals": {f"{CLAIM}:aud": pool}}
    asked |= {"ForAnyValue:StringLike": {f"{CLAIM}:amr": amr}} if amr else {}
    users = role("users", *statements, trust=trust | {"Condition": asked | (more or {})})
    if deny:
        written = users["AssumeRolePolicyDocument"]["Statement"]
        written.append(trust | {"Effect": "Deny", "Condition": deny})
    found = [one for one in guests(allowed, roles={}, classic=classic) if one.service != "iam"]
    table = answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t"))
    return [*found, gaad(users), table, answer("organizations.DescribeOrganization", {}, region="global")]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (chosen(), "FAIL"),
        (chosen(amr="authenticated"), None),
        (chosen(amr="unauthenticated"), "FAIL"),
        (chosen(amr="*authenticated"), "FAIL"),
        (chosen(pool="eu-west-1:2"), None),
        (chosen(classic=False), None),
        (chosen(allowed=False), None),
        (chosen(statements=()), "PASS"),
        (chosen(amr="[u]*"), None),  # no class of letters: IAM knows * and ? alone
        (chosen(more={"StringEqualsIgnoreCase": {f"{CLAIM}:amr": "Unauthenticated"}}), "FAIL"),
        (chosen(more={"StringNotEquals": {f"{CLAIM}:aud": "eu-west-1:2"}}), "FAIL"),
        (chosen(more=FROM_OFFICE["Condition"]), "UNKNOWN"),
        (chosen(deny={"ForAnyValue:StringEquals": {f"{CLAIM}:amr": "unauthenticated"}}), None),
    ],
)
def test_a_guest_may_choose_a_role_by_the_classic_flow(account, expected):
    found = verdicts("perim.guest-identity", *account)
    assert found.get("app classic flow, users") == expected


def mapped_pool(kind, *, ambiguous="Deny", claim="email", classic=False, statements=(READS,)):
    """Return a pool whose users get their role by a mapping."""
    users = {"Id": f"{REGION}_a", "Arn": arn("cognito-idp", f"userpool/{REGION}_a"), "Name": "users"}
    name = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_a"
    trust = {"Effect": "Allow", "Principal": {"Federated": CLAIM}, "Action": "sts:AssumeRoleWithWebIdentity"}
    trust |= {"Condition": {"StringEquals": {f"{CLAIM}:aud": f"{REGION}:1", f"{CLAIM}:amr": "authenticated"}}}
    rules = [{"Claim": claim, "MatchType": "Contains", "Value": "@", "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/ruled"}]
    mapping = {"Type": kind, "AmbiguousRoleResolution": ambiguous}
    mapping |= {"RulesConfiguration": {"Rules": rules}} if kind == "Rules" else {}
    roles = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/all"}
    told = {"IdentityPoolId": f"{REGION}:1", "Roles": roles, "RoleMappings": {f"{name}:c": mapping} if kind else {}}
    pool = {"IdentityPoolId": f"{REGION}:1", "IdentityPoolName": "app", "AllowUnauthenticatedIdentities": False}
    pool |= {"AllowClassicFlow": classic, "CognitoIdentityProviders": [{"ProviderName": name, "ClientId": "c"}]}
    return [
        answer("cognito-identity.DescribeIdentityPool", pool, f"{REGION}:1"),
        answer("cognito-identity.GetIdentityPoolRoles", told, f"{REGION}:1"),
        answer("cognito-idp.DescribeUserPool", {"UserPool": users}, f"{REGION}_a"),
        answer("dynamodb.DescribeTable", {"Table": {"TableName": "t", "TableArn": arn("dynamodb", "table/t")}}, "t"),
        answer("dynamodb.GetResourcePolicy", {}, arn("dynamodb", "table/t")),
        answer("organizations.DescribeOrganization", {}, region="global"),
        gaad(role("all", *statements, trust=trust), role("ruled", *statements, trust=trust)),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (mapped_pool(""), {"signed up"}),
        (mapped_pool("Token"), set()),
        (mapped_pool("Token", ambiguous="AuthenticatedRole"), {"signed up"}),
        (mapped_pool("Token", classic=True), {"classic flow", "signed up"}),
        (mapped_pool("Rules"), {"signed up, by a rule on email"}),
        (mapped_pool("Rules", ambiguous="AuthenticatedRole"), {"signed up", "signed up, by a rule on email"}),
        (mapped_pool("Rules", claim="cognito:groups"), set()),
        (mapped_pool("Rules", statements=()), set()),
    ],
)
def test_what_role_mappings_give_to_whoever_signs_up(account, expected):
    found = [one for one in judged("perim.guest-identity", *account) if str(one.verdict) == "WARN"]
    assert {one.place for one in found} == expected


# --------------------------------------------------------- who may send to us

QUEUE = arn("sqs", "q")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*", "sqs:SendMessage", QUEUE)], "FAIL"),
        ([allow("*", "sqs:SendMessage", QUEUE, {"ArnEquals": {"aws:SourceArn": arn("sns", "t")}})], "PASS"),
        ([allow({"Service": "events.amazonaws.com"}, "sqs:SendMessage", QUEUE)], "FAIL"),
        ([allow({"AWS": OTHER}, "sqs:SendMessage", QUEUE)], "FAIL"),
        ([allow({"AWS": f"arn:aws:iam::{OTHER}:role/one"}, "sqs:SendMessage", QUEUE)], "WARN"),
        ([allow({"AWS": OTHER}, "sqs:GetQueueAttributes", QUEUE)], "PASS"),
        ([], "PASS"),
    ],
)
def test_resource_policy_sources(statements, expected):
    attributes = {"QueueArn": QUEUE, "VisibilityTimeout": "30"} | (
        {"Policy": policy(*statements)} if statements else {}
    )
    queue = answer("sqs.GetQueueAttributes", {"Attributes": attributes}, f"https://sqs/{ACCOUNT}/q")
    assert set(verdicts("perim.resource-policy-sources", queue).values()) == {expected}


def test_a_public_policy_behind_a_public_access_block_lets_nobody_in():
    block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True, "IgnorePublicAcls": True}}
    statement = allow("*", "s3:PutObject", "arn:aws:s3:::b/*")
    account = [
        BUCKETS,
        answer("s3.GetBucketPolicy", {"Policy": policy(statement)}, "b", region="global"),
        answer("s3.GetBucketAcl", {"Grants": []}, "b", region="global"),
        answer("s3.GetPublicAccessBlock", block, "b", region="global"),
    ]
    assert verdicts("perim.resource-policy-sources", *account) == {"b": "PASS"}
    assert set(verdicts("perim.resource-policy-sources", *account[:3], *_no_blocks()).values()) == {"FAIL"}
    assert set(verdicts("perim.resource-policy-sources", *account[:3]).values()) == {"UNKNOWN"}


def test_a_list_that_lets_anyone_write_lets_them_send():
    anyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grants = [{"Grantee": anyone, "Permission": "WRITE"}]
    account = [
        BUCKETS,
        answer("s3.GetBucketPolicy", {}, "b", region="global"),
        answer("s3.GetBucketAcl", {"Grants": grants}, "b", region="global"),
        answer("s3.GetBucketOwnershipControls", {}, "b", region="global"),
    ]
    check = "perim.resource-policy-sources"
    assert verdicts(check, *account, *_no_blocks()) == {"b list": "FAIL"}
    assert verdicts(check, *account) == {"b list": "UNKNOWN"}
    assert verdicts(check, *account[:2], *_no_blocks()) == {"b list": "UNKNOWN"}
    reads = answer("s3.GetBucketAcl", {"Grants": [grants[0] | {"Permission": "READ"}]}, "b", region="global")
    assert verdicts(check, *account[:2], reads, account[3], *_no_blocks()) == {"b": "PASS"}


def _no_blocks():
    payload = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": False}}
    return [
        answer("s3.GetPublicAccessBlock", payload, "b", region="global"),
        answer("s3control.GetPublicAccessBlock", payload, ACCOUNT, region="global"),
    ]


# ---------------------------------------------------------------------- roles

ORGANIZATION = answer("organizations.DescribeOrganization", {}, region="global")


NOTHING_ELSE = [
    answer("stepfunctions.ListStateMachines", {"stateMachines": []}),
    answer("scheduler.ListSchedules", {"Schedules": []}),
    answer("pipes.ListPipes", {"Pipes": []}),
    answer("firehose.ListDeliveryStreams", {"DeliveryStreamNames": []}),
]


def may(action, resource="*", condition=None):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([role("f", may("*"))], "FAIL"),
        ([role("f", may("iam:PutRolePolicy"))], "FAIL"),
        ([role("f", may("iam:PutRolePolicy", condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))], "WARN"),
        ([role("f", may("*"), {"Effect": "Deny", "Action": "*", "Resource": "*"})], "PASS"),
        ([role("f", may("dynamodb:GetItem", arn("dynamodb", "table/t")))], "PASS"),
        ([], "UNKNOWN"),
    ],
)
def test_role_admin(roles, expected):
    account = [functions(function()), *NOTHING_ELSE, gaad(*roles), ORGANIZATION]
    assert list(verdicts("perim.role-admin", *account, judged_only=False).values()) == [expected]


def machine(**described):
    of = {"stateMachineArn": arn("states", "stateMachine:flow"), "name": "flow"}
    details = answer(
        "stepfunctions.DescribeStateMachine", {**of, "definition": "{}", **described}, of["stateMachineArn"]
    )
    listed = answer("stepfunctions.ListStateMachines", {"stateMachines": [of]})
    return (listed, details) if described else (listed,)


RUNS = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/run"}


@pytest.mark.parametrize(
    ("statement", "admin", "wide"),
    [
        (may("*"), "FAIL", "FAIL"),
        (may("iam:PutRolePolicy"), "FAIL", "FAIL"),
        (may("dynamodb:*", arn("dynamodb", "table/t")), "PASS", "FAIL"),
        (may("lambda:InvokeFunction", arn("lambda", "function:f")), "PASS", "PASS"),
    ],
)
def test_the_role_of_a_state_machine_is_judged_as_that_of_a_function(statement, admin, wide):
    account = [functions(function()), *machine(**RUNS), gaad(role("f"), role("run", statement)), ORGANIZATION]
    assert verdicts("perim.role-admin", *account) == {"f": "PASS", "run": admin}
    wildcards = verdicts("perim.role-wildcards", *account)
    assert {place.split(" ")[0]: verdict for place, verdict in wildcards.items()} == {"f": "PASS", "run": wide}


def test_the_role_of_a_state_machine_that_was_not_seen_does_not_pass():
    account = [*machine(), gaad(role("run", may("*"))), ORGANIZATION]
    assert verdicts("perim.role-admin", *account) == {"flow": "UNKNOWN"}
    assert verdicts("perim.role-wildcards", *account) == {"flow": "UNKNOWN"}
    assert verdicts("perim.role-admin", *machine(**RUNS), ORGANIZATION) == {"run": "UNKNOWN"}


@pytest.mark.parametrize(
    "statement",
    [
        may("*", condition={"ArnLike": {"aws:PrincipalArn": "nobody knows"}}),
        may(["*", "no action"]),
        may("*", "no resource"),
        may("*", condition={"StringMatches": {"k": "v"}}),
    ],
)
def test_nothing_passes_where_a_statement_that_allows_was_not_understood(statement):
    account = [functions(function(), function("g")), gaad(role("f", statement), role("g")), ORGANIZATION]
    for check in ("perim.role-admin", "perim.role-wildcards", "perim.lateral-invoke", "long.code-tamper"):
        assert verdicts(check, *account)["f"] == "UNKNOWN"
    denied = {**statement, "Effect": "Deny"}
    account[1] = gaad(role("f", denied), role("g"))
    for check in ("perim.role-admin", "perim.role-wildcards"):
        assert verdicts(check, *account) == {"f": "PASS", "g": "PASS"}


def test_a_role_that_leads_nowhere_is_no_administrators_whatever_is_denied_beside_it():
    account = [functions(function()), gaad(role("f", may("dynamodb:GetItem", arn("dynamodb", "table/t"))))]
    assert verdicts("perim.role-admin", *account) == {"f": "PASS"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [(CoverageState.DENIED, "UNKNOWN"), (CoverageState.MISSING, "UNKNOWN"), (CoverageState.EMPTY, "PASS")],
)
def test_a_function_of_another_region_may_run_as_a_role_too(state, expected):
    inventory = feed(functions(function()), gaad(role("f")))
    away = Call(ACCOUNT, "eu-north-1", "lambda", "ListFunctions", state=state)
    inventory.coverage = Coverage([*inventory.coverage, away])
    found = judge(Scene(inventory, connect(inventory)), checks=["perim.role-shared"])
    assert [str(one.verdict) for one in found if one.kind] == [expected]


def test_role_shared():
    shared = f"arn:aws:iam::{ACCOUNT}:role/f"
    one = [functions(function()), gaad(role("f"))]
    two = [functions(function(), function("g", Role=shared)), gaad(role("f"))]
    assert verdicts("perim.role-shared", *one) == {"f": "PASS"}
    assert verdicts("perim.role-shared", *two) == {"f": "WARN"}
    owners = [
        answer("lambda.GetFunction", {"Configuration": function(name, Role=shared), "Tags": {"owner": team}}, name)
        for name, team in (("f", "orders"), ("g", "payments"))
    ]
    assert verdicts("perim.role-shared", *two, *owners) == {"f": "FAIL"}


TABLE = arn("dynamodb", "table/t")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (may("dynamodb:*", TABLE), "FAIL"),
        (may("dynamodb:GetItem", "*"), "FAIL"),
        (may("dynamodb:GetItem", arn("dynamodb", "table/*")), "FAIL"),
        (may("s3:GetObject", "arn:aws:s3:::*"), "FAIL"),
        (may("s3:GetObject", "arn:aws:s3:::one/*"), "PASS"),
        (may("dynamodb:GetItem", arn("dynamodb", "table/app-*")), "PASS"),
        (may("dynamodb:ListTables", "*"), "PASS"),  # listing takes no resource
        (may("kms:Decrypt", "*"), "FAIL"),  # policies of keys leave it to IAM
        (may("kms:Decrypt", arn("kms", "key/*")), "FAIL"),
        (may("kms:Decrypt", arn("kms", "key/0")), "PASS"),
        (may("kms:ListAliases", "*"), "PASS"),
        (may("sts:AssumeRole", "*"), "FAIL"),  # roles that trust the account leave it to IAM as well
        (may("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/*"), "FAIL"),
        (may("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/one"), "PASS"),
        (may("sts:GetCallerIdentity", "*"), "PASS"),
        (may("cognito-idp:Admin*", "*"), "FAIL"),  # whoever may has every user of every application
        (may("cognito-idp:AdminGetUser", arn("cognito-idp", "userpool/eu-west-1_a")), "PASS"),
        (may("cognito-idp:ListUserPools", "*"), "PASS"),
        (may("iot:Publish", "*"), "FAIL"),
        (may("ses:SendEmail", "*"), "FAIL"),  # as any identity of the account
        (may("ses:SendEmail", arn("ses", "identity/shop.example")), "PASS"),
        (may("backup:*", arn("backup", "backup-vault:nightly")), "FAIL"),
        (may("backup:StartBackupJob", arn("backup", "backup-vault:nightly")), "PASS"),
        (may("es:ESHttp*", "*"), "FAIL"),
        (may("logs:*", "*"), "PASS"),  # keeps no data of the account's own
        (may("dynamodb:GetItem", "*", {"StringEquals": {"aws:RequestTag/team": "a"}}), "WARN"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "FAIL"),
    ],
)
def test_role_wildcards(statement, expected):
    found = verdicts("perim.role-wildcards", functions(function()), gaad(role("f", statement)), ORGANIZATION)
    assert list(found.values()) == [expected]


def test_a_wide_statement_is_told_by_what_it_gives_on_data():
    statement = may(["dbqms:CreateFavoriteQuery", "dbqms:GetQueryString", "tag:GetResources", "rds-data:Execute*"], "*")
    account = [functions(function()), gaad(role("f", statement)), ORGANIZATION]
    (found,) = (one for one in judged("perim.role-wildcards", *account) if one.label == "f")
    assert found.reason == "rds-data:Execute* on every resource"


@pytest.mark.parametrize(
    ("action", "expected"),
    [("dynamodb:*", "FAIL"), ("*", "FAIL"), ("dynamodb:GetItem", "UNKNOWN"), ("logs:*", "UNKNOWN")],
)
def test_every_action_is_too_much_whatever_it_is_that_a_plan_does_not_tell(action, expected):
    untold = {"Effect": "Allow", "Action": action}  # as a plan shows a statement about what is yet to be made
    found = verdicts("perim.role-wildcards", functions(function()), gaad(role("f", untold)), ORGANIZATION)
    assert set(found.values()) == {expected}


def test_a_boundary_cuts_a_wildcard_off():
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    bounds = {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}}
    document = {"Version": "2012-10-17", "Statement": [may("dynamodb:GetItem", TABLE)]}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
    managed = {"PolicyName": "edge", "Arn": boundary, "DefaultVersionId": "v1", "PolicyVersionList": [version]}
    wide = role("f", may("s3:GetObject", "*"), **bounds)
    found = verdicts("perim.role-wildcards", functions(function()), gaad(wide, policies=[managed]), ORGANIZATION)
    assert found == {"f": "PASS"}


@pytest.mark.parametrize(
    ("action", "expected"),
    [("lambda:InvokeFunction", "FAIL"), ("lambda:AddPermission", "FAIL"), ("lambda:GetFunction", "PASS")],
)
def test_who_may_add_to_a_functions_policy_may_invoke_it(action, expected):
    account = [functions(function(), function("g")), ORGANIZATION]
    policy = gaad(role("f", may(action, arn("lambda", "function:g"))), role("g"))
    assert verdicts("perim.lateral-invoke", *account, policy) == {"f": expected, "g": "PASS"}


def test_lateral_invoke():
    other = arn("lambda", "function:g")
    account = [
        functions(function(), function("g")),
        ORGANIZATION,
        answer("lambda.GetPolicy", {}, "g"),
        function_policy(),
    ]
    grants = gaad(role("f", may("lambda:InvokeFunction", other)), role("g"))
    assert verdicts("perim.lateral-invoke", *account, grants) == {"f": "FAIL", "g": "PASS"}
    narrowed = may("lambda:InvokeFunction", other) | FROM_OFFICE
    assert verdicts("perim.lateral-invoke", *account, gaad(role("f", narrowed), role("g")))["f"] == "UNKNOWN"
    named = functions(function(Environment={"Variables": {"NEXT": other}}), function("g"))
    assert verdicts("perim.lateral-invoke", named, *account[1:], grants) == {"f": "PASS", "g": "PASS"}
    assert verdicts("perim.lateral-invoke", account[0]) == {"f": "UNKNOWN", "g": "UNKNOWN"}


def trusts(who, action="sts:AssumeRole", condition=None):
    statement = {"Effect": "Allow", "Principal": who, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


GUESTS = {"Federated": "cognito-identity.amazonaws.com"}
OIDC = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/ci.example"}
WEB = "sts:AssumeRoleWithWebIdentity"
HUB = "token.actions.githubusercontent.com"
GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HUB}"}
GITLAB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"}
GOOGLE = {"Federated": "accounts.google.com"}
USER = f"arn:aws:iam::{OTHER}:user/x"


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (trusts({"Service": "lambda.amazonaws.com"}), "PASS"),
        (trusts({"AWS": "*"}), "FAIL"),
        (trusts({"AWS": f"arn:aws:iam::{OTHER}:root"}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringEquals": {"sts:ExternalId": "x"}}), "PASS"),
        (trusts({"AWS": f"arn:aws:iam::{OTHER}:role/one"}), "WARN"),
        (trusts({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "FAIL"),
        (trusts(OIDC, WEB), "FAIL"),
        (trusts(OIDC, WEB, {"StringEquals": {"ci.example:aud": "sts"}}), "FAIL"),
        (trusts(GUESTS, WEB, {"StringEquals": {f"{GUESTS['Federated']}:aud": f"{REGION}:1"}}), "PASS"),
        (trusts(GUESTS, WEB, {"StringLike": {f"{GUESTS['Federated']}:aud": "*"}}), "FAIL"),
        (trusts(GUESTS, WEB, {"StringLike": {f"{GUESTS['Federated']}:aud": f"{REGION}:*"}}), "FAIL"),
        (trusts(GUESTS, WEB, {"Null": {f"{GUESTS['Federated']}:aud": "false"}}), "FAIL"),
        (trusts(GUESTS, WEB, {"StringNotEquals": {f"{GUESTS['Federated']}:aud": f"{REGION}:1"}}), "FAIL"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": "repo:us/*"}}), "PASS"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": ["repo:us/*", "*"]}}), "FAIL"),
        (trusts(OIDC, WEB, {"StringNotLike": {"ci.example:sub": "repo:them/*"}}), "FAIL"),
        (trusts(OIDC, WEB, {"Null": {"ci.example:sub": "false"}}), "FAIL"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": "*"}, "StringEquals": {"ci.example:sub": "us"}}), "PASS"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:sub": "repo:*"}}), "FAIL"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:sub": "repo:*/deploy:*"}}), "FAIL"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:sub": "repo:us*"}}), "WARN"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:sub": "repo:us/*"}}), "PASS"),
        (trusts(GITHUB, WEB, {"StringEquals": {f"{HUB}:sub": "repo:us/shop:ref:refs/heads/main"}}), "PASS"),
        (trusts({"Federated": "cognito-identity.amazonaws.com"}, WEB), "FAIL"),
        # another claim may name whose token it is, and some name nobody
        (trusts(GITHUB, WEB, {"StringEquals": {f"{HUB}:repository": "us/shop"}}), "PASS"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:repository": "*/shop"}}), "FAIL"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:repository": "us*"}}), "WARN"),
        (trusts(GITHUB, WEB, {"StringEquals": {f"{HUB}:repository_id": "123"}}), "PASS"),
        (trusts(GITHUB, WEB, {"StringEquals": {f"{HUB}:ref": "refs/heads/main"}}), "FAIL"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:sub": "repo:*", f"{HUB}:repository": "us/*"}}), "PASS"),
        (trusts(GITHUB, WEB, {"StringLike": {f"{HUB}:job_workflow_ref": "us/ci/*"}}), "WARN"),
        (trusts(GITHUB, WEB, {"StringEqualsIfExists": {f"{HUB}:repository_owner": "us"}}), "FAIL"),
        (trusts(GOOGLE, WEB), "FAIL"),
        (trusts(GOOGLE, WEB, {"StringEquals": {"accounts.google.com:aud": "123.apps"}}), "WARN"),
        (trusts(GOOGLE, WEB, {"StringLike": {"accounts.google.com:aud": "*"}}), "FAIL"),
        (trusts({"Federated": "www.amazon.com"}, WEB, {"StringEquals": {"www.amazon.com:user_id": "a"}}), "PASS"),
        (trusts(GITLAB, WEB, {"StringLike": {"gitlab.com:sub": "project_path:*"}}), "FAIL"),
        (trusts(GITLAB, WEB, {"StringLike": {"gitlab.com:sub": "project_path:us*"}}), "WARN"),
        (trusts(GITLAB, WEB, {"StringLike": {"gitlab.com:sub": "project_path:us/*"}}), "PASS"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": "project_path:*"}}), "FAIL"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": "system:serviceaccount:*"}}), "FAIL"),
        (trusts(OIDC, WEB, {"StringLike": {"ci.example:sub": "system:serviceaccount:shop:*"}}), "PASS"),
        # what lets nobody in by a token
        (trusts(GITHUB, "sts:TagSession"), "PASS"),
        (trusts({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}, "sts:TagSession"), "PASS"),
        (trusts({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}, "sts:AssumeRoleWithSAML"), "WARN"),
        # what whoever asks chooses, or what leaves out a few alone, narrows nothing
        (trusts({"AWS": OTHER}, condition={"StringLike": {"sts:ExternalId": "*"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringLike": {"sts:ExternalId": "?*"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"Null": {"sts:ExternalId": "true"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringEqualsIfExists": {"sts:ExternalId": "x"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringLike": {"sts:ExternalId": "us-*"}}), "PASS"),
        (trusts({"AWS": OTHER}, condition={"StringLike": {"sts:RoleSessionName": "deploy-*"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringNotEquals": {"aws:PrincipalArn": USER}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"StringEquals": {"aws:PrincipalArn": USER}}), "PASS"),
        (trusts({"AWS": OTHER}, condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), "PASS"),
        (trusts({"AWS": OTHER}, condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}), "FAIL"),
        (trusts({"AWS": OTHER}, condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "PASS"),
        (trusts({"AWS": f"arn:aws:iam::{OTHER}:role/one"}, condition={"StringLike": {"sts:ExternalId": "*"}}), "WARN"),
        (trusts({"AWS": "*"}, condition={"StringLike": {"sts:ExternalId": "*"}}), "FAIL"),
        (trusts({"AWS": "*"}, condition={"StringEquals": {"sts:ExternalId": "x"}}), "WARN"),
    ],
)
def test_trust_policy(trust, expected):
    found = verdicts("perim.trust-policy", functions(function()), gaad(role("f", trust=trust)))
    assert list(found.values()) == [expected]


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        ({"StringNotLike": {f"{HUB}:sub": "repo:us/*"}}, "UNKNOWN"),
        ({"StringNotLike": {"aws:RequestedRegion": "eu-*"}}, "FAIL"),
    ],
)
def test_a_deny_may_leave_few_tokens(denied, expected):
    statements = [trusts(GITHUB, WEB), {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": denied}]
    policy = {"Version": "2012-10-17", "Statement": statements}
    found = verdicts("perim.trust-policy", functions(), gaad(role("f") | {"AssumeRolePolicyDocument": policy}))
    assert [*found.values()] == [expected]


def test_whom_an_allow_for_all_but_some_lets_in_is_unknown():
    trust = {"Effect": "Allow", "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/x"}, "Action": "sts:AssumeRole"}
    found = verdicts("perim.trust-policy", functions(function()), gaad(role("f", trust=trust)))
    assert found == {"f *": "UNKNOWN"}


def test_the_whole_account_may_take_on_a_role_that_no_function_runs_as():
    own = trusts({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert verdicts("perim.trust-policy", gaad(role("ops", trust=own))) == {"ops": "PASS"}


@pytest.mark.parametrize(
    ("settings", "egress", "expected"),
    [
        ({}, None, "WARN"),
        ({"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}, "0.0.0.0/0", "WARN"),
        ({"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}, "10.0.0.0/8", "PASS"),
        ({"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}, None, "UNKNOWN"),
    ],
)
def test_least_network(settings, egress, expected):
    assert network_of("restricted", settings, egress) == {"f": expected}


def closed(*routes, endpoints=None, documents=()):
    """Return the network of a subnet with some routes, and endpoints in it with their policies where they were seen."""
    main = {"RouteTableId": "rtb-1", "VpcId": "v", "Associations": [{"Main": True}]}
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    told = [{"State": "active", **route} for route in routes]
    gates = [
        {"VpcEndpointId": f"vpce-{number}", "VpcId": "v", "ServiceName": "com.amazonaws.eu-west-1.sqs"}
        | {"VpcEndpointType": "Interface", "PrivateDnsEnabled": True, "State": "available"}
        | {"PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [document]})}
        for number, document in enumerate(documents)
    ]
    return [
        answer("ec2.DescribeSubnets", {"Subnets": [{"SubnetId": "s", "VpcId": "v"}]}),
        answer("ec2.DescribeRouteTables", {"RouteTables": [main | {"Routes": [local, *told]}]}),
        *([answer("ec2.DescribeVpcEndpoints", {"VpcEndpoints": gates})] if endpoints or documents else []),
    ]


WIDE = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
OUT, OUT_6 = {"DestinationCidrBlock": "0.0.0.0/0"}, {"DestinationIpv6CidrBlock": "::/0"}


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        (closed(endpoints=True), "PASS"),
        (closed(), "UNKNOWN"),
        (closed(OUT | {"NatGatewayId": "nat-1"}, endpoints=True), "WARN"),
        (closed(OUT | {"NatGatewayId": "nat-1", "State": "blackhole"}, endpoints=True), "PASS"),
        (closed(OUT | {"GatewayId": "igw-1"}, endpoints=True), "PASS"),  # its interfaces have no public address
        (closed(OUT_6 | {"GatewayId": "igw-1"}, endpoints=True), "WARN"),
        (closed({"DestinationCidrBlock": "10.9.0.0/16", "TransitGatewayId": "tgw-1"}, endpoints=True), "WARN"),
        (closed({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-9"}, endpoints=True), "PASS"),
        (closed(documents=[WIDE]), "WARN"),
        (closed(documents=[WIDE | {"Resource": arn("sqs", "q")}]), "PASS"),
    ],
)
def test_where_a_function_may_send_to_hangs_on_its_subnets_too(around, expected):
    wall = {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}
    assert network_of("restricted", wall, "0.0.0.0/0", *around) == {"f": expected}


def test_a_prefix_list_may_hold_all_addresses():
    wall = {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}
    item = {"PrefixListId": "pl-1", "PrefixListName": "ours", "OwnerId": ACCOUNT}
    listed = answer("ec2.DescribeManagedPrefixLists", {"PrefixLists": [item]})
    for cidr, expected in (("0.0.0.0/0", "WARN"), ("10.0.0.0/8", "PASS")):
        entries = answer("ec2.GetManagedPrefixListEntries", {"Entries": [{"Cidr": cidr}]}, "pl-1")
        assert network_of("restricted", wall, "pl-1", listed, entries) == {"f": expected}
    assert network_of("restricted", wall, "pl-1", listed) == {"f": "UNKNOWN"}
    assert network_of("restricted", wall, "pl-1") == {"f": "UNKNOWN"}


@pytest.mark.parametrize(("egress", "expected"), [("0.0.0.0/0", "UNKNOWN"), ("10.0.0.0/8", "PASS")])
def test_where_a_function_may_send_data_of_unknown_sensitivity(egress, expected):
    wall = {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["sg-1"]}}
    assert network_of(None, wall, egress) == {"f": expected}
    assert network_of("internal", wall, egress) == {"f": "N/A"}


def network_of(sensitivity, settings, egress, *more):
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": egress}]}
    if egress and egress.startswith("pl-"):
        rule = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": egress}]}
    group = {"GroupId": "sg-1", "VpcId": "v", "IpPermissions": [], "IpPermissionsEgress": [rule]}
    tag = {"TagSet": [{"Key": "data-class", "Value": sensitivity}] if sensitivity else []}
    return verdicts(
        "perim.least-network",
        functions(function(**settings)),
        gaad(role("f", may("s3:GetObject", "arn:aws:s3:::b/*"))),
        ORGANIZATION,
        BUCKETS,
        answer("s3.GetBucketTagging", tag, "b", region="global"),
        answer("s3.GetBucketPolicy", {}, "b", region="global"),
        *([answer("ec2.DescribeSecurityGroups", {"SecurityGroups": [group]})] if egress else []),
        *more,
    )


Q, KEY = arn("sqs", "q"), arn("kms", "key/k")
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"


def with_policy(policy):
    """Return by check what it judges, with a policy that may be wrong."""
    text = json.dumps(policy)
    queue = [
        answer("sqs.ListQueues", {"QueueUrls": [URL]}),
        answer("sqs.GetQueueAttributes", {"Attributes": {"QueueArn": Q, "Policy": text}}, URL),
    ]
    key = [
        answer("kms.ListKeys", {"Keys": [{"KeyId": "k", "KeyArn": KEY}]}),
        answer("kms.GetKeyPolicy", {"Policy": text}, "k"),
        answer("kms.ListGrants", {"Grants": []}, "k"),
    ]
    return {
        "perim.invoke-policy": [functions(function()), answer("lambda.GetPolicy", {"Policy": text}, "f")],
        "perim.trust-policy": [gaad(role("f") | {"AssumeRolePolicyDocument": policy})],
        "perim.resource-policy-sources": queue,
        "rest.public-store": queue,
        "rest.key-policy": key,
    }


@pytest.mark.parametrize(
    "policy",
    [
        {"Statement": "x"},
        {"Version": "2012-10-17"},
        {"Statement": [{"Effect": "Alow", "Principal": "*", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Principal": {"New": "*"}, "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": 5, "Resource": "*"}]},
        {
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": {"NewOperator": {"a:b": "c"}}}
            ]
        },
    ],
)
def test_a_policy_that_is_not_understood_passes_nothing(policy):
    for check, responses in with_policy(policy).items():
        assert {item.verdict for item in judged(check, *responses) if item.kind} == {"UNKNOWN"}, check


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Condition": {"NewOperator": {"a:b": "c"}}}, "UNKNOWN"),
        ({"Principal": {"New": "*"}}, "UNKNOWN"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "PASS"),
        ({"Effect": "Deny", "Condition": {"NewOperator": {"a:b": "c"}}}, "PASS"),  # nothing else allows
    ],
)
def test_routes_behind_a_policy_that_is_not_understood_are_not_known_to_be_closed(statement, expected):
    open_ = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    found = verdicts("perim.route-auth", *rest(api={"policy": json.dumps({"Statement": [open_ | statement]})}))
    assert found == {"POST /orders": expected}


def test_a_statement_that_is_not_understood_is_about_whom_and_what_it_names():
    named = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "*"}
    odd = {"Condition": {"NewOperator": {"a:b": "c"}}}
    other = {"Effect": "Allow", "Principal": "*", "Action": "ec2:*"}
    for policy in (
        {"Statement": [named | odd]},
        {"Statement": [other | odd]},
        {"Statement": [{"Effect": "Deny"} | odd]},
    ):
        for check, responses in with_policy(policy).items():
            assert {item.verdict for item in judged(check, *responses) if item.kind} == {"PASS"}, (check, policy)
