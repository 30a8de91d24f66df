"""What else makes functions run: the answers of the services that say so."""

import json

import boto3
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from moto import mock_aws

from auditkit.collect import CALLS, Extra, collect_accounts
from auditkit.collect.permissions import actions_of
from auditkit.collect.run import Collection
from auditkit.collect.sessions import Access
from auditkit.exports import read
from auditkit.exports.calls import api_calls, arguments_from, call_named, trigger_calls
from auditkit.exports.services import HANDLERS
from auditkit.graph import connect
from auditkit.graph.schema import INTERNET, EdgeKind
from auditkit.inventory import CoverageState
from auditkit.inventory.triggers import ServiceTrigger
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


EVENT_API = {
    "apiId": "e1",
    "name": "chat",
    "apiArn": arn("appsync", "apis/e1"),
    "eventConfig": {
        "authProviders": [{"authType": "AWS_LAMBDA", "lambdaAuthorizerConfig": {"authorizerUri": FUNCTION}}],
        "connectionAuthModes": [],
        "defaultPublishAuthModes": [],
        "defaultSubscribeAuthModes": [],
    },
}
HOOK = {"lambdaCodeHook": {"lambdaARN": FUNCTION, "codeHookInterfaceVersion": "1.0"}}
PIPELINE = {
    "name": "release",
    "roleArn": "arn:aws:iam::123456789012:role/p",
    "version": 1,
    "stages": [
        {
            "name": "Test",
            "actions": [
                {
                    "name": "run",
                    "actionTypeId": {"category": "Invoke", "owner": "AWS", "provider": "Lambda", "version": "1"},
                    "configuration": {"FunctionName": "f", "UserParameters": "hunter2-hunter2"},
                },
                {
                    "name": "machine",
                    "actionTypeId": {"category": "Invoke", "owner": "AWS", "provider": "StepFunctions", "version": "1"},
                    "configuration": {"StateMachineArn": arn("states", "stateMachine:m")},
                },
                {
                    "name": "build",
                    "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
                    "configuration": {"ProjectName": "b"},
                },
            ],
        }
    ],
}
CENTER = {"InstanceId": "i", "IntegrationType": "LAMBDA_FUNCTION", "IntegrationArn": FUNCTION}
NODE = {"name": "x", "type": "LambdaFunction", "configuration": {"lambdaFunction": {"lambdaArn": FUNCTION}}}
HANDLED = {"onPublish": {"behavior": "DIRECT", "integration": {"dataSourceName": "s"}}}
RULES = {
    "Metadata": {"Name": "inbox"},
    "Rules": [
        {"Name": "in", "Enabled": True, "Actions": [{"LambdaAction": {"FunctionArn": FUNCTION}}]},
        {"Name": "off", "Enabled": False, "Actions": [{"LambdaAction": {"FunctionArn": FUNCTION}}]},
    ],
}
STORE = {"Actions": ["GetObject"], "ContentTransformation": {"AwsLambda": {"FunctionArn": FUNCTION}}}
ANSWERS = [
    ("ses.DescribeActiveReceiptRuleSet", RULES, (), arn("ses", "receipt-rule-set/inbox:receipt-rule/in")),
    ("appsync.ListApis", {"apis": [EVENT_API]}, (), arn("appsync", "apis/e1")),
    (
        "appsync.GetDataSource",
        {"dataSource": {"name": "s", "lambdaConfig": {"lambdaFunctionArn": FUNCTION}}},
        ("e1", "s"),
        arn("appsync", "apis/e1"),
    ),
    (
        "connect.ListIntegrationAssociations",
        {
            "IntegrationAssociationSummaryList": [
                {
                    "InstanceId": "i",
                    "IntegrationType": "LAMBDA_FUNCTION",
                    "IntegrationArn": FUNCTION,
                }
            ]
        },
        ("i",),
        arn("connect", "instance/i"),
    ),
    (
        "lexv2-models.DescribeBotAlias",
        {
            "botAliasId": "A1",
            "botAliasName": "live",
            "botAliasLocaleSettings": {"en_US": {"enabled": True, "codeHookSpecification": HOOK}},
        },
        ("B1", "A1"),
        arn("lex", "bot-alias/B1/A1"),
    ),
    (
        "bedrock-agent.GetFlow",
        {
            "name": "flow",
            "arn": arn("bedrock", "flow/F1"),
            "definition": {
                "nodes": [
                    {"name": "in", "type": "Input"},
                    {
                        "name": "x",
                        "type": "LambdaFunction",
                        "configuration": {"lambdaFunction": {"lambdaArn": FUNCTION}},
                    },
                ]
            },
        },
        ("F1",),
        arn("bedrock", "flow/F1"),
    ),
    (
        "s3control.GetAccessPointConfigurationForObjectLambda",
        {"Configuration": {"SupportingAccessPoint": "x", "TransformationConfigurations": [STORE]}},
        (ACCOUNT, "view"),
        arn("s3-object-lambda", "accesspoint/view"),
    ),
    (
        "transfer.DescribeServer",
        {"Server": {"Arn": arn("transfer", "server/s-1"), "IdentityProviderDetails": {"Function": FUNCTION}}},
        ("s-1",),
        arn("transfer", "server/s-1"),
    ),
    (
        "transfer.DescribeWorkflow",
        {"Workflow": {"Arn": arn("transfer", "workflow/w-1"), "Steps": [{"CustomStepDetails": {"Target": FUNCTION}}]}},
        ("w-1",),
        arn("transfer", "workflow/w-1"),
    ),
    ("vpc-lattice.ListTargets", {"items": [{"id": FUNCTION}]}, ("tg-1",), arn("vpc-lattice", "targetgroup/tg-1")),
    ("codepipeline.GetPipeline", {"pipeline": PIPELINE}, ("release",), arn("codepipeline", "release")),
    (
        "codecommit.GetRepositoryTriggers",
        {"triggers": [{"name": "t", "destinationArn": FUNCTION, "events": ["all"]}]},
        ("repo",),
        arn("codecommit", "repo"),
    ),
    (
        "config.DescribeConfigRules",
        {
            "ConfigRules": [
                {"ConfigRuleName": "own", "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION}},
                {"ConfigRuleName": "aws", "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"}},
            ]
        },
        (),
        arn("config", "config-rule/own"),
    ),
    (
        "logs.DescribeAccountPolicies",
        {"accountPolicies": [{"policyName": "all", "policyDocument": json.dumps({"DestinationArn": FUNCTION})}]},
        (),
        arn("logs", "account-policy:all"),
    ),
    (
        "cloudwatch.DescribeAlarms",
        {"CompositeAlarms": [{"AlarmName": "a", "AlarmArn": arn("cloudwatch", "alarm:a"), "OKActions": [FUNCTION]}]},
        (),
        arn("cloudwatch", "alarm:a"),
    ),
]
IDS = [call for call, *_ in ANSWERS]


