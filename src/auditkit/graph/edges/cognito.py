"""Amazon Cognito: functions that user pools run, and roles that identity pools hand out.

A user pool is an entry: anyone where it lets people sign themselves up, and else whoever was given an account. Guests
of an identity pool are a principal of their own, anonymous, so that what guests may do is not mixed up with what those
who signed in may do.
"""

from collections.abc import Iterator

from auditkit.graph._build import Builder
from auditkit.graph.boundaries import INTERNET_BOUNDARY
from auditkit.graph.edges._api_callers import call_function
from auditkit.graph.edges._inside import COMES_IN
from auditkit.graph.schema import INTERNET, Edge, EdgeKind, EntryKind, Evidence, Node, View
from auditkit.inventory import Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.cognito import IdentityPool, RoleMapping, UserPool

__all__ = ["connect"]


def connect(build: Builder) -> None:
    """Say what the records of Cognito say."""
    for pool in build.inventory.of(UserPool):
        _user_pool(build, pool)
    for identities in build.inventory.of(IdentityPool):
        _identity_pool(build, identities)


def _user_pool(build: Builder, pool: UserPool) -> None:
    entry = EntryKind.AUTHENTICATED if pool.self_sign_up is False else EntryKind.ANONYMOUS
    without_clients = not isinstance(pool.clients, UnsetType) and not pool.clients
    build.add(pool, entry=None if without_clients else entry)
    if not without_clients:
        _way_in(build, pool, entry, _who(pool), "" if pool.self_sign_up is not None else "AdminCreateUserConfig")
    if isinstance(pool.lambda_config, UnsetType) or pool.lambda_config is None:
        return
    for name, function in pool.lambda_config.by_name.items():
        call_function(
            build,
            pool.id,
            function,
            hop="cognito->lambda",
            service="cognito-idp.amazonaws.com",
            origins=(pool.id,),
            account=pool.account,
            sources=(pool.source.at("LambdaConfig", name),),
            label=name,
        )


def _who(pool: UserPool) -> str:
    if pool.self_sign_up is None:
        return "Whether people may sign themselves up was not seen (DescribeUserPool)."
    if pool.self_sign_up:
        return "People sign themselves up (AllowAdminCreateUserOnly is off); the pool checks the password."
    return "Only administrators create users; the pool checks the password."


def _way_in(build: Builder, pool: UserPool | IdentityPool, entry: EntryKind, reason: str, unknown: str = "") -> None:
    build.flow(
        INTERNET,
        pool.id,
        kind=EdgeKind.DELIVERS,
        hop="client->cognito",
        sources=pool.sources[:1],
        label=entry,
        unknown=unknown,
        authentication=(0.5, reason),
        third_party=COMES_IN,
    )


# ---------------------------------------------------------------- identity pools


def _identity_pool(build: Builder, pool: IdentityPool) -> None:
    signed_in = bool(
        pool.cognito_identity_providers
        or pool.supported_login_providers
        or pool.open_id_connect_provider_arns
        or pool.saml_provider_arns
        or pool.developer_provider_name
    )
    unseen = isinstance(pool.allow_unauthenticated_identities, UnsetType)
    entry = EntryKind.AUTHENTICATED if signed_in or unseen else None
    build.add(pool, entry=entry)
    if entry is not None:
        _way_in(build, pool, entry, "A token of one of the pool's identity providers is verified.")
    roles = {} if isinstance(pool.roles, UnsetType) else pool.roles
    where = pool.sources[-1] if pool.sources else Source("")
    guest = roles.get("unauthenticated")
    if pool.allow_unauthenticated_identities is True or (unseen and guest):
        _guests(build, pool, guest, where)
    for label, role, source in _roles(build, pool, roles, where):
        _assumes(build, pool.id, role, source, label=label)


def _guests(build: Builder, pool: IdentityPool, role: str | None, source: Source) -> None:
    """Make the anonymous principal of a pool that lets guests in, and give it its role."""
    guests = build.node(
        f"anonymous:{pool.id}",
        Node(
            kind=Kind.ANONYMOUS,
            label=f"guests of {pool.name}",
            account=pool.account,
            region=pool.region,
            boundary=INTERNET_BOUNDARY,
            sources=pool.sources,
            entry=EntryKind.ANONYMOUS,
        ),
    )
    unknown = "AllowUnauthenticatedIdentities" if isinstance(pool.allow_unauthenticated_identities, UnsetType) else ""
    if role:
        _assumes(build, guests, role, source, label="guest", unknown=unknown)


def _assumes(build: Builder, who: str, role: str, source: Source, *, label: str, unknown: str = "") -> None:
    build.edge(
        who,
        build.ref(role),
        Edge(
            kind=EdgeKind.ASSUMES,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=(source,),
            label=label,
            cost=4 if unknown else 1,
            unknown=unknown,
        ),
    )


def _roles(
    build: Builder, pool: IdentityPool, roles: dict[str, str], where: Source
) -> Iterator[tuple[str, str, Source]]:
    """Yield label, role and source for every role that someone who signed in may get."""
    if roles.get("authenticated"):
        yield "authenticated", roles["authenticated"], where
    mappings = {} if isinstance(pool.role_mappings, UnsetType) else pool.role_mappings
    for provider, mapping in sorted(mappings.items()):
        for rule in mapping.rules_configuration.rules if mapping.rules_configuration else ():
            yield f"rule on {rule.claim}", rule.role_arn, where
        yield from _group_roles(build, pool, provider, mapping)


def _group_roles(
    build: Builder, pool: IdentityPool, provider: str, mapping: RoleMapping
) -> Iterator[tuple[str, str, Source]]:
    """Yield the roles of the groups of a user pool, where the token says which role is taken."""
    name = provider.partition(":")[0]
    if mapping.type != "Token" or "/" not in name:
        return
    user_pool = build.inventory.get(
        arn_of("cognito-idp", f"userpool/{name.rpartition('/')[2]}", account=pool.account, region=pool.region)
    )
    if isinstance(user_pool, UserPool) and not isinstance(user_pool.groups, UnsetType):
        for group in user_pool.groups:
            if group.role_arn:
                yield f"group {group.group_name}", group.role_arn, group.source
