"""A secret planted wherever an account may hold one is in nothing that a command prints or writes."""

import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditkit.cli import main
from auditkit.collect.files import file_of
from auditkit.exports.calls import call_named
from smallexport import ACCOUNT, REGION, arn, function, write_export
from tests.exports.test_entry_secrets import SECRET as OTHERS_SECRET
from tests.exports.test_entry_secrets import WITH_SECRETS

SECRET = "Pl4nted-7f3a9c"
PLACE = f"{ACCOUNT}/{REGION}"
URL = f"https://user:{SECRET}@hooks.partner.example/{SECRET}?token={SECRET}"
HEADERS = [{"Key": "Authorization", "Value": f"Bearer {SECRET}", "IsValueSecret": False}]

PLANTED = {
    "lambda.GetFunction": (
        {
            "Configuration": function("orders-ship", TABLE="orders", API_KEY=SECRET, HOOK=URL, NOTE=f"see {SECRET}"),
            "Code": {"Location": f"https://code.example/x?X-Amz-Signature={SECRET}"},
        },
        ("orders-ship",),
    ),
    "apigateway.GetRestApis": ({"items": [{"id": "a1", "name": "shop"}]}, ()),
    "apigateway.GetUsagePlans": ({"items": [{"id": "u", "name": "u", "apiKey": SECRET}]}, ()),
    "apigatewayv2.GetApis": ({"Items": [{"ApiId": "h1", "Name": "http", "ProtocolType": "HTTP"}]}, ()),
    "appsync.ListTypes": (
        {"types": [{"name": "Query", "definition": f'type Query {{ f: S @key(v: "{SECRET}") }}'}]},
        ("g1",),
    ),
    "events.ListRules": ({"Rules": [{"Name": "r", "Arn": arn("events", "rule/r"), "State": "ENABLED"}]}, ("default",)),
    "events.ListApiDestinations": (
        {
            "ApiDestinations": [
                {
                    "Name": "crm",
                    "ApiDestinationArn": arn("events", "api-destination/crm/1"),
                    "ConnectionArn": arn("events", "connection/crm/1"),
                    "InvocationEndpoint": URL,
                    "HttpMethod": "POST",
                }
            ]
        },
        (),
    ),
    "events.DescribeConnection": (
        {
            "Name": "crm",
            "ConnectionArn": arn("events", "connection/crm/1"),
            "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": SECRET},
                "InvocationHttpParameters": {"HeaderParameters": HEADERS, "BodyParameters": HEADERS},
            },
        },
        ("crm",),
    ),
    "pipes.DescribePipe": (
        {
            "Arn": arn("pipes", "pipe/p"),
            "Name": "p",
            "CurrentState": "RUNNING",
            "Source": arn("sqs", "paid"),
            "Target": arn("events", "api-destination/crm/1"),
            "EnrichmentParameters": {"HttpParameters": {"HeaderParameters": {"k": SECRET}}},
            "TargetParameters": {
                "InputTemplate": json.dumps({"password": SECRET}),
                "HttpParameters": {"HeaderParameters": {"k": SECRET}, "QueryStringParameters": {"k": SECRET}},
            },
        },
        ("p",),
    ),
    "firehose.DescribeDeliveryStream": (
        {
            "DeliveryStreamDescription": {
                "DeliveryStreamName": "d",
                "DeliveryStreamARN": arn("firehose", "deliverystream/d"),
                "DeliveryStreamType": "DirectPut",
                "Destinations": [
                    {
                        "DestinationId": "1",
                        "SplunkDestinationDescription": {"HECEndpoint": URL, "HECToken": SECRET},
                    },
                    {
                        "DestinationId": "2",
                        "HttpEndpointDestinationDescription": {
                            "EndpointConfiguration": {"Url": URL, "Name": "x", "AccessKey": SECRET},
                            "RequestConfiguration": {
                                "CommonAttributes": [{"AttributeName": "k", "AttributeValue": SECRET}]
                            },
                        },
                    },
                    {
                        "DestinationId": "3",
                        "RedshiftDestinationDescription": {
                            "ClusterJDBCURL": f"jdbc:redshift://c.example:5439/db?password={SECRET}",
                            "Username": "u",
                            "Password": SECRET,
                            "CopyCommand": {"DataTableName": "t", "CopyOptions": f"credentials '{SECRET}'"},
                        },
                    },
                ],
            }
        },
        ("d",),
    ),
    "cognito-idp.ListUserPoolClients": (
        {"UserPoolClients": [{"ClientId": "c", "UserPoolId": "u", "ClientName": "web", "ClientSecret": SECRET}]},
        ("u",),
    ),
    "cognito-idp.DescribeUserPool": (
        {
            "UserPool": {
                "Id": "u",
                "Name": "people",
                "Arn": arn("cognito-idp", "userpool/u"),
                "SmsConfiguration": {"ExternalId": SECRET},
                "EmailVerificationMessage": SECRET,
            }
        },
        ("u",),
    ),
    "cloudfront.GetDistributionConfig": (
        {
            "DistributionConfig": {
                "Enabled": True,
                "Origins": {
                    "Quantity": 1,
                    "Items": [
                        {
                            "Id": "o",
                            "DomainName": "hooks.partner.example",
                            "OriginPath": f"/{SECRET}",
                            "CustomHeaders": {"Items": [{"HeaderName": "x-origin", "HeaderValue": SECRET}]},
                        }
                    ],
                },
                "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
            }
        },
        ("E1",),
    ),
    "rds.DescribeDBInstances": (
        {
            "DBInstances": [
                {
                    "DBInstanceIdentifier": "db",
                    "DBInstanceArn": arn("rds", "db:db"),
                    "MasterUsername": "admin",
                    "MasterUserPassword": SECRET,
                    "PendingModifiedValues": {"MasterUserPassword": SECRET},
                }
            ]
        },
        (),
    ),
    "rds.DescribeDBParameters": (
        {"Parameters": [{"ParameterName": "init_connect", "ParameterValue": f"SET @k='{SECRET}'"}]},
        ("group",),
    ),
    "opensearch.DescribeDomain": (
        {
            "DomainStatus": {
                "DomainName": "s",
                "ARN": arn("es", "domain/s"),
                "AdvancedSecurityOptions": {"MasterUserOptions": {"MasterUserPassword": SECRET}},
                "AdvancedOptions": {"override": SECRET},
            }
        },
        ("s",),
    ),
    "elasticache.DescribeReplicationGroups": (
        {
            "ReplicationGroups": [
                {
                    "ReplicationGroupId": "c",
                    "ARN": arn("elasticache", "replicationgroup:c"),
                    "AuthToken": SECRET,
                    "PendingModifiedValues": {"AuthToken": SECRET},
                }
            ]
        },
        (),
    ),
    "mq.DescribeBroker": (
        {
            "BrokerId": "b",
            "BrokerArn": arn("mq", "broker:b"),
            "BrokerName": "b",
            "Users": [{"Username": "admin", "Password": SECRET}],
            "LdapServerMetadata": {"ServiceAccountUsername": "s", "ServiceAccountPassword": SECRET},
        },
        ("b",),
    ),
    "secretsmanager.ListSecrets": (
        {"SecretList": [{"Name": "s", "ARN": arn("secretsmanager", "secret:s-AbCdEf"), "SecretString": SECRET}]},
        (),
    ),
    "ssm.DescribeParameters": (
        {"Parameters": [{"Name": "/p", "ARN": arn("ssm", "parameter/p"), "Type": "SecureString", "Value": SECRET}]},
        (),
    ),
}
BROKEN = {
    "sns-list-topics.json": f'{{"Topics": [{{"TopicArn": "{SECRET}',
    "kinesis-list-streams.json": f'{{"StreamNames": "{SECRET}"}}',
    "kms-list-keys.json": f'{{"Keys": ["{SECRET}", {{"KeyId": {{"x": "{SECRET}"}}}}]}}',
    "lambda-get-policy/orders-ship.json": json.dumps({"Policy": f"{{{SECRET}"}),
    "secretsmanager-get-secret-value/s.json": json.dumps({"Name": "s", "SecretString": SECRET}),
    "ssm-get-parameters.json": json.dumps({"Parameters": [{"Name": "/p", "Value": SECRET}]}),
    "env.json": json.dumps({"PASSWORD": SECRET}),
    ".env": f"PASSWORD={SECRET}",
}
COMMANDS = [
    ("inventory",),
    ("inventory", "--not-read"),
    ("inventory", "--coverage"),
    *(("inventory", "--kind", kind) for kind in ("function", "subscription", "delivery stream", "pipe", "cache")),
    ("graph",),
    ("graph", "--nodes"),
    ("paths",),
    ("blast",),
    ("blast", "--of", "orders-ship"),
    ("exposure",),
]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = write_export(tmp_path_factory.mktemp("export"))
    for call, (payload, arguments) in {**WITH_SECRETS, **PLANTED}.items():
        service, operation = call.split(".")
        known = call_named(service, operation)
        given = dict(zip(known.names, arguments, strict=False))
        region = "global" if known.everywhere else REGION
        path = folder / file_of(ACCOUNT, region, service, operation, given)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(payload).replace(OTHERS_SECRET, SECRET).replace("123456789012", ACCOUNT))
    for name, text in BROKEN.items():
        path = folder / PLACE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def found_in(data):
    """Return whether a secret stands in some bytes, as it is or as a URL or JSON would write it."""
    return any(form.encode() in data for form in (SECRET, quote(SECRET), SECRET[:10], SECRET.lower()))


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_it(export, command, form):
    result = CliRunner().invoke(main, [command[0], str(export), *command[1:], "--format", form])
    assert result.exit_code == 0, result.output[-2000:]
    assert result.stdout
    assert not found_in(result.output_bytes)


def test_no_file_of_the_report_holds_it(export, tmp_path):
    result = CliRunner().invoke(main, ["report", str(export), "--out", str(tmp_path / "report")])
    assert result.exit_code == 0, result.output[-2000:]
    files = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(files) > 20
    assert [str(name) for name, data in files.items() if found_in(data)] == []
    page = files[Path("report/report.html")].decode()
    assert "hooks.partner.example" in page, "the host is no secret, and what leads there is told"
