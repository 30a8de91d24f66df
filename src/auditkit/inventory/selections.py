"""What plans of AWS Backup are to take in, as templates and plans of Terraform write it down."""

from typing import ClassVar

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["BackupSelection"]


class BackupSelection(Record, kw_only=True):
    """A selection of resources that a backup plan takes in; whether there is a copy of any it does not tell.

    Attributes
    ----------
    resources, not_resources
        Patterns of ARNs that are taken in, and left out.
    by_tags
        Keys and values of tags, of which one is enough for a resource to be taken in.
    narrowed
        Whether conditions narrow it further, which are not kept.
    """

    kind: ClassVar[Kind] = Kind.BACKUP

    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    by_tags: tuple[tuple[str, str], ...] = ()
    narrowed: bool = False
