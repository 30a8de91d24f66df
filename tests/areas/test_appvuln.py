"""Application vulnerabilities: failing, passing and unknown cases of each check."""

import json

import pytest

from auditkit.case import Case
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts

F = arn("lambda", "function:f")
ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/edge/1"
PROXY = {"type": "AWS_PROXY", "uri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{F}/invocations"}


def rest(*, validator=None, model=None, stage=None, authorization="NONE", of="$default"):
    """Return an API with one method; a validator as (body, parameters), a model as its schema."""
    method = {"httpMethod": "POST", "authorizationType": authorization, "methodIntegration": PROXY}
    method |= {"requestValidatorId": "v"} if validator else {}
    method |= {"requestModels": {of: "Order"}} if model is not None else {}
    body, parameters = validator or (False, False)
    rule = {"id": "v", "name": "v", "validateRequestBody": body, "validateRequestParameters": parameters}
    models = [{"name": "Order", "contentType": "application/json", "schema": model}] if model is not None else []
    return [
        functions(function()),
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer(
            "apigateway.GetResources", {"items": [{"id": "x", "path": "/a", "resourceMethods": {"POST": method}}]}, "r"
        ),
        answer("apigateway.GetStages", {"item": [{"stageName": "live", "deploymentId": "d"} | (stage or {})]}, "r"),
        answer("apigateway.GetRequestValidators", {"items": [rule] if validator else []}, "r"),
        answer("apigateway.GetModels", {"items": models}, "r"),
    ]


STRICT = '{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}'
EMPTY = '{"type": "object"}'


def http(*, authorization="NONE", cors=None, stage=None, protocol="HTTP"):
    api = {"ApiId": "h", "Name": "shop", "ProtocolType": protocol} | ({"CorsConfiguration": cors} if cors else {})
    route = {"RouteId": "1", "RouteKey": "POST /a", "AuthorizationType": authorization, "Target": "integrations/i"}
    integration = {"IntegrationId": "i", "IntegrationType": "AWS_PROXY", "IntegrationUri": F}
    return [
        functions(function()),
        answer("apigatewayv2.GetApis", {"Items": [api]}),
        answer("apigatewayv2.GetRoutes", {"Items": [route]}, "h"),
        answer("apigatewayv2.GetIntegrations", {"Items": [integration]}, "h"),
        answer("apigatewayv2.GetStages", {"Items": [{"StageName": "$default"} | (stage or {})]}, "h"),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(), "FAIL"),
        (rest(validator=(True, True), model=STRICT), "PASS"),
        (rest(validator=(True, True), model=STRICT, of="application/json"), "WARN"),  # other types pass unchecked
        (rest(validator=(False, True), model=STRICT), "FAIL"),
        (rest(validator=(True, True), model=EMPTY), "FAIL"),
        (rest(validator=(True, True), model=STRICT)[:4], "UNKNOWN"),
        (rest(authorization="AWS_IAM"), "N/A"),
        (http(), "UNKNOWN"),
    ],
)
def test_input_validation(account, expected):
    assert list(verdicts("appvuln.input-validation", *account).values()) == [expected]


def with_url(kind="NONE", statement=None):
    url = {"FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/", "FunctionArn": F, "AuthType": kind}
    open_ = [
        {"Sid": action, "Effect": "Allow", "Principal": "*", "Action": f"lambda:{action}", "Resource": F}
        for action in ("InvokeFunctionUrl", "InvokeFunction")
    ]
    document = {"Version": "2012-10-17", "Statement": open_ if statement is None else statement}
    return [
        functions(function()),
        gaad(),
        answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, "f"),
        answer("lambda.GetPolicy", {"Policy": json.dumps(document)}, "f"),
    ]


GROUP = arn("elasticloadbalancing", "targetgroup/code/1")
LISTENER = arn("elasticloadbalancing", "listener/app/door/1/2")


