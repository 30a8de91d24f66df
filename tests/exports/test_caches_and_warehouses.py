"""MemoryDB, DAX, Redshift, the users of caches and AWS Backup: as the API, templates and Terraform tell of them."""

import json

import boto3
from moto import mock_aws

from auditkit.exports import read
from auditkit.inventory import UNSET
from auditkit.inventory.records.backups import Backup, BackupVault
from auditkit.inventory.records.buckets import Bucket
from auditkit.inventory.records.caches import CacheUser, CacheUserGroup, DaxCluster, MemoryDBCluster
from auditkit.inventory.records.databases import DBParameterGroup
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup
from tests.exports.cloudformation.writing import inventory_of
from tests.exports.feeding import REGION, answer, exported, feed
from tests.exports.stores_by_hand import ARN, access_list, user, user_group, workgroup
from tests.exports.terraform.rendering import plan_of, state_of

ROLE = "arn:aws:iam::123456789012:role/warehouse"


def client(service):
    return boto3.client(service, region_name=REGION)


@mock_aws
def test_what_the_api_says(tmp_path):
    client("redshift").create_cluster(
        ClusterIdentifier="sales",
        NodeType="ra3.large",
        MasterUsername="u",
        MasterUserPassword="Hunter2hunter2",
        PubliclyAccessible=False,
        Encrypted=True,
        Tags=[{"Key": "owner", "Value": "bi"}],
    )
    client("memorydb").create_cluster(ClusterName="carts", NodeType="db.t4g.small", ACLName="open-access")
    client("dax").create_cluster(ClusterName="items", NodeType="dax.t3.small", ReplicationFactor=1, IamRoleArn=ROLE)
    client("backup").create_backup_vault(BackupVaultName="safe")
    inventory = exported(tmp_path, "redshift", "memorydb", "dax", "backup")
    (cluster,), (memory,), (cache,) = (inventory.of(cls) for cls in (RedshiftCluster, MemoryDBCluster, DaxCluster))
    assert (cluster.id, cluster.encrypted, cluster.tags) == (
        ARN.format("redshift", "cluster:sales"),
        True,
        {"owner": "bi"},
    )
    assert (memory.acl_name, memory.name) == ("open-access", "carts")
    assert (cache.iam_role_arn, cache.cluster_endpoint_encryption_type) == (ROLE, "NONE")
    assert [vault.name for vault in inventory.of(BackupVault)] == ["safe"]
    groups = inventory.of(DBParameterGroup)
    assert {one.parameter_name for group in groups for one in group.parameters} <= {"require_ssl"}
    assert "Hunter2" not in str(list(inventory))


def test_a_workgroup_has_what_is_said_of_its_namespace():
    (found,) = feed(*workgroup({"kmsKeyId": "k", "iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={ROLE})"]})).of(
        RedshiftWorkgroup
    )
    assert (found.namespace.kms_key_id, len(found.namespace.iam_roles)) == ("k", 1)
    assert found.namespace.source.pointer == "/namespaces/0"
    (alone,) = feed(*workgroup()).of(RedshiftWorkgroup)
    assert alone.namespace is UNSET


def test_users_of_caches():
    inventory = feed(user_group("a"), user("a"), access_list("b"), user("b", "no-password", service="memorydb"))
    names = {record.id.partition(":123456789012:")[2]: record.name for record in inventory}
    assert names == {"usergroup:g": "g", "acl/g": "g", "user:a": "a", "user/b": "b"}
    assert [one.authentication.type for one in inventory.of(CacheUser)] == ["password", "no-password"]


def test_what_has_a_copy():
    vault = ARN.format("backup", "backup-vault:safe")
    listed = {"BackupVaultName": "safe", "BackupVaultArn": vault, "Locked": True, "LockDate": "2026-01-01T00:00:00Z"}
    copy = {"ResourceArn": "arn:aws:s3:::b", "LastBackupTime": "2026-10-30T00:00:00Z", "LastBackupVaultArn": vault}
    inventory = feed(
        answer("backup.ListBackupVaults", {"BackupVaultList": [listed]}),
        answer("backup.ListProtectedResources", {"Results": [copy]}),
    )
    (backup,), (found,) = inventory.of(Backup), inventory.of(BackupVault)
    assert (backup.id, backup.last_backup_vault_arn, found.locked) == ("backup:arn:aws:s3:::b", vault, True)


