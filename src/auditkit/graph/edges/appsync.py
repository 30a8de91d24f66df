"""AWS AppSync: GraphQL APIs, who gets in, and the data sources that their resolvers use.

A GraphQL API is one entry: which fields a way to authenticate opens stands in the directives of the schema, which are
not read. With several ways the weakest and the strongest bound the level.
"""

from collections.abc import Iterator

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_permitted import permitted
from auditkit.graph.edges._inside import COMES_IN
from auditkit.graph.factors import Level
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval
from auditkit.inventory import CoverageState, Kind, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.origins import origin
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.appsync import AuthenticationProvider, DataSource, GraphqlApi, Resolver
from auditkit.policy import TargetPolicies

__all__ = ["connect"]

_LEVELS: dict[str, tuple[Interval, str]] = {
    "API_KEY": (Interval.exactly(0.5), "an API key is a shared secret"),
    "AWS_LAMBDA": (Interval(0, 0.5), "the code of an authorizer function decides"),
    "AWS_IAM": (Interval.exactly(0), "requests are signed"),
    "AMAZON_COGNITO_USER_POOLS": (Interval.exactly(0), "a token of a user pool is verified"),
    "OPENID_CONNECT": (Interval.exactly(0), "a token of an issuer is verified"),
}
_RESOLVERS = "resolvers of some types"


def connect(build: Builder) -> None:
    """Say what the records of AppSync say."""
    resolvers: dict[str, list[Resolver]] = {}
    for resolver in build.inventory.of(Resolver):
        resolvers.setdefault(resolver.api, []).append(resolver)
    signed: list[tuple[TargetPolicies, str]] = []
    for api in build.inventory.of(GraphqlApi):
        _entry(build, api)
        _data_sources(build, api, resolvers.get(api.id, []))
        if any(provider.authentication_type == "AWS_IAM" for provider in api.providers):
            fields = (f"{api.id}/types/{name}/fields/any" for name in ("Query", "Mutation", "Subscription"))
            signed += [(TargetPolicies(arn=arn, account=api.account, resource_policy=None), api.id) for arn in fields]
    permitted(build, signed, action="appsync:GraphQL")


def _entry(build: Builder, api: GraphqlApi) -> None:
    entry = None if api.visibility == "PRIVATE" else _way_in(api.providers)
    build.add(api, entry=entry)
    for uri in api.uris.values():
        if host := _host(uri):
            build.alias_host(host, api.id)
    if entry is not None:
        build.flow(
            INTERNET,
            api.id,
            kind=EdgeKind.DELIVERS,
            hop="client->appsync",
            sources=api.sources[:1],
            label=entry,
            authentication=_authentication(api.providers),
            third_party=COMES_IN,
        )
    for provider in api.providers:
        if provider.lambda_authorizer_config is not None:
            _call(
                build,
                api,
                provider.lambda_authorizer_config.authorizer_uri,
                (api.source,),
                label="authorizer",
                validation=(1, "Nothing checks the token before."),
            )


def _host(address: str) -> str:
    return origin(address).rpartition("://")[2]


def _way_in(providers: tuple[AuthenticationProvider, ...]) -> EntryKind | None:
    kinds = {provider.authentication_type for provider in providers}
    if "API_KEY" in kinds:
        return EntryKind.ANONYMOUS
    return None if kinds == {"AWS_IAM"} else EntryKind.AUTHENTICATED


def _authentication(providers: tuple[AuthenticationProvider, ...]) -> Level:
    kinds = sorted({provider.authentication_type for provider in providers})
    found = [_LEVELS.get(kind, (Interval(0, 1), "it is not known here")) for kind in kinds]
    if not found:
        return Interval(0, 1), "The authentication type was not exported."
    bounds = Interval(min(level.low for level, _ in found), max(level.high for level, _ in found))
    said = "; ".join(f"{kind}: {reason}" for kind, (_, reason) in zip(kinds, found, strict=True))
    return bounds, said + (
        "." if len(kinds) == 1 else ". Which fields each opens stands in the schema, which is not read."
    )


# ---------------------------------------------------------------- data sources


def _data_sources(build: Builder, api: GraphqlApi, resolvers: list[Resolver]) -> None:
    if isinstance(api.data_sources, UnsetType):
        return
    fields = _fields(api, resolvers)
    complete = _all_resolvers_seen(build, api)
    for source in api.data_sources:
        used = fields.get(source.name, {})
        if not used and complete:
            continue  # no field leads to it
        names = sorted(used)
        label = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more" if names else source.name
        _data_source(
            build,
            api,
            source,
            (source.source, *(used[name] for name in names)),
            label=label,
            detail=f"data source {source.name}",
            unknown="" if used else _RESOLVERS,
        )
    for resolver in resolvers:
        handler = resolver.sync_config.lambda_conflict_handler_config if resolver.sync_config else None
        if handler is not None and handler.lambda_conflict_handler_arn:
            _call(
                build,
                api,
                handler.lambda_conflict_handler_arn,
                (resolver.source,),
                label=f"conflicts of {resolver.name}",
            )