def balanced(*, scheme="internet-facing", kind="lambda", targets=(F,)):
    door = {"LoadBalancerArn": arn("elasticloadbalancing", "loadbalancer/app/door/1"), "LoadBalancerName": "door"}
    action = {"Type": "forward", "TargetGroupArn": GROUP}
    listener = {"ListenerArn": LISTENER, "LoadBalancerArn": door["LoadBalancerArn"], "Port": 443, "Protocol": "HTTPS"}
    group = {"TargetGroupArn": GROUP, "TargetGroupName": "code", "TargetType": kind}
    health = {"TargetHealthDescriptions": [{"Target": {"Id": target}} for target in targets or ()]}
    return [
        functions(function()),
        answer("elbv2.DescribeLoadBalancers", {"LoadBalancers": [door | {"Type": "application", "Scheme": scheme}]}),
        answer("elbv2.DescribeListeners", {"Listeners": [listener | {"DefaultActions": [action]}]}, "door"),
        answer("elbv2.DescribeTargetGroups", {"TargetGroups": [group]}),
        *([answer("elbv2.DescribeTargetHealth", health, GROUP)] if targets is not None else []),
    ]


@pytest.mark.parametrize(
    ("account", "attested", "expected"),
    [
        (with_url(), False, ["UNKNOWN"]),
        (with_url(), True, ["PASS"]),
        (with_url(statement=[]), False, ["N/A"]),
        (with_url("AWS_IAM", statement=[]), False, ["N/A"]),
        (with_url()[:3], True, ["UNKNOWN"]),
        (balanced(), False, ["UNKNOWN"]),
        (balanced(), True, ["PASS"]),
        (balanced(targets=None), True, ["UNKNOWN"]),
        (balanced()[:3], True, ["UNKNOWN"]),
        (balanced(scheme="internal"), False, []),
        (balanced(kind="instance", targets=["i-0123456789abcdef0"]), False, []),
        (balanced(kind="instance", targets=None), False, []),
    ],
)
def test_urls_and_load_balancers_check_nothing(account, attested, expected):
    case = Case(validated={"f": "review of 2026"}) if attested else None
    found = verdicts("appvuln.input-validation", *account, case=case)
    assert list(found.values()) == expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(model=EMPTY), ["WARN"]),
        (rest(model=STRICT), ["PASS"]),
        (rest(model=STRICT)[:5], ["UNKNOWN"]),
        ([*rest(model=STRICT)[:5], answer("apigateway.GetModels", {"items": []}, "r")], ["UNKNOWN"]),
        (rest(), []),
    ],
)
def test_empty_model(account, expected):
    assert list(verdicts("appvuln.empty-model", *account).values()) == expected


def mapped(**mapping):
    item = {"UUID": "u", "FunctionArn": F, "EventSourceArn": arn("sqs", "q"), "State": "Enabled"} | mapping
    return [functions(function()), answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [item]})]


@pytest.mark.parametrize(
    ("account", "expected"),
    [(mapped(), "WARN"), (mapped(FilterCriteria={"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}), "PASS")],
)
def test_nonhttp_validation(account, expected):
    assert verdicts("appvuln.nonhttp-validation", *account) == {"f q": expected}


def test_a_stream_of_another_account_is_from_outside():
    stream = "arn:aws:kinesis:eu-west-1:777788889999:stream/partner"
    mapping = {"UUID": "1", "EventSourceArn": stream, "FunctionArn": F, "State": "Enabled"}
    account = functions(function()), answer("lambda.ListEventSourceMappings", {"EventSourceMappings": [mapping]})
    (found,) = [one for one in judged("appvuln.nonhttp-validation", *account) if one.place]
    assert (str(found.verdict), str(found.severity)) == ("WARN", "medium")


def managed(override):
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
    rules = [{"Name": "common", "Statement": group, "OverrideAction": {override: {}}}] if override else []
    return answer("wafv2.GetWebACL", {"WebACL": {"ARN": ACL, "Name": "edge", "Rules": rules}}, ACL)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(), "FAIL"),
        ([*rest(stage={"webAclArn": ACL}), managed("None")], "PASS"),
        ([*rest(stage={"webAclArn": ACL}), managed("Count")], "WARN"),
        ([*rest(stage={"webAclArn": ACL}), managed("")], "WARN"),
        (rest(stage={"webAclArn": ACL}), "UNKNOWN"),
    ],
)
def test_waf_managed_rules(account, expected):
    assert verdicts("appvuln.waf-managed-rules", *account) == {"shop stage live": expected}


def web_acl(**settings):
    return answer("wafv2.GetWebACL", {"WebACL": {"ARN": ACL, "Name": "edge", "Rules": []} | settings}, ACL)


COMMON = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
FOREIGN = {"ManagedRuleGroupStatement": {"VendorName": "Vendor", "Name": "OwaspTop10"}}
OURS = {"RuleGroupReferenceStatement": {"ARN": ACL.replace("webacl", "rulegroup")}}


def by_manager(statement, override="None"):
    return [{"Name": "fms", "Priority": 0, "FirewallManagerStatement": statement, "OverrideAction": {override: {}}}]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"PreProcessFirewallManagerRuleGroups": by_manager(COMMON)}, "PASS"),
        ({"PostProcessFirewallManagerRuleGroups": by_manager(COMMON)}, "PASS"),
        ({"PreProcessFirewallManagerRuleGroups": by_manager(COMMON, "Count")}, "WARN"),
        ({"Rules": [{"Name": "sold", "Statement": FOREIGN, "OverrideAction": {"None": {}}}]}, "UNKNOWN"),
        ({"Rules": [{"Name": "sold", "Statement": FOREIGN, "OverrideAction": {"Count": {}}}]}, "WARN"),
        ({"Rules": [{"Name": "ours", "Statement": OURS, "OverrideAction": {"None": {}}}]}, "UNKNOWN"),
    ],
)
def test_groups_of_rules_that_stand_elsewhere(settings, expected):
    account = [*rest(stage={"webAclArn": ACL}), web_acl(**settings)]
    assert verdicts("appvuln.waf-managed-rules", *account) == {"shop stage live": expected}


