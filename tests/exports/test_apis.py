import json

import boto3
import pytest
from moto import mock_aws

from auditkit.inventory import UNSET, Kind
from auditkit.inventory.records.apis import (
    DomainName,
    RestApi,
    RestAuthorizer,
    RestMethod,
    RestVpcLink,
)
from auditkit.inventory.records.apis_v2 import (
    ApiRoute,
    ApiVpcLink,
    Authorizer,
    HttpApi,
    WebSocketApi,
)
from tests.exports.feeding import ACCOUNT, REGION, answer, exported, feed

API = f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3"
HTTP = f"arn:aws:apigateway:{REGION}::/apis/h1h2h3"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
INVOKE = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}]}


def rest_api(**fields):
    return answer("apigateway.GetRestApis", {"items": [{"id": "a1b2c3", "name": "shop", **fields}]})


def resources(**methods):
    return answer(
        "apigateway.GetResources", {"items": [{"id": "r", "path": "/orders", "resourceMethods": methods}]}, "a1b2c3"
    )


def one(inventory, cls):
    (record,) = inventory.of(cls)
    return record


@mock_aws
def test_a_rest_api_made_with_boto3_is_read_whole(tmp_path):
    client = boto3.client("apigateway", region_name=REGION)
    api = client.create_rest_api(name="shop", policy=json.dumps(POLICY), endpointConfiguration={"types": ["REGIONAL"]})[
        "id"
    ]
    (root,) = [item["id"] for item in client.get_resources(restApiId=api)["items"]]
    orders = client.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    authorizer = client.create_authorizer(
        restApiId=api, name="staff", type="TOKEN", authorizerUri=INVOKE,
        identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=300,
    )["id"]  # fmt: skip
    validator = client.create_request_validator(restApiId=api, name="body", validateRequestBody=True)["id"]
    client.put_method(
        restApiId=api, resourceId=orders, httpMethod="POST", authorizationType="CUSTOM", authorizerId=authorizer,
        requestValidatorId=validator, apiKeyRequired=True,
    )  # fmt: skip
    client.put_integration(
        restApiId=api, resourceId=orders, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST", uri=INVOKE
    )
    client.put_method(restApiId=api, resourceId=orders, httpMethod="GET", authorizationType="NONE")
    client.put_integration(
        restApiId=api, resourceId=orders, httpMethod="GET", type="HTTP", integrationHttpMethod="GET",
        uri="https://user:hunter2@legacy.example.com/in?key=hunter2",
        requestParameters={"integration.request.header.x-api-key": "'hunter2'"},
    )  # fmt: skip
    client.put_integration_response(restApiId=api, resourceId=orders, httpMethod="GET", statusCode="200")
    client.create_deployment(restApiId=api, stageName="prod", variables={"table": "orders", "db_password": "hunter2"})
    inventory = exported(tmp_path, "apigateway")

    record = one(inventory, RestApi)
    assert (record.id, record.name, record.private) == (f"arn:aws:apigateway:{REGION}::/restapis/{api}", "shop", False)
    assert record.policy.document == POLICY
    assert [stage.stage_name for stage in record.stages] == ["prod"]
    assert record.stages[0].source.pointer == "/item/0"
    assert record.stages[0].variables["db_password"].secret
    assert [found.validate_request_body for found in record.request_validators] == [True]
    get, post = inventory.of(RestMethod)
    assert get.id == f"route:{ACCOUNT}:{REGION}:{api}/GET /orders"
    assert (post.authorization_type, post.api_key_required, post.api) == ("CUSTOM", True, record.id)
    assert post.method_integration.uri == INVOKE
    assert get.method_integration.uri == "https://legacy.example.com"
    assert get.method_integration.request_parameters == {"integration.request.header.x-api-key": "(static)"}
    staff = one(inventory, RestAuthorizer)
    assert (staff.id, staff.type) == (f"{record.id}/authorizers/{authorizer}", "TOKEN")
    assert "hunter2" not in repr(list(inventory))


