"""Responses of AWS AppSync."""

from auditkit.exports._attached import tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich
from auditkit.exports.services._parts import parts
from auditkit.inventory.record import UNSET, UnsetType
from auditkit.inventory.records.appsync import DataSource, GraphqlApi, PipelineFunction, Resolver

__all__ = ["HANDLERS"]


def _list_graphql_apis(response: Response, reading: Reading) -> None:
    for api, item, source in reading.each(response, GraphqlApi, "graphqlApis"):
        api.id, api.name = api.arn, str(item.get("name") or api.api_id)
        api.tags = tags_of(item.get("tags"), source.at("tags"), reading)
        reading.add(api)


def _arn(response: Response) -> str:
    return response.arn("appsync", f"apis/{response.argument()}")


def _list_data_sources(response: Response, reading: Reading) -> None:
    found = parts(response, reading, DataSource, "dataSources")
    enrich(response, reading, GraphqlApi, "dataSources", key=_arn(response), data_sources=found)


def _list_functions(response: Response, reading: Reading) -> None:
    found = parts(response, reading, PipelineFunction, "functions")
    enrich(response, reading, GraphqlApi, "functions", key=_arn(response), functions=found)


def _list_types(response: Response, reading: Reading) -> None:
    names = [item.get("name") for _, item, _ in reading.items(response, "types")]
    found: tuple[str, ...] | UnsetType = UNSET
    if all(isinstance(name, str) for name in names):
        found = tuple(sorted(str(name) for name in names))
    enrich(response, reading, GraphqlApi, "types", key=_arn(response), types=found)


def _list_resolvers(response: Response, reading: Reading) -> None:
    api = _arn(response)
    for index, item, _ in reading.items(response, "resolvers"):
        resolver = reading.convert(response, Resolver, {**item, "__api": api}, "resolvers", index)
        if resolver is not None:
            resolver.name = f"{resolver.type_name}.{resolver.field_name}"
            resolver.id = str(
                item.get("resolverArn") or f"{api}/types/{resolver.type_name}/resolvers/{resolver.field_name}"
            )
            reading.add(resolver)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("appsync", "ListDataSources"): _list_data_sources,
    ("appsync", "ListFunctions"): _list_functions,
    ("appsync", "ListGraphqlApis"): _list_graphql_apis,
    ("appsync", "ListResolvers"): _list_resolvers,
    ("appsync", "ListTypes"): _list_types,
}
