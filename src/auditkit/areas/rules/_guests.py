"""Identity pools: what they give to guests, and to whoever signs up."""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.areas.answers import Answer, failed, passed, some, unknown, warned
from auditkit.areas.model import Verdict
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.graph._documents import parsed
from auditkit.graph.schema import Edge, EdgeKind
from auditkit.inventory import Kind, PolicyText, Source, UnsetType
from auditkit.inventory.records.cognito import IdentityPool, RoleMapping, UserPool
from auditkit.inventory.records.identities import Role
from auditkit.policy import Context, PolicySet, Request, evaluate, principal

__all__ = ["guest_identity"]


def guest_identity(scene: Scene) -> Iterator[Answer]:
    """Judge what guests of identity pools may do, and whoever signs up."""
    pools = scene.inventory.of(IdentityPool)
    trusting = [one for one in scene.inventory.of(Role) if _trusts_pools(one)] if pools else []
    for pool in pools:
        yield from _guests(scene, pool, trusting)
        yield from _signed_up(scene, pool)


def _guests(scene: Scene, pool: IdentityPool, trusting: list[Role]) -> Iterator[Answer]:
    at = pool.source.at("AllowUnauthenticatedIdentities")
    if isinstance(pool.allow_unauthenticated_identities, UnsetType):
        yield unknown(pool, "cognito-identity:DescribeIdentityPool", at=pool.source)
    elif not pool.allow_unauthenticated_identities:
        yield passed(pool, "guests get no identity", at=at)
    else:
        role = _guest_role(pool)
        if isinstance(role, UnsetType):
            yield unknown(pool, "cognito-identity:GetIdentityPoolRoles", at=at)
        elif role is None:
            yield passed(pool, "guests get an identity, but no role", at=at)
        else:
            yield _guest_grants(scene, pool, role)
        if pool.allow_classic_flow and pool.allow_unauthenticated_identities is True:
            for other in trusting:
                if other.id != role:
                    yield from _chosen(scene, pool, other)
    if pool.allow_classic_flow:
        said = "the classic flow is on: a caller chooses the role itself, and no session policy narrows it"
        yield warned(pool, said, at=pool.source.at("AllowClassicFlow"), place="classic flow")


_IDENTITY_POOLS = principal({"Federated": "cognito-identity.amazonaws.com"})


def _trusts_pools(role: Role) -> bool:
    """Return whether a role's trust policy names identity pools."""
    policy = role.trust_policy
    statements = parsed(policy).statements if isinstance(policy, PolicyText) else ()
    return any(named.value == _IDENTITY_POOLS.id for one in statements for named in one.principals or ())


def _chosen(scene: Scene, pool: IdentityPool, role: Role) -> Iterator[Answer]:
    """Yield the answer for a role whose trust policy takes the tokens of a pool's guests, who choose it themselves."""
    assert isinstance(role.trust_policy, PolicyText)
    claims = {"aud": pool.identity_pool_id, "amr": ["unauthenticated"]}
    context = Context({f"{_IDENTITY_POOLS.id}:{name}": value for name, value in claims.items()}, complete=False)
    request = Request(
        principal=_IDENTITY_POOLS, action="sts:AssumeRoleWithWebIdentity", resource=role.id, context=context
    )
    decision = evaluate(request, PolicySet(resource=parsed(role.trust_policy)))
    if decision.denied:
        return
    answer = _guest_grants(scene, pool, role.id, f"classic flow, {role.name}")
    if answer.verdict is Verdict.FAIL and not decision.allowed:
        lacks = (*decision.keys, *decision.missing)
        answer = unknown(
            pool, f"whether guests may assume {role.name} ({some(lacks)})", at=answer.sources, place=answer.place
        )
    yield answer


def _guest_role(pool: IdentityPool) -> str | UnsetType | None:
    roles = pool.roles
    return roles if isinstance(roles, UnsetType) else (roles or {}).get("unauthenticated")


_ASKED = frozenset({Kind.ROUTE, Kind.GRAPHQL_API})
"""Kinds that users are meant to call."""
_ACTS = (EdgeKind.INVOKES, EdgeKind.CHANGES_CODE, EdgeKind.ASSUMES, EdgeKind.ESCALATES)