def common(rule="", action="Count", *, excluded="", narrowed=False, kept=(), override="None"):
    """Return the core rule set with one of its rules doing something else, and further rules."""
    given = {"RuleActionOverrides": [{"Name": rule, "ActionToUse": {action: {}}}]} if rule else {}
    given |= {"ExcludedRules": [{"Name": excluded}]} if excluded else {}
    given |= {"ScopeDownStatement": {"GeoMatchStatement": {"CountryCodes": ["DE"]}}} if narrowed else {}
    group = {"ManagedRuleGroupStatement": COMMON["ManagedRuleGroupStatement"] | given}
    own = {"Name": "common", "Statement": group, "OverrideAction": {override: {}}}
    return {"Rules": [own, *({"Name": "more", "Statement": one, "OverrideAction": {"None": {}}} for one in kept)]}


SQL = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet"}}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (common(), "PASS"),
        (common("GenericLFI_BODY"), "WARN"),
        (common("GenericLFI_BODY", "Allow"), "WARN"),
        (common("GenericLFI_BODY", "Challenge"), "PASS"),
        (common("SizeRestrictions_BODY"), "PASS"),
        (common(excluded="NoUserAgent_HEADER"), "PASS"),
        (common(excluded="CrossSiteScripting_BODY"), "WARN"),
        (common(narrowed=True), "WARN"),
        (common("GenericLFI_BODY", kept=[SQL]), "PASS"),
        (common("GenericLFI_BODY", override="Count"), "WARN"),
    ],
)
def test_rules_of_a_managed_group_that_let_matches_through(settings, expected):
    account = [*rest(stage={"webAclArn": ACL}), web_acl(**settings)]
    assert verdicts("appvuln.waf-managed-rules", *account) == {"shop stage live": expected}


def covered(status):
    item = {"resourceType": "AWS_LAMBDA_FUNCTION", "resourceId": F, "accountId": ACCOUNT, "scanType": "CODE"}
    return answer("inspector2.ListCoverage", {"coveredResources": [item | {"scanStatus": {"statusCode": status}}]})


NOTHING = answer("inspector2.ListCoverage", {})


@pytest.mark.parametrize(
    ("more", "expected"),
    [([covered("ACTIVE")], "PASS"), ([covered("INACTIVE")], "FAIL"), ([NOTHING], "FAIL"), ([], "UNKNOWN")],
)
def test_code_scan(more, expected):
    assert verdicts("appvuln.code-scan", functions(function()), *more) == {"f": expected}


