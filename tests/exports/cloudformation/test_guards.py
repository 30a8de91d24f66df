"""What guards entries and stores: web ACLs and parameter groups of databases."""

from auditkit.inventory import Kind
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.brokers import Broker
from auditkit.inventory.records.caches import CacheCluster
from auditkit.inventory.records.cloudfront import Distribution
from auditkit.inventory.records.databases import DBCluster, DBParameterGroup
from auditkit.inventory.records.guards import AnomalyMonitor, Budget, Detector
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.loadbalancers import LoadBalancer
from auditkit.inventory.records.search import SearchDomain
from auditkit.inventory.records.trails import Trail
from auditkit.inventory.records.webacls import WebAcl, WebAclUse
from auditkit.inventory.records.workloads import BuildProject, Cluster, Instance, NotebookInstance, TaskDefinition
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
    uses = {(use.resource, use.acl) for use in inventory.of(WebAclUse)}
    assert uses == {(door.id, acl.id), (f"{api.id}/stages/{api.stages[0].stage_name}", acl.id)}
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


WATCH = """\
Resources:
  Log: {Type: AWS::S3::Bucket}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: !Ref Log
      EventSelectors:
        - {ReadWriteType: All, DataResources: [{Type: AWS::Lambda::Function, Values: [arn:aws:lambda]}]}
  Plain: {Type: AWS::CloudTrail::Trail, Properties: {IsLogging: false, S3BucketName: !Ref Log}}
  Costs:
    Type: AWS::CloudWatch::Alarm
    Properties: {MetricName: EstimatedCharges, Namespace: AWS/Billing, AlarmActions: [arn:aws:sns:us-east-1:1:t]}
  Guard:
    Type: AWS::GuardDuty::Detector
    Properties: {Enable: true, Features: [{Name: LAMBDA_NETWORK_LOGS, Status: ENABLED}]}
  Money:
    Type: AWS::Budgets::Budget
    Properties:
      Budget: {BudgetName: month, BudgetType: COST, TimeUnit: MONTHLY, CostFilters: {Service: [AWS Lambda]}}
      NotificationsWithSubscribers:
        - Notification: {NotificationType: ACTUAL, ComparisonOperator: GREATER_THAN, Threshold: 80}
          Subscribers: [{SubscriptionType: EMAIL, Address: a@example.com}]
  Odd: {Type: AWS::CE::AnomalyMonitor, Properties: {MonitorName: odd, MonitorType: DIMENSIONAL}}
  Told:
    Type: AWS::CE::AnomalySubscription
    Properties:
      SubscriptionName: told
      Frequency: DAILY
      MonitorArnList: [!Ref Odd]
      Subscribers: [{Type: EMAIL, Address: a@example.com}]
"""


def test_what_watches_is_read(tmp_path):
    inventory = inventory_of(tmp_path, template__yaml=WATCH)
    trails = {trail.name.rpartition("-")[2]: trail for trail in inventory.of(Trail)}
    assert {name: trail.is_logging for name, trail in trails.items()} == {"Plain": False, "Trail": True}
    assert trails["Trail"].selectors.event_selectors[0].data_resources[0].values == ("arn:aws:lambda",)
    assert trails["Plain"].selectors.event_selectors[0].include_management_events
    assert trails["Trail"].is_multi_region_trail is False
    (alarm,), (detector,), (budget,), (monitor,) = (
        inventory.of(kind) for kind in (Alarm, Detector, Budget, AnomalyMonitor)
    )
    assert (alarm.namespace, alarm.metric_name, alarm.actions_enabled) == ("AWS/Billing", "EstimatedCharges", True)
    assert (detector.status, detector.features[0].name) == ("ENABLED", "LAMBDA_NETWORK_LOGS")
    assert (budget.budget_name, budget.cost_filters, budget.notifications) == ("month", {"Service": ("AWS Lambda",)}, 1)
    assert (monitor.monitor_name, monitor.subscribed) == ("odd", True)
    assert not inventory.not_read


WORK = """\
Resources:
  Builder: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Builder]}}
  Build:
    Type: AWS::CodeBuild::Project
    Properties: {Name: build, ServiceRole: !GetAtt Builder.Arn, Artifacts: {Type: NO_ARTIFACTS}}
  Machine: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
  Other: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: elsewhere}}
  Bare: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}
  Book: {Type: AWS::SageMaker::NotebookInstance, Properties: {RoleArn: !GetAtt Builder.Arn, InstanceType: ml.t3.medium}}
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: t}}
"""


def test_what_else_runs_in_a_role_is_read(tmp_path):
    inventory = inventory_of(tmp_path, template__yaml=WORK)
    (role,), (project,), (book,) = (inventory.of(kind) for kind in (Role, BuildProject, NotebookInstance))
    assert (project.name, project.service_role, book.role_arn) == ("build", role.arn, role.arn)
    profiles = [one.iam_instance_profile and one.iam_instance_profile.arn for one in inventory.of(Instance)]
    assert sorted(str(one).rpartition("/")[2] for one in profiles) == ["None", "elsewhere", "template-Profile"]
    assert set(role.instance_profiles) & set(profiles)
    assert [one.name for kind in (Cluster, TaskDefinition) for one in inventory.of(kind)] == ["c", "t"]
    assert not inventory.not_read


DEFAULTS = """\
Resources:
  Site: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Enabled: true}}}
  Data: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}
  Cache: {Type: AWS::ElastiCache::CacheCluster, Properties: {Engine: redis}}
  Search: {Type: AWS::OpenSearchService::Domain, Properties: {DomainEndpointOptions: {TLSSecurityPolicy: p}}}
  Mq: {Type: AWS::AmazonMQ::Broker, Properties: {BrokerName: m, EngineType: RABBITMQ, PubliclyAccessible: true}}
"""


def test_what_a_template_leaves_out_is_what_the_service_takes(tmp_path):
    inventory = inventory_of(tmp_path, template__yaml=DEFAULTS)
    (site,), (data,), (cache,), (search,), (broker,) = (
        inventory.of(kind) for kind in (Distribution, DBCluster, CacheCluster, SearchDomain, Broker)
    )
    assert site.viewer_certificate.cloud_front_default_certificate
    assert (data.backup_retention_period, cache.at_rest_encryption_enabled) == (1, False)
    assert search.encryption_at_rest_options.enabled is False
    options = search.domain_endpoint_options
    assert (options.enforce_https, options.tls_security_policy) == (False, "p")
    assert broker.publicly_accessible is True
