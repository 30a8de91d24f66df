"""Roles that schedules, pipes, streams and the like act in are judged as those of functions are."""

import json

import pytest

from auditkit import Audit, read
from auditkit.areas import Verdict
from tests.areas.scenes import ACCOUNT, REGION, answer, arn, function, functions, gaad, judged, role, verdicts
from tests.exports.terraform.rendering import plan_of

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


PERMISSIONS = {
    "Effect": "Allow",
    "Action": "s3:*",
    "Resource": "*",
}


@pytest.mark.parametrize(
    "workload",
    [
        answer("glue.GetJobs", {"Jobs": [{"Name": "etl", "Role": "etl"}]}),
        answer("glue.GetJobs", {"Jobs": [{"Name": "etl", "Role": f"arn:aws:iam::{ACCOUNT}:role/etl"}]}),
        answer(
            "codebuild.BatchGetProjects",
            {"projects": [{"arn": arn("codebuild", "project/etl"), "serviceRole": f"arn:aws:iam::{ACCOUNT}:role/etl"}]},
            "etl",
        ),
    ],
)
def test_the_role_of_a_job_or_build_is_judged(workload):
    found = verdicts("perim.role-wildcards", gaad(role("etl", PERMISSIONS)), workload)
    assert list(found.values()) == ["FAIL"]


def device_policy(**statement):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return answer("iot.GetPolicy", {"policyName": "thing", "policyDocument": json.dumps(document)}, "thing")


IOT = f"arn:aws:iot:{REGION}:{ACCOUNT}:"
ATTACHED = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "iot:*", "Resource": "*"}, "FAIL"),
        ({"Action": "iot:*", "Resource": f"{IOT}topic/alarms"}, "FAIL"),
        ({"Action": "iot:Connect", "Resource": f"{IOT}client/*"}, "FAIL"),
        ({"Action": ["iot:Publish", "iot:Receive"], "Resource": f"{IOT}topic/*"}, "FAIL"),
        ({"Action": "iot:Connect", "Resource": "*", "Condition": ATTACHED}, "WARN"),
        ({"Action": "iot:Connect", "Resource": f"{IOT}client/${{iot:Connection.Thing.ThingName}}"}, "PASS"),
        ({"Action": "iot:Publish", "Resource": f"{IOT}topic/${{iot:ClientId}}/*"}, "PASS"),
        ({"Action": "iot:Publish", "Resource": f"{IOT}topic/alarms"}, "PASS"),
        ({"Action": "iot:Publish"}, "UNKNOWN"),  # a plan that does not tell on what
    ],
)
def test_policies_of_things(statement, expected):
    found = verdicts("perim.role-wildcards", device_policy(**statement))
    assert {name.split(" ")[0]: verdict for name, verdict in found.items()} == {"thing": expected}


def test_a_policy_of_things_that_was_only_listed_is_unknown():
    listed = answer("iot.ListPolicies", {"policies": [{"policyName": "thing", "policyArn": f"{IOT}policy/thing"}]})
    assert verdicts("perim.role-wildcards", listed) == {"thing": "UNKNOWN"}


WIDE_THING = {"Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
WIDE_JOB = {"Statement": [PERMISSIONS]}
TEMPLATE = {
    "P": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "thing", "PolicyDocument": WIDE_THING}},
    "J": {"Type": "AWS::Glue::Job", "Properties": {"Name": "etl", "Role": {"Fn::GetAtt": ["R", "Arn"]}}},
    "R": {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": WIDE_JOB}]},
    },
}
PLAN = {
    "aws_iot_policy.p": {"name": "thing", "policy": json.dumps(WIDE_THING)},
    "aws_glue_job.j": {"name": "etl", "role_arn": f"arn:aws:iam::{ACCOUNT}:role/r"},
    "aws_iam_role.r": {"name": "r", "arn": f"arn:aws:iam::{ACCOUNT}:role/r", "assume_role_policy": "{}"},
    "aws_iam_role_policy.r": {"name": "p", "role": "r", "policy": json.dumps(WIDE_JOB)},
}


@pytest.mark.parametrize(
    ("name", "content"), [("template.json", {"Resources": TEMPLATE}), ("plan.json", plan_of(PLAN))]
)
def test_templates_and_plans_tell_policies_of_things_and_jobs(tmp_path, name, content):
    (tmp_path / name).write_text(json.dumps(content))
    found = Audit(read(tmp_path), date="2026-11-01").findings
    wide = {one.kind for one in found if one.check == "perim.role-wildcards" and one.verdict == "FAIL"}
    assert wide == {"role", "device policy"}
