"""Secrets in settings of entries: the collector writes none, the readers keep none, and the rest is still read."""

import json

import pytest

from auditkit.exports.secrets import reduced
from tests.exports.feeding import REGION, answer, feed

SECRET = "hunter2-hunter2"
WITH_SECRETS = {
    "apigateway.GetStages": (
        {
            "item": [
                {
                    "stageName": "prod",
                    "variables": {"password": SECRET},
                    "canarySettings": {"stageVariableOverrides": {"password": SECRET}},
                }
            ]
        },
        ("a1",),
    ),
    "apigateway.GetAuthorizers": (
        {"items": [{"id": "x", "name": "n", "identityValidationExpression": f"^{SECRET}$"}]},
        ("a1",),
    ),
    "apigateway.GetResources": (
        {
            "items": [
                {
                    "id": "r",
                    "path": "/",
                    "resourceMethods": {
                        "GET": {
                            "httpMethod": "GET",
                            "authorizationType": "NONE",
                            "methodIntegration": {
                                "type": "HTTP",
                                "uri": f"https://u:{SECRET}@api.partner.example/{SECRET}?k={SECRET}",
                                "requestParameters": {"integration.request.header.key": f"'{SECRET}'"},
                            },
                        }
                    },
                }
            ]
        },
        ("a1",),
    ),
    "apigatewayv2.GetIntegrations": (
        {
            "Items": [
                {
                    "IntegrationId": "i",
                    "IntegrationUri": f"https://api.partner.example/{SECRET}",
                    "RequestParameters": {"overwrite:header.key": SECRET, "append:header.id": "$request.header.id"},
                }
            ]
        },
        ("h1",),
    ),
    "appsync.ListDataSources": (
        {"dataSources": [{"name": "n", "type": "HTTP", "httpConfig": {"endpoint": f"https://x.example/{SECRET}"}}]},
        ("g1",),
    ),
    "appsync.ListResolvers": (
        {"resolvers": [{"typeName": "Query", "fieldName": "f", "code": SECRET, "requestMappingTemplate": SECRET}]},
        ("g1", "Query"),
    ),
    "appsync.ListFunctions": ({"functions": [{"functionId": "f", "code": SECRET}]}, ("g1",)),
    "bedrock-agent.GetAgent": (
        {
            "agent": {
                "agentId": "A1",
                "instruction": SECRET,
                "promptOverrideConfiguration": {"promptConfigurations": [{"basePromptTemplate": SECRET}]},
            }
        },
        ("A1",),
    ),
    "bedrock-agentcore-control.GetAgentRuntime": (
        {
            "agentRuntimeArn": f"arn:aws:bedrock-agentcore:{REGION}:123456789012:runtime/r",
            "agentRuntimeId": "r",
            "environmentVariables": {"PASSWORD": SECRET},
        },
        ("r",),
    ),
    "bedrock-agentcore-control.GetGatewayTarget": (
        {
            "targetId": "T",
            "targetConfiguration": {
                "http": {"passthrough": {"endpoint": "https://x.example", "staticQueryParameters": {"k": SECRET}}}
            },
            "credentialProviderConfigurations": [
                {
                    "credentialProviderType": "OAUTH",
                    "credentialProvider": {"oauthCredentialProvider": {"customParameters": {"k": SECRET}}},
                }
            ],
        },
        ("g", "T"),
    ),
    "apigatewayv2.GetAuthorizers": (
        {"Items": [{"AuthorizerId": "x", "Name": "n", "IdentityValidationExpression": f"^{SECRET}$"}]},
        ("h1",),
    ),
    "appsync.ListGraphqlApis": (
        {
            "graphqlApis": [
                {
                    "apiId": "g1",
                    "arn": f"arn:aws:appsync:{REGION}:123456789012:apis/g1",
                    "lambdaAuthorizerConfig": {"identityValidationExpression": SECRET},
                    "additionalAuthenticationProviders": [
                        {"lambdaAuthorizerConfig": {"identityValidationExpression": SECRET}}
                    ],
                }
            ]
        },
        (),
    ),
    "elbv2.DescribeListeners": (
        {
            "Listeners": [
                {
                    "ListenerArn": f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/app/a/1/2",
                    "LoadBalancerArn": f"arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/a/1",
                    "DefaultActions": [
                        {
                            "Type": "authenticate-oidc",
                            "AuthenticateOidcConfig": {
                                "ClientSecret": SECRET,
                                "AuthenticationRequestExtraParams": {"k": SECRET},
                            },
                        }
                    ],
                }
            ]
        },
        ("l",),
    ),
    "events.ListTargetsByRule": (
        {
            "Targets": [
                {
                    "Id": "t",
                    "Arn": f"arn:aws:lambda:{REGION}:123456789012:function:f",
                    "InputTransformer": {
                        "InputPathsMap": {"id": "$.detail.id"},
                        "InputTemplate": f'{{"order": <id>, "apiKey": "{SECRET}"}}',
                    },
                }
            ]
        },
        ("default", "r"),
    ),
    "scheduler.GetSchedule": (
        {
            "Name": "s",
            "Arn": f"arn:aws:scheduler:{REGION}:123456789012:schedule/default/s",
            "GroupName": "default",
            "Target": {
                "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
                "Input": json.dumps({"QueueUrl": "orders", "MessageBody": json.dumps({"token": SECRET})}),
            },
        },
        ("default", "s"),
    ),
    "sns.ListSubscriptions": (
        {
            "Subscriptions": [
                {
                    "SubscriptionArn": f"arn:aws:sns:{REGION}:123456789012:t:1",
                    "TopicArn": f"arn:aws:sns:{REGION}:123456789012:t",
                    "Protocol": "https",
                    "Endpoint": f"https://events.example/{SECRET}/enqueue",
                }
            ]
        },
        (),
    ),
    "stepfunctions.DescribeStateMachine": (
        {
            "stateMachineArn": f"arn:aws:states:{REGION}:123456789012:stateMachine:m",
            "name": "m",
            "definition": json.dumps(
                {
                    "StartAt": "Pay",
                    "States": {
                        "Pay": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::http:invoke",
                            "Parameters": {
                                "Headers": {"x-api-key": SECRET, "Authorization": f"Bearer {SECRET}"},
                                "RequestBody": {"password": SECRET, "token.$": "$.token"},
                            },
                            "End": True,
                        }
                    },
                }
            ),
        },
        ("m",),
    ),
    "elbv2.DescribeRules": (
        {
            "Rules": [
                {
                    "RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/a/1/2/3",
                    "Conditions": [
                        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "k", "Values": [SECRET]}},
                        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "k", "Value": SECRET}]}},
                    ],
                }
            ]
        },
        ("l",),
    ),
    "iot.GetTopicRule": (
        {
            "rule": {
                "ruleName": "r",
                "actions": [{"salesforce": {"token": SECRET, "url": f"https://x.example/{SECRET}"}}],
                "errorAction": {
                    "http": {"url": f"https://x.example/{SECRET}", "headers": [{"key": "k", "value": SECRET}]}
                },
            }
        },
        ("r",),
    ),
}


