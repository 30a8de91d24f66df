"""Data at rest: whether what a function can destroy can be got back, from versions, backups or locked copies."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from auditkit.areas.answers import Answer, failed, found_none, passed, some, unknown, warned
from auditkit.areas.rules._copies import Copies, Copy
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.graph.grounds import lacking, within_account
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.buckets import Bucket, BucketVersioning, DefaultRetention, ObjectLock
from auditkit.inventory.records.caches import MemoryDBCluster
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.tables import ContinuousBackups, Table
from auditkit.inventory.records.warehouses import RedshiftCluster, RedshiftWorkgroup
from auditkit.policy import Outcome, can

__all__ = ["backup_integrity"]

_DELETES_VERSIONS, _BYPASSES = "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"
_DESTROYS = frozenset({AccessLevel.DELETE, AccessLevel.ADMIN})
_CHANGES = frozenset({AccessLevel.WRITE, AccessLevel.DELETE, AccessLevel.ADMIN})
_SOFT = {"no deletion protection", "no recovery point that is older than a day"}
"""What lacks where the data can still be got back."""
_Kept = Bucket | Table | DBInstance | DBCluster | RedshiftCluster | RedshiftWorkgroup | MemoryDBCluster
_KEPT: tuple[type[_Kept], ...] = (
    Bucket,
    Table,
    DBInstance,
    DBCluster,
    RedshiftCluster,
    RedshiftWorkgroup,
    MemoryDBCluster,
)


class _Lacks(NamedTuple):
    """What a store lacks to be got back, what of that was not seen, and where it stands."""

    lacks: list[str]
    missing: str
    at: tuple[Source, ...]


class _Changers:
    """Who of what functions run as may change a store."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        names = sorted({function.name for function in scene.functions})
        rank = {name: number for number, name in enumerate(names)}
        self._names = names
        self._runs: dict[int, list[int]] = {}
        for principal in (*scene.functions_of_role, *(function.id for function in scene.functions)):
            place = scene.neighbours.place(principal)
            if place >= 0:
                self._runs[place] = [rank[function.name] for function in scene.functions_as(principal)]
        self._known = np.array(sorted(self._runs), dtype=np.int64)

    def who(self, store: str, holds: Callable[[Edge], bool]) -> list[int]:
        """Return the places of those of whom something holds."""
        found = self._scene.neighbours.who(store, holds)
        return list(map(int, found[np.isin(found, self._known)]))

    def names(self, places: Iterable[int]) -> str:
        """Return the functions that run as some of them, in words."""
        ranks = sorted({rank for place in places for rank in self._runs[place]})
        return some(self._names[rank] for rank in ranks)

    def roles(self, store: str, holds: Callable[[Edge], bool]) -> set[str]:
        """Return those of whom something holds."""
        return set(self._scene.neighbours.ids(self.who(store, holds)))

    def edges(self, store: str) -> list[Edge]:
        """Return what permits them to change the store."""
        ways = self._scene.permitted_on(store)
        return [edge for role, edge in ways if _changes(edge) and self._scene.functions_as(role)]


def _changes(edge: Edge) -> bool:
    return (
        edge.kind is EdgeKind.PERMITS
        and edge.access in _CHANGES
        and (edge.evidence is Evidence.PERMITTED or not edge.cost)  # a host that is named takes a password
    )


def _surely_changes(edge: Edge) -> bool:
    return _changes(edge) and is_given(edge)


def _destroys(edge: Edge) -> bool:
    return _changes(edge) and edge.access in _DESTROYS


def backup_integrity(scene: Scene) -> Iterator[Answer]:
    """Judge whether what a function can destroy can be got back."""
    copies, changers = Copies(scene), _Changers(scene)
    for cls in _KEPT:
        for record in scene.inventory.of(cls):
            if not (isinstance(record, DBInstance) and record.db_cluster_identifier):
                yield _recoverable(scene, record, changers, copies)