@pytest.mark.parametrize(("call", "payload", "arguments", "origin"), ANSWERS, ids=IDS)
def test_what_it_runs_is_an_edge(call, payload, arguments, origin):
    graph = connect(feed(answer(call, payload, *arguments)))
    assert {
        origin
        for origin, _, edge in graph.in_edges(FUNCTION, data=True)
        if edge["kind"] is EdgeKind.INVOKES and origin != INTERNET
    } == {origin}


@pytest.mark.parametrize(("call", "payload", "arguments", "origin"), ANSWERS, ids=IDS)
def test_an_answer_is_of_the_shape_of_the_api(call, payload, arguments, origin):  # noqa: ARG001
    service, _, operation = call.partition(".")
    shape = ServiceModel(Loader().load_service_model(service, "service-2")).operation_model(operation).output_shape
    assert "Unknown parameter" not in ParamValidator().validate(payload, shape).generate_report()
    told = call_named(service, operation)
    assert set(told.results) & payload.keys()
    assert told in (trigger_calls() if service != "cloudwatch" else api_calls())


def test_mail_comes_from_anywhere():
    graph = connect(feed(answer("ses.DescribeActiveReceiptRuleSet", RULES)))
    assert graph.has_edge(INTERNET, arn("ses", "receipt-rule-set/inbox:receipt-rule/in"))


