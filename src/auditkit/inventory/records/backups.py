"""AWS Backup: vaults, and what has a copy in one."""

from typing import ClassVar

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["Backup", "BackupVault"]


class BackupVault(Record, kw_only=True, rename="pascal"):
    """A vault (``backup.ListBackupVaults``).

    Attributes
    ----------
    locked
        Whether Vault Lock keeps recovery points for as long as they are to be kept.
    lock_date
        From when on nobody can take the lock away (compliance mode); ``None`` where whoever has the permission can
        (governance mode).
    """

    kind: ClassVar[Kind] = Kind.BACKUP_VAULT

    backup_vault_name: str
    backup_vault_arn: str
    vault_type: str | None = None
    encryption_key_arn: str | None = None
    locked: bool | None = None
    min_retention_days: int | None = None
    max_retention_days: int | None = None
    lock_date: str | None = None


class Backup(Record, kw_only=True, rename="pascal"):
    """What AWS Backup has a recovery point of (``backup.ListProtectedResources``).

    Its id is ``backup:`` and the resource's ARN.
    """

    kind: ClassVar[Kind] = Kind.BACKUP

    resource_arn: str
    resource_type: str | None = None
    last_backup_time: str | None = None
    last_backup_vault_arn: str | None = None
    last_recovery_point_arn: str | None = None
