"""Amazon EFS: file systems, access points, mount targets."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = ["AccessPoint", "FileSystem", "MountTarget", "PosixUser", "RootDirectory"]


class MountTarget(msgspec.Struct, rename="pascal", frozen=True):
    """Address of a file system in a subnet (``efs.DescribeMountTargets``)."""

    mount_target_id: str
    subnet_id: str
    vpc_id: str | None = None


class FileSystem(Record, kw_only=True, rename="pascal"):
    """A file system (``efs.DescribeFileSystems`` and the calls per file system)."""

    kind: ClassVar[Kind] = Kind.FILE_SYSTEM

    file_system_id: str
    file_system_arn: str | None = None
    owner_id: str | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None
    number_of_mount_targets: int | None = None
    mount_targets: tuple[MountTarget, ...] | UnsetType | None = msgspec.field(default=UNSET, name="__mount_targets")
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")


class PosixUser(msgspec.Struct, rename="pascal", frozen=True):
    """User that every client of an access point acts as."""

    uid: int
    gid: int


class RootDirectory(msgspec.Struct, rename="pascal", frozen=True):
    """Directory that clients of an access point see as the root."""

    path: str = "/"


class AccessPoint(Record, kw_only=True, rename="pascal"):
    """An access point of a file system (``efs.DescribeAccessPoints``)."""

    kind: ClassVar[Kind] = Kind.ACCESS_POINT

    access_point_id: str
    access_point_arn: str
    file_system_id: str
    posix_user: PosixUser | None = None
    root_directory: RootDirectory | None = None
