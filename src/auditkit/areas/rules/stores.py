"""Data at rest: encryption and sign-in, by the settings of each kind of store."""

from collections.abc import Callable, Iterator
from typing import Any

from auditkit.areas.answers import Answer, Rule, failed, found_none, not_applicable, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.reach import RANK
from auditkit.areas.rules._recovery import backup_integrity
from auditkit.areas.rules._retention import retention
from auditkit.areas.rules._sealing import SEALS, Keys, Sealed
from auditkit.areas.scene import Scene
from auditkit.areas.versions import InUse, in_use
from auditkit.exports.secrets import named_like_a_credential
from auditkit.graph.cache_users import UserCache, sign_in
from auditkit.graph.schema import Sensitivity
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.caches import (
    CacheCluster,
    DaxCluster,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)
from auditkit.inventory.records.databases import DBInstance
from auditkit.inventory.records.keys import Parameter
from auditkit.inventory.records.messaging import Queue, Topic
from auditkit.inventory.records.streams import DeliveryStream, Stream

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
        elif sealed.state == "elsewhere":
            yield not_applicable(record, sealed.said, at=sealed.source)
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


_TRANSIENT = (
    Queue,
    Topic,
    Stream,
    DeliveryStream,
    ReplicationGroup,
    CacheCluster,
    ServerlessCache,
    MemoryDBCluster,
    DaxCluster,
)


def transient_state(scene: Scene) -> Iterator[Answer]:
    """Judge queues, topics, streams and caches by the class of what passes through them."""
    for record, sealed, sensitivity in _sealed(scene):
        if not isinstance(record, _TRANSIENT):
            continue
        rank = RANK.get(sensitivity or Sensitivity.UNKNOWN)
        if sealed.state == "elsewhere":
            yield not_applicable(record, sealed.said, at=sealed.source)
        elif rank is None:
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
    for cls, judge in _ASKED.items():
        for record in scene.inventory.of(cls):
            if not _aside(record):
                yield judge(scene, record)


def _group(scene: Scene, group: ReplicationGroup) -> Answer:
    if group.user_group_ids:
        return _users(scene, group, group.source.at("UserGroupIds"))
    at = group.source.at("AuthTokenEnabled")
    if group.auth_token_enabled is None:
        return unknown(group, "AuthTokenEnabled", at=group.source)
    if group.auth_token_enabled:
        return warned(group, _TOKEN, at=at)
    return failed(group, "neither a token nor users: whoever reaches the port reads and writes", at=at)


_TOKEN = "one token opens it for everybody: no users"  # noqa: S105 -- what is said, not a token


def _cluster(_: Scene, cluster: CacheCluster) -> Answer:
    at = cluster.source.at("AuthTokenEnabled")
    if cluster.auth_token_enabled:
        return warned(cluster, _TOKEN, at=at)
    return failed(cluster, "it asks nobody who is there: whoever reaches the port reads and writes", at=at)


def _serverless(scene: Scene, cache: ServerlessCache) -> Answer:
    at = cache.source.at("UserGroupId")
    if cache.user_group_id:
        return _users(scene, cache, at)
    return failed(cache, "it has no user group: whoever reaches the port reads and writes", at=at)


def _memory(scene: Scene, cluster: MemoryDBCluster) -> Answer:
    if cluster.acl_name is None:
        return unknown(cluster, "ACLName", at=cluster.source)
    return _users(scene, cluster, cluster.source.at("ACLName"))


def _dax(_: Scene, cluster: DaxCluster) -> Answer:
    return passed(cluster, "it asks for a signature of IAM", at=cluster.source)


_ASKED: dict[type[Record], Callable[[Scene, Any], Answer]] = {
    ReplicationGroup: _group,
    CacheCluster: _cluster,
    ServerlessCache: _serverless,
    MemoryDBCluster: _memory,
    DaxCluster: _dax,
}


def _users(scene: Scene, cache: UserCache, at: Source) -> Answer:
    """Judge a cache with users: whether one of them signs in without a password."""
    found = sign_in(scene.inventory, cache)
    names, sources = some(found.groups), (at, *found.sources)
    if found.without:
        said = f"{some(found.without)} of {names} signs in without a password: whoever reaches the port is that user"
        return failed(cache, said, at=sources)
    if found.missing:
        return unknown(cache, f"{found.missing} (users of {names})", at=at)
    return passed(cache, f"users of {names} sign in, each with a password or a token of IAM", at=sources)


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