def weakness(severity="HIGH", status="ACTIVE"):
    details = {
        "cwes": ["CWE-89"],
        "detectorId": "sql",
        "detectorName": "SQL injection",
        "filePath": {"filePath": "app.py"},
    }
    item = {
        "findingArn": arn("inspector2", "finding/1"),
        "awsAccountId": ACCOUNT,
        "type": "CODE_VULNERABILITY",
        "severity": severity,
        "status": status,
        "title": "SQL injection",
        "codeVulnerabilityDetails": details,
        "resources": [{"type": "AWS_LAMBDA_FUNCTION", "id": f"{F}:$LATEST"}],
    }
    return answer("inspector2.ListFindings", {"findings": [item]})


def test_code_findings():
    (found,) = [item for item in judged("appvuln.code-findings", functions(function()), weakness()) if item.kind]
    assert (str(found.verdict), str(found.severity)) == ("FAIL", "high")
    nothing = answer("inspector2.ListFindings", {"findings": []})
    assert verdicts("appvuln.code-findings", functions(function()), covered("ACTIVE"), nothing) == {"f": "PASS"}
    assert verdicts("appvuln.code-findings", functions(function()), covered("INACTIVE"), nothing) == {"f": "UNKNOWN"}
    assert verdicts("appvuln.code-findings", functions(function()), covered("ACTIVE")) == {"f": "UNKNOWN"}
    assert verdicts("appvuln.code-findings", functions(function())) == {"f": "UNKNOWN"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DB_PASSWORD": "hunter2hunter2"}, "FAIL"),
        ({"URL": "postgres://u:p4ssw0rd@db.example/x"}, "FAIL"),
        ({"TOKEN_SALT": "static-salt-2019"}, "FAIL"),
        ({"BASALT": "static-rock-2019"}, "PASS"),
        ({"SECRET_ARN": arn("secretsmanager", "secret:a-AbCdEf")}, "PASS"),
        ({"TABLE": "orders"}, "PASS"),
        ({}, "PASS"),
    ],
)
def test_secrets_env(variables, expected):
    account = functions(function(Environment={"Variables": variables}))
    assert verdicts("appvuln.secrets-env", account) == {"f": expected}
    told = str(judged("appvuln.secrets-env", account))
    assert "hunter2" not in told
    assert "p4ssw0rd" not in told


def test_secrets_of_a_stage():
    account = rest(stage={"variables": {"dbPassword": "hunter2hunter2"}})
    assert verdicts("appvuln.secrets-env", *account)["shop stage live"] == "FAIL"
    assert "hunter2" not in str(judged("appvuln.secrets-env", *account))


MACHINE = {"stateMachineArn": arn("states", "stateMachine:flow"), "name": "flow"}


def definition(**payload):
    states = {"Call": {"Type": "Task", "Resource": F, "Parameters": payload, "End": True}}
    return json.dumps({"StartAt": "Call", "States": states})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (definition(password="hunter2hunter2"), "FAIL"),
        (definition(auth=["AKIAIOSFODNN7EXAMPLE"]), "FAIL"),
        (definition(password="[removed: named like a credential]"), "FAIL"),  # by the collector
        (json.loads(definition(password="hunter2hunter2")), "FAIL"),
        (definition(**{"password.$": "$.password", "secret": "shop/db"}), "PASS"),
        ("no definition", "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_secrets_of_a_definition(text, expected):
    of = {**MACHINE, "definition": text}
    described = answer("stepfunctions.DescribeStateMachine", of, of["stateMachineArn"])
    account = [answer("stepfunctions.ListStateMachines", {"stateMachines": [MACHINE]}), *([described] if text else [])]
    assert verdicts("appvuln.secrets-env", *account) == {"flow": expected}
    found = judged("appvuln.secrets-env", *account)
    assert "hunter2" not in str(found)
    (one,) = [one for one in found if one.label == "flow"]
    assert expected != "FAIL" or "/definition/States/Call/Parameters/" in str(one.sources[0])


TRACED = {"DataTraceEnabled": True, "LoggingLevel": "INFO"}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (rest(stage={"methodSettings": {"*/*": {"dataTraceEnabled": True, "loggingLevel": "INFO"}}}), "FAIL"),
        (rest(stage={"methodSettings": {"*/*": {"dataTraceEnabled": False}}}), "PASS"),
        (rest(stage={"methodSettings": {"*/*": {"dataTraceEnabled": True, "loggingLevel": "ERROR"}}}), "FAIL"),
        # what is not logged at all is not logged whole
        (rest(stage={"methodSettings": {"*/*": {"dataTraceEnabled": True, "loggingLevel": "OFF"}}}), "PASS"),
        (rest(stage={"methodSettings": {"*/*": {"dataTraceEnabled": True}}}), "UNKNOWN"),
        (
            rest(
                stage={
                    "methodSettings": {
                        "*/*": {"dataTraceEnabled": True, "loggingLevel": "OFF"},
                        "a/GET": {"dataTraceEnabled": True, "loggingLevel": "INFO"},
                    }
                }
            ),
            "FAIL",
        ),
        (http(stage={"DefaultRouteSettings": TRACED}, protocol="WEBSOCKET"), "FAIL"),
        (http(stage={"DefaultRouteSettings": TRACED | {"LoggingLevel": "OFF"}}, protocol="WEBSOCKET"), "PASS"),
        (http(stage={"DefaultRouteSettings": TRACED}), "PASS"),  # only WebSocket APIs have such logs
        (rest()[:3], "UNKNOWN"),
    ],
)
def test_verbose_errors(account, expected):
    assert list(verdicts("appvuln.verbose-errors", *account).values()) == [expected]


