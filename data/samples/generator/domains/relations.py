"""Relations with customers: the order events that a hosted CRM gets, the archive of events, the pipe of returns."""

import json

from data.samples.generator.account import ACCOUNT, Account, allow, service, tags
from data.samples.generator.domains.organization import ORGANIZATION
from data.samples.generator.entries import rule

ENDPOINT = "https://api.heronwise.example/v1/events"


def build(account: Account) -> None:
    """Create what feeds the CRM."""
    account.at("2025-04-02T09:00:00")
    events = account.client("events")
    connection = events.create_connection(
        Name="heronwise",
        Description="CRM",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "not-a-real-key"}},
    )["ConnectionArn"]
    destination = events.create_api_destination(
        Name="heronwise-orders",
        ConnectionArn=connection,
        InvocationEndpoint=ENDPOINT,
        HttpMethod="POST",
        InvocationRateLimitPerSecond=10,
    )["ApiDestinationArn"]
    role = account.role(
        "relations-deliver",
        allow("events:InvokeApiDestination", destination),
        trusts=[service("events") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="relations",
    )
    found = rule(
        account, "orders-to-crm", destination, bus="commerce", pattern={"source": ["larkspur.orders"]}, role=role
    )
    account.wrong(
        "transit.third-party-hop", destination, "orders go to a hosted CRM under an API key, no agreement on record"
    )
    account.wrong("transit.payload-minimisation", found, "the whole event leaves, where the CRM needs two fields")
    _bus(account)
    _pipe(account)


def _bus(account: Account) -> None:
    events = account.client("events")
    arn = account.arn("events", "event-bus/commerce")
    events.create_archive(ArchiveName="commerce", EventSourceArn=arn, RetentionDays=365)
    statement = {
        "Sid": "Organization",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": arn,
        "Condition": {  # the organization's other accounts; roles of this one have permissions of their own
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
            "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
        },
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    events.put_permission(EventBusName="commerce", Policy=json.dumps(policy))
    account.right("perim.resource-policy-sources", arn, "Principal * narrowed by aws:PrincipalOrgID")


def _pipe(account: Account) -> None:
    account.at("2026-02-11T11:00:00")
    stream = account.ids["stream:returns"]
    bus = account.arn("events", "event-bus/commerce")
    role = account.role(
        "relations-returns-pipe",
        allow(
            ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"],
            stream,
        ),
        allow("events:PutEvents", bus),
        trusts=[service("pipes") | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}],
        owner="relations",
    )
    account.client("pipes").create_pipe(
        Name="returns-to-bus",
        RoleArn=role,
        Source=stream,
        SourceParameters={
            "DynamoDBStreamParameters": {"StartingPosition": "LATEST", "MaximumRetryAttempts": 5},
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]},
        },
        Target=bus,
        TargetParameters={
            "EventBridgeEventBusParameters": {"DetailType": "ReturnRequested", "Source": "larkspur.returns"},
            "InputTemplate": '{"returnId": <$.dynamodb.Keys.returnId.S>}',
        },
        Tags=tags("relations", "confidential"),
    )
