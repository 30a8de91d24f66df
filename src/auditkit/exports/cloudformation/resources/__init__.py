"""What resources of templates are, service by service: each module tells its types as responses of the API."""

from auditkit.exports.cloudformation._telling import Telling
from auditkit.exports.cloudformation.resources import (
    agents,
    appsync,
    buckets,
    caches,
    cognito,
    edge,
    events,
    functions,
    guards,
    http_apis,
    identities,
    iot,
    loadbalancers,
    logs,
    machines,
    messaging,
    network,
    rest_apis,
    secrets,
    servers,
    streams,
    tables,
    tagging,
    triggers,
    warehouses,
    workloads,
)

__all__ = ["tell"]

_SHOWN = 80
_SILENT = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::GatewayResponse",
        "AWS::ApiGateway::UsagePlanKey",
        "AWS::AppSync::ApiKey",
        "AWS::AppSync::GraphQLSchema",
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::CloudFront::CachePolicy",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentConfig",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Logs::DeliveryDestination",
    }
)
"""Types that say nothing of data, triggers or permissions, or are read elsewhere."""
_TELLERS = (
    identities.tell,
    functions.tell,
    rest_apis.tell,
    http_apis.tell,
    events.tell,
    machines.tell,
    messaging.tell,
    buckets.tell,
    tables.tell,
    streams.tell,
    cognito.tell,
    iot.tell,
    appsync.tell,
    loadbalancers.tell,
    edge.tell,
    guards.tell,
    secrets.tell,
    servers.tell,
    caches.tell,
    warehouses.tell,
    network.tell,
    agents.tell,
    logs.tell,
    tagging.tell,
    triggers.tell,
    workloads.tell,
)


def tell(to: Telling) -> None:
    """Tell all resources of an estate that auditkit has a record for."""
    for teller in _TELLERS:
        teller(to)
    for resources in to.left():
        kind = resources[0].type
        if kind and kind not in _SILENT:
            reason = f"resources of type {kind[:_SHOWN]} are not read ({len(resources)} here)"
            to.note(resources[0], reason)