@pytest.mark.parametrize(
    ("cors", "authorization", "expected"),
    [
        ({"AllowOrigins": ["*"], "AllowCredentials": True}, "JWT", "FAIL"),
        ({"AllowOrigins": ["*"]}, "JWT", "WARN"),
        ({"AllowOrigins": ["*"]}, "NONE", "PASS"),
        ({"AllowOrigins": ["https://shop.example"], "AllowCredentials": True}, "JWT", "PASS"),
    ],
)
def test_cors(cors, authorization, expected):
    assert verdicts("appvuln.cors", *http(cors=cors, authorization=authorization)) == {"shop": expected}


def preflight(*origins, authorization="AWS_IAM"):
    """Return an API whose OPTIONS method answers itself, beside a method with or without users."""
    responses = {
        str(200 + index): {"responseParameters": {"method.response.header.Access-Control-Allow-Origin": origin}}
        for index, origin in enumerate(origins)
    }
    mock = {"type": "MOCK", "integrationResponses": responses}
    methods = {
        "OPTIONS": {"httpMethod": "OPTIONS", "authorizationType": "NONE", "methodIntegration": mock},
        "POST": {"httpMethod": "POST", "authorizationType": authorization, "methodIntegration": PROXY},
    }
    resource = {"id": "x", "path": "/a", "resourceMethods": methods}
    other = {"GET": {"httpMethod": "GET", "authorizationType": "AWS_IAM", "methodIntegration": PROXY}}
    return [
        answer("apigateway.GetRestApis", {"items": [{"id": "r", "name": "shop"}]}),
        answer(
            "apigateway.GetResources",
            {"items": [resource, {"id": "y", "path": "/b", "resourceMethods": other}]},
            "r",
        ),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (preflight("'*'"), ["WARN"]),
        (preflight("'*'", authorization="NONE"), ["PASS"]),
        (preflight("'https://shop.example'"), ["PASS"]),
        (preflight("'https://shop.example'", "'*'"), ["WARN"]),
        (preflight("integration.response.header.Origin"), ["UNKNOWN"]),
        (preflight("integration.response.header.Origin", "'*'"), ["WARN"]),
        (preflight(), []),
    ],
)
def test_cors_of_a_rest_api(account, expected):
    assert list(verdicts("appvuln.cors", *account).values()) == expected


def test_cors_of_a_function_url():
    url = {"FunctionUrl": "https://x/", "FunctionArn": F, "AuthType": "NONE"}
    url |= {"Cors": {"AllowOrigins": ["*"], "AllowCredentials": True}}
    account = [functions(function()), answer("lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [url]}, "f")]
    assert verdicts("appvuln.cors", *account) == {"f": "FAIL"}


@pytest.mark.parametrize(
    ("account", "expected"), [(rest(), "PASS"), (mapped(), "WARN"), ([functions(function()), gaad(role("f"))], "N/A")]
)
def test_dast_coverage(account, expected):
    assert verdicts("appvuln.dast-coverage", *account)["f"] == expected
