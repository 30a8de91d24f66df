"""Amazon ECR: repositories and images."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.moments import Moment
from auditkit.inventory.record import PolicyText, Record

__all__ = ["Image", "Repository"]


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


class ScanSummary(msgspec.Struct, rename="camel", frozen=True):
    """What the last scan of an image found: number of findings by severity (``"CRITICAL"``, ``"HIGH"`` ...)."""

    finding_severity_counts: dict[str, int] | None = None
    image_scan_completed_at: Moment = None


class Image(Record, kw_only=True, rename="camel"):
    """An image (``ecr.DescribeImages``); its id is the repository's ARN, ``@`` and its digest."""

    kind: ClassVar[Kind] = Kind.IMAGE

    repository_name: str
    image_digest: str
    registry_id: str | None = None
    image_tags: tuple[str, ...] | None = None
    image_pushed_at: Moment = None
    image_scan_findings_summary: ScanSummary | None = None
