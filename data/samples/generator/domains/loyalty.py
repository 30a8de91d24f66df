"""Loyalty: points, tiers, the members' GraphQL API, and the weekly export to the analytics company."""

from data.samples.generator.account import ANALYTICS, Account, allow, service, tags, trust
from data.samples.generator.entries import rule
from data.samples.generator.stores import table

INTAKE = "inkwell-intake-larkspur"


def build(account: Account) -> None:
    """Create loyalty."""
    account.at("2023-10-10T10:10:00")
    members = table(account, "loyalty-members", "memberId", owner="loyalty", data="confidential")
    account.at("2026-02-24T09:30:00")
    points = account.function(
        "loyalty-points",
        allow(["dynamodb:UpdateItem", "dynamodb:GetItem"], members),
        environment={"MEMBERS_TABLE": "loyalty-members"},
        Layers=[account.ids["layer:common"]],
        TracingConfig={"Mode": "Active"},
    )
    rule(
        account,
        "order-paid-points",
        points,
        bus="commerce",
        pattern={"source": ["larkspur.payments"], "detail-type": ["OrderPaid"]},
        DeadLetterConfig={"Arn": account.arn("sqs", "orders-events-failed")},
    )
    _export(account, members)
    _graphql(account, members)


def _export(account: Account, members: str) -> None:
    role = account.role(
        "loyalty-partner-export-role",
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            account.arn("logs", "log-group:/aws/lambda/loyalty-partner-export:*"),
        ),
        allow("dynamodb:Scan", members),
        allow("s3:PutObject", f"arn:aws:s3:::{INTAKE}/larkspur/*"),
        trusts=[service("lambda"), trust({"AWS": f"arn:aws:iam::{ANALYTICS}:root"})],
        owner="loyalty",
    )
    export = account.function(
        "loyalty-partner-export",
        role=role,
        timeout=900,
        memory=1024,
        environment={"MEMBERS_TABLE": "loyalty-members", "INTAKE_BUCKET": INTAKE},
        Layers=[account.ids["layer:common"]],
    )
    rule(account, "loyalty-partner-weekly", export, schedule="rate(7 days)")
    account.wrong(
        "perim.trust-policy",
        role,
        "any principal of the analytics company's account may assume it, without an external id",
    )
    account.wrong(
        "transit.third-party-hop",
        export,
        "members' data goes to a bucket of another company, with no agreement on record",
    )


SCHEMA = "type Member { memberId: ID! points: Int tier: String } type Query { member(memberId: ID!): Member }"


def _graphql(account: Account, members: str) -> None:
    account.at("2024-08-20T14:00:00")
    function = account.function(
        "loyalty-graphql",
        allow(["dynamodb:GetItem"], members),
        runtime="nodejs22.x",
        environment={"MEMBERS_TABLE": "loyalty-members"},
    )
    made = account.client("appsync").create_graphql_api(
        name="loyalty", authenticationType="API_KEY", xrayEnabled=True, tags=tags("loyalty")
    )["graphqlApi"]
    api, arn = made["apiId"], made["arn"]
    account.ids["graphql:loyalty"] = arn
    role = account.role(
        "loyalty-graphql-source", allow("lambda:InvokeFunction", function), trusts=[service("appsync")], owner="loyalty"
    )
    source = {
        "dataSourceArn": f"{arn}/datasources/members",
        "name": "members",
        "type": "AWS_LAMBDA",
        "serviceRoleArn": role,
        "lambdaConfig": {"lambdaFunctionArn": function},
    }
    resolver = {
        "typeName": "Query",
        "fieldName": "member",
        "dataSourceName": "members",
        "resolverArn": f"{arn}/types/Query/resolvers/member",
        "kind": "UNIT",
    }
    kind = {"name": "Query", "arn": f"{arn}/types/Query", "definition": SCHEMA.split("} ", 1)[1], "format": "SDL"}
    account.gaps.say("appsync", "ListDataSources", api, {"dataSources": [source]})
    account.gaps.say("appsync", "ListTypes", api, {"types": [kind]})
    account.gaps.say("appsync", "ListResolvers", api, {"resolvers": [resolver]})
    account.gaps.say("appsync", "ListFunctions", api, {"functions": []})
    account.wrong("perim.route-auth", arn, "an API key is in every copy of the app, and opens members' data")