TEMPLATE = """\
Resources:
  Reader:
    Type: AWS::ElastiCache::User
    Properties: {UserId: Reader, UserName: r, Engine: redis, AccessString: on ~* +@read, Passwords: [Hunter2hunter2]}
  Anyone:
    Type: AWS::ElastiCache::User
    Properties: {UserId: anyone, UserName: default, Engine: redis, AccessString: on ~* +@all, NoPasswordRequired: true}
  Token:
    Type: AWS::ElastiCache::User
    Properties: {UserId: token, UserName: token, Engine: redis, AuthenticationMode: {Type: iam}}
  Users:
    Type: AWS::ElastiCache::UserGroup
    Properties: {UserGroupId: users, Engine: redis, UserIds: [!Ref Reader, !Ref Anyone]}
  Writer:
    Type: AWS::MemoryDB::User
    Properties:
      UserName: writer
      AccessString: on ~* +@all
      AuthenticationMode: {Type: password, Passwords: [Hunter2hunter2]}
  Writers: {Type: AWS::MemoryDB::ACL, Properties: {ACLName: writers, UserNames: [!Ref Writer]}}
  Carts:
    Type: AWS::MemoryDB::Cluster
    Properties:
      ClusterName: carts
      NodeType: db.t4g.small
      ACLName: !Ref Writers
      SecurityGroupIds: [sg-1]
      Tags: [{Key: owner, Value: shop}]
  Items:
    Type: AWS::DAX::Cluster
    Properties:
      ClusterName: items
      NodeType: dax.t3.small
      ReplicationFactor: 1
      IAMRoleARN: ROLE
      SSESpecification: {SSEEnabled: true}
  Parameters:
    Type: AWS::Redshift::ClusterParameterGroup
    Properties:
      ParameterGroupName: tls
      ParameterGroupFamily: redshift-1.0
      Description: x
      Parameters: [{ParameterName: require_ssl, ParameterValue: 'true'}]
  Sales:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterIdentifier: sales
      ClusterType: single-node
      DBName: sales
      NodeType: ra3.large
      MasterUsername: u
      MasterUserPassword: Hunter2hunter2
      Encrypted: true
      PubliclyAccessible: false
      ClusterParameterGroupName: !Ref Parameters
      VpcSecurityGroupIds: [sg-1]
      IamRoles: [ROLE]
  Space:
    Type: AWS::RedshiftServerless::Namespace
    Properties:
      NamespaceName: space
      KmsKeyId: k
      IamRoles: [ROLE]
      AdminUsername: u
      AdminUserPassword: Hunter2hunter2
  Group:
    Type: AWS::RedshiftServerless::Workgroup
    Properties:
      WorkgroupName: group
      NamespaceName: !Ref Space
      PubliclyAccessible: true
      SecurityGroupIds: [sg-1]
      ConfigParameters: [{ParameterKey: require_ssl, ParameterValue: 'true'}]
  Log:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: log
      ObjectLockEnabled: true
      ObjectLockConfiguration:
        ObjectLockEnabled: Enabled
        Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 30}}
""".replace("ROLE", ROLE)
RESOURCES = {
    "aws_elasticache_user.reader": {
        "user_id": "reader",
        "user_name": "reader",
        "access_string": "on ~* +@read",
        "passwords": ["Hunter2hunter2"],
    },
    "aws_elasticache_user.anyone": {"user_id": "anyone", "user_name": "default", "access_string": "on ~* +@all",
                                    "no_password_required": True},
    "aws_elasticache_user.token": {"user_id": "token", "user_name": "token", "authentication_mode": [{"type": "iam"}]},
    "aws_elasticache_user_group.users": {
        "user_group_id": "users",
        "user_ids": ["${aws_elasticache_user.reader.user_id}", "${aws_elasticache_user.anyone.user_id}"],
    },
    "aws_memorydb_user.writer": {
        "user_name": "writer",
        "access_string": "on ~* +@all",
        "authentication_mode": [{"type": "password", "passwords": ["Hunter2hunter2"]}],
    },
    "aws_memorydb_acl.writers": {"name": "writers", "user_names": ["${aws_memorydb_user.writer.user_name}"]},
    "aws_memorydb_cluster.carts": {
        "name": "carts",
        "acl_name": "${aws_memorydb_acl.writers.name}",
        "security_group_ids": ["sg-1"],
        "tls_enabled": True,
        "snapshot_retention_limit": 0,
        "tags": {"owner": "shop"},
    },
    "aws_dax_cluster.items": {
        "cluster_name": "items",
        "iam_role_arn": ROLE,
        "cluster_endpoint_encryption_type": "NONE",
        "server_side_encryption": [{"enabled": True}],
    },
    "aws_redshift_parameter_group.tls": {"name": "tls", "parameter": [{"name": "require_ssl", "value": "true"}]},
    "aws_redshift_cluster.sales": {
        "cluster_identifier": "sales",
        "database_name": "sales",
        "master_password": "Hunter2hunter2",
        "encrypted": True,
        "publicly_accessible": False,
        "automated_snapshot_retention_period": 1,
        "cluster_parameter_group_name": "${aws_redshift_parameter_group.tls.name}",
        "vpc_security_group_ids": ["sg-1"],
        "iam_roles": [ROLE],
    },
    "aws_redshiftserverless_namespace.space": {
        "namespace_name": "space",
        "kms_key_id": "k",
        "iam_roles": [ROLE],
        "admin_user_password": "Hunter2hunter2",
    },
    "aws_redshiftserverless_workgroup.group": {
        "workgroup_name": "group",
        "namespace_name": "${aws_redshiftserverless_namespace.space.namespace_name}",
        "publicly_accessible": True,
        "security_group_ids": ["sg-1"],
        "config_parameter": [{"parameter_key": "require_ssl", "parameter_value": "true"}],
    },
    "aws_s3_bucket.log": {"bucket": "log"},
    "aws_s3_bucket_object_lock_configuration.log": {
        "bucket": "${aws_s3_bucket.log.bucket}",
        "object_lock_enabled": "Enabled",
        "rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 30, "years": 0}]}],
    },
}  # fmt: skip