def _fields(api: GraphqlApi, resolvers: list[Resolver]) -> dict[str, dict[str, Source]]:
    """Return the fields that use each data source, with the resolver's source."""
    functions = {} if isinstance(api.functions, UnsetType) else {found.function_id: found for found in api.functions}
    fields: dict[str, dict[str, Source]] = {}
    for resolver in resolvers:
        steps = resolver.pipeline_config.functions if resolver.pipeline_config else ()
        names = [resolver.data_source_name, *(functions[step].data_source_name for step in steps if step in functions)]
        for name in names:
            if name:
                fields.setdefault(name, {})[resolver.name] = resolver.source
    return fields


def _all_resolvers_seen(build: Builder, api: GraphqlApi) -> bool:
    """Return whether the resolvers of every type, and the functions of pipelines, were exported."""
    if isinstance(api.types, UnsetType) or isinstance(api.functions, UnsetType):
        return False
    seen = {CoverageState.PRESENT, CoverageState.EMPTY}
    calls = {
        call.resource: call
        for call in build.inventory.coverage.find("appsync", "ListResolvers", account=api.account, region=api.region)
    }
    asked = [calls.get(f"{api.api_id},{name}") for name in api.types]
    return all(call is not None and call.complete and call.state in seen for call in asked)


def _data_source(build: Builder, api: GraphqlApi, source: DataSource, sources: tuple[Source, ...], **said: str) -> None:
    hop = "appsync->aws-service"
    shared: Said = {"label": said["label"], "detail": said["detail"], "unknown": said["unknown"]}
    if source.service_role_arn:
        build.acts_in(api.id, source.service_role_arn, sources=(source.source,), label=source.name)
    if source.lambda_config is not None:
        _call(build, api, source.lambda_config.lambda_function_arn, sources, **said)
        return
    if source.type == "NONE":
        return
    if source.http_config is not None and source.http_config.endpoint:
        _http(build, api, source.http_config.endpoint, sources, shared)
        return
    for target, secret in _targets(build, api, source):
        if build.reference(target).kind in {Kind.EVENT_BUS, Kind.RESOURCE}:
            build.triggers(api.id, target, hop=hop, sources=sources, **shared)
        else:
            build.triggers(api.id, target, hop=hop, kind=EdgeKind.WRITES, sources=sources, **shared)
            build.flow(target, api.id, hop=hop, kind=EdgeKind.READS, sources=sources, **shared)
        if secret:
            build.flow(build.ref(secret), api.id, hop=hop, kind=EdgeKind.READS, sources=sources, **shared)


def _targets(build: Builder, api: GraphqlApi, source: DataSource) -> Iterator[tuple[str, str]]:
    """Yield the id of what a data source leads to, with the secret that opens it."""
    if source.dynamodb_config is not None:
        config = source.dynamodb_config
        region = config.aws_region or api.region
        yield build.ref(arn_of("dynamodb", f"table/{config.table_name}", account=api.account, region=region)), ""
    for search in (source.elasticsearch_config, source.open_search_service_config):
        if search is not None and (host := _host(search.endpoint)):
            yield build.third_party(host), ""
    if source.event_bridge_config is not None:
        yield build.ref(source.event_bridge_config.event_bus_arn), ""
    if source.relational_database_config is not None:
        database = source.relational_database_config.rds_http_endpoint_config
        named = database.db_cluster_identifier if database else None
        if database is not None and named:
            region = database.aws_region or api.region
            arn = (
                named
                if named.startswith("arn:")
                else arn_of("rds", f"cluster:{named}", account=api.account, region=region)
            )
            yield build.ref(arn), database.aws_secret_store_arn or ""
    if source.type == "AMAZON_BEDROCK_RUNTIME":
        yield build.ref("bedrock.amazonaws.com"), ""


def _http(build: Builder, api: GraphqlApi, endpoint: str, sources: tuple[Source, ...], said: Said) -> None:
    target = build.third_party(endpoint.partition("://")[2] or endpoint)
    clear = endpoint.startswith("http://")
    levels: Said = {
        **said,
        "encryption": (1, "The endpoint is http://: plain text.") if clear else (0, "The endpoint is https://."),
        "peer": (1, "There is no certificate to verify.") if clear else (0, "The certificate is verified."),
    }
    build.triggers(api.id, target, hop="appsync->http", kind=EdgeKind.CALLS, sources=sources, **levels)


def _call(build: Builder, api: GraphqlApi, function: str, sources: tuple[Source, ...], **said: object) -> None:
    target = build.reference(function)
    shared: Said = {**said, "qualifier": target.qualifier}  # type: ignore[typeddict-item]
    build.triggers(api.id, target.id, hop="appsync->lambda", sources=sources, **shared)
