import hashlib
import json

import pytest

from auditkit.graph.edges.apis import connect
from auditkit.graph.schema import INTERNET, AccessLevel, EdgeKind, EntryKind, Interval
from auditkit.inventory import Kind, Source
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
OTHER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:staff"
API = f"arn:aws:apigateway:{REGION}::/restapis/a1"
HTTP = f"arn:aws:apigateway:{REGION}::/apis/h1"
EXECUTE = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1"
ROUTE = f"route:{ACCOUNT}:{REGION}:a1/POST /orders"
NO_DOMAINS = [answer("apigateway.GetDomainNames", {}), answer("apigatewayv2.GetDomainNames", {})]


def invoke(function=FUNCTION):
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"


def function(name="orders", *statements):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    listed = answer(
        "lambda.ListFunctions", {"Functions": [{"FunctionName": name, "FunctionArn": arn}]}, file=f"f-{name}"
    )
    policy = json.dumps({"Statement": list(statements)}) if statements else None
    return [listed, answer("lambda.GetPolicy", {"Policy": policy} if policy else {}, name)]


def allowed(function=FUNCTION, **condition):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": function,
    }
    return {**statement, "Condition": {"ArnLike": condition}} if condition else statement


def rest(*, stages=("prod",), policy=None, **fields):
    item = {"id": "a1", "name": "shop", **fields}
    if policy is not None:
        item["policy"] = json.dumps({"Version": "2012-10-17", "Statement": policy})
    found = [answer("apigateway.GetRestApis", {"items": [item]}), *NO_DOMAINS]
    if stages is not None:
        described = [stage if isinstance(stage, dict) else {"stageName": stage} for stage in stages]
        found.append(answer("apigateway.GetStages", {"item": described}, "a1"))
    return found


def method(name="POST", path="/orders", **fields):
    given = {
        "httpMethod": name,
        "authorizationType": "NONE",
        "methodIntegration": {"type": "AWS_PROXY", "uri": invoke()},
    }
    resource = {"id": "r", "path": path, "resourceMethods": {name: {**given, **fields}}}
    return answer("apigateway.GetResources", {"items": [resource]}, "a1")


def integration(**fields):
    return {"methodIntegration": fields}


def http(*routes, integrations=(), protocol="HTTP", stages=("$default",), **fields):
    return [
        answer(
            "apigatewayv2.GetApis", {"Items": [{"ApiId": "h1", "Name": "shop", "ProtocolType": protocol, **fields}]}
        ),
        answer("apigatewayv2.GetRoutes", {"Items": list(routes)}, "h1"),
        answer("apigatewayv2.GetIntegrations", {"Items": list(integrations)}, "h1"),
        answer("apigatewayv2.GetStages", {"Items": [{"StageName": stage} for stage in stages]}, "h1"),
        *NO_DOMAINS,
    ]


