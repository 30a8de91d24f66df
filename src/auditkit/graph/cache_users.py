"""Who may sign in to a cache, and whether anybody may without a password: user groups and access control lists.

What an access string says: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html and
https://docs.aws.amazon.com/memorydb/latest/devguide/clusters.acls.html.
"""

from collections.abc import Iterable
from typing import NamedTuple

from auditkit.graph._store_hop import SHARED
from auditkit.graph.factors import Level
from auditkit.graph.schema import Interval
from auditkit.inventory import Inventory, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.caches import (
    CacheUser,
    CacheUserGroup,
    MemoryDBCluster,
    ReplicationGroup,
    ServerlessCache,
)

__all__ = ["OPEN_ACCESS", "SignIn", "UserCache", "sign_in"]

OPEN_ACCESS = "open-access"
"""The access control list of MemoryDB that lets everybody in."""

UserCache = ReplicationGroup | ServerlessCache | MemoryDBCluster
"""Caches that users may sign in to."""


class SignIn(NamedTuple):
    """Who may sign in to a cache.

    Attributes
    ----------
    groups
        Names of the user groups, or of the access control list; none where it has none.
    without
        Names of users that sign in without a password, and may do something then.
    missing
        The call that would tell more, ``""`` where all was seen.
    level
        Of the factor *authentication*, with the reason.
    sources
        Where the groups and users stand.
    """

    groups: tuple[str, ...]
    without: tuple[str, ...]
    missing: str
    level: Level
    sources: tuple[Source, ...] = ()


def sign_in(inventory: Inventory, cache: UserCache) -> SignIn:
    """Return who may sign in to a cache, by its users; without any, nothing is said of tokens."""
    service, groups = _groups_of(cache)
    if service == "memorydb" and OPEN_ACCESS in groups:
        said = f"The access control list {OPEN_ACCESS} lets everybody in without a password."
        return SignIn(groups, ("default",), "", (1, said), (cache.source.at("ACLName"),))
    if not groups:
        return SignIn((), (), "", (Interval(0, 1), "No users are named."))
    kind, call = ("acl/", "DescribeACLs") if service == "memorydb" else ("usergroup:", "DescribeUserGroups")
    found = [inventory.get(_arn(cache, service, f"{kind}{name}")) for name in groups]
    known = [group for group in found if isinstance(group, CacheUserGroup)]
    if len(known) < len(found):
        return _unseen(groups, f"{service}:{call}")
    separator = "/" if service == "memorydb" else ":"
    names = sorted({name for group in known for name in (*group.user_ids, *group.user_names)})
    records = [inventory.get(_arn(cache, service, f"user{separator}{name}")) for name in names]
    users = [user for user in records if isinstance(user, CacheUser)]
    without = tuple(user.name for user in users if _asks_nothing(user))
    sources = tuple(source for record in (*known, *users) for source in record.sources)
    if without:
        said = f"The user {without[0]} signs in without a password."
        return SignIn(groups, without, "", (1, said), sources)
    if len(users) < len(records) or any(user.authentication is None for user in users):
        return _unseen(groups, f"{service}:DescribeUsers")
    return SignIn(groups, (), "", _level(users), sources)


def _groups_of(cache: UserCache) -> tuple[str, tuple[str, ...]]:
    """Return the service that keeps the users of a cache, and the names of their groups."""
    if isinstance(cache, MemoryDBCluster):
        return "memorydb", (cache.acl_name,) if cache.acl_name else ()
    if isinstance(cache, ServerlessCache):
        return "elasticache", (cache.user_group_id,) if cache.user_group_id else ()
    return "elasticache", cache.user_group_ids


def _arn(cache: UserCache, service: str, resource: str) -> str:
    return arn_of(service, resource, account=cache.account, region=cache.region)


def _unseen(groups: tuple[str, ...], call: str) -> SignIn:
    said = f"Users of {', '.join(groups)} sign in; whether all of them need a password was not seen ({call})."
    return SignIn(groups, (), call, (Interval(0, 1), said))


def _asks_nothing(user: CacheUser) -> bool:
    """Return whether a user signs in without a password."""
    kind = user.authentication.type if user.authentication is not None else None
    return kind in {"no-password", "no-password-required"} and not _is_off(user)


def _is_off(user: CacheUser) -> bool:
    """Return whether a user is switched off, or may do nothing; one whose rights were not seen is neither."""
    rights = (user.access_string or "on +@all").lower().split()
    return "off" in rights or not any(right.startswith("+") or right == "allcommands" for right in rights)


def _level(users: Iterable[CacheUser]) -> Level:
    kinds = {user.authentication.type for user in users if user.authentication is not None and not _is_off(user)}
    if kinds == {"iam"}:
        return 0, "Its users sign in with a token of IAM."
    if "iam" not in kinds:
        return SHARED, "Its users sign in with a password."
    return Interval(0, SHARED), "Its users sign in with a password or a token of IAM."