def _recoverable(scene: Scene, record: _Kept, changers: _Changers, copies: Copies) -> Answer:
    lacks, missing, at = _lacks(record)
    if missing:
        return unknown(record, missing, at=at)
    if not lacks and isinstance(record, Bucket):
        return _versioned(scene, record, changers, copies.of(record))
    if not lacks:
        return passed(record, "what is destroyed in it can be got back", at=at)
    sure = changers.who(record.id, _surely_changes)
    if isinstance(record, Bucket | Table) and not sure and (ways := changers.edges(record.id)):
        sources = [*at, *(source for edge in ways for source in edge.sources)]
        return unknown(record, not_decided(ways), at=sources)
    if isinstance(record, Bucket | Table) and not sure:
        return found_none(record, f"{some(lacks)}; but no function may change it", at=at)
    who = f"{changers.names(sure)} may change or delete it" if sure else "whoever holds its password may change it"
    whole = lacks == ["no deletion protection"]
    said = f"{who}, and {'it can be deleted whole: ' if whole else 'there is '}{some(lacks)}"
    copy = copies.of(record)
    if copy is not None or set(lacks) <= _SOFT:
        return _with(copy, warned(record, said, at=at))
    unseen = "" if copies.seen(record) else "; whether AWS Backup has a copy was not seen"
    return failed(record, f"{said}{unseen}", at=at)


def _with(copy: Copy | None, answer: Answer) -> Answer:
    """Return the answer with what a copy of AWS Backup makes of it: a PASS where nobody can destroy the copy."""
    if copy is None:
        return answer
    answer_of = passed if copy.safe else warned
    return answer_of(answer.resource, f"{answer.reason}; {copy.said}", at=(*answer.sources, *copy.sources))


# ----------------------------------------------------------------------- versions


def _versioned(scene: Scene, bucket: Bucket, changers: _Changers, copy: Copy | None) -> Answer:
    """Judge a bucket that keeps versions: whether a function may delete these too."""
    roles, keys = _allowed(scene, bucket, changers.roles(bucket.id, _destroys), _DELETES_VERSIONS)
    lock = bucket.object_lock
    default = lock.rule.default_retention if isinstance(lock, ObjectLock) and lock.rule is not None else None
    if (roles or keys) and default is not None and isinstance(lock, ObjectLock) and default.mode == "COMPLIANCE":
        said = f"Object Lock keeps every new version for {_time(default)}, whoever deletes it"
        return passed(bucket, said, at=[lock.source])
    if not roles and keys:
        at = [*bucket.sources, *(source for edge in changers.edges(bucket.id) for source in edge.sources)]
        return unknown(bucket, f"whether requests that delete versions meet {some(keys)}", at=at)
    if not roles:
        return found_none(bucket, "what is destroyed in it can be got back", at=bucket.sources)
    return _deletable(scene, bucket, changers.edges(bucket.id), roles, copy)


def _deletable(scene: Scene, bucket: Bucket, ways: list[Edge], roles: set[str], copy: Copy | None) -> Answer:
    """Judge a bucket of which some roles may delete versions, unless an Object Lock keeps them."""
    at = [*bucket.sources, *(source for edge in ways for source in edge.sources)]
    said = f"versions are kept, but {_names(scene, roles)} may delete them for good"
    lock = bucket.object_lock
    if isinstance(lock, UnsetType):
        return _with(copy, warned(bucket, f"{said}, unless an Object Lock, not seen, bars it", at=at))
    if lock is None or lock.object_lock_enabled != "Enabled":
        return _with(copy, warned(bucket, f"{said}, and no Object Lock bars it", at=at))
    default = lock.rule.default_retention if lock.rule is not None else None
    if default is None or default.mode is None:
        said = f"{said}: an Object Lock is on, and without a default retention it keeps only what its writers lock"
        return _with(copy, warned(bucket, said, at=[*at, lock.source]))
    bypassing, keys = _allowed(scene, bucket, roles, _BYPASSES)
    if bypassing:
        said = f"{said}, as {_names(scene, bypassing)} may bypass the Object Lock ({_BYPASSES})"
        return _with(copy, warned(bucket, said, at=[*at, lock.source]))
    if keys:
        return unknown(bucket, f"whether requests that bypass the Object Lock meet {some(keys)}", at=[*at, lock.source])
    said = f"Object Lock keeps every new version for {_time(default)}; no function may bypass it"
    return found_none(bucket, said, at=[lock.source])


