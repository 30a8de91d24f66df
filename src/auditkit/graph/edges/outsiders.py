"""Stores that anyone gets into: by a resource policy, or by an access control list where those count.

What a policy grants to named outsiders is a grant like any other (:mod:`.identities`); what it grants to *anyone* is
decided here, since a public-access block, a network or a sign-in of the store's own may stand before it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph.edges._senders import organization_node
from auditkit.graph.outsiders import Opening, openings_of_policy, openings_to_organizations
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import INTERNET, AccessLevel, Edge, EdgeKind, EntryKind, Evidence, Limit, View
from auditkit.graph.store_factors import store_factors
from auditkit.inventory import STORE_KINDS, Kind, PolicyText, Record, UnsetType
from auditkit.inventory.records.buckets import (
    AccountPublicAccessBlock,
    Bucket,
    BucketAcl,
    OwnershipControls,
    PolicyStatus,
    PublicAccessBlock,
)
from auditkit.inventory.records.search import SearchDomain

__all__ = ["connect"]

_UNSIGNED = frozenset({Kind.BUCKET, Kind.QUEUE, Kind.TOPIC, Kind.SEARCH_DOMAIN})
"""Kinds whose services answer requests without credentials; of the others anyone with an account of AWS gets in."""

_ELSEWHERE = frozenset({Kind.EVENT_BUS, Kind.FILE_SYSTEM})
"""Buses are looked after with their events; a file system is reached through a network, not over the internet."""

_FIXED = frozenset(
    {
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Keys by whose fixed values a statement is not public for S3 (Amazon S3 user guide, *Blocking public access*)."""

_GATED = 4
_LABELLED = 3
_GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": EntryKind.ANONYMOUS,
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": EntryKind.AUTHENTICATED,
}
_PERMISSIONS = {
    "READ": (AccessLevel.READ,),
    "WRITE": (AccessLevel.WRITE,),
    "READ_ACP": (AccessLevel.METADATA,),
    "WRITE_ACP": (AccessLevel.ADMIN,),
    "FULL_CONTROL": (AccessLevel.ADMIN, AccessLevel.READ, AccessLevel.WRITE),
}
"""Levels of a permission of an access control list. READ lists a bucket; whether objects can be read as well is up to
their own lists, which no export holds, so it counts as reading."""


class _Way(NamedTuple):
    """One way in for anyone."""

    entry: EntryKind
    opening: Opening


def connect(build: Builder) -> None:
    """Say which stores anyone gets into."""
    for record in build.inventory:
        if record.kind not in STORE_KINDS - _ELSEWHERE:
            continue
        ways = list(_ways(build, record))
        certain = [way.entry for way in ways if way.opening.certain]
        if certain:
            build.add(record, entry=min(certain, key=lambda entry: (entry.cost, entry)))
        for way in ways:
            build.edge(build.ref(INTERNET), record.id, _edge(way))
        _flows(build, record, [way for way in ways if way.opening.certain])
        _to_organizations(build, record)


def _to_organizations(build: Builder, record: Record) -> None:
    """Say which stores are open to everyone of an organization that is not one's own, as far as that is known."""
    policy, own = getattr(record, "policy", None), permissions_of(build.inventory).organization
    if not isinstance(policy, PolicyText):
        return
    for opening in openings_to_organizations(policy, resource=record.id, owner=record.account):
        if opening.outsider != own:
            edge = _edge(_Way(EntryKind.OTHER_ACCOUNT, opening))
            edge = msgspec.structs.replace(edge, cost=max(edge.cost, 1))
            if isinstance(own, UnsetType):
                edge = msgspec.structs.replace(edge, cost=_GATED, unknown=f"whose organization {opening.outsider} is")
            build.edge(organization_node(build, opening.outsider), record.id, edge)


def _edge(way: _Way) -> Edge:
    opening = way.opening
    actions = [action.partition(":")[2] for action in opening.actions]
    more = f" and {len(actions) - _LABELLED} more" if len(actions) > _LABELLED else ""
    return Edge(
        kind=EdgeKind.PERMITS,
        view=View.TRUST,
        evidence=Evidence.PERMITTED,
        sources=opening.sources,
        label=", ".join(actions[:_LABELLED]) + more,
        cost=0 if opening.certain else _GATED,
        conditions=opening.conditions,
        unknown=opening.unknown,
        limits=opening.limits,
        access=opening.access,
    )


def _flows(build: Builder, record: Record, ways: list[_Way]) -> None:
    """Connect a store with the internet in the direction in which data may move."""
    hop, levels = store_factors(build, record.id)
    hop = "client->s3-public" if isinstance(record, Bucket) else hop
    for level, kind in ((AccessLevel.WRITE, EdgeKind.DELIVERS), (AccessLevel.READ, EdgeKind.RETURNS)):
        found = [way for way in ways if way.opening.access is level]
        if not found:
            continue
        anonymous = any(way.entry is EntryKind.ANONYMOUS for way in found)
        ends = (INTERNET, record.id) if kind is EdgeKind.DELIVERS else (record.id, INTERNET)
        said = {**levels, "network": (0.5, "Comes over the internet.")}
        said["authentication"] = (1, "Anyone may call it.") if anonymous else (0.5, "Anyone with an account of AWS.")
        if kind is EdgeKind.DELIVERS:
            said["third_party"] = (0, "The data comes in; it is not given to a third party.")
        build.ref(INTERNET)
        build.flow(
            *ends,
            kind=kind,
            hop=hop,
            sources=sorted({source for way in found for source in way.opening.sources}),
            evidence=Evidence.PERMITTED,
            **said,  # type: ignore[arg-type]
        )


