"""Copies that AWS Backup has of stores, and whether anybody can destroy them."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from auditkit.areas.scene import Scene
from auditkit.inventory import Record, Source
from auditkit.inventory.records.backups import Backup, BackupVault
from auditkit.inventory.selections import BackupSelection

__all__ = ["Copies", "Copy"]

_FRESH = 35
"""Days after which a copy does not count: point-in-time recovery and automatic backups reach no further back."""


class Copy(NamedTuple):
    """A copy that AWS Backup has of a store.

    Attributes
    ----------
    said
        In words: when it was made, in which vault, and whether that is locked.
    safe
        Whether nobody can destroy it: its vault is locked in compliance mode, and the lock cannot be taken away.
    sources
        Where the copy and its vault stand.
    """

    said: str
    safe: bool
    sources: tuple[Source, ...]


class Copies:
    """The copies that AWS Backup has.

    Parameters
    ----------
    scene
        Its inventory, and the audit date.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._backups = {one.resource_arn: one for one in scene.inventory.of(Backup)}
        self._selections = tuple(scene.inventory.of(BackupSelection))
        self._vaults = {vault.id: vault for vault in scene.inventory.of(BackupVault)}

    def seen(self, record: Record) -> bool:
        """Return whether the export shows of what AWS Backup has copies, where a store is."""
        return self._scene.seen("backup.ListProtectedResources", record)

    def of(self, record: Record) -> Copy | None:
        """Return the last copy of a store, ``None`` where there is none, or an old one.

        What a plan is to take in counts as one that may be destroyed.
        """
        backup = self._backups.get(record.id)
        if backup is None:
            return next((_planned(one) for one in self._selections if _takes_in(one, record)), None)
        age, when = self._scene.age(backup.last_backup_time), (backup.last_backup_time or "")[:10]
        if age is not None and age > _FRESH:
            return None
        vault = self._vaults.get(backup.last_backup_vault_arn or "")
        locked, safe = self._lock(vault)
        made = f"on {when}" if when else "on a day that is not known"
        name = (backup.last_backup_vault_arn or "a vault that is not named").rpartition(":")[2]
        sources = (backup.source, *(() if vault is None else (vault.source,)))
        said = f"AWS Backup made a copy {made}, in {name}, {locked}"
        return Copy(said, safe and age is not None, sources)

    def _lock(self, vault: BackupVault | None) -> tuple[str, bool]:
        """Return whether a vault is locked, in words, and whether nobody can take the lock away any more."""
        if vault is None or vault.locked is None:
            return "of which it was not seen whether it is locked (backup:ListBackupVaults)", False
        if not vault.locked:
            return "which is not locked: whoever may delete recovery points destroys it too", False
        if vault.lock_date is None:
            return "which is locked in governance mode: whoever may take the lock away destroys it too", False
        age = self._scene.age(vault.lock_date)
        if age is None or age < 0:
            return f"whose lock can be taken away until {vault.lock_date[:10]}", False
        return "which is locked, and nobody can take the lock away", True


def _planned(selection: BackupSelection) -> Copy:
    takes = "may take it in, as conditions besides decide" if selection.narrowed else "takes it in"
    said = f"a plan of AWS Backup {takes} ({selection.name}); whether a copy can be destroyed was not seen"
    return Copy(said, safe=False, sources=selection.sources)


def _named(patterns: tuple[str, ...], arn: str) -> bool:
    return any(fnmatchcase(arn, pattern.replace("[", "[[]")) for pattern in patterns)


def _takes_in(selection: BackupSelection, record: Record) -> bool:
    """Return whether a selection takes in a resource of its region: it is named, or has one of the tags."""
    if _named(selection.not_resources, record.id) or selection.account != record.account:
        return False
    if record.region and selection.region and record.region != selection.region:
        return False
    tags = record.tags if isinstance(record.tags, dict) else {}
    return _named(selection.resources, record.id) or any(tags.get(key) == value for key, value in selection.by_tags)
