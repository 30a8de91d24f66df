"""AWS Config: the same resources from a snapshot, a history and a query, and what it cannot say stays unknown."""

import gzip
import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports.archive import Limits
from auditkit.inventory import UNSET, CoverageState, Kind
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.trails import Trail
from auditkit.inventory.records.warehouses import RedshiftCluster
from auditkit.inventory.records.workloads import BuildProject
from tests.exports.config_items import ALL, A, R, bucket, fn, gone, history, item, query, queue, role, snapshot
from tests.exports.hostility import anything, mutated, relaxed, withstood, written
from tests.exports.terraform.test_corpus import edges_of, follow, sources_in

FORMS = {"snapshot": snapshot, "query": query, "history": history}
EDGES = {
    "delivers events:rule/nightly > lambda:function:f",
    "delivers s3:::inbox > lambda:function:f",
    "invokes events:rule/nightly > lambda:function:f",
    "invokes s3:::inbox > lambda:function:f",
    "opens kms:key/k > dynamodb:table/orders",
    "opens kms:key/k > s3:::inbox",
    "permits dynamodb:table/orders > dynamodb:table/orders/stream/1",
    "permits lambda:function:f > sqs:dead",
    "replicates dynamodb:table/orders > dynamodb:table/orders/stream/1",
    "runs as lambda:function:f > iam:role/f",
    "runs as states:stateMachine:flow > iam:role/f",
    "writes lambda:function:f > sqs:dead",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_edges_and_each_place_exists(form, tmp_path):
    document = FORMS[form](ALL)
    inventory = read(written(tmp_path / "config.json", document))
    assert set(edges_of(inventory)) == EDGES
    assert not inventory.not_read
    for record in inventory:
        for source in sources_in(record):
            follow(document, source.pointer)


def inventory_of(tmp_path, *items):
    return read(written(tmp_path / "config.json", snapshot(list(items))))


def test_what_was_deleted_is_not_there(tmp_path):
    assert [found.name for found in inventory_of(tmp_path, queue, gone).of(Queue)] == ["dead"]


@pytest.mark.parametrize("last", ["OK", "ResourceDeleted", "ResourceNotRecorded", "ResourceDeletedNotRecorded"])
def test_the_last_record_of_a_resource_counts(last, tmp_path):
    later = {**queue, "configurationItemCaptureTime": "2026-02-01T00:00:00.000Z", "configurationItemStatus": last}
    found = inventory_of(tmp_path, later, queue).of(Queue)
    assert len(found) == (last == "OK")


def test_what_config_does_not_record_is_unknown(tmp_path):
    inventory = inventory_of(tmp_path, fn, role)
    (function,) = inventory.of(Function)
    assert (function.environment, function.image_uri) == (UNSET, UNSET)
    assert (function.memory_size, function.reserved_concurrency) == (128, 5)
    states = {(call.service, call.operation): call.state for call in inventory.coverage}
    for call in ("ListEventSourceMappings", "ListFunctionUrlConfigs"):
        assert states["lambda", call] is CoverageState.MISSING
    assert states["apigateway", "GetResources"] is CoverageState.MISSING


def test_a_bucket_has_what_supplements_it(tmp_path):
    (found,) = inventory_of(tmp_path, bucket).of(Bucket)
    assert found.policy.document["Statement"][0]["Action"] == "s3:GetObject"
    assert found.notification.lambda_function_configurations[0].filter.narrows
    assert [grant.grantee.uri for grant in found.acl.grants][1].endswith("/AllUsers")
    assert found.versioning.status == "Enabled"
    assert found.encryption.rules[0].apply_server_side_encryption_by_default.sse_algorithm == "aws:kms"
    assert found.website is UNSET


def test_a_query_that_selects_little_gives_what_it_has(tmp_path):
    rows = [{"resourceType": "AWS::SQS::Queue", "arn": "arn:aws:sqs:eu-west-1:111122223333:q", "resourceName": "q"}]
    document = {"Results": [json.dumps(row) for row in rows], "QueryInfo": {"SelectFields": []}}
    assert [found.name for found in read(written(tmp_path / "q.json", document)).of(Queue)] == ["q"]


def test_items_that_are_no_items_are_noted(tmp_path):
    document = {"Results": ["{", 3, "[]", json.dumps({"arn": "x"})], "QueryInfo": {}}
    inventory = read(written(tmp_path / "q.json", document))
    assert [note.source.pointer for note in inventory.not_read] == [f"/Results/{number}" for number in range(4)]


def test_an_empty_snapshot_is_an_empty_inventory(tmp_path):
    assert len(inventory_of(tmp_path)) == 0


def test_results_of_another_service_are_no_config(tmp_path):
    with pytest.raises(ExportError):
        read(written(tmp_path / "r.json", {"Results": [{"a": 1}]}))


def test_functions_of_config_stand_in_tables(tmp_path):
    assert list(inventory_of(tmp_path, fn).frame(Kind.FUNCTION)["name"]) == ["f"]


@settings_of(relaxed, max_examples=150)
@given(form=st.sampled_from(sorted(FORMS)), seed=st.integers(0, 2**32))
def test_a_mutated_document_is_read_but_for_what_was_mutated(form, seed, tmp_path):
    document = mutated(FORMS[form](ALL), seed)
    texts = document.get("Results") if isinstance(document, dict) else None
    if isinstance(texts, list):
        document["Results"] = [json.dumps(mutated(json.loads(text), seed)) for text in query(ALL)["Results"]]
    withstood(written(tmp_path / "config.json", document))


KINDS = sorted({item["resourceType"] for item in ALL})


@settings_of(relaxed, max_examples=150)
@given(kind=st.sampled_from(KINDS), configuration=anything, more=anything, fields=st.dictionaries(st.text(), anything))
def test_items_with_anything_in_them_are_read(kind, configuration, more, fields, tmp_path):
    item = {
        "resourceType": kind,
        "ARN": "arn:aws:lambda:eu-west-1:111122223333:function:f",
        "configuration": configuration,
        "supplementaryConfiguration": more,
        **fields,
    }
    withstood(written(tmp_path / "config.json", snapshot([item])))


def test_types_that_are_not_read_are_noted_once_each(tmp_path):
    others = [item("AWS::Lightsail::Disk", f"arn:aws:lightsail:{R}:{A}:Disk/{name}", {}, name=name) for name in "ab"]
    (note,) = inventory_of(tmp_path, queue, *others).not_read
    assert note.reason == "items of type AWS::Lightsail::Disk are not read (2 here)"
    assert note.source.pointer == "/configurationItems/1"


NAME = f"{A}_Config_{R}_ConfigSnapshot_20260101T000000Z_x.json.gz"


def test_a_snapshot_is_read_as_it_is_delivered(tmp_path):
    content = gzip.compress(json.dumps(snapshot([queue])).encode())
    (tmp_path / NAME).write_bytes(content)
    inventory = read(tmp_path)
    assert [found.name for found in inventory.of(Queue)] == ["dead"]
    assert inventory.digests == {NAME: hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[:-12], "cannot be unpacked: it breaks off"),
        (lambda content: content[:40] + b"?" * 40 + content[80:], "cannot be unpacked: damaged"),
        (lambda _: b"{}", "cannot be unpacked: damaged"),
        (
            lambda _: gzip.compress(random.Random(1).randbytes(3 << 19).hex().encode()),
            "expands to more than 2,097,152 bytes",
        ),
        (lambda _: gzip.compress(b" " * (3 << 19)), "expands more than 200 times"),
        (lambda _: gzip.compress(b'{"nothing": 1}'), "no known format: its keys (nothing) belong to no call"),
    ],
)
def test_a_packed_file_that_cannot_be_read_is_noted(spoil, reason, tmp_path):
    (tmp_path / NAME).write_bytes(spoil(gzip.compress(json.dumps(snapshot([queue])).encode())))
    written(tmp_path / "config.json", snapshot([queue]))
    (note,) = read(tmp_path, limits=Limits(file_bytes=2 << 20)).not_read
    assert note.source.file == NAME
    assert note.reason.startswith(reason)