LAMBDA = {"IntegrationId": "i1", "IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION}


# ---------------------------------------------------------------- who gets in


def test_an_open_method_is_an_anonymous_entry_to_its_function():
    graph = graph_of(
        connect, *rest(), method(), *function("orders", allowed(**{"aws:SourceArn": f"{EXECUTE}/*/POST/orders"}))
    )
    assert graph.nodes[ROUTE]["entry"] is EntryKind.ANONYMOUS
    assert graph.nodes[ROUTE]["kind"] is Kind.ROUTE
    way_in = only(data(graph, INTERNET, ROUTE))
    assert way_in["label"] == "POST /orders"
    assert way_in["factors"].authentication == Interval.exactly(1)
    assert "authorizationType" in way_in["factors"].reasons["authentication"]
    assert way_in["factors"].validation == Interval.exactly(1)
    assert way_in["factors"].encryption == Interval.exactly(0)
    assert way_in["factors"].hop == "client->apigw-rest"
    assert way_in["sources"][0].pointer == "/items/0/resourceMethods/POST"
    on = only(data(graph, ROUTE, FUNCTION))
    assert (on["kind"], on["factors"].hop) == (EdgeKind.DELIVERS, "apigw->lambda")
    assert on["factors"].authentication == Interval.exactly(0)
    assert only(trust(graph, ROUTE, FUNCTION))["kind"] is EdgeKind.INVOKES
    assert only(trust(graph, API, ROUTE))["kind"] is EdgeKind.CONTAINS
    assert only(trust(graph, INTERNET, ROUTE))["cost"] == 0


@pytest.mark.parametrize(
    ("fields", "entry", "level"),
    [
        ({"apiKeyRequired": True}, EntryKind.ANONYMOUS, Interval.exactly(0.5)),
        ({"authorizationType": "AWS_IAM"}, None, None),
        (
            {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "p"},
            EntryKind.AUTHENTICATED,
            Interval.exactly(0),
        ),
        ({"authorizationType": "CUSTOM", "authorizerId": "f"}, EntryKind.AUTHENTICATED, Interval(0, 0.5)),
        ({"authorizationType": "CUSTOM", "authorizerId": "gone"}, EntryKind.AUTHENTICATED, Interval(0, 1)),
    ],
)
def test_authorization_is_judged_per_method(fields, entry, level):
    authorizers = [
        {
            "id": "p",
            "name": "pool",
            "type": "COGNITO_USER_POOLS",
            "providerARNs": ["arn:aws:cognito-idp:eu-west-1:1:userpool/x"],
        },
        {"id": "f", "name": "staff", "type": "TOKEN", "authorizerUri": invoke(OTHER)},
    ]
    listed = answer("apigateway.GetAuthorizers", {"items": authorizers}, "a1")
    graph = graph_of(connect, *rest(), method(**fields), listed)
    assert graph.nodes[ROUTE]["entry"] is entry
    ways = data(graph, INTERNET, ROUTE)
    assert [way["factors"].authentication for way in ways] == ([level] if level else [])
    assert data(graph, ROUTE, FUNCTION)


def test_an_authorizer_that_was_not_exported_leaves_bounds_and_says_so():
    graph = graph_of(connect, *rest(), method(authorizationType="CUSTOM", authorizerId="f"))
    way = only(data(graph, INTERNET, ROUTE))
    assert way["factors"].authentication == Interval(0, 0.5)
    assert "GetAuthorizers: missing" in way["factors"].reasons["authentication"]
    assert way["unknown"] == "authorizer"


def test_methods_that_were_not_embedded_are_neither_open_nor_closed():
    resources = answer(
        "apigateway.GetResources", {"items": [{"id": "r", "path": "/orders", "resourceMethods": {"POST": {}}}]}, "a1"
    )
    graph = graph_of(connect, *rest(), resources)
    way = only(data(graph, INTERNET, ROUTE))
    assert (way["factors"].authentication, way["factors"].validation) == (Interval(0, 1), Interval(0, 1))
    assert way["unknown"] == "authorization type"


def test_the_answer_to_preflight_requests_is_no_entry_and_another_mock_leads_nowhere():
    options = method("OPTIONS", **integration(type="MOCK"))
    health = answer(
        "apigateway.GetResources",
        {
            "items": [
                {
                    "id": "h",
                    "path": "/health",
                    "resourceMethods": {
                        "GET": {"httpMethod": "GET", "authorizationType": "NONE", "methodIntegration": {"type": "MOCK"}}
                    },
                }
            ]
        },
        "a1",
        file="other",
    )
    graph = graph_of(connect, *rest(), options, health)
    assert not [node for node in graph if "OPTIONS" in node]
    assert list(graph.successors(f"route:{ACCOUNT}:{REGION}:a1/GET /health")) == []


@pytest.mark.parametrize(
    ("api", "entry"),
    [
        ({"endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]}}, None),
        ({"stages": ()}, None),
        ({"disableExecuteApiEndpoint": True}, None),
        ({"stages": None}, EntryKind.ANONYMOUS),
        ({"endpointConfiguration": {"types": ["EDGE"]}}, EntryKind.ANONYMOUS),
    ],
)
def test_only_what_is_deployed_behind_an_open_door_is_an_entry(api, entry):
    graph = graph_of(connect, *rest(**api), method(), *function())
    assert graph.nodes[ROUTE]["entry"] is entry
    assert bool(data(graph, INTERNET, ROUTE)) is (entry is not None)
    assert data(graph, ROUTE, FUNCTION)


def test_stages_that_were_not_exported_are_said_to_be_missing():
    graph = graph_of(connect, *rest(stages=None), method())
    assert only(data(graph, INTERNET, ROUTE))["unknown"] == "stages"
    assert only(trust(graph, ROUTE, FUNCTION))["cost"] == 4


def test_domain_names_are_doors_of_their_own():
    domain = {"domainName": "api.example.com", "securityPolicy": "TLS_1_0"}
    mapping = answer(
        "apigateway.GetBasePathMappings", {"items": [{"restApiId": "a1", "stage": "prod"}]}, "api.example.com"
    )
    api = [response for response in rest(disableExecuteApiEndpoint=True) if response not in NO_DOMAINS]
    graph = graph_of(connect, *api, method(), answer("apigateway.GetDomainNames", {"items": [domain]}), mapping)
    assert graph.nodes[ROUTE]["entry"] is EntryKind.ANONYMOUS
    way = only(data(graph, INTERNET, ROUTE))
    assert way["factors"].encryption == Interval.exactly(0.25)
    assert "TLS 1.0" in way["factors"].reasons["encryption"]
    name = f"arn:aws:apigateway:{REGION}::/domainnames/api.example.com"
    assert only(data(graph, name, API))["factors"].encryption == Interval.exactly(0)


def test_a_domain_name_with_mutual_tls_protects_only_if_the_own_host_is_off():
    domain = {"domainName": "api.example.com", "mutualTlsAuthentication": {"truststoreUri": "s3://trust/ca.pem"}}
    extra = [
        answer("apigateway.GetDomainNames", {"items": [domain]}),
        answer("apigateway.GetBasePathMappings", {"items": [{"restApiId": "a1"}]}, "api.example.com"),
    ]
    for off, entry in ((True, EntryKind.AUTHENTICATED), (False, EntryKind.ANONYMOUS)):
        api = [response for response in rest(disableExecuteApiEndpoint=off) if response not in NO_DOMAINS]
        graph = graph_of(connect, *api, method(), *extra)
        assert graph.nodes[ROUTE]["entry"] is entry


# ---------------------------------------------------------------- resource policies

ANYONE = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


@pytest.mark.parametrize(
    ("policy", "entry", "conditions"),
    [
        ([ANYONE], EntryKind.ANONYMOUS, ()),
        ([{**ANYONE, "Resource": f"{EXECUTE}/prod/POST/orders"}], EntryKind.ANONYMOUS, ()),
        ([{**ANYONE, "Resource": f"{EXECUTE}/prod/GET/orders"}], None, None),
        ([{**ANYONE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}], None, None),
        ([{**ANYONE, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}], None, None),
        (
            [{**ANYONE, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}],
            EntryKind.ANONYMOUS,
            ("aws:sourceip",),
        ),
        ([{**ANYONE, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}], EntryKind.ANONYMOUS, ()),
        (
            [ANYONE, {**ANYONE, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}],
            EntryKind.ANONYMOUS,
            ("aws:sourceip",),
        ),
        (
            [{**ANYONE, "Condition": {"StringLike": {"aws:Referer": "https://shop.example.com/*"}}}],
            EntryKind.ANONYMOUS,
            (),
        ),
    ],
)
def test_a_resource_policy_decides_who_gets_in_without_authorization(policy, entry, conditions):
    graph = graph_of(connect, *rest(policy=policy), method())
    assert graph.nodes[ROUTE]["entry"] is entry
    if entry is not None:
        assert tuple(key.lower() for key in only(data(graph, INTERNET, ROUTE))["conditions"]) == conditions
        assert only(trust(graph, ROUTE, FUNCTION))["cost"] == (4 if conditions else 0)


def test_an_open_path_gets_in_where_the_policy_names_a_part_of_it():
    statement = {**ANYONE, "Resource": f"{EXECUTE}/prod/GET/public/*"}
    graph = graph_of(connect, *rest(policy=[statement]), method("ANY", "/{proxy+}"))
    assert graph.nodes[f"route:{ACCOUNT}:{REGION}:a1/ANY /{{proxy+}}"]["entry"] is EntryKind.ANONYMOUS


OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ELSEWHERE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ONLY_INSIDE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
OURS = {**ANYONE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
NEVER = {**ANYONE, "Effect": "Deny"}
CLOSED, OPEN, ASKED = (None, None), (EntryKind.ANONYMOUS, ()), (EntryKind.AUTHENTICATED, ())
HANGS = (EntryKind.AUTHENTICATED, ("aws:sourceip",))


@pytest.mark.parametrize(
    ("policy", "nobody", "cognito", "code", "signed"),
    [
        (None, OPEN, ASKED, ASKED, CLOSED),
        ([ANYONE], OPEN, ASKED, ASKED, ASKED),
        ([OURS], CLOSED, CLOSED, ASKED, CLOSED),
        ([{**ANYONE, "Resource": f"{EXECUTE}/prod/GET/other"}], CLOSED, CLOSED, ASKED, CLOSED),
        ([{**ANYONE, "Condition": OFFICE}], (EntryKind.ANONYMOUS, HANGS[1]), HANGS, ASKED, HANGS),
        ([{**NEVER, "Condition": ELSEWHERE}], CLOSED, CLOSED, HANGS, CLOSED),
        ([ANYONE, {**NEVER, "Condition": ELSEWHERE}], (EntryKind.ANONYMOUS, HANGS[1]), HANGS, HANGS, HANGS),
        ([{**NEVER, "Condition": ONLY_INSIDE}], CLOSED, CLOSED, CLOSED, CLOSED),
        ([ANYONE, {**NEVER, "Condition": ONLY_INSIDE}], CLOSED, CLOSED, CLOSED, CLOSED),
        ([ANYONE, NEVER], CLOSED, CLOSED, CLOSED, CLOSED),
        ([ANYONE, {**NEVER, "Resource": f"{EXECUTE}/*/GET/*"}], OPEN, ASKED, ASKED, ASKED),
    ],
)
def test_what_a_resource_policy_says_counts_by_what_a_method_asks(policy, nobody, cognito, code, signed):
    """An authorizer function's Allow is enough where the policy is silent; a user pool's token is not."""
    authorizers = [
        {"id": "p", "name": "pool", "type": "COGNITO_USER_POOLS"},
        {"id": "f", "name": "staff", "type": "TOKEN", "authorizerUri": invoke(OTHER)},
    ]
    listed = answer("apigateway.GetAuthorizers", {"items": authorizers}, "a1")
    found = []
    for asked in (
        {},
        {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "p"},
        {"authorizationType": "CUSTOM", "authorizerId": "f"},
        {"authorizationType": "AWS_IAM"},
    ):
        graph = graph_of(connect, *rest(policy=policy), method(**asked), listed)
        ways = data(graph, INTERNET, ROUTE) if INTERNET in graph else []
        conditions = tuple(key.lower() for key in ways[0]["conditions"]) if ways else None
        found.append((graph.nodes[ROUTE]["entry"], conditions))
    assert found == [nobody, cognito, code, signed]


PRIVATE = {"endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]}}


@pytest.mark.parametrize(
    ("policy", "entry", "conditions"),
    [
        (None, None, None),
        ([ANYONE], EntryKind.AUTHENTICATED, ()),
        ([{**ANYONE, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}], None, None),
        ([{**ANYONE, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}], None, None),
        ([ANYONE, {**NEVER, "Condition": ONLY_INSIDE}], None, None),
        (
            [{**ANYONE, "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}}],
            EntryKind.AUTHENTICATED,
            (),
        ),
        ([{**ANYONE, "Condition": {"StringLike": {"aws:SourceVpce": "vpce-*"}}}], EntryKind.AUTHENTICATED, ()),
    ],
)
def test_a_private_api_is_open_to_whoever_makes_an_endpoint_unless_its_policy_says_whose(policy, entry, conditions):
    graph = graph_of(connect, *rest(policy=policy, **PRIVATE), method())
    assert graph.nodes[ROUTE]["entry"] is entry
    ways = data(graph, INTERNET, ROUTE) if INTERNET in graph else []
    assert [tuple(key.lower() for key in way["conditions"]) for way in ways] == ([conditions] if entry else [])
    assert [way["factors"].authentication for way in ways] == ([Interval.exactly(0.5)] if entry else [])


PARTNER = {"AWS": "arn:aws:iam::999988887777:root"}


@pytest.mark.parametrize(
    ("policy", "origins"),
    [
        ([{**ANYONE, "Principal": PARTNER}], [("arn:aws:iam::999988887777:root", 1)]),
        ([{**ANYONE, "Principal": PARTNER}, {**NEVER, "Principal": PARTNER}], []),
        ([{**ANYONE, "Principal": PARTNER, "Resource": f"{EXECUTE}/*/GET/*"}], []),
        ([{**ANYONE, "Principal": PARTNER, "Condition": OFFICE}], [("arn:aws:iam::999988887777:root", 4)]),
        (
            [{**ANYONE, "Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}}],
            [("arn:aws:iam::999988887777:root", 1)],
        ),
        (
            [{**ANYONE, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-partner"}}}],
            [("organization:o-partner", 4)],
        ),
        ([{**ANYONE, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy-*"}}}], [(INTERNET, 0)]),
    ],
)  # fmt: skip
def test_who_is_named_may_call_a_signed_method_as_far_as_the_whole_policy_says(policy, origins):
    graph = graph_of(connect, *rest(policy=policy), method(authorizationType="AWS_IAM"))
    edges = [(origin, edge) for origin, _, edge in graph.in_edges(ROUTE, data=True)]
    assert [(origin, edge["cost"]) for origin, edge in edges if edge["kind"] is EdgeKind.INVOKES] == origins


def test_a_policy_that_was_not_understood_is_missing_not_open_nor_closed():
    broken = answer("apigateway.GetRestApis", {"items": [{"id": "a1", "policy": "{no json"}]})
    graph = graph_of(connect, broken, *rest()[1:], method())
    assert only(data(graph, INTERNET, ROUTE))["unknown"] == "resource policy of the API"
    assert only(trust(graph, ROUTE, FUNCTION))["cost"] == 4


@pytest.mark.parametrize(
    ("principal", "entry", "accounts"),
    [
        ("*", EntryKind.AUTHENTICATED, []),
        ({"AWS": "999988887777"}, None, ["arn:aws:iam::999988887777:root"]),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}, None, []),
    ],
)
def test_signed_methods_are_open_to_those_of_other_accounts_that_the_policy_names(principal, entry, accounts):
    policy = [{**ANYONE, "Principal": principal}]
    graph = graph_of(connect, *rest(policy=policy), method(authorizationType="AWS_IAM"))
    assert graph.nodes[ROUTE]["entry"] is entry
    outside = [node for node in graph.predecessors(ROUTE) if graph.nodes[node]["kind"] is Kind.ACCOUNT]
    assert outside == accounts
    assert [graph.nodes[node]["entry"] for node in outside] == [EntryKind.OTHER_ACCOUNT] * len(accounts)


# ---------------------------------------------------------------- validation

VALIDATORS = answer(
    "apigateway.GetRequestValidators",
    {
        "items": [
            {"id": "all", "validateRequestBody": True, "validateRequestParameters": True},
            {"id": "body", "validateRequestBody": True},
            {"id": "params", "validateRequestParameters": True},
        ]
    },
    "a1",
)
MODELS = answer(
    "apigateway.GetModels",
    {
        "items": [
            {"id": "1", "name": "Order", "schema": '{"type": "object", "required": ["id"]}'},
            {"id": "2", "name": "Empty", "schema": "{}"},
        ]
    },
    "a1",
)
BODY = {"requestModels": {"$default": "Order"}}
JSON = {"requestModels": {"application/json": "Order"}}


@pytest.mark.parametrize(
    ("name", "path", "fields", "level"),
    [
        ("POST", "/orders", {}, 1),
        ("POST", "/orders", {"requestValidatorId": "gone"}, 1),
        ("POST", "/orders", {"requestValidatorId": "body", **BODY}, 0),
        # a caller names another type, and no model is for it
        ("POST", "/orders", {"requestValidatorId": "body", **JSON}, 0.5),
        ("POST", "/orders", {"requestValidatorId": "body"}, 1),
        ("POST", "/orders", {"requestValidatorId": "body", "requestModels": {"application/json": "Empty"}}, 1),
        ("POST", "/orders", {"requestValidatorId": "params", **BODY}, 1),
        (
            "POST",
            "/orders",
            {"requestValidatorId": "params", "requestParameters": {"method.request.header.x": True}},
            0.5,
        ),
        ("PUT", "/orders/{id}", {"requestValidatorId": "body", **BODY}, 0.5),
        ("PUT", "/orders/{id}", {"requestValidatorId": "all", **BODY}, 0),
        ("GET", "/orders", {"requestValidatorId": "params"}, 0.5),
        (
            "GET",
            "/orders",
            {"requestValidatorId": "params", "requestParameters": {"method.request.querystring.q": True}},
            0,
        ),
    ],
)
def test_validation_is_judged_by_validator_and_model(name, path, fields, level):
    graph = graph_of(connect, *rest(), method(name, path, **fields), VALIDATORS, MODELS)
    way = only(data(graph, INTERNET, f"route:{ACCOUNT}:{REGION}:a1/{name} {path}"))
    assert way["factors"].validation == Interval.exactly(level)


def test_validators_and_models_that_were_not_exported_leave_bounds():
    graph = graph_of(connect, *rest(), method(requestValidatorId="body", **BODY))
    assert only(data(graph, INTERNET, ROUTE))["factors"].validation == Interval(0, 1)
    graph = graph_of(connect, *rest(), method(requestValidatorId="body", **BODY), VALIDATORS)
    assert only(data(graph, INTERNET, ROUTE))["factors"].validation == Interval(0, 0.5)


# ---------------------------------------------------------------- integrations


@pytest.mark.parametrize(
    ("statements", "level", "cost"),
    [
        ([allowed()], Interval.exactly(0.5), 0),
        ([allowed(**{"aws:SourceArn": f"{EXECUTE}/*/*/*"})], Interval.exactly(0), 0),
        ([allowed(**{"aws:SourceArn": f"arn:aws:execute-api:*:{ACCOUNT}:*"})], Interval.exactly(0.25), 0),
        ([allowed(**{"aws:SourceArn": f"{EXECUTE}/*/GET/orders"})], Interval(0, 0.5), 4),
        ([], Interval(0, 0.5), 4),
    ],
)
def test_the_policy_of_the_function_decides_how_well_the_caller_is_known(statements, level, cost):
    graph = graph_of(connect, *rest(), method(), *function("orders", *statements))
    assert only(data(graph, ROUTE, FUNCTION))["factors"].authentication == level
    assert only(trust(graph, ROUTE, FUNCTION))["cost"] == cost


def test_a_credentials_role_stands_in_for_the_function_policy():
    role = f"arn:aws:iam::{ACCOUNT}:role/gateway"
    graph = graph_of(
        connect, *rest(), method(**integration(type="AWS_PROXY", uri=invoke(), credentials=role)), *function()
    )
    assert only(data(graph, ROUTE, FUNCTION))["factors"].authentication == Interval.exactly(0)
    assert only(trust(graph, ROUTE, role))["kind"] is EdgeKind.RUNS_AS


def test_an_alias_is_the_qualifier_of_the_edge():
    graph = graph_of(connect, *rest(), method(**integration(type="AWS_PROXY", uri=invoke(f"{FUNCTION}:live"))))
    assert only(data(graph, ROUTE, FUNCTION))["qualifier"] == "live"


def digest(text):
    return {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()[:16]}


@pytest.mark.parametrize("kept", [str, digest])
def test_stage_variables_lead_to_the_functions_of_each_stage(kept):
    template = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:${{stageVariables.fn}}"
    stages = (
        {"stageName": "prod", "variables": {"fn": kept("orders")}},
        {"stageName": "beta", "variables": {"fn": kept("staff")}},
    )
    graph = graph_of(
        connect,
        *rest(stages=stages),
        method(**integration(type="AWS_PROXY", uri=invoke(template))),
        *function("orders"),
        *function("staff"),
    )
    assert data(graph, ROUTE, FUNCTION)
    assert data(graph, ROUTE, OTHER)


def test_a_stage_variable_that_names_nothing_known_is_not_lost():
    template = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:${{stageVariables.fn}}"
    stages = ({"stageName": "prod", "variables": {"fn": "elsewhere"}},)
    graph = graph_of(connect, *rest(stages=stages), method(**integration(type="AWS_PROXY", uri=invoke(template))))
    assert data(graph, ROUTE, template)
    assert graph.nodes[template]["exists"] is False
    assert "elsewhere" not in repr(graph.nodes(data=True))


def service(path, http_method="POST", **fields):
    return integration(type="AWS", uri=f"arn:aws:apigateway:{REGION}:{path}", httpMethod=http_method, **fields)


TEMPLATE = "requestTemplates"


@pytest.mark.parametrize(
    ("fields", "target", "kind", "access"),
    [
        (
            service(f"sqs:path/{ACCOUNT}/orders"),
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
        (
            service(
                "sns:action/Publish",
                requestParameters={
                    "integration.request.querystring.TopicArn": f"'arn:aws:sns:{REGION}:{ACCOUNT}:orders'"
                },
            ),
            f"arn:aws:sns:{REGION}:{ACCOUNT}:orders",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
        (
            service("dynamodb:action/PutItem", requestTemplates={"application/json": '{"TableName": "orders"}'}),
            f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
        (
            service("kinesis:action/PutRecord", requestTemplates={"application/json": '{"StreamName": "clicks"}'}),
            f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
        (
            service("events:action/PutEvents"),
            f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
        (service("s3:path/uploads/{key}", "PUT"), "arn:aws:s3:::uploads", EdgeKind.DELIVERS, AccessLevel.WRITE),
        (
            service(
                "s3:path/{bucket}/{key}", "PUT", requestParameters={"integration.request.path.bucket": "'uploads'"}
            ),
            "arn:aws:s3:::uploads",
            EdgeKind.DELIVERS,
            AccessLevel.WRITE,
        ),
    ],
)
def test_services_of_aws_are_written_to(fields, target, kind, access):
    graph = graph_of(connect, *rest(), method(**fields))
    assert only(data(graph, ROUTE, target))["kind"] is kind
    permits = only(trust(graph, ROUTE, target))
    assert (permits["kind"], permits["access"], permits["cost"]) == (EdgeKind.PERMITS, access, 0)


def test_reading_moves_data_the_other_way():
    template = {"application/json": '{"TableName": "orders"}'}
    graph = graph_of(connect, *rest(), method(**service("dynamodb:action/Query", requestTemplates=template)))
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    assert only(data(graph, table, ROUTE))["kind"] is EdgeKind.READS
    assert only(trust(graph, ROUTE, table))["access"] is AccessLevel.READ
    assert data(graph, ROUTE, table) == []


def test_a_state_machine_is_started():
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:fulfil"
    template = {"application/json": json.dumps({"input": "$input", "stateMachineArn": machine})}
    graph = graph_of(connect, *rest(), method(**service("states:action/StartExecution", requestTemplates=template)))
    assert only(trust(graph, ROUTE, machine))["kind"] is EdgeKind.INVOKES


def test_a_table_that_the_request_names_becomes_a_node_that_says_so():
    template = {"application/json": '{"TableName": "$input.params(\'table\')"}'}
    graph = graph_of(connect, *rest(), method(**service("dynamodb:action/PutItem", requestTemplates=template)))
    (target,) = graph.successors(ROUTE)
    assert graph.nodes[target]["label"] == "computed at run time (dynamodb:PutItem)"
    assert graph.nodes[target]["exists"] is False


@pytest.mark.parametrize(
    ("fields", "encryption", "peer"),
    [
        ({"uri": "https://api.partner.example/orders"}, 0, 0),
        ({"uri": "http://api.partner.example/orders"}, 1, 1),
        ({"uri": "https://api.partner.example/", "tlsConfig": {"insecureSkipVerification": True}}, 0, 1),
    ],
)
def test_http_backends_are_judged_by_address_and_certificate(fields, encryption, peer):
    graph = graph_of(connect, *rest(), method(**integration(type="HTTP_PROXY", **fields)))
    hop = only(data(graph, ROUTE, "thirdparty:api.partner.example"))
    assert hop["factors"].encryption == Interval.exactly(encryption)
    assert hop["factors"].peer == Interval.exactly(peer)
    assert hop["factors"].third_party == Interval.exactly(1)
    assert hop["factors"].authentication == Interval.exactly(1)
    assert trust(graph, ROUTE, "thirdparty:api.partner.example") == []


def test_a_backend_that_a_stage_variable_names_is_found_by_its_host():
    stages = ({"stageName": "prod", "variables": {"backend": "legacy.partner.example"}, "clientCertificateId": "c1"},)
    uri = "https://${stageVariables.backend}/orders"
    graph = graph_of(connect, *rest(stages=stages), method(**integration(type="HTTP_PROXY", uri=uri)))
    hop = only(data(graph, ROUTE, "thirdparty:legacy.partner.example"))
    assert hop["factors"].authentication == Interval.exactly(0)


def test_a_vpc_link_leads_to_its_load_balancers():
    balancer = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/inside/1"
    links = answer("apigateway.GetVpcLinks", {"items": [{"id": "v1", "targetArns": [balancer]}]})
    fields = integration(
        type="HTTP_PROXY", uri="http://inside.example.com", connectionType="VPC_LINK", connectionId="v1"
    )
    graph = graph_of(connect, *rest(), method(**fields), links)
    hop = only(data(graph, ROUTE, balancer))
    assert (hop["factors"].hop, hop["factors"].encryption) == ("apigwv2->vpclink", Interval.exactly(1))
    assert Source(f"{ACCOUNT}/{REGION}/apigateway.GetVpcLinks.json", "/items/0") in hop["sources"]


@pytest.mark.parametrize(
    "uri", ["", "nonsense", "arn:aws:apigateway:x", "http://", "arn:aws:lambda", "https://${stageVariables.x}", None]
)
def test_a_malformed_address_is_kept_as_an_end_that_is_not_known(uri):
    graph = graph_of(connect, *rest(), method(**integration(type="HTTP_PROXY", uri=uri)))
    assert len(list(graph.successors(ROUTE))) == 1


def test_a_lambda_authorizer_sees_every_token():
    listed = answer(
        "apigateway.GetAuthorizers",
        {"items": [{"id": "f", "name": "staff", "type": "TOKEN", "authorizerUri": invoke(OTHER)}]},
        "a1",
    )
    graph = graph_of(
        connect,
        *rest(),
        method(authorizationType="CUSTOM", authorizerId="f"),
        listed,
        *function("staff", allowed(OTHER)),
    )
    hop = only(data(graph, ROUTE, OTHER))
    assert (hop["factors"].hop, hop["label"], hop["kind"]) == (
        "apigw->authorizer",
        "authorizer staff",
        EdgeKind.DELIVERS,
    )
    assert only(trust(graph, ROUTE, OTHER))["kind"] is EdgeKind.INVOKES


def test_two_regions_with_the_same_api_id_stay_apart():
    there = [answer("apigateway.GetRestApis", {"items": [{"id": "a1", "name": "shop"}]}, region="us-east-1")]
    resources = {
        "items": [{"id": "r", "path": "/orders", "resourceMethods": {"POST": {"authorizationType": "AWS_IAM"}}}]
    }
    there.append(answer("apigateway.GetResources", resources, "a1", region="us-east-1"))
    graph = graph_of(connect, *rest(), method(), *there)
    assert graph.nodes[ROUTE]["entry"] is EntryKind.ANONYMOUS
    assert graph.nodes[f"route:{ACCOUNT}:us-east-1:a1/POST /orders"]["entry"] is None


def test_routes_of_an_api_that_was_not_exported_are_there_all_the_same():
    graph = graph_of(connect, method(), *function())
    assert only(data(graph, INTERNET, ROUTE))["unknown"] == "the API"
    assert data(graph, ROUTE, FUNCTION)


# ---------------------------------------------------------------- HTTP and WebSocket APIs


@pytest.mark.parametrize(
    ("fields", "entry", "level"),
    [
        ({}, EntryKind.ANONYMOUS, Interval.exactly(1)),
        ({"AuthorizationType": "AWS_IAM"}, None, None),
        ({"AuthorizationType": "JWT", "AuthorizerId": "j"}, EntryKind.AUTHENTICATED, Interval.exactly(0)),
        ({"AuthorizationType": "JWT", "AuthorizerId": "any"}, EntryKind.AUTHENTICATED, Interval.exactly(0.25)),
        ({"AuthorizationType": "CUSTOM", "AuthorizerId": "f"}, EntryKind.AUTHENTICATED, Interval(0, 0.5)),
    ],
)
def test_authorization_is_judged_per_route(fields, entry, level):
    authorizers = [
        {
            "AuthorizerId": "j",
            "AuthorizerType": "JWT",
            "JwtConfiguration": {"Issuer": "https://i.example", "Audience": ["a"]},
        },
        {"AuthorizerId": "any", "AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "https://i.example"}},
        {"AuthorizerId": "f", "AuthorizerType": "REQUEST", "AuthorizerUri": invoke(OTHER)},
    ]
    responses = http({"RouteKey": "POST /orders", "Target": "integrations/i1", **fields}, integrations=[LAMBDA])
    graph = graph_of(connect, *responses, answer("apigatewayv2.GetAuthorizers", {"Items": authorizers}, "h1"))
    route = f"route:{ACCOUNT}:{REGION}:h1/POST /orders"
    assert graph.nodes[route]["entry"] is entry
    assert [way["factors"].authentication for way in data(graph, INTERNET, route)] == ([level] if level else [])
    assert only(data(graph, route, FUNCTION))["factors"].hop == "apigw->lambda"


def test_a_quick_create_api_leads_to_its_function():
    managed = {"RouteKey": "$default", "ApiGatewayManaged": True, "Target": "integrations/i1"}
    policy = allowed(**{"aws:SourceArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:h1/*/$default"})
    graph = graph_of(connect, *http(managed, integrations=[LAMBDA]), *function("orders", policy))
    route = f"route:{ACCOUNT}:{REGION}:h1/$default"
    assert graph.nodes[route]["entry"] is EntryKind.ANONYMOUS
    assert only(data(graph, route, FUNCTION))["factors"].authentication == Interval.exactly(0)


@pytest.mark.parametrize(("protocol", "level"), [("HTTP", 1), ("WEBSOCKET", 0.5)])
def test_http_apis_ask_for_no_key_whatever_a_route_says(protocol, level):
    key = "GET /a" if protocol == "HTTP" else "$connect"
    route = {"RouteKey": key, "ApiKeyRequired": True, "Target": "integrations/i1"}
    graph = graph_of(connect, *http(route, integrations=[LAMBDA], protocol=protocol))
    way = only(data(graph, INTERNET, f"route:{ACCOUNT}:{REGION}:h1/{key}"))
    assert way["factors"].authentication == Interval.exactly(level)


def test_messages_of_a_websocket_api_inherit_the_authorization_of_connect():
    routes = (
        {"RouteKey": "$connect", "AuthorizationType": "AWS_IAM"},
        {"RouteKey": "send", "Target": "integrations/i1"},
    )
    graph = graph_of(connect, *http(*routes, integrations=[LAMBDA], protocol="WEBSOCKET"))
    assert graph.nodes[f"route:{ACCOUNT}:{REGION}:h1/send"]["entry"] is None
    graph = graph_of(connect, *http(routes[1], integrations=[LAMBDA], protocol="WEBSOCKET"))
    assert graph.nodes[f"route:{ACCOUNT}:{REGION}:h1/send"]["entry"] is EntryKind.ANONYMOUS
    assert only(data(graph, INTERNET, f"route:{ACCOUNT}:{REGION}:h1/send"))["factors"].hop == "client->apigw-ws"


ANYTHING = {"Name": "Anything", "Schema": "{}"}


@pytest.mark.parametrize(
    ("schema", "models", "level"),
    [
        ('{"required": ["id"]}', {"order": "Order"}, Interval.exactly(0)),
        ('{"required": ["id"]}', {"order": "Order", "$default": "Anything"}, Interval.exactly(0.5)),
        ("{}", {"order": "Order"}, Interval.exactly(1)),
        (None, {"order": "Order"}, Interval(0, 1)),
    ],
)
def test_messages_may_be_checked_against_a_model(schema, models, level):
    route = {
        "RouteKey": "send",
        "RequestModels": models,
        "ModelSelectionExpression": "$request.body.action",
    }
    models = (
        [answer("apigatewayv2.GetModels", {"Items": [{"Name": "Order", "Schema": schema}, ANYTHING]}, "h1")]
        if schema
        else []
    )
    graph = graph_of(connect, *http(route, protocol="WEBSOCKET"), *models)
    assert only(data(graph, INTERNET, f"route:{ACCOUNT}:{REGION}:h1/send"))["factors"].validation == level


def test_service_integrations_of_http_apis_name_their_target():
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:fulfil"
    integrations = [
        {
            "IntegrationId": "q",
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "SQS-SendMessage",
            "RequestParameters": {"QueueUrl": queue, "MessageBody": "$request.body"},
        },
        {
            "IntegrationId": "m",
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "StepFunctions-StartSyncExecution",
            "RequestParameters": {"StateMachineArn": machine},
            "CredentialsArn": f"arn:aws:iam::{ACCOUNT}:role/r",
        },
    ]
    routes = [{"RouteKey": f"POST /{name}", "Target": f"integrations/{name}"} for name in "qm"]
    graph = graph_of(connect, *http(*routes, integrations=integrations))
    prefix = f"route:{ACCOUNT}:{REGION}:h1/POST /"
    assert only(trust(graph, f"{prefix}q", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"))["access"] is AccessLevel.WRITE
    assert only(trust(graph, f"{prefix}m", machine))["kind"] is EdgeKind.INVOKES
    assert only(trust(graph, f"{prefix}m", f"arn:aws:iam::{ACCOUNT}:role/r"))["kind"] is EdgeKind.RUNS_AS


@pytest.mark.parametrize(("tls", "encryption"), [({}, 1), ({"TlsConfig": {"ServerNameToVerify": "inside.example"}}, 0)])
def test_a_private_integration_is_in_clear_unless_it_verifies_a_name(tls, encryption):
    listener = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/inside/1/2"
    private = {
        "IntegrationId": "i1",
        "IntegrationType": "HTTP_PROXY",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "v",
        "IntegrationUri": listener,
        **tls,
    }
    graph = graph_of(connect, *http({"RouteKey": "ANY /{proxy+}", "Target": "integrations/i1"}, integrations=[private]))
    hop = only(data(graph, f"route:{ACCOUNT}:{REGION}:h1/ANY /{{proxy+}}", listener))
    assert hop["factors"].encryption == Interval.exactly(encryption)


def test_a_route_whose_integration_is_gone_leads_nowhere_and_stays_an_entry():
    graph = graph_of(connect, *http({"RouteKey": "GET /", "Target": "integrations/gone"}))
    route = f"route:{ACCOUNT}:{REGION}:h1/GET /"
    assert graph.nodes[route]["entry"] is EntryKind.ANONYMOUS
    assert list(graph.successors(route)) == []


def test_hosts_of_apis_are_their_nodes():
    host = f"a1.execute-api.{REGION}.amazonaws.com"

    def with_caller(build):
        connect(build)
        build.flow(
            "caller", build.third_party(host), kind=EdgeKind.CALLS, hop="function->execute-api", sources=[Source("x")]
        )

    graph = graph_of(with_caller, *rest(), method(), *function())
    assert data(graph, "caller", API)
    assert only(data(graph, API, ROUTE))["factors"].authentication == Interval.exactly(1)