@pytest.mark.parametrize("call", sorted(WITH_SECRETS))
def test_neither_collector_nor_reader_keeps_a_secret_of_an_entry(call):
    payload, arguments = WITH_SECRETS[call]
    assert SECRET in json.dumps(payload)
    written = reduced(*call.split("."), payload)
    assert SECRET not in json.dumps(written)
    plain, collected = (feed(answer(call, content, *arguments)) for content in (payload, written))
    assert SECRET not in repr((list(plain), plain.not_read))
    assert [record.id for record in collected] == [record.id for record in plain]
    assert {note.reason for note in collected.not_read} == {note.reason for note in plain.not_read}


@pytest.mark.parametrize("call", ["wafv2.GetWebACL", "wafv2.GetWebACLForResource"])
def test_what_a_firewall_looks_for_is_not_written(call):
    sought = {"ByteMatchStatement": {"SearchString": SECRET, "FieldToMatch": {"SingleHeader": {"Name": "x-origin"}}}}
    rules = [{"Name": "r", "Statement": {"NotStatement": {"Statement": sought}}}]
    written = reduced(*call.split("."), {"WebACL": {"Name": "a", "Rules": rules}})
    assert SECRET not in json.dumps(written)
    statement = written["WebACL"]["Rules"][0]["Statement"]["NotStatement"]["Statement"]["ByteMatchStatement"]
    assert statement["FieldToMatch"] == sought["ByteMatchStatement"]["FieldToMatch"]


def test_definition_keeps_all_but_the_values_of_secrets():
    definition = '{"States": {"A1": {"Next": "WaitForPaymentConfirmationStep2AndRetry", "Secret": "orders/db"}}}'
    assert reduced("stepfunctions", "DescribeStateMachine", {"definition": definition}) == {"definition": definition}


@pytest.mark.parametrize("text", ['"' * 100_000, "\\" * 100_000, '\\"a\\":' * 30_000, '"a":"' * 30_000])
def test_definition_that_is_none_does_not_hold_the_reader_up(text):
    assert len(reduced("stepfunctions", "DescribeStateMachine", {"definition": text})["definition"]) == len(text)
