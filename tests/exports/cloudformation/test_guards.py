"""What guards entries and stores: web ACLs and parameter groups of databases."""

from auditkit.inventory import Kind
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.databases import DBParameterGroup
from auditkit.inventory.records.guards import WebAcl, WebAclUse
from auditkit.inventory.records.loadbalancers import LoadBalancer
from tests.exports.cloudformation.writing import inventory_of

WALL = """\
Resources:
  Wall:
    Type: AWS::WAFv2::WebACL
    Properties:
      Name: wall
      Scope: REGIONAL
      DefaultAction: {Allow: {}}
      VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: wall}
      Rules:
        - Name: rate
          Priority: 0
          Action: {Block: {}}
          Statement: {RateBasedStatement: {Limit: 2000, AggregateKeyType: IP}}
          VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: rate}
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}
  Deployed: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: prod, DeploymentId: !Ref Deployed}
  Before:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      ResourceArn: !Sub arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}
      WebACLArn: !GetAtt Wall.Arn
  Door: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: door}}
  BeforeDoor:
    Type: AWS::WAFv2::WebACLAssociation
    Properties: {ResourceArn: !Ref Door, WebACLArn: !GetAtt Wall.Arn}
"""


def test_a_web_acl_stands_before_a_stage_and_a_load_balancer(tmp_path):
    inventory = inventory_of(tmp_path, shop__yaml=WALL)
    (acl,), (api,), (door,) = inventory.of(WebAcl), inventory.of(RestApi), inventory.of(LoadBalancer)
    assert acl.rules[0].rate_based
    assert [stage.web_acl_arn for stage in api.stages] == [acl.id]
    (use,) = inventory.of(WebAclUse)
    assert (use.resource, use.acl) == (door.id, acl.id)
    assert not inventory.not_read


def test_the_parameters_that_a_group_sets_are_read_and_are_not_all(tmp_path):
    template = """\
    Resources:
      Group:
        Type: AWS::RDS::DBParameterGroup
        Properties: {Family: mysql8.0, Description: x, Parameters: {require_secure_transport: 'ON', max_connections: 5}}
      Base:
        Type: AWS::RDS::DBInstance
        Properties: {Engine: mysql, DBInstanceClass: db.t4g.micro, DBParameterGroupName: !Ref Group}
    """
    inventory = inventory_of(tmp_path, shop__yaml=template)
    (group,) = inventory.of(DBParameterGroup)
    assert [(one.parameter_name, one.parameter_value) for one in group.parameters] == [
        ("require_secure_transport", "ON")
    ]
    assert not group.complete
    assert [
        record.db_parameter_groups[0].db_parameter_group_name for record in inventory if record.kind is Kind.DATABASE
    ] == [group.name]
