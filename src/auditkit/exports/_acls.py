"""Canned access control lists of Amazon S3, as the lists that they stand for."""

from typing import Any

__all__ = ["canned_acl"]

_GROUPS = "http://acs.amazonaws.com/groups/"
_FULL = {"Permission": "FULL_CONTROL", "Grantee": {"Type": "CanonicalUser", "ID": "owner"}}
_GRANTS = {
    "public-read": (("READ", "global/AllUsers"),),
    "public-read-write": (("READ", "global/AllUsers"), ("WRITE", "global/AllUsers")),
    "website": (("READ", "global/AllUsers"),),
    "authenticated-read": (("READ", "global/AuthenticatedUsers"),),
    "log-delivery-write": (("WRITE", "s3/LogDelivery"), ("READ_ACP", "s3/LogDelivery")),
}


def canned_acl(name: str) -> dict[str, Any]:
    """Return what ``GetBucketAcl`` would answer for a canned list, by its name in the API (``"public-read"``).

    Source: Amazon S3 User Guide, access control list overview, canned ACL. The owner's own id is not known; names
    that give nothing to others (``"private"``, ``"bucket-owner-read"`` ...) give the owner's grant alone.
    """
    groups = [
        {
            "Permission": permission,
            "Grantee": {"Type": "Group", "URI": _GROUPS + group},
        }
        for permission, group in _GRANTS.get(name, ())
    ]
    return {"Owner": {"ID": "owner"}, "Grants": [_FULL, *groups]}
