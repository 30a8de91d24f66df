"""What a manifest or a lock file says, before it is known where it stands."""

from typing import NamedTuple

from auditkit.inventory.evidence.packages import Found

__all__ = ["Declared"]


class Declared(NamedTuple):
    """A package that a file names: ecosystem (type of the package URL), name, version, and how it is known."""

    ecosystem: str
    name: str
    version: str
    found: Found
    requirement: str = ""
