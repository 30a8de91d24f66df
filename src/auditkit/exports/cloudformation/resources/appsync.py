"""AWS AppSync."""

import re

from auditkit.exports._answers import Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, several

__all__ = ["tell"]

_API = re.compile(r"apis/([^/]+)")


def tell(to: Telling) -> None:
    """Tell GraphQL APIs with their data sources, functions and resolvers."""
    for api in to.of("AWS::AppSync::GraphQLApi"):
        members = {
            "apiId": api.identity.name,
            "arn": api.identity.arn,
            "name": api.node.at("Name") or api.identity.name,
            "tags": api.node.at("Tags"),
            "uris": {"GRAPHQL": api.identity.attributes["GraphQLUrl"]},
        }
        tree = to.tree(api, "appsync.GraphqlApi", {"Tags": ""}, members)
        to.give(api, "appsync.ListGraphqlApis", {"graphqlApis": [tree]}, complete=False)
    known = {api.identity.name for api in to.of("AWS::AppSync::GraphQLApi")}
    _event_apis(to)
    others = {api.identity.name for api in to.of("AWS::AppSync::Api")}
    for (place, api_id), sources in to.by("ApiId", of=["AWS::AppSync::DataSource"]).items():
        if _id(api_id) in others:
            continue
        if _id(api_id) not in known:  # an API that no template has
            stack = sources[0].stack
            arn = f"arn:{stack.partition}:appsync:{place.region}:{place.account}:apis/{_id(api_id)}"
            named = Tree(sources[0].node.source, {"apiId": _id(api_id), "arn": arn, "name": _id(api_id)})
            to.give(sources[0], "appsync.ListGraphqlApis", {"graphqlApis": [named]}, place=place, complete=False)
        trees = [_data_source(to, source) for source in sources]
        shown: dict[str, object] = {"dataSources": trees}
        to.give(sources[0], "appsync.ListDataSources", shown, _id(api_id), place=place, complete=False)
    for (place, api_id), functions in to.by("ApiId", of=["AWS::AppSync::FunctionConfiguration"]).items():
        trees = [
            to.tree(one, "appsync.FunctionConfiguration", members={"functionId": one.identity.name})
            for one in functions
        ]
        shown = {"functions": trees}
        to.give(functions[0], "appsync.ListFunctions", shown, _id(api_id), place=place, complete=False)
    for (place, api_id), resolvers in to.by("ApiId", of=["AWS::AppSync::Resolver"]).items():
        kinds = sorted({resolver.text("TypeName") for resolver in resolvers} - {""})
        shown = {"types": [{"name": kind} for kind in kinds]}
        to.give(resolvers[0], "appsync.ListTypes", shown, _id(api_id), place=place, complete=False)
        for resolver in resolvers:
            shown = {"resolvers": [_resolver(to, resolver, _id(api_id))]}
            arguments = (_id(api_id), resolver.text("TypeName"))
            to.give(resolver, "appsync.ListResolvers", shown, *arguments, place=place, complete=False)


def _event_apis(to: Telling) -> None:
    """Tell what handlers of event APIs run: functions that are data sources, and authorizers."""
    sources = {
        (api_id, source.identity.name): source.node.at("LambdaConfig", "LambdaFunctionArn")
        for (_, api_id), found in to.by("ApiId", of=["AWS::AppSync::DataSource"]).items()
        for source in found
    }
    spaces = to.by("ApiId", of=["AWS::AppSync::ChannelNamespace"])
    for api in to.of("AWS::AppSync::Api"):
        providers = list(several(api.node.at("EventConfig", "AuthProviders")))
        signed_in = bool(providers) and all(provider.text("AuthType") != "API_KEY" for provider in providers)
        handlers = [provider.at("LambdaAuthorizerConfig", "AuthorizerUri") for provider in providers]
        for space in spaces.get((place_of(api), api.identity.name), ()):
            for key in ("OnPublish", "OnSubscribe"):
                name = space.text("HandlerConfigs", key, "Integration", "DataSourceName")
                handlers.append(sources.get((api.identity.name, name)))
        for handler in handlers:
            if handler is not None:
                origin = (api.identity.arn, api.text("Name") or api.identity.name)
                to.trigger(
                    api,
                    handler,
                    service="appsync.amazonaws.com",
                    origin=origin,
                    entry_hop="client->appsync",
                    signed_in=signed_in,
                )


def _id(text: str) -> str:
    """Return the id of an API from its id or its ARN."""
    found = _API.search(text) if text.startswith("arn:") else None
    return found[1] if found else text


def _data_source(to: Telling, source: Resource) -> Tree:
    members = {"name": source.identity.name, "dataSourceArn": source.identity.arn}
    return to.tree(source, "appsync.DataSource", {"DynamoDBConfig": "dynamodbConfig"}, members)


def _resolver(to: Telling, resolver: Resource, api_id: str) -> Tree:
    stack = resolver.stack
    api = f"arn:{stack.partition}:appsync:{stack.region}:{stack.account}:apis/{api_id}"
    kind, field = resolver.text("TypeName") or "unknown", resolver.text("FieldName") or resolver.logical
    members = {"resolverArn": f"{api}/types/{kind}/resolvers/{field}", "typeName": kind, "fieldName": field}
    return to.tree(resolver, "appsync.Resolver", members=members)
