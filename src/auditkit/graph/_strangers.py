"""What is known of a request by somebody outside, and what of it the caller chooses freely."""

from collections.abc import Mapping
from functools import lru_cache

from auditkit.graph._disguises import STRANGER
from auditkit.policy import Context, Principal, PrincipalType, place_context

__all__ = ["ADDRESSES", "CHOSEN", "context_of", "plain_context"]

ADDRESSES = ("1.1.1.1", "101.32.7.9", "200.200.200.200")
"""Addresses far from each other: what lets all of them in lets in whoever asks."""
CHOSEN = frozenset(
    {
        "aws:referer",
        "aws:securetransport",
        "aws:useragent",
        "s3:authtype",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:signatureage",
        "s3:signatureversion",
        "s3:tlsversion",
        "s3:x-amz-acl",
        "s3:x-amz-content-sha256",
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-storage-class",
        "sts:durationseconds",
        "sts:rolesessionname",
        "sts:sourceidentity",
        "sts:transitivetagkeys",
    }
)
"""Condition keys whose value the caller chooses."""

_OUTSIDE: dict[str, object] = {
    "aws:SecureTransport": "true",
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalServiceName": None,
    "aws:PrincipalServiceNamesList": None,
    "aws:PrincipalOrgID": "o-0000000000",
    "aws:SourceArn": None,
    "aws:SourceAccount": None,
    "aws:SourceOwner": None,
    "aws:SourceOrgID": None,
    "aws:SourceOrgPaths": None,
    "aws:SourceVpc": None,
    "aws:SourceVpcArn": None,
    "aws:SourceVpce": None,
    "aws:VpceAccount": None,
    "aws:VpceOrgID": None,
    "aws:VpceOrgPaths": None,
    "aws:VpcSourceIp": None,
    "elasticfilesystem:AccessedViaMountTarget": "true",
}
"""What is known of a request from the internet by someone who is nobody here."""

_UNSIGNED: dict[str, object] = {
    "aws:PrincipalAccount": None,
    "aws:PrincipalArn": None,
    "aws:PrincipalOrgID": None,
    "aws:PrincipalType": "Anonymous",
    "kms:CallerAccount": None,
}


@lru_cache(maxsize=1 << 12)
def plain_context(who: Principal, region: str, owner: str, organization: str, *, anyone: bool) -> Context:
    """Return what is known of the requests of an outsider; those about many resources are alike."""
    return context_of(who, region, owner, organization, {}, anyone=anyone)


def context_of(
    who: Principal, region: str, owner: str, organization: str, extra: Mapping[str, object], *, anyone: bool
) -> Context:
    """Return what is known of a request of an outsider.

    Parameters
    ----------
    who
        Who asks.
    region, owner
        Of the resource.
    organization
        That of whoever asks; ``""`` for one that nobody here knows.
    extra
        Keys with values that the caller is taken to look like.
    anyone
        Whether it stands for anyone at all, and not for somebody who is named.
    """
    keys: dict[str, object] = (
        dict(_OUTSIDE) if anyone else {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    )
    if organization:
        keys["aws:PrincipalOrgID"] = organization
    if who.type is PrincipalType.ANONYMOUS:
        keys |= _UNSIGNED
    if who.type is PrincipalType.SERVICE:
        keys = {"aws:SecureTransport": "true", "aws:SourceAccount": STRANGER, "aws:SourceOwner": STRANGER}
        keys |= {"aws:SourceArn": _source_of(who.id), "aws:SourceOrgID": "o-0000000000"}
        keys |= {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": who.id}
    return place_context(who, region, owner, keys, extra)


def _source_of(service: str) -> str:
    """Return an ARN that a service might act for, of somebody else's account."""
    name = service.partition(".")[0]
    return "arn:aws:s3:::any" if name == "s3" else f"arn:aws:{name}:eu-west-1:{STRANGER}:any"
