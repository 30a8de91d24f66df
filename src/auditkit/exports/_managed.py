"""AWS's managed policies that an export attaches and does not show, by their published documents.

Templates, states and snapshots name such a policy and leave its document out; without it nobody could say what the
simplest function may not do. The table (``managed_policies.json``, written by ``scripts/managed_policies.py``) holds
those that serverless accounts attach. Where an export has the document itself, that counts.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from auditkit.exports._reading import Reading
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.identities import Group, ManagedPolicy, Role, User

__all__ = ["add_managed_policies"]

_TABLE = "managed_policies.json"
_SOURCE = f"auditkit/{_TABLE}"
"""File that sources name: it is not of the export."""
_ARN = re.compile(r"arn:[a-z0-9-]+:iam::aws:policy/(?P<path>.+)", re.DOTALL)


class _Policy(msgspec.Struct):
    version: str
    document: dict[str, Any]


@cache
def _policies() -> dict[str, _Policy]:
    return msgspec.json.decode(files("auditkit.exports").joinpath(_TABLE).read_bytes(), type=dict[str, _Policy])


def add_managed_policies(reading: Reading) -> None:
    """Add the managed policies of AWS that principals have attached, or for a boundary, and that were not read."""
    bounded: list[Role | User] = [*reading.find(Role), *reading.find(User)]
    principals: list[Role | User | Group] = [*bounded, *reading.find(Group)]
    wanted = {
        policy.policy_arn
        for principal in principals
        if not isinstance(principal.attached_policies, UnsetType)
        for policy in principal.attached_policies
    }
    wanted |= {one.permissions_boundary.permissions_boundary_arn for one in bounded if one.permissions_boundary}
    for arn in sorted(wanted):
        match = _ARN.fullmatch(arn)
        policy = _policies().get(match["path"]) if match else None
        if policy is None or reading.find(ManagedPolicy, arn):
            continue
        name = arn.rpartition("/")[2]
        source = Source(_SOURCE).at(match["path"] if match else name)
        document = PolicyText(policy.document, source.at("document"), arn)
        reading.add(
            ManagedPolicy(
                id=arn,
                name=name,
                account="aws",
                region="global",
                sources=(source,),
                arn=arn,
                policy_name=name,
                default_version_id=policy.version,
                document=document,
            )
        )