def test_what_watches_and_what_builds(tmp_path):
    watching = [
        item(
            "AWS::CloudTrail::Trail",
            f"arn:aws:cloudtrail:{R}:{A}:trail/main",
            {"name": "main", "trailARN": f"arn:aws:cloudtrail:{R}:{A}:trail/main", "isMultiRegionTrail": True},
            name="main",
        ),
        item(
            "AWS::CloudWatch::Alarm",
            f"arn:aws:cloudwatch:{R}:{A}:alarm:costs",
            {"alarmName": "costs", "namespace": "AWS/Billing", "metricName": "Charges", "actionsEnabled": True},
            name="costs",
        ),
        item(
            "AWS::CodeBuild::Project",
            f"arn:aws:codebuild:{R}:{A}:project/build",
            {"name": "build", "serviceRole": f"arn:aws:iam::{A}:role/f"},
            name="build",
        ),
    ]
    inventory = inventory_of(tmp_path, *watching)
    (trail,), (alarm,), (project,) = (inventory.of(kind) for kind in (Trail, Alarm, BuildProject))
    assert (trail.trail_name, trail.is_multi_region_trail, trail.selectors) == ("main", True, UNSET)
    assert (alarm.alarm_name, alarm.metric_name, alarm.actions_enabled) == ("costs", "Charges", True)
    assert (project.name, project.service_role) == ("build", f"arn:aws:iam::{A}:role/f")
    assert not inventory.not_read


def test_a_warehouse_is_what_its_own_api_says(tmp_path):
    configuration = {
        "clusterIdentifier": "facts",
        "encrypted": False,
        "publiclyAccessible": True,
        "endpoint": {"address": "facts.example", "port": 5439.0},
        "vpcSecurityGroups": [{"vpcSecurityGroupId": "sg-1", "status": "active"}],
        "iamRoles": [{"iamRoleArn": f"arn:aws:iam::{A}:role/load", "applyStatus": "in-sync"}],
        "clusterParameterGroups": [{"parameterGroupName": "default.redshift-1.0"}],
        "automatedSnapshotRetentionPeriod": 1.0,
        "masterUsername": "root",
    }
    arn = f"arn:aws:redshift:{R}:{A}:cluster:facts"
    (cluster,) = inventory_of(tmp_path, item("AWS::Redshift::Cluster", arn, configuration, name="facts")).of(
        RedshiftCluster
    )
    assert (cluster.id, cluster.name, cluster.encrypted, cluster.publicly_accessible) == (arn, "facts", False, True)
    assert (cluster.endpoint.address, cluster.automated_snapshot_retention_period) == ("facts.example", 1)
    assert cluster.iam_roles[0].iam_role_arn.endswith("role/load")
    assert cluster.tags == {"team": "shop"}