@pytest.mark.parametrize(
    ("policy", "low", "high"), [({}, 0.6, 0.6), ({"TlsPolicy": "Optional"}, 0.6, 0.6), ({"TlsPolicy": "Require"}, 0, 0)]
)
def test_mail_may_have_to_come_over_tls(policy, low, high):
    actions = [{"LambdaAction": {"FunctionArn": FUNCTION}}, {"S3Action": {"BucketName": "inbox"}}]
    rules = {**RULES, "Rules": [{"Name": "in", "Enabled": True, "Actions": actions, **policy}]}
    graph = connect(feed(answer("ses.DescribeActiveReceiptRuleSet", rules)))
    edges = graph.get_edge_data(INTERNET, arn("ses", "receipt-rule-set/inbox:receipt-rule/in")).values()
    (hop,) = (edge for edge in edges if edge["factors"] is not None)  # one, however much it sets off
    assert (hop["factors"].encryption.low, hop["factors"].encryption.high) == (low, high)
    assert len(hop["sources"]) == 2


def test_handlers_of_an_event_api_are_known_by_its_list():
    responses = [answer(call, payload, *arguments) for call, payload, arguments, _ in ANSWERS if "appsync" in call]
    found = feed(*responses).of(ServiceTrigger)
    assert {(one.label, one.signed_in) for one in found} == {("chat", True)}


def test_the_data_sources_of_handlers_are_asked_for():
    spaces = {
        "channelNamespaces": [
            {
                "name": "a",
                "handlerConfigs": HANDLED,
            },
            {"name": "b"},
        ]
    }
    (argument,) = call_named("appsync", "GetDataSource").arguments
    assert arguments_from(argument, [({"apiId": "e1"}, spaces)]) == [{"apiId": "e1", "name": "s"}]


def test_every_call_has_a_handler_or_leads_to_one():
    origins = {(one.service, one.operation) for call in trigger_calls() for one in call.arguments}
    assert all(key in HANDLERS or key in origins for key in ((one.service, one.operation) for one in trigger_calls()))
    assert CALLS[Extra.TRIGGERS] == trigger_calls()
    assert all(actions_of(call) for call in trigger_calls())


@mock_aws
def test_what_the_collector_asks_on_wish_is_read(tmp_path, monkeypatch):
    trust = {"Version": "2012-10-17", "Statement": []}
    boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    boto3.client("lambda", region_name=REGION).create_function(
        FunctionName="f",
        Role=f"arn:aws:iam::{ACCOUNT}:role/r",
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": b"x"},
    )
    client = boto3.client("ses", region_name=REGION)
    client.create_receipt_rule_set(RuleSetName="inbox")
    actions = [
        {"LambdaAction": {"FunctionArn": FUNCTION}},
        {"AddHeaderAction": {"HeaderName": "X-Key", "HeaderValue": "hunter2-hunter2"}},
    ]
    client.create_receipt_rule(RuleSetName="inbox", Rule={"Name": "in", "Enabled": True, "Actions": actions})
    client.set_active_receipt_rule_set(RuleSetName="inbox")
    calls = [call for call in api_calls() if call.service == "sts"]
    asked = [
        call for call in trigger_calls() if call.service in {"ses", "transfer"} and "Workflow" not in call.operation
    ]
    monkeypatch.setattr("auditkit.collect.run.trigger_calls", lambda: tuple(asked))
    collection = Collection(access=Access(), regions=(REGION,), extras=(Extra.TRIGGERS,))
    collect_accounts(collection, tmp_path / "out", now=lambda: "2026-11-02T09:30:00+00:00", calls=calls)
    inventory = read(tmp_path / "out")
    assert [one.target for one in inventory.of(ServiceTrigger)] == [FUNCTION]
    assert inventory.coverage.state("ses", "DescribeActiveReceiptRuleSet") is CoverageState.PRESENT
    assert inventory.coverage.state("transfer", "ListServers") is CoverageState.EMPTY
    assert "hunter2" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))


def test_calls_on_wish_are_missed_by_nobody(tmp_path):
    folder = tmp_path / ACCOUNT / REGION
    folder.mkdir(parents=True)
    (folder / "lambda-list-functions.json").write_text('{"Functions": []}')
    (folder / "transfer-list-servers.json").write_text(json.dumps({"Servers": [{"ServerId": "s-1"}]}))
    found = {(call.service, call.operation): call.state for call in read(tmp_path).coverage}
    assert found["transfer", "ListServers"] is CoverageState.PRESENT
    assert found["transfer", "DescribeServer"] is CoverageState.MISSING
    assert ("ses", "DescribeActiveReceiptRuleSet") not in found
