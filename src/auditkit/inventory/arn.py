"""ARNs, taken apart and put together."""

import re
from typing import NamedTuple

__all__ = ["UNKNOWN_ACCOUNT", "UNKNOWN_REGION", "Arn", "arn_of", "is_stand_in", "parse_arn", "partition_of", "too_long"]

UNKNOWN_ACCOUNT = "000000000001"
"""Stands for the account of a template or configuration where nothing says which it is; AWS gives no such number."""
UNKNOWN_REGION = "unknown-region"
"""Stands for the region where nothing says which it is."""
_STAND_INS = "00000000"

_LONGEST = 2048
"""Characters of an ARN at most (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html and others)."""
_SHAPE = re.compile(r"arn:([a-z0-9-]+):([a-zA-Z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|):([^\s\x00-\x1f\x7f]+)")


class Arn(NamedTuple):
    """The parts of an ARN; ``region`` and ``account`` are ``""`` where the service leaves them out."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        """Return the ARN as text."""
        return ":".join(("arn", *self))


def is_stand_in(account: str) -> bool:
    """Return whether a number stands for an account that the export does not name."""
    return account.startswith(_STAND_INS)


def parse_arn(text: object) -> Arn | None:
    """Return the parts of an ARN, or ``None`` for what is no ARN (any type is accepted)."""
    if not isinstance(text, str) or not text.startswith("arn:"):
        return None
    match = _SHAPE.fullmatch(text)
    return Arn(*match.groups()) if match else None


def too_long(text: str) -> str:
    """Return what is wrong with a text that begins like an ARN and is longer than any, ``""`` for all else."""
    if len(text) <= _LONGEST or not text.startswith("arn:"):
        return ""
    return f"its ARN has {len(text):,} characters; there is none with more than {_LONGEST:,}"


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to: ``"aws"`` unless its name says otherwise."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


def arn_of(service: str, resource: str, *, account: str = "", region: str = "", partition: str = "") -> str:
    """Return an ARN from its parts; the partition follows from the region where it is not given.

    A region of ``"global"`` is left out, as AWS does.
    """
    place = "" if region == "global" else region
    return str(Arn(partition or partition_of(place), service, place, account, resource))