@mock_aws
def test_http_and_websocket_apis_made_with_boto3_are_read_whole(tmp_path):
    client = boto3.client("apigatewayv2", region_name=REGION)
    http = client.create_api(Name="shop", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]})["ApiId"]
    socket = client.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")[
        "ApiId"
    ]
    integration = client.create_integration(
        ApiId=http, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    client.create_route(
        ApiId=http, RouteKey="POST /orders", Target=f"integrations/{integration}", AuthorizationType="JWT",
        AuthorizerId="auth1", AuthorizationScopes=["orders/write"],
    )  # fmt: skip
    client.create_route(ApiId=socket, RouteKey="$connect", AuthorizationType="AWS_IAM")
    client.create_stage(ApiId=http, StageName="$default", AutoDeploy=True, StageVariables={"api_key": "hunter2"})
    client.create_vpc_link(Name="inside", SubnetIds=["subnet-1"], SecurityGroupIds=["sg-1"])
    inventory = exported(tmp_path, "apigatewayv2")

    record, chat = one(inventory, HttpApi), one(inventory, WebSocketApi)
    assert (record.api_id, chat.api_id, chat.kind) == (http, socket, Kind.WEBSOCKET_API)
    assert record.cors_configuration.allow_origins == ("*",)
    assert [stage.stage_name for stage in record.stages] == ["$default"]
    assert [found.integration_uri for found in record.integrations] == [FUNCTION]
    assert (chat.stages, chat.integrations) == ((), ())
    routes = {route.route_key: route for route in inventory.of(ApiRoute)}
    assert routes["POST /orders"].target == f"integrations/{integration}"
    assert routes["POST /orders"].id == f"route:{ACCOUNT}:{REGION}:{http}/POST /orders"
    assert routes["$connect"].api == chat.id
    assert one(inventory, ApiVpcLink).subnet_ids == ("subnet-1",)
    assert not inventory.not_read
    assert "hunter2" not in repr(list(inventory))


def test_the_pattern_of_a_token_is_told_and_not_kept():
    item = {"id": "a", "name": "staff", "type": "TOKEN", "identityValidationExpression": "^hunter2$"}
    authorizer = one(feed(answer("apigateway.GetAuthorizers", {"items": [item]}, "a1b2c3")), RestAuthorizer)
    assert authorizer.validates_identity
    assert "hunter2" not in repr(authorizer)


def test_authorizers_of_http_apis_name_issuer_and_audience():
    item = {
        "AuthorizerId": "auth1", "AuthorizerType": "JWT", "Name": "customers",
        "JwtConfiguration": {"Issuer": "https://issuer.example.com", "Audience": ["shop"]},
    }  # fmt: skip
    authorizer = one(feed(answer("apigatewayv2.GetAuthorizers", {"Items": [item]}, "h1h2h3")), Authorizer)
    assert (authorizer.id, authorizer.api, authorizer.name) == (f"{HTTP}/authorizers/auth1", HTTP, "customers")
    assert authorizer.jwt_configuration.audience == ("shop",)


def test_methods_that_were_not_embedded_are_known_by_name_and_told():
    inventory = feed(rest_api(), resources(GET={}, POST={"httpMethod": "POST", "authorizationType": "NONE"}))
    get, post = inventory.of(RestMethod)
    assert (get.authorization_type, get.method_integration) == (UNSET, UNSET)
    assert (post.authorization_type, post.method_integration) == ("NONE", None)
    (note,) = inventory.not_read
    assert note.source.pointer == "/items/0/resourceMethods/GET"
    assert "embed=methods" in note.reason


def test_a_policy_whose_quotation_marks_are_escaped_once_more_is_read():
    text = json.dumps(json.dumps(POLICY))[1:-1].replace("/", "\\/")
    assert text.startswith('{\\"')
    assert one(feed(rest_api(policy=text)), RestApi).policy.document == POLICY


def test_a_policy_that_is_no_json_counts_as_not_seen():
    inventory = feed(rest_api(policy='{\\"Version'))
    assert one(inventory, RestApi).policy is UNSET
    assert [note.source.pointer for note in inventory.not_read] == ["/items/0/policy"]


def test_calls_that_are_missing_leave_fields_unseen():
    api = one(feed(rest_api()), RestApi)
    assert (api.stages, api.request_validators, api.models, api.usage_plans) == (UNSET, UNSET, UNSET, UNSET)
    assert api.policy is None


@pytest.mark.parametrize(
    ("schema", "demands"),
    [
        ("{}", False),
        ('{"type": "object"}', False),
        ('{"$schema": "http://json-schema.org/draft-04/schema#", "title": "Empty Schema", "type": "object"}', False),
        ('{"type": "object", "properties": {}}', False),
        ('{"type": "object", "required": ["id"]}', True),
        ('{"type": "object", "properties": {"id": {"type": "string"}}}', True),
        ('{"type": "object", "additionalProperties": false}', True),
        ('{"type": "object", "additionalProperties": true}', False),
        ('{"type": "array", "items": {"type": "string"}}', True),
        ("#set($x = 1)", None),
        ("", None),
    ],
)
def test_a_model_that_demands_nothing_is_told_from_one_that_does(schema, demands):
    models = answer("apigateway.GetModels", {"items": [{"id": "m", "name": "Order", "schema": schema}]}, "a1b2c3")
    assert one(feed(rest_api(), models), RestApi).models[0].demands is demands


def test_usage_plans_belong_to_the_apis_they_are_for():
    plans = {
        "items": [
            {"id": "p1", "apiStages": [{"apiId": "a1b2c3", "stage": "prod"}, {"apiId": "zzz", "stage": "prod"}],
             "throttle": {"burstLimit": 10, "rateLimit": 5.0}, "quota": {"limit": 1000, "period": "DAY"}},
            {"id": "p2", "apiStages": [{"apiId": "zzz"}]},
        ]
    }  # fmt: skip
    (plan,) = one(feed(rest_api(), answer("apigateway.GetUsagePlans", plans)), RestApi).usage_plans
    assert (plan.id, [stage.api_id for stage in plan.api_stages], plan.throttle.rate_limit) == ("p1", ["a1b2c3"], 5.0)


def test_a_domain_name_is_one_record_whichever_service_shows_it():
    v1 = {
        "domainName": "api.example.com", "securityPolicy": "TLS_1_0", "regionalDomainName": "d-1.execute-api.example",
        "endpointConfiguration": {"types": ["REGIONAL"]}, "mutualTlsAuthentication": {"truststoreUri": "s3://trust/ca.pem"},
    }  # fmt: skip
    v2 = {
        "DomainName": "api.example.com", "MutualTlsAuthentication": {"TruststoreUri": "s3://trust/ca.pem"},
        "DomainNameConfigurations": [
            {"EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_0", "ApiGatewayDomainName": "d-1.execute-api.example"}
        ],
    }  # fmt: skip
    inventory = feed(
        answer("apigateway.GetDomainNames", {"items": [v1]}),
        answer("apigatewayv2.GetDomainNames", {"Items": [v2]}),
        answer(
            "apigateway.GetBasePathMappings",
            {"items": [{"basePath": "(none)", "restApiId": "a1b2c3", "stage": "prod"}]},
            "api.example.com",
        ),
        answer(
            "apigatewayv2.GetApiMappings",
            {"Items": [{"ApiId": "a1b2c3", "Stage": "prod"}, {"ApiId": "h1", "Stage": "live", "ApiMappingKey": "v2"}]},
            "api.example.com",
        ),
    )  # fmt: skip
    domain = one(inventory, DomainName)
    assert (domain.security_policy, domain.mutual_tls_authentication.truststore_uri) == ("TLS_1_0", "s3://trust/ca.pem")
    assert [(found.key, found.api_id, found.stage) for found in domain.mappings] == [
        ("", "a1b2c3", "prod"),
        ("v2", "h1", "live"),
    ]
    assert inventory.contradictions == ()


def test_vpc_links_of_rest_apis_name_their_load_balancers():
    arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/inside/1"
    links = answer("apigateway.GetVpcLinks", {"items": [{"id": "v1", "name": "inside", "targetArns": [arn]}]})
    assert one(feed(links), RestVpcLink).target_arns == (arn,)


def test_names_of_resources_survive_in_integrations_and_literals_do_not():
    template = '{"TableName": "orders", "Item": {"token": {"S": "hunter2"}}}'
    method = {
        "httpMethod": "POST",
        "authorizationType": "NONE",
        "methodIntegration": {
            "type": "AWS",
            "uri": f"arn:aws:apigateway:{REGION}:dynamodb:action/PutItem",
            "requestTemplates": {"application/json": template},
            "requestParameters": {
                "integration.request.header.x-secret": "'hunter2'",
                "integration.request.path.id": "method.request.path.id",
                "integration.request.querystring.TopicArn": "'arn:aws:sns:eu-west-1:123456789012:orders'",
            },
        },
    }
    integration = one(feed(rest_api(), resources(POST=method)), RestMethod).method_integration
    assert integration.references == {"TableName": "orders", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders"}
    assert integration.request_templates == {"application/json": ""}
    assert integration.request_parameters["integration.request.path.id"] == "method.request.path.id"
    assert "hunter2" not in repr(integration)


def test_literals_that_a_collector_reduced_keep_their_arn_or_digest():
    method = {
        "httpMethod": "PUT",
        "authorizationType": "AWS_IAM",
        "methodIntegration": {
            "type": "AWS",
            "uri": f"arn:aws:apigateway:{REGION}:s3:path/{{bucket}}/{{key}}",
            "requestParameters": {
                "integration.request.path.bucket": {"length": 6, "sha256": "0123456789abcdef", "secret": False},
                "integration.request.querystring.TopicArn": {
                    "length": 9,
                    "sha256": "aa",
                    "arn": "arn:aws:sns:eu-west-1:123456789012:t",
                },
            },
        },
    }
    integration = one(feed(rest_api(), resources(PUT=method)), RestMethod).method_integration
    assert integration.references == {
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
        "path.bucket": "sha256:0123456789abcdef",
    }


def test_what_is_no_method_is_told_and_the_rest_read():
    inventory = feed(
        rest_api(),
        resources(GET="nonsense", PUT={"httpMethod": ["PUT"]}, POST={"httpMethod": "POST"}),
    )
    assert [method.http_method for method in inventory.of(RestMethod)] == ["POST"]
    assert [note.source.pointer for note in inventory.not_read] == [
        "/items/0/resourceMethods/GET",
        "/items/0/resourceMethods/PUT",
    ]
