"""Tables of Steampipe: the same records from CSV and JSON; a column that was not selected stays unknown."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.exports.steampipe import table_of
from auditkit.inventory import UNSET, Source
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.caches import CacheCluster, DaxCluster, MemoryDBCluster, ReplicationGroup
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup
from tests.exports.hostility import anything, mutated, relaxed, withstood
from tests.exports.steampipe_tables import TABLES, A, R, as_csv, as_envelope, as_list, base
from tests.exports.terraform.test_corpus import edges_of

FORMS = {"csv": (as_csv, ".csv"), "list": (as_list, ".json"), "envelope": (as_envelope, ".json")}
SOME = {
    "delivers events:rule/nightly > lambda:function:f",
    "delivers route:111122223333:eu-west-1:a1/POST /orders > lambda:function:f",
    "delivers route:111122223333:eu-west-1:h1/GET /x > lambda:function:f",
    "delivers s3:::inbox > lambda:function:f",
    "delivers sns:news > sqs:jobs",
    "delivers sqs:jobs > lambda:function:f",
    "calls states:stateMachine:flow > lambda:function:f",
    "reads dynamodb:table/orders > lambda:function:f",
    "replicates dynamodb:table/orders > dynamodb:table/orders/stream/1",
    "replicates sqs:jobs > sqs:dead",
    "runs as lambda:function:f > iam:role/f",
}


def exported(folder, form, tables=None):
    write, ending = FORMS[form]
    for table, rows in (TABLES if tables is None else tables).items():
        (folder / f"{table}{ending}").write_text(write(rows))
    return read(folder)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_edges(form, tmp_path):
    inventory = exported(tmp_path, form)
    assert set(edges_of(inventory)) >= SOME
    assert not inventory.not_read
    assert "hunter2" not in "".join(map(repr, inventory))
    counted = {record.kind for record in inventory}
    assert len(counted) == 26


def test_a_row_names_its_place(tmp_path):
    rows = [
        TABLES["aws_sqs_queue"][0],
        {**TABLES["aws_sqs_queue"][0], "queue_arn": "arn:aws:sqs:eu-west-1:111122223333:z"},
    ]
    csv = exported(tmp_path, "csv", {"aws_sqs_queue": rows})
    assert [queue.source for queue in csv.of(Queue)][1] == Source("aws_sqs_queue.csv", "/1", leaf=True)
    (tmp_path / "aws_sqs_queue.csv").unlink()
    envelope = exported(tmp_path, "envelope", {"aws_sqs_queue": rows})
    assert [queue.source.pointer for queue in envelope.of(Queue)] == ["/rows/0", "/rows/1"]


def test_a_policy_stands_in_its_cell(tmp_path):
    (function,) = exported(tmp_path, "csv", {"aws_lambda_function": TABLES["aws_lambda_function"]}).of(Function)
    assert function.policy.at("Statement", "0") == Source("aws_lambda_function.csv", "/0/policy/Statement/0")


def test_what_was_not_selected_is_unknown_and_what_is_empty_is_none(tmp_path):
    row = TABLES["aws_lambda_function"][0]
    short = {key: value for key, value in row.items() if key not in {"policy", "environment_variables", "tags"}}
    (function,) = exported(tmp_path, "list", {"aws_lambda_function": [short]}).of(Function)
    assert (function.policy, function.environment, function.tags) == (UNSET, UNSET, UNSET)
    (bucket,) = exported(tmp_path, "list", {"aws_s3_bucket": TABLES["aws_s3_bucket"]}).of(Bucket)
    assert (bucket.policy, bucket.website) == (None, UNSET)


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("aws_lambda_function.csv", "aws_lambda_function"),
        ("steampipe/prod-aws-lambda-function-2026.csv", "aws_lambda_function"),
        ("functions.csv", "aws_lambda_function"),
        ("aws_lambda_function.txt", ""),
    ],
)
def test_a_table_is_known_by_its_name_or_its_columns(path, table):
    assert table_of(path, as_csv(TABLES["aws_lambda_function"]).encode()) == table


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "name,arn,handler,role\nx,y,z,w\n", "", "\x00"])
def test_other_tables_are_no_export(text, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ExportError):
        read(tmp_path)


def test_a_file_in_another_encoding_is_read(tmp_path):
    (tmp_path / "aws_sqs_queue.csv").write_bytes(as_csv(TABLES["aws_sqs_queue"]).encode("utf-16"))
    assert len(read(tmp_path).of(Queue)) == 1


@settings_of(relaxed, max_examples=150)
@given(table=st.sampled_from(sorted(TABLES)), form=st.sampled_from(sorted(FORMS)), seed=st.integers(0, 2**32))
def test_a_mutated_table_is_read_but_for_what_was_mutated(table, form, seed, tmp_path_factory):
    rows = mutated(TABLES[table], seed)
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        form = "list"
    write, ending = FORMS[form]
    path = tmp_path_factory.mktemp("t") / f"{table}{ending}"
    path.write_text(write(rows))
    withstood(path.parent)


@settings_of(relaxed, max_examples=150)
@given(table=st.sampled_from(sorted(TABLES)), data=st.data())
def test_a_row_of_anything_is_read(table, data, tmp_path_factory):
    columns = sorted(TABLES[table][0])
    row = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(columns, anything)))
    path = tmp_path_factory.mktemp("t") / f"{table}.json"
    path.write_text(json.dumps([row]))
    withstood(path.parent)


_NETWORK = [{"SecurityGroupId": "sg-1", "Status": "active"}]
CACHES = {
    "aws_elasticache_replication_group": {
        "replication_group_id": "carts", "arn": f"arn:aws:elasticache:{R}:{A}:replicationgroup:carts",
        "auth_token_enabled": False, "user_group_ids": [], "transit_encryption_enabled": True,
        "transit_encryption_mode": "preferred", "at_rest_encryption_enabled": True,
        "node_groups": [{"NodeGroupId": "1", "PrimaryEndpoint": {"Address": "carts.example", "Port": 6379}}],
    },
    "aws_elasticache_cluster": {
        "cache_cluster_id": "pages", "arn": f"arn:aws:elasticache:{R}:{A}:cluster:pages", "engine": "memcached",
        "transit_encryption_enabled": False, "security_groups": _NETWORK,
    },
    "aws_memorydb_cluster": {
        "name": "sessions", "arn": f"arn:aws:memorydb:{R}:{A}:cluster/sessions", "acl_name": "open-access",
        "tls_enabled": False, "snapshot_retention_limit": 0, "security_groups": _NETWORK,
        "cluster_endpoint": {"Address": "sessions.example", "Port": 6379},
    },
    "aws_dax_cluster": {
        "cluster_name": "items", "arn": f"arn:aws:dax:{R}:{A}:cache/items", "iam_role_arn": f"arn:aws:iam::{A}:role/d",
        "sse_description": {"Status": "DISABLED"}, "security_groups": [{"SecurityGroupIdentifier": "sg-1"}],
    },
    "aws_redshift_cluster": {
        "cluster_identifier": "facts", "arn": f"arn:aws:redshift:{R}:{A}:namespace:0", "encrypted": False,
        "publicly_accessible": True, "endpoint": {"Address": "facts.example", "Port": 5439}, "vpc_id": "vpc-1",
        "vpc_security_groups": [{"VpcSecurityGroupId": "sg-1"}], "automated_snapshot_retention_period": 1,
        "iam_roles": [{"IamRoleArn": f"arn:aws:iam::{A}:role/load", "ApplyStatus": "in-sync"}],
        "tags_src": [{"Key": "team", "Value": "facts"}], "tags": {"team": "facts"},
    },
    "aws_redshiftserverless_workgroup": {
        "workgroup_name": "adhoc", "workgroup_arn": f"arn:aws:redshift-serverless:{R}:{A}:workgroup/1",
        "namespace_name": "main", "publicly_accessible": False, "security_group_ids": ["sg-1"],
        "config_parameters": [{"ParameterKey": "require_ssl", "ParameterValue": "false"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_caches_and_warehouses_are_what_their_own_apis_say(form, tmp_path):
    inventory = exported(tmp_path, form, {table: [{**base, **row}] for table, row in CACHES.items()})
    assert not inventory.not_read
    (group,), (single,) = inventory.of(ReplicationGroup), inventory.of(CacheCluster)
    assert (group.transit_encryption_mode, group.auth_token_enabled) == ("preferred", False)
    assert group.node_groups[0].primary_endpoint.address == "carts.example"
    assert (single.name, single.transit_encryption_enabled) == ("pages", False)
    (memory,), (dax,) = inventory.of(MemoryDBCluster), inventory.of(DaxCluster)
    assert (memory.name, memory.acl_name, memory.tls_enabled) == ("sessions", "open-access", False)
    assert (dax.name, dax.iam_role_arn, dax.sse_description.status) == ("items", f"arn:aws:iam::{A}:role/d", "DISABLED")
    (cluster,), (workgroup,) = inventory.of(RedshiftCluster), inventory.of(RedshiftWorkgroup)
    assert cluster.id == f"arn:aws:redshift:{R}:{A}:cluster:facts"
    assert (cluster.encrypted, cluster.publicly_accessible, cluster.tags) == (False, True, {"team": "facts"})
    assert cluster.iam_roles[0].iam_role_arn.endswith("role/load")
    assert workgroup.config_parameters[0].parameter_key == "require_ssl"
