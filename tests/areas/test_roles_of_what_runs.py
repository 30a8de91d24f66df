"""Roles that schedules, pipes, streams and the like act in are judged as those of functions are."""

import json

import pytest

from auditkit.areas import Verdict
from tests.areas.scenes import ACCOUNT, answer, arn, function, functions, gaad, judged, role, verdicts

RUN = f"arn:aws:iam::{ACCOUNT}:role/run"
FUNCTION = arn("lambda", "function:f")
QUEUE = arn("sqs", "q")


def schedule(**more):
    of = {"Name": "nightly", "GroupName": "default", "Arn": arn("scheduler", "schedule/default/nightly")}
    listed = answer("scheduler.ListSchedules", {"Schedules": [{**of, "Target": {"Arn": FUNCTION}}]})
    target = {"Arn": FUNCTION, "RoleArn": RUN}
    got = answer("scheduler.GetSchedule", {**of, "State": "ENABLED", "Target": target, **more}, "default", "nightly")
    return listed, got


def pipe():
    of = {"Name": "work", "Arn": arn("pipes", "pipe/work"), "Source": QUEUE, "Target": FUNCTION}
    listed = answer("pipes.ListPipes", {"Pipes": [of]})
    return listed, answer("pipes.DescribePipe", {**of, "RoleArn": RUN}, "work")


def stream(**destination):
    of = {
        "DeliveryStreamName": "audit",
        "DeliveryStreamARN": arn("firehose", "deliverystream/audit"),
        "DeliveryStreamStatus": "ACTIVE",
        "Destinations": [destination],
    }
    listed = answer("firehose.ListDeliveryStreams", {"DeliveryStreamNames": ["audit"]})
    return listed, answer("firehose.DescribeDeliveryStream", {"DeliveryStreamDescription": of}, "audit")


BUCKET = {"RoleARN": RUN, "BucketARN": "arn:aws:s3:::archive"}


def rule():
    of = {"Name": "all", "Arn": arn("events", "rule/all"), "EventBusName": "default", "State": "ENABLED"}
    targets = {"Targets": [{"Id": "1", "Arn": arn("states", "stateMachine:m"), "RoleArn": RUN}]}
    return (
        answer("events.ListRules", {"Rules": [{**of, "EventPattern": json.dumps({"source": ["a"]})}]}, "default"),
        answer("events.ListTargetsByRule", targets, "default", "all"),
    )


RUNNING = {
    "a schedule": schedule(),
    "a schedule that is off": schedule(State="DISABLED"),
    "a pipe": pipe(),
    "a delivery stream": stream(ExtendedS3DestinationDescription=BUCKET),
    "the backup of a delivery stream": stream(
        HttpEndpointDestinationDescription={
            "EndpointConfiguration": {"Url": "https://a.example"},
            "S3DestinationDescription": BUCKET,
        }
    ),
    "a rule": rule(),
}
WIDE = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NARROW = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::archive/*"}


@pytest.mark.parametrize("runs", RUNNING.values(), ids=RUNNING)
@pytest.mark.parametrize(
    ("statement", "admin", "wide"),
    [(ADMIN, "FAIL", "FAIL"), (WIDE, "PASS", "FAIL"), (NARROW, "PASS", "PASS")],
)
def test_its_role_is_judged(runs, statement, admin, wide):
    account = [functions(function()), *runs, gaad(role("f"), role("run", statement))]
    organization = answer("organizations.DescribeOrganization", {}, region="global")
    assert verdicts("perim.role-admin", *account, organization) == {"f": "PASS", "run": admin}
    found = judged("perim.role-wildcards", *account, organization)
    assert {str(one.verdict) for one in found if one.label == "run"} == {wide}


def test_where_the_role_is_named_is_the_evidence_when_the_role_itself_was_not_seen():
    found = judged("perim.role-admin", *stream(ExtendedS3DestinationDescription=BUCKET))
    (one,) = [one for one in found if one.resource == RUN]
    assert one.verdict is Verdict.UNKNOWN
    assert "firehose.DescribeDeliveryStream" in str(one.sources[0])


@pytest.mark.parametrize("check", ["perim.role-admin", "perim.role-wildcards"])
@pytest.mark.parametrize(
    ("listed", "label"),
    [(schedule()[0], "nightly"), (pipe()[0], "work"), (stream()[0], "audit")],
)
def test_what_was_only_listed_does_not_pass(check, listed, label):
    assert verdicts(check, listed, gaad(role("run", ADMIN))) == {label: "UNKNOWN"}
