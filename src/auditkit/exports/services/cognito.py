"""Responses of Amazon Cognito: user pools (``cognito-idp``) and identity pools (``cognito-identity``)."""

import msgspec

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.exports.services._parts import parts
from auditkit.inventory.record import UNSET, UnsetType
from auditkit.inventory.records.cognito import IdentityPool, RoleMapping, UserGroup, UserPool, UserPoolClient

__all__ = ["HANDLERS"]


def _pool_arn(response: Response, pool: str) -> str:
    return response.arn("cognito-idp", f"userpool/{pool}")


def _list_user_pools(response: Response, reading: Reading) -> None:
    for index, item, _ in reading.items(response, "UserPools"):
        listed = {key: value for key, value in item.items() if key != "LambdaConfig"}
        pool = reading.convert(response, UserPool, listed, "UserPools", index)
        if pool is not None:
            pool.id, pool.name = _pool_arn(response, pool.pool_id), str(item.get("Name") or pool.pool_id)
            reading.add(pool)


_DESCRIBED = ("LambdaConfig", "AdminCreateUserConfig", "Policies", "MfaConfiguration", "UserPoolAddOns")


def _describe_user_pool(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "UserPool")
    if item is None:
        return
    pool = reading.convert(response, UserPool, {**dict.fromkeys(_DESCRIBED), **item}, "UserPool")
    if pool is not None:
        pool.id, pool.name = pool.arn or _pool_arn(response, pool.pool_id), str(item.get("Name") or pool.pool_id)
        pool.tags = tags_of(item.get("UserPoolTags"), response.at("UserPool", "UserPoolTags"), reading)
        reading.add(pool)


def _list_user_pool_clients(response: Response, reading: Reading) -> None:
    found = parts(response, reading, UserPoolClient, "UserPoolClients")
    enrich(response, reading, UserPool, "UserPoolClients", key=_pool_arn(response, response.argument()), clients=found)


def _list_groups(response: Response, reading: Reading) -> None:
    found = parts(response, reading, UserGroup, "Groups")
    enrich(response, reading, UserPool, "Groups", key=_pool_arn(response, response.argument()), groups=found)


# ---------------------------------------------------------------- identity pools


def _identity_pool_arn(response: Response, pool: str) -> str:
    return response.arn("cognito-identity", f"identitypool/{pool}")


def _list_identity_pools(response: Response, reading: Reading) -> None:
    for pool, _, _ in reading.each(response, IdentityPool, "IdentityPools"):
        _add_identity_pool(response, reading, pool)


def _describe_identity_pool(response: Response, reading: Reading) -> None:
    if not response.payload:
        return
    pool = reading.convert(response, IdentityPool, response.payload)
    if pool is not None:
        if isinstance(pool.allow_unauthenticated_identities, UnsetType):
            pool.allow_unauthenticated_identities = False  # the response leaves out what is off
        pool.tags = tags_of(response.payload.get("IdentityPoolTags"), response.at("IdentityPoolTags"), reading)
        _add_identity_pool(response, reading, pool)


def _add_identity_pool(response: Response, reading: Reading, pool: IdentityPool) -> None:
    pool.id = _identity_pool_arn(response, pool.identity_pool_id)
    pool.name = pool.identity_pool_name or pool.identity_pool_id
    reading.add(pool)


class _Roles(msgspec.Struct, rename="pascal"):
    identity_pool_id: str = ""
    roles: dict[str, str] | UnsetType = msgspec.field(default_factory=dict)
    role_mappings: dict[str, RoleMapping] | UnsetType = msgspec.field(default_factory=dict)


def _get_identity_pool_roles(response: Response, reading: Reading) -> None:
    found = reading.decode(_Roles, response.payload, response.source) or _Roles("", UNSET, UNSET)
    enrich(
        response,
        reading,
        IdentityPool,
        key=_identity_pool_arn(response, found.identity_pool_id or response.argument()),
        roles=found.roles,
        role_mappings=found.role_mappings,
    )


HANDLERS: dict[tuple[str, str], Handler] = {
    ("cognito-identity", "DescribeIdentityPool"): _describe_identity_pool,
    ("cognito-identity", "GetIdentityPoolRoles"): _get_identity_pool_roles,
    ("cognito-identity", "ListIdentityPools"): _list_identity_pools,
    ("cognito-idp", "DescribeUserPool"): _describe_user_pool,
    ("cognito-idp", "ListGroups"): _list_groups,
    ("cognito-idp", "ListUserPoolClients"): _list_user_pool_clients,
    ("cognito-idp", "ListUserPools"): _list_user_pools,
}
