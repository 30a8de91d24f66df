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