# ------------------------------------------------------------------ ways in


def _ways(build: Builder, record: Record) -> Iterator[_Way]:
    policy = getattr(record, "policy", None)
    unsigned = record.kind in _UNSIGNED
    entry = EntryKind.ANONYMOUS if unsigned else EntryKind.AUTHENTICATED
    if isinstance(policy, PolicyText):
        found = openings_of_policy(
            policy, resource=record.id, owner=record.account, unsigned=unsigned, known=frozenset(), named=False
        )
        if isinstance(record, Bucket):
            found = _not_blocked(build, record, found)
        for opening in found:
            way = EntryKind.AUTHENTICATED if opening.signed else entry
            yield from (_Way(way, one) for one in _admitted(build, record, opening))
    if isinstance(record, Bucket):
        yield from _by_list(build, record)
        yield from _by_status(build, record)


def _admitted(build: Builder, record: Record, opening: Opening) -> Iterator[Opening]:
    """Yield an opening as far as nothing stands before the policy."""
    if isinstance(record, Bucket):
        if _switch(build, record, "restrict_public_buckets") is None and not _is_fixed(opening):
            unknown, limits = _unseen_block(record)
            yield opening._replace(unknown=unknown, limits=limits)
        else:
            yield opening
    elif isinstance(record, SearchDomain):
        if record.vpc_options is None or not (record.vpc_options.vpc_id or record.vpc_options.subnet_ids):
            security = record.advanced_security_options
            inner = security is not None and security.enabled and not security.anonymous_auth_enabled
            yield opening._replace(unknown="the users of its fine-grained access control") if inner else opening
    else:
        yield opening


def _not_blocked(build: Builder, bucket: Bucket, openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """Return the openings that the public-access block lets by: what S3 does not take for public it does not block."""
    if _switch(build, bucket, "restrict_public_buckets") is not True:
        return openings
    status = bucket.policy_status
    public = status.is_public if isinstance(status, PolicyStatus) else not all(map(_is_fixed, openings))
    return () if public else tuple(one for one in openings if _is_fixed(one))


def _is_fixed(opening: Opening) -> bool:
    """Return whether S3 does not take for public what an opening rests on."""
    return any(key.lower() in _FIXED for key in opening.conditions)


def _switch(build: Builder, bucket: Bucket, name: str) -> bool | None:
    """Return whether a switch of the public-access block of account or bucket is on; ``None`` if not known."""
    account = build.inventory.get(f"settings:s3:{bucket.account}")
    whole = account.public_access_block_configuration if isinstance(account, AccountPublicAccessBlock) else None
    states: list[bool | None] = [
        None if not isinstance(account, AccountPublicAccessBlock) else bool(whole and getattr(whole, name)),
        None
        if isinstance(bucket.public_access_block, UnsetType)
        else isinstance(bucket.public_access_block, PublicAccessBlock) and getattr(bucket.public_access_block, name),
    ]
    if True in states:
        return True
    return None if None in states else False


def _unseen_block(bucket: Bucket) -> tuple[str, tuple[Limit, ...]]:
    """Return which public-access block was not seen, where none that was seen is on, in words and as a limit."""
    if isinstance(bucket.public_access_block, UnsetType):
        return f"{Limit.ACCOUNT_BLOCK} or the bucket", ()
    return str(Limit.ACCOUNT_BLOCK), (Limit.ACCOUNT_BLOCK,)


def _by_list(build: Builder, bucket: Bucket) -> Iterator[_Way]:
    """Yield the ways that the access control list opens, where lists count at all."""
    if not isinstance(bucket.acl, BucketAcl):
        return
    counts = _list_counts(build, bucket)
    if counts is None:
        return
    unknown, limits = counts
    for index, grant in enumerate(bucket.acl.grants):
        entry = _GROUPS.get((grant.grantee.uri or "") if grant.grantee else "")
        if entry is None:
            continue
        for level in _PERMISSIONS.get(grant.permission, (AccessLevel.METADATA,)):
            source = bucket.acl.source.at("Grants", index)
            yield _Way(entry, Opening("*", level, (f"acl:{grant.permission}",), (), unknown, (source,), limits))


def _list_counts(build: Builder, bucket: Bucket) -> tuple[str, tuple[Limit, ...]] | None:
    """Return ``None`` where access control lists do not count, else what is not known about it: nothing if they do."""
    controls = bucket.ownership_controls
    rules = controls.rules if isinstance(controls, OwnershipControls) else ()
    if any(rule.object_ownership == "BucketOwnerEnforced" for rule in rules):
        return None
    ignored = _switch(build, bucket, "ignore_public_acls")
    if ignored:
        return None
    if ignored is None:
        return _unseen_block(bucket)
    return ("the ownership controls of the bucket" if isinstance(controls, UnsetType) else "", ())


def _by_status(build: Builder, bucket: Bucket) -> Iterator[_Way]:
    """Yield the way that S3 itself sees in a policy that the export does not hold."""
    status = bucket.policy_status
    if not isinstance(bucket.policy, UnsetType) or not isinstance(status, PolicyStatus) or not status.is_public:
        return
    if _switch(build, bucket, "restrict_public_buckets") is not True:
        unknown = "the bucket policy, which S3 says is public"
        yield _Way(EntryKind.ANONYMOUS, Opening("*", AccessLevel.READ, ("s3:*",), (), unknown, (status.source,)))
