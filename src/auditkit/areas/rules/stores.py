"""Data at rest: encryption, sign-in and recovery, by the settings of each kind of store."""

from collections.abc import Iterable, Iterator

from auditkit.areas.answers import Answer, Rule, failed, found_none, not_applicable, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.reach import RANK
from auditkit.areas.rules._retention import retention
from auditkit.areas.rules._sealing import SEALS, Keys, Sealed
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use
from auditkit.exports.secrets import named_like_a_credential
from auditkit.graph.grounds import lacking, within_account
from auditkit.graph.schema import AccessLevel, Edge, Evidence, Sensitivity
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.buckets import Bucket, BucketVersioning
from auditkit.inventory.records.caches import CacheCluster, ReplicationGroup, ServerlessCache
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.keys import Parameter
from auditkit.inventory.records.messaging import Queue, Topic
from auditkit.inventory.records.streams import DeliveryStream, Stream
from auditkit.inventory.records.tables import ContinuousBackups, Table
from auditkit.policy import can

__all__ = ["RULES"]


def _aside(record: Record) -> bool:
    """Return whether a record is judged elsewhere, as a member of a cluster or group, or is plain text by purpose."""
    if isinstance(record, Parameter):
        return record.type is None or (record.type != "SecureString" and not named_like_a_credential(record.name))
    if isinstance(record, DBInstance):
        return bool(record.db_cluster_identifier)
    return isinstance(record, CacheCluster) and bool(record.replication_group_id)


def _sealed(scene: Scene) -> Iterator[tuple[Record, Sealed, Sensitivity | None]]:
    keys = Keys(scene.inventory)
    for cls, seal in SEALS:
        for record in scene.inventory.of(cls):
            if not _aside(record):
                node = scene.node(record.id)
                yield record, seal(record, keys), node.sensitivity if node is not None else None


def encrypted(scene: Scene) -> Iterator[Answer]:
    """Judge the encryption of every store, and for restricted data whose key it is."""
    for record, sealed, sensitivity in _sealed(scene):
        if sealed.state == "unknown":
            yield unknown(record, sealed.said, at=sealed.source)
        elif sealed.state == "none":
            yield failed(record, sealed.said, at=sealed.source)
        elif sealed.state == "some" and sensitivity is Sensitivity.RESTRICTED:
            yield unknown(record, sealed.missing, at=sealed.source)
        elif sealed.state == "service" and sensitivity is Sensitivity.RESTRICTED:
            said = f"{sealed.said}: whoever may read the restricted data in it needs no key of yours"
            yield warned(record, said, at=sealed.source)
        else:
            yield passed(record, f"{sealed.said}{_OPEN if _key_open(sealed, sensitivity) else ''}", at=sealed.source)


_OPEN = "; its sensitivity is not known, and so not whether it ought to be a key of yours"


def _key_open(sealed: Sealed, sensitivity: Sensitivity | None) -> bool:
    return sealed.state != "key" and RANK.get(sensitivity or Sensitivity.UNKNOWN) is None


def transient_state(scene: Scene) -> Iterator[Answer]:
    """Judge queues, topics, streams and caches by the class of what passes through them."""
    for record, sealed, sensitivity in _sealed(scene):
        if not isinstance(record, Queue | Topic | Stream | DeliveryStream | ReplicationGroup | CacheCluster):
            continue
        rank = RANK.get(sensitivity or Sensitivity.UNKNOWN)
        if rank is None:
            yield unknown(record, "the sensitivity of what passes through it", at=record.source)
        elif rank < RANK[Sensitivity.CONFIDENTIAL]:
            yield found_none(record, "what passes through it is internal at most", at=record.source)
        elif sealed.state == "unknown":
            yield unknown(record, sealed.said, at=sealed.source)
        elif sealed.state == "none":
            assert sensitivity is not None
            yield failed(record, f"{sensitivity.value} data passes through it, and {sealed.said}", at=sealed.source)
        else:
            yield passed(record, f"it is held to the standard of a database: {sealed.said}", at=sealed.source)


# ------------------------------------------------------------------------ sign-in


def cache_auth(scene: Scene) -> Iterator[Answer]:
    """Judge whether a cache asks who is there."""
    for group in scene.inventory.of(ReplicationGroup):
        at = group.source.at("AuthTokenEnabled")
        if group.user_group_ids:
            yield passed(group, f"users of {some(group.user_group_ids)} sign in", at=group.source.at("UserGroupIds"))
        elif group.auth_token_enabled is None:
            yield unknown(group, "AuthTokenEnabled", at=group.source)
        elif group.auth_token_enabled:
            yield warned(group, "one token opens it for everybody: no users", at=at)
        else:
            yield failed(group, "neither a token nor users: whoever reaches the port reads and writes", at=at)
    for cluster in scene.inventory.of(CacheCluster):
        if cluster.replication_group_id:
            continue
        at = cluster.source.at("AuthTokenEnabled")
        if cluster.auth_token_enabled:
            yield warned(cluster, "one token opens it for everybody: no users", at=at)
        else:
            yield failed(cluster, "it asks nobody who is there: whoever reaches the port reads and writes", at=at)
    for cache in scene.inventory.of(ServerlessCache):
        at = cache.source.at("UserGroupId")
        if cache.user_group_id:
            yield passed(cache, f"users of {cache.user_group_id} sign in", at=at)
        else:
            yield failed(cache, "it has no user group: whoever reaches the port reads and writes", at=at)


# ----------------------------------------------------------------------- recovery

_DELETES_VERSIONS = "s3:DeleteObjectVersion"
_DESTROYS = frozenset({AccessLevel.DELETE, AccessLevel.ADMIN})
_CHANGES = frozenset({AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN})


