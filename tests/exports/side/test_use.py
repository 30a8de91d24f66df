"""X-Ray, metrics and last-accessed data: who calls whom, how often, and when last."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.exports import read
from auditkit.inventory import UNSET
from auditkit.inventory.evidence.last_access import LastAccess
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.evidence.observed import ObservedCall, Observer, Party
from tests.exports.side.test_trails import ACCOUNT, REGION, written
from tests.smallexport import write_export

PLACE = f"{ACCOUNT}/{REGION}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders-create"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/paid"


def party(kind, name, arn=""):
    return Party(arn=arn, name=name, type=kind)


CREATE = party("AWS::Lambda::Function", "orders-create", FUNCTION)
ORDERS = party("AWS::DynamoDB::Table", "orders", TABLE)


def service(number, kind, name, *targets):
    edges = [
        {
            "ReferenceId": target,
            "StartTime": 1772359200.0,
            "EndTime": "2026-03-01T11:00:00+00:00",
            "SummaryStatistics": {"OkCount": 4, "TotalCount": total},
        }
        for target, total in targets
    ]
    return {"ReferenceId": number, "Name": name, "Type": kind, "AccountId": ACCOUNT, "Edges": edges}


GRAPH = {
    "StartTime": 1772359200,
    "EndTime": 1772362800,
    "Services": [
        service(0, "client", "orders-create", (1, 4)),
        service(1, "AWS::Lambda::Function", "orders-create", (2, 4), (3, 6), (4, 4)),
        service(2, "AWS::DynamoDB::Table", "orders"),
        service(3, "remote", "https://carrier.example/v1?key=s3cr3t"),
        service(4, "AWS::ApiGateway::Stage", "shop/prod"),
    ],
}
SEGMENT = {
    "id": "a1",
    "name": "orders-create",
    "origin": "AWS::Lambda::Function",
    "resource_arn": FUNCTION,
    "start_time": 1772359200.25,
    "user": "someone@example.com",
    "subsegments": [
        {
            "id": "b1",
            "name": "Invocation",
            "subsegments": [
                {
                    "id": "c1",
                    "name": "DynamoDB",
                    "namespace": "aws",
                    "aws": {"operation": "PutItem", "table_name": "orders", "region": REGION},
                },
                {
                    "id": "c2",
                    "name": "SQS",
                    "namespace": "aws",
                    "fault": True,
                    "aws": {"operation": "SendMessage", "queue_url": QUEUE},
                },
                {
                    "id": "c3",
                    "name": "carrier.example",
                    "namespace": "remote",
                    "http": {"request": {"url": "http://carrier.example/v1?key=s3cr3t"}},
                },
                {
                    "id": "c5",
                    "name": "DynamoDB",
                    "namespace": "aws",
                    "aws": {"operation": "BatchWriteItem", "table_names": ["orders", 1]},
                },
                {"id": "c4", "name": "SecretsManager", "namespace": "aws", "aws": {"operation": "GetSecretValue"}},
            ],
        }
    ],
}
CHILD = {
    "id": "d1",
    "parent_id": "c3",
    "name": "orders-ship",
    "origin": "AWS::Lambda::Function",
    "start_time": 1772359201,
}
TRACES = {
    "Traces": [
        {"Id": "1-69a40c20-0", "Segments": [{"Id": one["id"], "Document": json.dumps(one)} for one in (SEGMENT, CHILD)]}
    ]
}
SUMMARIES = {"TraceSummaries": [{"Id": "1-69a40c20-bd862e3fe1be46a994272793", "ResourceARNs": [{"ARN": FUNCTION}]}]}


@pytest.mark.parametrize(
    ("name", "content", "calls"),
    [
        (
            "xray-get-service-graph.json",
            GRAPH,
            {
                (Party(), CREATE, "", "", 4),
                (CREATE, ORDERS, "", "", 4),
                (CREATE, Party(type="remote", host="https://carrier.example"), "", "", 4),
                (CREATE, Party(type="remote", host="https://carrier.example"), "", "fault", 2),
                (CREATE, party("AWS::ApiGateway::Stage", "shop/prod"), "", "", 4),
            },
        ),
        (
            "xray-batch-get-traces.json",
            TRACES,
            {
                (CREATE, ORDERS, "dynamodb:PutItem", "", 1),
                (CREATE, ORDERS, "dynamodb:BatchWriteItem", "", 1),
                (CREATE, Party(arn=QUEUE, type="AWS::SQS::Queue"), "sqs:SendMessage", "fault", 1),
                (CREATE, Party(type="remote", host="http://carrier.example"), "", "", 1),
                (CREATE, party("AWS::Service", "secretsmanager"), "secretsmanager:GetSecretValue", "", 1),
                (CREATE, party("AWS::Lambda::Function", "orders-ship", FUNCTION[:-6] + "ship"), "", "", 1),
            },
        ),
        ("xray-get-trace-summaries.json", SUMMARIES, {(Party(), Party(arn=FUNCTION), "", "", 1)}),
    ],
    ids=["graph", "traces", "summaries"],
)
@pytest.mark.parametrize("named", [True, False])
def test_what_x_ray_shows(tmp_path, name, content, calls, named):
    inventory = read(written(tmp_path, {f"{PLACE}/{name if named else 'export.json'}": json.dumps(content)}))
    found = inventory.of(ObservedCall)
    assert {(call.caller, call.target, call.action, call.error, call.count) for call in found} == calls
    assert {call.observer for call in found} == {Observer.TRACE}
    assert {call.first for call in found} <= {"2026-03-01T10:00:00Z", "2026-03-01T09:51:28Z", "2026-03-01T10:00:01Z"}
    assert "s3cr3t" not in repr(found)
    assert "someone" not in repr(found)
    assert not inventory.not_read


def accessed(*services, **fields):
    return {
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCompletionDate": "2026-03-02T00:00:00+00:00",
        "ServicesLastAccessed": list(services),
        "IsTruncated": False,
        **fields,
    }


S3 = {
    "ServiceName": "Amazon S3",
    "ServiceNamespace": "s3",
    "LastAuthenticated": "2026-02-01T12:30:00+00:00",
    "LastAuthenticatedEntity": f"arn:aws:iam::{ACCOUNT}:role/orders-ship",
    "LastAuthenticatedRegion": REGION,
    "TotalAuthenticatedEntities": 1,
    "TrackedActionsLastAccessed": [
        {"ActionName": "s3:PutObject"},
        {"ActionName": "GetObject", "LastAccessedTime": 1769949000, "LastAccessedRegion": REGION},
    ],
}
SQS = {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "TotalAuthenticatedEntities": 0}
SHIP = f"arn:aws:iam::{ACCOUNT}:role/orders-ship"
JOB = "98a765b4-3cde-2101-2345-example678f9"


@pytest.mark.parametrize(
    "files",
    [
        {f"iam-get-service-last-accessed-details/{quote(SHIP, safe='')}.json": accessed(SQS, S3)},
        {f"{ACCOUNT}/global/iam-get-service-last-accessed-details/orders-ship.json": accessed(SQS, S3)},
        {"iam-get-service-last-accessed-details-orders-ship.json": accessed(SQS, S3)},
        {
            f"iam-generate-service-last-accessed-details/{quote(SHIP, safe='')}.json": {"JobId": JOB},
            f"iam-get-service-last-accessed-details/{JOB}.json": accessed(SQS, S3),
        },
        {"anything.json": accessed(SQS, S3)},
    ],
    ids=["ARN", "name", "flat", "job", "by its only user"],
)
def test_last_access_of_a_principal(tmp_path, files):
    write_export(tmp_path)
    inventory = read(written(tmp_path, {name: json.dumps(content) for name, content in files.items()}))
    (found,) = inventory.of(LastAccess)
    assert inventory.get(f"last-access:{SHIP}") is found
    assert (found.principal, found.account, found.complete, found.as_of) == (
        SHIP,
        ACCOUNT,
        True,
        "2026-03-02T00:00:00Z",
    )
    s3, sqs = found.service("s3"), found.service("sqs")
    assert (s3.last_used, s3.region) == ("2026-02-01T12:30:00Z", REGION)
    assert [(one.action, one.last_used) for one in s3.actions] == [
        ("s3:GetObject", "2026-02-01T12:30:00Z"),
        ("s3:PutObject", None),
    ]
    assert (sqs.last_used, sqs.actions) == (None, UNSET)
    assert found.service("kms") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (accessed(SQS), "nothing says whose last-accessed data this is"),
        (accessed(JobStatus="IN_PROGRESS"), "the job that makes the list had not ended"),
        ({"Error": {"Code": "AccessDenied"}}, "the call was refused or failed"),
    ],
)
def test_last_access_of_nobody_is_not_read(tmp_path, content, reason):
    inventory = read(written(tmp_path, {"iam-get-service-last-accessed-details.json": json.dumps(content)}))
    assert not inventory.of(LastAccess)
    assert [note.reason[: len(reason)] for note in inventory.not_read] == [reason]


def test_a_missing_page_leaves_the_list_incomplete(tmp_path):
    name = f"iam-get-service-last-accessed-details/{quote(SHIP, safe='')}.json"
    pages = [accessed(SQS), accessed(S3, IsTruncated=True, Marker="next")]
    (found,) = read(written(tmp_path, {name: json.dumps(pages)})).of(LastAccess)
    assert [one.service for one in found.services] == ["s3", "sqs"]
    assert not found.complete


TIMES = ["2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00"]
POINTS = [{"Timestamp": time, "Sum": value} for time, value in zip(TIMES, (3, 5, 0), strict=True)]


def results(label, **fields):
    return {"MetricDataResults": [{"Id": "m1", "Label": label, "Timestamps": TIMES, "Values": [3, 5, 0]}], **fields}


QUERY = {
    "Id": "m1",
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [{"Name": "FunctionName", "Value": "orders-create"}],
        },
        "Period": 86400,
        "Stat": "Sum",
    },
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cloudwatch-get-metric-statistics/orders-create.json", {"Label": "Invocations", "Datapoints": POINTS}),
        ("cloudwatch-get-metric-data.json", results("orders-create")),
        ("cloudwatch-get-metric-data.json", results("AWS/Lambda orders-create Invocations")),
        ("metrics.json", results("anything", MetricDataQueries=[QUERY])),
    ],
    ids=["statistics", "label", "long label", "queries"],
)
def test_invocations_of_a_function(tmp_path, name, content):
    write_export(tmp_path)
    (found,) = read(written(tmp_path, {f"{PLACE}/{name}": json.dumps(content)})).of(FunctionMetric)
    assert (found.function, found.metric, found.total) == (FUNCTION, "Invocations", 8)
    assert (found.first, found.last_used, found.last) == tuple(
        time[:19] + "Z" for time in (TIMES[0], TIMES[1], TIMES[2])
    )


def test_a_function_without_points_did_not_run(tmp_path):
    write_export(tmp_path)
    name = f"{PLACE}/cloudwatch-get-metric-statistics/idle.json"
    (found,) = read(written(tmp_path, {name: '{"Label": "Invocations", "Datapoints": []}'})).of(FunctionMetric)
    assert (found.total, found.last_used, found.covers) == (0, "", ("", ""))


def test_metrics_of_one_file_cover_the_same_time(tmp_path):
    write_export(tmp_path)
    idle = {"Id": "m2", "Label": "idle Invocations", "Timestamps": [], "Values": []}
    both = {"MetricDataResults": [*results("orders-create")["MetricDataResults"], idle]}
    apart = f"{PLACE}/cloudwatch-get-metric-statistics/orders-ship.json"
    none = '{"Label": "Invocations", "Datapoints": []}'
    files = {f"{PLACE}/cloudwatch-get-metric-data.json": json.dumps(both), apart: none}
    found = {one.function.rpartition(":")[2]: one for one in read(written(tmp_path, files)).of(FunctionMetric)}
    whole = ("2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z")
    assert (found["idle"].first, found["idle"].covers) == ("", whole)
    assert found["orders-create"].covers == whole
    assert found["orders-ship"].covers == ("", "")


EMPTY = {"cloudtrail.json": '{"Records": []}'}
keys = st.sampled_from(
    [
        "Services",
        "ReferenceId",
        "Name",
        "Type",
        "Edges",
        "StartTime",
        "SummaryStatistics",
        "TraceSummaries",
        "ResourceARNs",
        "ARN",
        "Traces",
        "Segments",
        "Document",
        "id",
        "subsegments",
        "aws",
        "namespace",
        "http",
        "request",
        "url",
        "ServicesLastAccessed",
        "ServiceNamespace",
        "LastAuthenticated",
        "TrackedActionsLastAccessed",
        "ActionName",
        "MetricDataResults",
        "Label",
        "Timestamps",
        "Values",
        "Datapoints",
        "Timestamp",
        "Sum",
        "JobId",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from([FUNCTION, "aws", ""])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
FORMS = [GRAPH, TRACES, SUMMARIES, accessed(S3), results("x"), {"Label": "x", "Datapoints": POINTS}, {"JobId": "1"}]


@settings(max_examples=60)
@given(st.sampled_from(FORMS), st.dictionaries(keys, anything, max_size=3), anything)
def test_nothing_breaks_the_readers(tmp_path_factory, form, change, segment):
    content = {**form, **change}
    if "Traces" in form:
        content["Traces"] = [{"Segments": [{"Document": json.dumps(segment)}, {"Document": segment}]}]
    folder = written(tmp_path_factory.mktemp("side"), {"x.json": json.dumps(content), **EMPTY})
    write_export(folder)
    read(folder)
