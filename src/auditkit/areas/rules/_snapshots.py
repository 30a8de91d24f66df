"""Snapshots of databases: whether anyone may restore one, and so read all that was in the database.

An automated snapshot is shared with nobody, and an encrypted one with named accounts alone (Amazon RDS user guide,
*Sharing a DB snapshot*); those of Amazon Redshift name accounts always.
"""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, failed, passed, unknown
from auditkit.areas.scene import Scene
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.databases import DBSnapshot

__all__ = ["open_snapshots"]

_AUTOMATED, _ALL = "automated", "all"


def open_snapshots(scene: Scene) -> Iterator[Answer]:
    """Judge whether anyone may restore a snapshot of a database."""
    for snapshot in scene.inventory.of(DBSnapshot):
        if snapshot.snapshot_type != _AUTOMATED:
            yield _open_snapshot(scene, snapshot)


def _open_snapshot(scene: Scene, snapshot: DBSnapshot) -> Answer:
    shared = snapshot.restored_by
    if shared is not None and _ALL in shared:
        said = "anyone with an AWS account may restore it, and has what the database held"
        return failed(snapshot, said, at=snapshot.sources, about=_database_of(scene, snapshot))
    if snapshot.is_encrypted:
        at = snapshot.source.at("StorageEncrypted" if snapshot.of_cluster else "Encrypted")
        return passed(snapshot, "it is encrypted, and such a snapshot is shared with named accounts at most", at=at)
    if shared is None:
        word = "Cluster" if snapshot.of_cluster else ""
        return unknown(snapshot, f"rds:DescribeDB{word}SnapshotAttributes", at=snapshot.source)
    return passed(snapshot, "no account but those that it names may restore it", at=snapshot.sources)


def _database_of(scene: Scene, snapshot: DBSnapshot) -> str:
    """Return the database that a snapshot is of, whose data's sensitivity counts; ``""`` where it is gone."""
    name, kind = snapshot.db_instance_identifier, "db"
    if snapshot.of_cluster:
        name, kind = snapshot.db_cluster_identifier, "cluster"
    arn = arn_of("rds", f"{kind}:{name}", account=snapshot.account, region=snapshot.region)
    return arn if scene.node(arn) is not None else ""
