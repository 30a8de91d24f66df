"""Amazon ECR: repositories."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import PolicyText, Record

__all__ = ["Repository"]


class ImageScanning(msgspec.Struct, rename="camel", frozen=True):
    """Whether images are scanned when they are pushed."""

    scan_on_push: bool = False


class RepositoryEncryption(msgspec.Struct, rename="camel", frozen=True):
    """Encryption at rest of a repository."""

    encryption_type: str
    kms_key: str | None = None


class Repository(Record, kw_only=True, rename="camel"):
    """A repository of container images (``ecr.DescribeRepositories``, ``ecr.GetRepositoryPolicy``)."""

    kind: ClassVar[Kind] = Kind.REPOSITORY

    repository_name: str
    repository_arn: str
    registry_id: str | None = None
    repository_uri: str | None = None
    image_tag_mutability: str | None = None
    image_scanning_configuration: ImageScanning | None = None
    encryption_configuration: RepositoryEncryption | None = None
    policy: PolicyText | UnsetType | None = msgspec.field(default=UNSET, name="__policy")