def backup_integrity(scene: Scene) -> Iterator[Answer]:
    """Judge whether what a function can destroy can be got back."""
    for cls in (Bucket, Table, DBInstance, DBCluster):
        for record in scene.inventory.of(cls):
            if not _aside(record):
                yield _recoverable(scene, record)


def _recoverable(scene: Scene, record: Record) -> Answer:
    ways = [
        (role, edge)
        for role, edge in scene.permitted_on(record.id)
        if edge.access in _CHANGES and scene.functions_as(role)
        if edge.evidence is Evidence.PERMITTED or not edge.cost  # a host that is named takes a password
    ]
    given = {role for role, edge in ways if is_given(edge)}
    changers = sorted({function.name for role in given for function in scene.functions_as(role)})
    lacks, missing, at = _lacks(record)
    if missing:
        return unknown(record, missing, at=at)
    if not lacks and isinstance(record, Bucket):
        return _versioned(scene, record, ways, at)
    if not lacks:
        return passed(record, "what is destroyed in it can be got back", at=at)
    if isinstance(record, Bucket | Table) and not changers and ways:
        sources = [*at, *(source for _, edge in ways for source in edge.sources)]
        return unknown(record, not_decided(edge for _, edge in ways), at=sources)
    if isinstance(record, Bucket | Table) and not changers:
        return found_none(record, f"{some(lacks)}; but no function may change it", at=at)
    who = f"{some(changers)} may change or delete it" if changers else "whoever holds its password may change it"
    if lacks == ["no deletion protection"]:
        return warned(record, f"{who}, and it can be deleted whole: {some(lacks)}", at=at)
    return failed(record, f"{who}, and there is {some(lacks)}", at=at)


def _versioned(scene: Scene, bucket: Bucket, ways: list[tuple[str, Edge]], at: tuple[Source, ...]) -> Answer:
    """Judge a bucket that keeps versions: whether a function may delete these too."""
    forever = _for_good(scene, bucket, ways)
    if not forever:
        return found_none(bucket, "what is destroyed in it can be got back", at=at)
    said = f"versions are kept, but {some(forever)} may delete them for good, unless an Object Lock, not seen, bars it"
    return warned(bucket, said, at=[*at, *(source for _, edge in ways for source in edge.sources)])


def _for_good(scene: Scene, bucket: Bucket, ways: Iterable[tuple[str, Edge]]) -> list[str]:
    """Return the functions that may delete versions of objects; what can only forbid and was not seen forbids none."""
    target = scene.targets.get(bucket.id)
    roles = {role for role, edge in ways if edge.access in _DESTROYS}
    who = {role: scene.principals[role] for role in roles if role in scene.principals}
    if target is None:
        return []
    asked = {role: can(one, target, _DELETES_VERSIONS, resource=f"{bucket.id}/any") for role, one in who.items()}
    may = [
        role
        for role, decision in asked.items()
        if decision.allowed or lacking(decision, near=within_account(role, bucket.id)).limits
    ]
    return sorted(function.name for role in may for function in scene.functions_of_role[role])


def _lacks(record: Record) -> tuple[list[str], str, tuple[Source, ...]]:
    """Return what a store lacks to be got back, and what of it was not seen."""
    if isinstance(record, Bucket):
        versioning = record.versioning
        if isinstance(versioning, UnsetType):
            return [], "s3:GetBucketVersioning", record.sources
        on = isinstance(versioning, BucketVersioning) and versioning.status == "Enabled"
        return [] if on else ["no versioning"], "", record.sources
    if isinstance(record, Table):
        return _table_lacks(record)
    assert isinstance(record, DBInstance | DBCluster)
    lacks = [] if record.backup_retention_period else ["no automatic backup"]
    lacks += [] if record.deletion_protection else ["no deletion protection"]
    missing = "BackupRetentionPeriod" if record.backup_retention_period is None else ""
    return lacks, missing, (record.source.at("BackupRetentionPeriod"), record.source.at("DeletionProtection"))


def _table_lacks(table: Table) -> tuple[list[str], str, tuple[Source, ...]]:
    backups = table.continuous_backups
    if isinstance(backups, UnsetType):
        return [], "dynamodb:DescribeContinuousBackups", table.sources
    point = backups.point_in_time_recovery_description if isinstance(backups, ContinuousBackups) else None
    lacks = (
        [] if point is not None and point.point_in_time_recovery_status == "ENABLED" else ["no point-in-time recovery"]
    )
    lacks += [] if table.deletion_protection_enabled else ["no deletion protection"]
    return lacks, "", table.sources


# -------------------------------------------------------------------- environment


def env_kms(scene: Scene) -> Iterator[Answer]:
    """Judge under which key the environment of a function stands."""
    yield from map(_kms_of, in_use(scene, "environment", "kms_key_arn"))


def _kms_of(used: InUse) -> Answer:
    function, code, place = used
    at = code.source.at("KMSKeyArn")
    if isinstance(code.environment, UnsetType):
        return unknown(function, "Environment", at=code.source, place=place)
    if not code.environment:
        return not_applicable(function, "it has no environment variables", at=code.source, place=place)
    if code.kms_key_arn:
        return passed(function, f"its environment is encrypted under {code.kms_key_arn}", at=at, place=place)
    said = "its environment stands under Lambda's default key: whoever reads the configuration reads the values"
    worst = Severity.HIGH if any(value.secret for value in code.environment.values()) else None
    return warned(function, said, at=at, place=place, severity=worst, weighed="there are secrets in it")


RULES: dict[str, Rule] = {
    "rest.encrypted": encrypted,
    "rest.transient-state": transient_state,
    "rest.cache-auth": cache_auth,
    "rest.retention": retention,
    "rest.backup-integrity": backup_integrity,
    "rest.env-kms": env_kms,
}