def _time(default: DefaultRetention) -> str:
    return f"{default.years} years" if default.years else f"{default.days} days"


def _names(scene: Scene, roles: Iterable[str]) -> str:
    return some(sorted({function.name for role in roles for function in scene.functions_as(role)}))


def _allowed(scene: Scene, bucket: Bucket, roles: set[str], action: str) -> tuple[set[str], tuple[str, ...]]:
    """Return which roles may do something to objects, and the condition keys that it hangs on for others.

    What can only forbid and was not seen forbids none.
    """
    target = scene.targets.get(bucket.id)
    if target is None:
        return set(), ()
    who = {role: scene.principals[role] for role in roles if role in scene.principals}
    asked = {role: can(one, target, action, resource=f"{bucket.id}/any") for role, one in who.items()}
    may = {
        role
        for role, decision in asked.items()
        if decision.allowed or lacking(decision, near=within_account(role, bucket.id)).limits
    }
    open_ = [one for role, one in asked.items() if role not in may and one.outcome is Outcome.CONDITIONAL]
    return may, tuple(sorted({key for one in open_ for key in one.keys}))


# ----------------------------------------------------------------------- settings


def _lacks(record: Record) -> _Lacks:
    if isinstance(record, Bucket):
        return _bucket_lacks(record)
    if isinstance(record, Table):
        return _table_lacks(record)
    if isinstance(record, RedshiftWorkgroup):  # they are kept for 24 hours, and cannot be kept for longer
        return _Lacks(["no recovery point that is older than a day"], "", (record.source,))
    if isinstance(record, RedshiftCluster):
        kept, setting = record.automated_snapshot_retention_period, "AutomatedSnapshotRetentionPeriod"
    elif isinstance(record, MemoryDBCluster):
        kept, setting = record.snapshot_retention_limit, "SnapshotRetentionLimit"
    else:
        assert isinstance(record, DBInstance | DBCluster)
        return _database_lacks(record)
    missing = setting if kept is None else ""
    return _Lacks([] if kept else ["no automatic snapshot"], missing, (record.source.at(setting),))


def _bucket_lacks(bucket: Bucket) -> _Lacks:
    versioning, lock = bucket.versioning, bucket.object_lock
    if isinstance(lock, ObjectLock) and lock.object_lock_enabled == "Enabled":  # it keeps versioning on
        return _Lacks([], "", bucket.sources)
    if isinstance(versioning, UnsetType):
        return _Lacks([], "s3:GetBucketVersioning", bucket.sources)
    on = isinstance(versioning, BucketVersioning) and versioning.status == "Enabled"
    return _Lacks([] if on else ["no versioning"], "", bucket.sources)


def _table_lacks(table: Table) -> _Lacks:
    backups = table.continuous_backups
    if isinstance(backups, UnsetType):
        return _Lacks([], "dynamodb:DescribeContinuousBackups", table.sources)
    point = backups.point_in_time_recovery_description if isinstance(backups, ContinuousBackups) else None
    on = point is not None and point.point_in_time_recovery_status == "ENABLED"
    protected = table.deletion_protection_enabled
    if on and isinstance(protected, UnsetType):
        return _Lacks([], "DeletionProtectionEnabled", table.sources)
    lacks = [] if on else ["no point-in-time recovery"]
    lacks += ["no deletion protection"] if protected in {False, None} else []
    return _Lacks(lacks, "", table.sources)


def _database_lacks(record: DBInstance | DBCluster) -> _Lacks:
    kept, protected = record.backup_retention_period, record.deletion_protection
    lacks = [] if kept else ["no automatic backup"]
    lacks += ["no deletion protection"] if protected in {False, None} else []
    missing = "BackupRetentionPeriod" if kept is None else ""
    missing = "DeletionProtection" if kept and isinstance(protected, UnsetType) else missing
    at = (record.source.at("BackupRetentionPeriod"), record.source.at("DeletionProtection"))
    return _Lacks(lacks, missing, at)
