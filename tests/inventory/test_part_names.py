"""Parts of records that are read in calls of their own stand in the API's shapes, too, under the names they have."""

import msgspec.inspect
import pytest

from auditkit.inventory.records import buckets, databases, filesystems, keys, logs, messaging, streams, tables
from tests.inventory.test_wire_names import mismatches, service_model

PARTS = [
    (buckets.BucketAcl, "s3", "GetBucketAclOutput"),
    (buckets.BucketEncryption, "s3", "ServerSideEncryptionConfiguration"),
    (buckets.BucketNotification, "s3", "NotificationConfiguration"),
    (buckets.BucketReplication, "s3", "ReplicationConfiguration"),
    (buckets.BucketVersioning, "s3", "GetBucketVersioningOutput"),
    (buckets.BucketWebsite, "s3", "GetBucketWebsiteOutput"),
    (buckets.LifecycleRule, "s3", "LifecycleRule"),
    (buckets.ObjectLock, "s3", "ObjectLockConfiguration"),
    (buckets.OwnershipControls, "s3", "OwnershipControls"),
    (buckets.PolicyStatus, "s3", "PolicyStatus"),
    (buckets.PublicAccessBlock, "s3", "PublicAccessBlockConfiguration"),
    (buckets.PublicAccessBlock, "s3control", "PublicAccessBlockConfiguration"),
    (databases.DBProxyTarget, "rds", "DBProxyTarget"),
    (filesystems.MountTarget, "efs", "MountTargetDescription"),
    (keys.KeyGrant, "kms", "GrantListEntry"),
    (keys.KeyMetadata, "kms", "KeyMetadata"),
    (keys.KeyRotation, "kms", "GetKeyRotationStatusResponse"),
    (logs.SubscriptionFilter, "logs", "SubscriptionFilter"),
    (streams.StreamConsumer, "kinesis", "Consumer"),
    (tables.ContinuousBackups, "dynamodb", "ContinuousBackupsDescription"),
    (tables.KinesisDestination, "dynamodb", "KinesisDataStreamDestination"),
    (tables.TimeToLive, "dynamodb", "TimeToLiveDescription"),
]


@pytest.mark.parametrize(("part", "service", "shape"), PARTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_part_stands_in_a_shape_of_the_api(part, service, shape):
    found = mismatches(msgspec.inspect.type_info(part), service_model(service).shape_for(shape), "")
    assert list(found) == []


def test_attributes_of_queues_are_those_that_sqs_knows():
    known = set(service_model("sqs").shape_for("QueueAttributeName").enum)
    ours = {field.encode_name for field in msgspec.structs.fields(messaging.QueueAttributes)} - {"__source"}
    assert ours <= known
