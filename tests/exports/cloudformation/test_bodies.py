"""OpenAPI definitions of APIs: what they say of the whole API."""

import pytest

from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.apis_v2 import HttpApi
from tests.exports.cloudformation.writing import inventory_of

SETTINGS = "{x-amazon-apigateway-endpoint-configuration: {disableExecuteApiEndpoint: true, vpcEndpointIds: [vpce-1]}}"


@pytest.mark.parametrize("version", ["swagger: '2.0', ", "openapi: 3.0.1, servers: "])
def test_the_endpoint_of_a_rest_api(version, tmp_path):
    settings = f"[{SETTINGS}]" if "servers" in version else SETTINGS[1:-1]
    body = f"{{{version}{settings}, paths: {{}}}}"
    text = f"Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {body}}}}}}}"
    (api,) = inventory_of(tmp_path, t__yaml=text).of(RestApi)
    assert api.disable_execute_api_endpoint
    assert api.endpoint_configuration.vpc_endpoint_ids == ("vpce-1",)


def test_the_endpoint_of_an_http_api(tmp_path):
    body = f"{{openapi: 3.0.1, servers: [{SETTINGS}], paths: {{}}}}"
    text = f"Resources: {{A: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Body: {body}}}}}}}"
    (api,) = inventory_of(tmp_path, t__yaml=text).of(HttpApi)
    assert api.disable_execute_api_endpoint


def test_a_property_of_the_resource_counts_before_its_definition(tmp_path):
    body = f"{{openapi: 3.0.1, servers: [{SETTINGS}], paths: {{}}}}"
    properties = f"{{Body: {body}, DisableExecuteApiEndpoint: false}}"
    text = f"Resources: {{A: {{Type: AWS::ApiGatewayV2::Api, Properties: {properties}}}}}"
    assert not inventory_of(tmp_path, t__yaml=text).of(HttpApi)[0].disable_execute_api_endpoint
