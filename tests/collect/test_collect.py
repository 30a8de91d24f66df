import json
from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from auditkit.collect import collect
from auditkit.collect.arguments import requests_of
from auditkit.collect.files import encoded, file_of
from auditkit.collect.requests import ask, together
from auditkit.exports.calls import Argument, api_calls, arguments_from, call_named

ACCOUNT = "123456789012"


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def calls(*names):
    wanted = {tuple(name.split(".")) for name in names}
    return [call for call in api_calls() if (call.service, call.operation) in wanted]


def content(out):
    return {str(path.relative_to(out)): json.loads(path.read_bytes()) for path in out.rglob("*.json")}


@mock_aws
def test_answers_give_the_arguments_of_later_calls(tmp_path):
    sqs = boto3.client("sqs", region_name="eu-west-1")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    collect(
        boto3.Session(),
        tmp_path,
        account=ACCOUNT,
        regions=["eu-west-1", "us-east-1"],
        calls=calls("sqs.ListQueues", "sqs.GetQueueAttributes"),
    )
    name = url.replace(":", "%3A").replace("/", "%2F")
    found = content(tmp_path)
    assert found.keys() == {
        f"{ACCOUNT}/eu-west-1/sqs-list-queues.json",
        f"{ACCOUNT}/us-east-1/sqs-list-queues.json",
        f"{ACCOUNT}/eu-west-1/sqs-get-queue-attributes/{name}.json",
    }
    assert found[f"{ACCOUNT}/eu-west-1/sqs-list-queues.json"] == {"QueueUrls": [url]}
    attributes = found[f"{ACCOUNT}/eu-west-1/sqs-get-queue-attributes/{name}.json"]["Attributes"]
    assert attributes["QueueArn"] == f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"


@mock_aws
def test_refusal_is_written_and_what_hangs_on_others_is_still_asked(tmp_path):
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="shop-media")
    collect(
        boto3.Session(),
        tmp_path,
        account=ACCOUNT,
        regions=["us-east-1"],
        calls=calls("s3.ListBuckets", "s3.GetBucketPolicy", "s3.GetBucketVersioning"),
    )
    found = content(tmp_path)
    assert found[f"{ACCOUNT}/global/s3-get-bucket-policy/shop-media.json"]["Error"]["Code"] == "NoSuchBucketPolicy"
    assert found[f"{ACCOUNT}/global/s3-get-bucket-versioning/shop-media.json"] == {}


@mock_aws
def test_pages_are_merged_and_their_marks_are_gone():
    sns = boto3.client("sns", region_name="eu-west-1")
    for number in range(250):
        sns.create_topic(Name=f"topic-{number:03}")
    response = ask(sns, "ListTopics", {})
    assert response.keys() == {"Topics"}
    assert len(response["Topics"]) == 250


@mock_aws
def test_calls_without_a_paginator_are_followed_by_hand():
    firehose = boto3.client("firehose", region_name="eu-west-1")
    for number in range(25):
        firehose.create_delivery_stream(
            DeliveryStreamName=f"stream-{number:02}",
            S3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/deliver",
                "BucketARN": "arn:aws:s3:::lake",
            },
        )
    response = ask(firehose, "ListDeliveryStreams", {})
    assert response == {"DeliveryStreamNames": [f"stream-{number:02}" for number in range(25)]}


def test_a_token_that_repeats_itself_ends_the_walk_and_stays_visible():
    client = boto3.client("events", region_name="eu-west-1")
    with Stubber(client) as stub:
        for name in ("default", "shop"):
            stub.add_response("list_event_buses", {"EventBuses": [{"Name": name}], "NextToken": "again"})
        response = ask(client, "ListEventBuses", {})
    assert response == {"EventBuses": [{"Name": "default"}, {"Name": "shop"}], "NextToken": "again"}


def test_no_endpoint_is_an_error_by_name():
    client = boto3.client("sqs", region_name="eu-west-1")
    client.meta.events.register(
        "before-send", lambda **_: (_ for _ in ()).throw(EndpointConnectionError(endpoint_url="u"))
    )
    assert ask(client, "ListQueues", {})["Error"]["Code"] == "EndpointConnectionError"


@mock_aws
def test_values_of_the_environment_are_never_written(tmp_path):
    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="pay", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    boto3.client("lambda", region_name="eu-west-1").create_function(
        FunctionName="pay",
        Role=role,
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
        Environment={
            "Variables": {"DB_PASSWORD": "Winter2023!", "PAY_URL": "https://pay.example.com/v1?x=hidden-part"}
        },
    )
    collect(
        boto3.Session(),
        tmp_path,
        account=ACCOUNT,
        regions=["eu-west-1"],
        calls=calls("lambda.ListFunctions", "lambda.GetFunction", "lambda.ListVersionsByFunction"),
    )
    text = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert "Winter2023" not in text
    assert "hidden-part" not in text
    assert '"Location"' not in text
    assert text.count('"host": "pay.example.com"') == 3


