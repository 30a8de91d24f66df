"""Feed handlers with API responses: written out in a test, or asked from moto by the collector."""

import json
from urllib.parse import unquote

import boto3
from botocore import xform_name

from auditkit.collect import collect
from auditkit.exports._reading import Reading, Response
from auditkit.exports.calls import api_calls
from auditkit.exports.services import HANDLERS
from auditkit.inventory import Call, CoverageState, Source

NOT_IN_MOTO = {
    "apigatewayv2.GetAuthorizers",
    "apigatewayv2.GetModels",
    "appsync.ListDataSources",
    "appsync.ListFunctions",
    "appsync.ListResolvers",
    "appsync.ListTypes",
    "backup.ListProtectedResources",
    "bedrock-agent.GetAgentActionGroup",
    "bedrock-agent.ListAgentActionGroups",
    "bedrock-agent.ListAgentAliases",
    "bedrock-agent.ListAgentVersions",
    "cognito-identity.GetIdentityPoolRoles",
    "dynamodb.DescribeKinesisStreamingDestination",
    "elasticache.DescribeServerlessCaches",
    "elasticache.DescribeUserGroups",
    "memorydb.DescribeACLs",
}
"""Calls that moto does not answer; tests of these write the responses out."""

ACCOUNT = "123456789012"
REGION = "eu-west-1"


def answer(call, payload, *arguments, account=ACCOUNT, region=REGION, file=""):
    """Return the response of ``"service.Operation"`` for some arguments."""
    service, _, operation = call.partition(".")
    name = file or f"{account}/{region}/{call}" + "".join(f"/{argument}" for argument in arguments) + ".json"
    return Response(service, operation, account, region, arguments, payload, Source(name))


def feed(*responses):
    """Return the inventory of some responses; all of them are covered."""
    reading = Reading()
    for response in responses:
        HANDLERS[response.service, response.operation](response, reading)
        reading.call(
            Call(
                response.account,
                response.region,
                response.service,
                response.operation,
                ",".join(response.arguments),
                CoverageState.PRESENT if response.payload else CoverageState.EMPTY,
                source=response.source,
            )
        )
    return reading.build()


def exported(folder, *services, regions=(REGION,)):
    """Return the inventory of what the collector gets from moto for some services."""
    calls = [
        call
        for call in api_calls()
        if call.service in {"sts", *services} and f"{call.service}.{call.operation}" not in NOT_IN_MOTO
    ]
    collect(boto3.Session(), folder, account=ACCOUNT, regions=list(regions), calls=calls)
    empty = {(call.service, call.operation): call.empty_errors for call in calls}
    names = {f"{call.service}-{xform_name(call.operation, '-')}": (call.service, call.operation) for call in calls}
    found = []
    for path in sorted(folder.rglob("*.json")):
        account, region, *rest = path.relative_to(folder).parts
        if rest[0].removesuffix(".json") not in names:
            continue
        service, operation = names[rest[0].removesuffix(".json")]
        arguments = [unquote(part) for part in rest[1].removesuffix(".json").split(",")] if rest[1:] else []
        payload = json.loads(path.read_bytes())
        if "Error" in payload:
            if payload["Error"]["Code"] not in empty[service, operation]:
                continue
            payload = {}
        if (service, operation) in HANDLERS:
            found.append(
                answer(
                    f"{service}.{operation}",
                    payload,
                    *arguments,
                    account=account,
                    region=region,
                    file=path.relative_to(folder).as_posix(),
                )
            )
    return feed(*found)
