import boto3
from moto import mock_aws

from auditkit.inventory import UNSET
from auditkit.inventory.records.appsync import GraphqlApi, Resolver
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

ARN = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/g1"
API = answer(
    "appsync.ListGraphqlApis",
    {
        "graphqlApis": [
            {
                "apiId": "g1",
                "arn": ARN,
                "name": "shop",
                "authenticationType": "API_KEY",
                "uris": {"GRAPHQL": "https://x"},
                "additionalAuthenticationProviders": [
                    {
                        "authenticationType": "AWS_LAMBDA",
                        "lambdaAuthorizerConfig": {"authorizerUri": "arn:aws:lambda:x"},
                    }
                ],
            }
        ]
    },
)


@mock_aws
def test_an_api_made_with_boto3_is_read(tmp_path):
    client = boto3.client("appsync", region_name=REGION)
    made = client.create_graphql_api(name="shop", authenticationType="AWS_IAM", tags={"owner": "web"})["graphqlApi"]
    client.create_api_key(apiId=made["apiId"])
    (api,) = exported(tmp_path, "appsync").of(GraphqlApi)
    assert (api.id, api.name, api.authentication_type) == (made["arn"], "shop", "AWS_IAM")
    assert api.tags == {"owner": "web"}
    assert (api.data_sources, api.types, api.functions) == (UNSET, UNSET, UNSET)


def test_data_sources_resolvers_and_functions_belong_to_their_api():
    inventory = feed(
        API,
        answer(
            "appsync.ListDataSources",
            {
                "dataSources": [
                    {"name": "orders", "type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:o"}},
                    {
                        "name": "hook",
                        "type": "HTTP",
                        "httpConfig": {"endpoint": "https://u:hunter2@api.example.com/h?k=hunter2"},
                    },
                ]
            },
            "g1",
        ),
        answer(
            "appsync.ListTypes", {"types": [{"name": "Query", "definition": "type Query {}"}, {"name": "Order"}]}, "g1"
        ),
        answer(
            "appsync.ListFunctions",
            {"functions": [{"functionId": "f1", "dataSourceName": "orders", "code": "hunter2"}]},
            "g1",
        ),
        answer(
            "appsync.ListResolvers",
            {
                "resolvers": [
                    {
                        "typeName": "Query",
                        "fieldName": "order",
                        "pipelineConfig": {"functions": ["f1"]},
                        "code": "hunter2",
                    }
                ]
            },
            "g1",
            "Query",
        ),
    )
    (api,) = inventory.of(GraphqlApi)
    assert [source.name for source in api.data_sources] == ["orders", "hook"]
    assert api.data_sources[1].http_config.endpoint == "https://api.example.com"
    assert api.data_sources[1].source.pointer == "/dataSources/1"
    assert api.types == ("Order", "Query")
    assert [function.function_id for function in api.functions] == ["f1"]
    (resolver,) = inventory.of(Resolver)
    assert (resolver.api, resolver.name, resolver.pipeline_config.functions) == (ARN, "Query.order", ("f1",))
    assert "hunter2" not in repr(list(inventory))


def test_all_ways_to_authenticate_are_listed_the_default_first():
    (api,) = feed(API).of(GraphqlApi)
    assert [provider.authentication_type for provider in api.providers] == ["API_KEY", "AWS_LAMBDA"]