def test_argument_of_the_origin_is_bound_in_the_path():
    argument = Argument(
        ("LayerName", "VersionNumber"), "lambda", "ListLayerVersions", "LayerVersions[].[$LayerName,Version]"
    )
    answers = [({"LayerName": "sh`op"}, {"LayerVersions": [{"Version": 2}, {"Version": 1}, {"Version": 2}]})]
    assert arguments_from(argument, answers) == [
        {"LayerName": "sh`op", "VersionNumber": 2},
        {"LayerName": "sh`op", "VersionNumber": 1},
    ]


def test_failed_origin_gives_no_arguments():
    argument = Argument(("Name",), "pipes", "ListPipes", "Pipes[].Name")
    assert arguments_from(argument, [({}, {"Error": {"Code": "AccessDenied", "Message": ""}})]) == []


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("sqs", "GetQueueAttributes", {"QueueUrl": "u", "AttributeNames": ["All"]}),
        ("cognito-idp", "ListUserPools", {"MaxResults": 60}),
        ("apigateway", "GetResources", {"restApiId": "a", "embed": ["methods"]}),
    ],
)
def test_fixed_parameters_take_the_types_of_the_model(service, operation, expected):
    model = boto3.client(service, region_name="eu-west-1").meta.service_model.operation_model(operation)
    call = call_named(service, operation)
    arguments = {name: value for name, value in expected.items() if name in call.names}
    assert requests_of(call, arguments, model) == [expected]


def test_parameter_with_several_values_is_asked_for_each_and_answers_are_joined():
    call = call_named("organizations", "ListPolicies")
    model = boto3.client("organizations").meta.service_model.operation_model("ListPolicies")
    kinds = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
    assert requests_of(call, {}, model) == [{"Filter": kind} for kind in kinds]
    answers = [{"Policies": [{"Id": "p-1"}]}, {"Policies": [{"Id": "p-2"}]}]
    assert together(answers) == {"Policies": [{"Id": "p-1"}, {"Id": "p-2"}]}
    refusal = {"Error": {"Code": "AccessDeniedException", "Message": ""}}
    assert together([answers[0], refusal]) == refusal


@pytest.mark.parametrize(("region", "scopes"), [("eu-west-1", ["REGIONAL"]), ("us-east-1", ["REGIONAL", "CLOUDFRONT"])])
def test_value_for_one_region_is_asked_there_alone(region, scopes):
    call = call_named("wafv2", "ListWebACLs")
    model = boto3.client("wafv2", region_name=region).meta.service_model.operation_model("ListWebACLs")
    assert requests_of(call, {}, model, region) == [{"Scope": scope} for scope in scopes]


def test_every_call_is_known_to_botocore_and_takes_what_it_is_given():
    for call in api_calls():
        model = boto3.client(call.service, region_name="eu-west-1").meta.service_model.operation_model(call.operation)
        given = {*call.fixed, *call.names}
        assert given <= set(model.input_shape.members if model.input_shape else ()), (call.service, call.operation)
        assert set(model.input_shape.required_members if model.input_shape else ()) <= given, (
            call.service,
            call.operation,
        )
        assert requests_of(call, dict.fromkeys(call.names, "1"), model)
        assert set(call.results) <= set(model.output_shape.members), (call.service, call.operation)


def test_file_names():
    assert str(file_of(ACCOUNT, "global", "iam", "ListOpenIDConnectProviders", {})) == (
        f"{ACCOUNT}/global/iam-list-open-id-connect-providers.json"
    )
    assert str(
        file_of(ACCOUNT, "eu-west-1", "events", "ListTargetsByRule", {"EventBusName": "shop", "Rule": "a,b/c"})
    ) == (f"{ACCOUNT}/eu-west-1/events-list-targets-by-rule/shop,a%2Cb%2Fc.json")
    long = file_of(ACCOUNT, "eu-west-1", "logs", "DescribeSubscriptionFilters", {"logGroupName": "/" + "a" * 500})
    assert len(long.name) < 230
    assert "=" in long.name


def test_bytes_do_not_depend_on_the_order_of_keys():
    when = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    one = encoded({"b": when, "a": b"\x00\xff"})
    assert one == encoded({"a": b"\x00\xff", "b": when})
    assert one == encoded({"a": b"\x00\xff", "b": when.astimezone(timezone(timedelta(hours=2)))})
    assert one == b'{\n  "a": "AP8=",\n  "b": "2026-11-02T09:30:00+00:00"\n}\n'
