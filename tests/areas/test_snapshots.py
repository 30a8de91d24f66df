"""Snapshots of databases that Terraform makes."""

import json

import pytest

from auditkit.areas import Scene, judge
from auditkit.exports import read
from auditkit.graph import connect
from tests.exports.terraform.rendering import plan_of, state_of


def snapshots(shared):
    own = {"shared_accounts": shared} if shared is not None else {}
    database = {"identifier": "d", "engine": "mysql", "publicly_accessible": False}
    return {
        "aws_db_instance.d": database,
        "aws_db_snapshot.s": {
            "db_instance_identifier": "${aws_db_instance.d.identifier}",
            "db_snapshot_identifier": "kept",
            **own,
        },
        "aws_db_cluster_snapshot.c": {"db_cluster_identifier": "c", "db_cluster_snapshot_identifier": "kept", **own},
        "aws_db_snapshot_copy.s": {"target_db_snapshot_identifier": "copied", **own},
        "aws_rds_cluster_snapshot_copy.c": {"target_db_cluster_snapshot_identifier": "copied", **own},
    }


@pytest.mark.parametrize("form", [state_of, plan_of])
@pytest.mark.parametrize(
    ("shared", "expected"), [(["all"], "FAIL"), (["444455556666"], "PASS"), ([], "PASS"), (None, "PASS")]
)
def test_whom_terraform_shares_snapshots_with(tmp_path, form, shared, expected):
    (tmp_path / "tf.json").write_text(json.dumps(form(snapshots(shared))))
    inventory = read(tmp_path / "tf.json")
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    found = [one for one in judge(scene, checks=["rest.public-store"]) if one.kind == "database snapshot"]
    assert [str(one.verdict) for one in found] == [expected] * 4
    assert not inventory.not_read


def test_accounts_that_a_plan_does_not_know_yet(tmp_path):
    said = snapshots(["${aws_organizations_account.other.id}"]) | {"aws_organizations_account.other": {"name": "o"}}
    (tmp_path / "tf.json").write_text(json.dumps(plan_of(said)))
    inventory = read(tmp_path / "tf.json")
    scene = Scene(inventory, connect(inventory), date="2026-11-01")
    found = [one for one in judge(scene, checks=["rest.public-store"]) if one.kind == "database snapshot"]
    assert {str(one.verdict) for one in found} == {"UNKNOWN"}