def _guest_grants(scene: Scene, pool: IdentityPool, role: str, place: str = "") -> Answer:
    if not scene.permissions.knows(role):
        return unknown(pool, f"the policies of {role}", at=pool.source, place=place)
    ways = [*scene.permits(role), *scene.out_of(role, *_ACTS)]
    reached = [(target, edge) for target, edge in ways if is_given(edge)]
    open_ = not_decided(edge for _, edge in ways)
    if not reached and open_:
        return unknown(pool, open_, at=pool.source, place=place)
    if not reached:
        said = "guests get a role that may do nothing to data, functions or other roles"
        return passed(pool, said, at=pool.source, place=place)
    labels = sorted({str(scene.nodes[target].label) for target, _ in reached})
    at = [source for _, edge in reached for source in edge.sources]
    return failed(pool, f"guests may use {some(labels)}", at=at, place=place, about=role)


class _Given(NamedTuple):
    """A role that whoever signs up may get: which, how, and at which user pools."""

    role: str
    how: str
    pools: tuple[UserPool, ...]


_GROUPS = frozenset({"cognito:groups", "cognito:roles", "cognito:preferred_role"})
"""Claims that nobody has who has only signed up: an administrator puts users into groups."""


def _signed_up(scene: Scene, pool: IdentityPool) -> Iterator[Answer]:
    """Yield a WARN where people sign themselves up, and the own policies of a role they get give what is no user's."""
    for given in _given_to_all(scene, pool):
        if scene.permissions.knows(given.role) and (found := _beyond_oneself(scene, given.role)):
            labels = sorted({str(scene.nodes[target].label) for target, _ in found})
            users = some(sorted(one.name for one in given.pools))
            said = f"people sign themselves up to {users}, and whoever does may use {some(labels)}{given.how}"
            at = [*(one.source for one in given.pools), *(source for _, edge in found for source in edge.sources)]
            place = "signed up" if not given.how else f"signed up,{given.how}"
            yield warned(pool, said, at=at, place=place, about=given.role)


def _given_to_all(scene: Scene, pool: IdentityPool) -> Iterator[_Given]:
    """Yield the roles that a pool may give to people who signed themselves up, one for each role and way."""
    roles = {} if isinstance(pool.roles, UnsetType) else pool.roles
    mappings = {} if isinstance(pool.role_mappings, UnsetType) else pool.role_mappings
    found: dict[tuple[str, str], dict[str, UserPool]] = {}
    by_id = {one.id.rpartition("/")[2]: one for one in scene.inventory.of(UserPool) if one.self_sign_up}
    for provider in pool.cognito_identity_providers:
        name = provider.provider_name or ""
        users = by_id.get(name.rpartition("/")[2])
        if users is None:
            continue
        mapping = mappings.get(f"{name}:{provider.client_id}")
        ways = [("", roles.get("authenticated", ""))] if _falls_back(pool, mapping) else []
        rules = mapping.rules_configuration.rules if mapping is not None and mapping.rules_configuration else ()
        ways += [(f" by a rule on {one.claim}", one.role_arn) for one in rules if one.claim not in _GROUPS]
        for how, role in ways:
            if role:
                found.setdefault((role, how), {})[users.id] = users
    yield from (_Given(role, how, tuple(users.values())) for (role, how), users in found.items())


def _falls_back(pool: IdentityPool, mapping: RoleMapping | None) -> bool:
    """Return whether who matches no rule and is in no group gets the role of all who signed in."""
    return mapping is None or mapping.ambiguous_role_resolution != "Deny" or bool(pool.allow_classic_flow)


def _beyond_oneself(scene: Scene, role: str) -> list[tuple[str, Edge]]:
    """Return what a role's own policies give that is no single user's."""
    own = _own_policies(scene, role)
    return [
        (target, edge)
        for target, edge in (*scene.permits(role), *scene.out_of(role, *_ACTS))
        if is_given(edge) and scene.nodes[target].kind not in _ASKED
        if any(source.lies_in(one) for source in edge.sources for one in own)
    ]


def _own_policies(scene: Scene, role: str) -> list[Source]:
    policies = scene.principals.get(role)
    documents = () if policies is None or isinstance(policies.identity, UnsetType) else policies.identity
    return [document.source.source for document in documents if isinstance(document.source, PolicyText)]