def agrees(inventory):
    """Hold what a format says of the same account against what it should."""
    assert "Hunter2" not in str(list(inventory))
    users = {one.name: (one.authentication.type, one.access_string or "") for one in inventory.of(CacheUser)}
    assert users == {
        "anyone": ("no-password", "on ~* +@all"),
        "reader": ("password", "on ~* +@read"),
        "token": ("iam", ""),
        "writer": ("password", "on ~* +@all"),
    }
    members = {group.name: {*group.user_ids, *group.user_names} for group in inventory.of(CacheUserGroup)}
    assert members == {"users": {"reader", "anyone"}, "writers": {"writer"}}
    (memory,), (cache,) = inventory.of(MemoryDBCluster), inventory.of(DaxCluster)
    assert (memory.acl_name, memory.tls_enabled, memory.snapshot_retention_limit) == ("writers", True, 0)
    assert [one.security_group_id for one in memory.security_groups] == ["sg-1"]
    assert memory.tags == {"owner": "shop"}
    assert (cache.iam_role_arn, cache.sse_description.status) == (ROLE, "ENABLED")
    assert cache.cluster_endpoint_encryption_type == "NONE"
    (cluster,), (group,) = inventory.of(RedshiftCluster), inventory.of(RedshiftWorkgroup)
    assert (cluster.encrypted, cluster.publicly_accessible) == (True, False)
    assert cluster.automated_snapshot_retention_period == 1
    assert [one.parameter_group_name for one in cluster.cluster_parameter_groups] == ["tls"]
    assert [one.vpc_security_group_id for one in cluster.vpc_security_groups] == ["sg-1"]
    assert [one.iam_role_arn for one in cluster.iam_roles] == [ROLE]
    (parameters,) = inventory.of(DBParameterGroup)
    assert [(one.parameter_name, one.parameter_value) for one in parameters.parameters] == [("require_ssl", "true")]
    assert (group.publicly_accessible, group.security_group_ids) == (True, ("sg-1",))
    assert (group.namespace.kms_key_id, group.namespace.iam_roles) == ("k", (ROLE,))
    assert [(one.parameter_key, one.parameter_value) for one in group.config_parameters] == [("require_ssl", "true")]
    (bucket,) = inventory.of(Bucket)
    kept = bucket.object_lock.rule.default_retention
    assert (bucket.object_lock.object_lock_enabled, kept.mode, kept.days) == ("Enabled", "COMPLIANCE", 30)
    assert not inventory.not_read


def test_what_a_template_says(tmp_path):
    agrees(inventory_of(tmp_path, shop__yaml=TEMPLATE))


def test_what_a_state_says(tmp_path):
    (tmp_path / "tf.json").write_text(json.dumps(state_of(RESOURCES)))
    agrees(read(tmp_path / "tf.json"))


def test_what_a_plan_says(tmp_path):
    (tmp_path / "tf.json").write_text(json.dumps(plan_of(RESOURCES)))
    agrees(read(tmp_path / "tf.json"))
