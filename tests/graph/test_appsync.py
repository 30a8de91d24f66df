import pytest

from auditkit.graph.edges.appsync import connect
from auditkit.graph.schema import INTERNET, EdgeKind, EntryKind, Interval
from tests.exports.feeding import ACCOUNT, REGION, answer
from tests.graph.entering import data, graph_of, only, trust

ARN = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/g1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/appsync"


def api(**fields):
    item = {"apiId": "g1", "arn": ARN, "name": "shop", "authenticationType": "API_KEY", **fields}
    return answer("appsync.ListGraphqlApis", {"graphqlApis": [item]})


def sources(*items):
    return answer("appsync.ListDataSources", {"dataSources": list(items)}, "g1")


def resolvers(name, *items):
    return answer("appsync.ListResolvers", {"resolvers": [{"typeName": name, **item} for item in items]}, "g1", name)


LAMBDA = {
    "name": "orders",
    "type": "AWS_LAMBDA",
    "serviceRoleArn": ROLE,
    "lambdaConfig": {"lambdaFunctionArn": FUNCTION},
}
TYPES = answer("appsync.ListTypes", {"types": [{"name": "Query"}, {"name": "Mutation"}]}, "g1")
FUNCTIONS = answer("appsync.ListFunctions", {"functions": [{"functionId": "f1", "dataSourceName": "orders"}]}, "g1")


@pytest.mark.parametrize(
    ("kinds", "entry", "level"),
    [
        (["API_KEY"], EntryKind.ANONYMOUS, Interval.exactly(0.5)),
        (["AMAZON_COGNITO_USER_POOLS"], EntryKind.AUTHENTICATED, Interval.exactly(0)),
        (["AWS_LAMBDA"], EntryKind.AUTHENTICATED, Interval(0, 0.5)),
        (["AWS_IAM"], None, None),
        (["AWS_IAM", "API_KEY"], EntryKind.ANONYMOUS, Interval(0, 0.5)),
        (["SOMETHING_NEW"], EntryKind.AUTHENTICATED, Interval(0, 1)),
    ],
)
def test_ways_to_authenticate_bound_the_level(kinds, entry, level):
    more = [{"authenticationType": kind} for kind in kinds[1:]]
    graph = graph_of(connect, api(authenticationType=kinds[0], additionalAuthenticationProviders=more))
    assert graph.nodes[ARN]["entry"] is entry
    assert [way["factors"].authentication for way in data(graph, INTERNET, ARN)] == ([level] if level else [])


def test_a_private_api_is_no_entry():
    assert graph_of(connect, api(visibility="PRIVATE")).nodes[ARN]["entry"] is None


def test_a_data_source_is_labelled_by_the_field_that_uses_it():
    graph = graph_of(
        connect,
        api(),
        sources(LAMBDA),
        TYPES,
        FUNCTIONS,
        resolvers("Query", {"fieldName": "order", "dataSourceName": "orders"}),
        resolvers("Mutation"),
    )
    hop = only(data(graph, ARN, FUNCTION))
    assert (hop["label"], hop["kind"], hop["unknown"]) == ("Query.order", EdgeKind.DELIVERS, "")
    assert [source.pointer for source in hop["sources"]] == ["/dataSources/0", "/resolvers/0"]
    assert only(trust(graph, ARN, FUNCTION))["kind"] is EdgeKind.INVOKES
    assert only(trust(graph, ARN, ROLE))["kind"] is EdgeKind.RUNS_AS


def test_a_pipeline_uses_the_data_sources_of_its_functions():
    graph = graph_of(
        connect,
        api(),
        sources(LAMBDA),
        TYPES,
        FUNCTIONS,
        resolvers("Query", {"fieldName": "order", "pipelineConfig": {"functions": ["f1"]}}),
        resolvers("Mutation"),
    )
    assert only(data(graph, ARN, FUNCTION))["label"] == "Query.order"


def test_a_data_source_that_no_field_uses_is_not_reached_and_one_that_might_be_used_is():
    complete = [api(), sources(LAMBDA), TYPES, FUNCTIONS, resolvers("Query"), resolvers("Mutation")]
    assert data(graph_of(connect, *complete), ARN, FUNCTION) == []
    for left_out in (2, 3, 5):
        partial = [response for index, response in enumerate(complete) if index != left_out]
        graph = graph_of(connect, *partial)
        assert only(data(graph, ARN, FUNCTION))["unknown"] == "resolvers of some types"
        assert only(trust(graph, ARN, FUNCTION))["cost"] == 4


@pytest.mark.parametrize(
    ("source", "target", "reads"),
    [
        (
            {"type": "AMAZON_DYNAMODB", "dynamodbConfig": {"tableName": "orders", "awsRegion": "us-east-1"}},
            f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders",
            True,
        ),
        (
            {
                "type": "AMAZON_EVENTBRIDGE",
                "eventBridgeConfig": {"eventBusArn": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b"},
            },
            f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b",
            False,
        ),
        (
            {
                "type": "RELATIONAL_DATABASE",
                "relationalDatabaseConfig": {
                    "rdsHttpEndpointConfig": {"dbClusterIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c"}
                },
            },
            f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c",
            True,
        ),
    ],
)
def test_stores_are_written_and_read(source, target, reads):
    graph = graph_of(connect, api(), sources({"name": "s", **source}))
    assert data(graph, ARN, target)
    assert bool(data(graph, target, ARN)) is reads


@pytest.mark.parametrize(("scheme", "level"), [("https", 0), ("http", 1)])
def test_an_http_data_source_is_a_third_party(scheme, level):
    source = {"name": "s", "type": "HTTP", "httpConfig": {"endpoint": f"{scheme}://api.partner.example"}}
    hop = only(data(graph_of(connect, api(), sources(source)), ARN, "thirdparty:api.partner.example"))
    assert (hop["kind"], hop["factors"].encryption) == (EdgeKind.CALLS, Interval.exactly(level))


def test_an_authorizer_function_sees_the_tokens():
    graph = graph_of(connect, api(authenticationType="AWS_LAMBDA", lambdaAuthorizerConfig={"authorizerUri": FUNCTION}))
    assert only(data(graph, ARN, FUNCTION))["label"] == "authorizer"
