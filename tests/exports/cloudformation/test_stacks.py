"""Several stacks: nested, side by side, with parts in files of their own; next to other formats."""

import json

import pytest

from auditkit.errors import ExportError
from auditkit.exports import read
from auditkit.graph import connect
from auditkit.inventory import CoverageState, Kind, UnsetType
from auditkit.inventory.records.apis import RestMethod
from auditkit.inventory.records.functions import Function, FunctionUrl, LayerVersion
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.loadbalancers import LoadBalancer, TargetGroup
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Queue
from auditkit.inventory.records.statemachines import StateMachine
from tests.exports.cloudformation.writing import inventory_of

QUEUE = """\
Parameters: {Name: {Type: String, Default: unset}}
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}
Outputs:
  Arn: {Value: !GetAtt Jobs.Arn, Export: {Name: !Sub '${Name}-arn'}}
"""
WORKER = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: a.b
      Runtime: python3.12
      Events: {Jobs: {Type: SQS, Properties: {Queue: %s}}}
"""
PARENT = """\
Resources:
  Queues:
    Type: %s
    Properties: {%s: ./queues.yaml, Parameters: {Name: %s}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: worker, EventSourceArn: !GetAtt Queues.Outputs.Arn}
"""


def test_what_one_stack_exports_another_imports(tmp_path):
    inventory = inventory_of(tmp_path, a__yaml=WORKER % "!ImportValue unset-arn", b__yaml=QUEUE)
    (mapping,), (queue,) = inventory.of(EventSourceMapping), inventory.of(Queue)
    assert mapping.event_source_arn == queue.id
    assert connect(inventory).has_edge(queue.id, inventory.of(Function)[0].id)
    assert not inventory.not_read


@pytest.mark.parametrize(
    ("kind", "key"), [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")]
)
def test_a_nested_stack_gets_its_parameters_and_gives_its_outputs(tmp_path, kind, key):
    inventory = inventory_of(tmp_path, parent__yaml=PARENT % (kind, key, "orders"), queues__yaml=QUEUE)
    (queue,) = inventory.of(Queue)
    assert queue.name == "orders"
    assert inventory.of(EventSourceMapping)[0].event_source_arn == queue.id
    assert str(queue.source).startswith("queues.yaml#/Resources/Jobs")


@pytest.mark.parametrize(
    "location",
    [
        "https://s3.amazonaws.com/bucket/prefix/queues.yaml",
        "!Sub 'https://${Bucket}.s3.amazonaws.com/queues.yaml'",
        "!Join ['', ['https://', !Ref Bucket, '/queues.yaml']]",
    ],
)
def test_a_nested_stack_is_found_by_the_name_of_its_file(tmp_path, location):
    parent = f"Resources:\n  Q:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {location}}}\n"
    inventory = inventory_of(tmp_path, parent__yaml=parent, queues__yaml=QUEUE)
    assert [queue.name for queue in inventory.of(Queue)] == ["unset"]


def test_stacks_that_nest_each_other_end(tmp_path):
    loop = "Resources:\n  Q: {Type: AWS::SQS::Queue}\n  Next:\n    Type: AWS::CloudFormation::Stack\n"
    loop += "    Properties: {TemplateURL: %s.yaml}\n"
    inventory = inventory_of(tmp_path, a__yaml=loop % "b", b__yaml=loop % "a", c__yaml=QUEUE)
    assert {"a-Q", "a-Next-Q", "unset"} <= {queue.name for queue in inventory.of(Queue)}
    assert inventory.not_read


def test_a_nested_stack_that_is_not_in_the_export_is_told(tmp_path):
    inventory = inventory_of(tmp_path, parent__yaml=PARENT % ("AWS::CloudFormation::Stack", "TemplateURL", "x"))
    assert [note.source.pointer for note in inventory.not_read] == ["/Resources/Queues"]
    assert inventory.of(EventSourceMapping)[0].event_source_arn.endswith(":(parent.Queues.Outputs.Arn)")


def test_templates_of_the_same_name_are_different_stacks(tmp_path):
    inventory = inventory_of(
        tmp_path, orders___template__yaml=QUEUE, billing___template__yaml=QUEUE.replace("Jobs", "J")
    )
    assert len(inventory.of(Queue)) == 1  # both name it, without a parameter, the same
    unnamed = "Resources: {Jobs: {Type: AWS::SQS::Queue}}"
    inventory = inventory_of(tmp_path, orders___template__yaml=unnamed, billing___template__yaml=unnamed)
    assert [queue.name for queue in inventory.of(Queue)] == ["billing-Jobs", "orders-Jobs"]


def test_the_path_says_account_and_region(tmp_path):
    inventory = inventory_of(tmp_path, **{"111122223333___eu-west-1___shop__yaml": QUEUE})
    assert inventory.of(Queue)[0].id == "arn:aws:sqs:eu-west-1:111122223333:unset"


def test_the_answer_of_get_template_is_a_template(tmp_path):
    for number, body in enumerate((QUEUE, {"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}})):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "shop.json").write_text(json.dumps({"TemplateBody": body, "StagesAvailable": ["Original"]}))
        (queue,) = read(folder).of(Queue)
        assert queue.source.pointer.startswith("/TemplateBody")


# ---------------------------------------------------------------- files of their own

API = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Zoo:
    Type: AWS::Serverless::Api
    Properties: {StageName: v1, %s}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: ./flow.asl.json, Role: 'arn:aws:iam::111122223333:role/x'}
"""
OPENAPI = """\
openapi: 3.0.1
info: {title: zoo, version: '1'}
paths:
  /pets:
    get:
      responses: {}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'https://example.com/pets'}
"""
FLOW = (
    '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}'
)


@pytest.mark.parametrize(
    "definition",
    [
        "DefinitionUri: api/openapi.yaml",
        "DefinitionBody: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: ./api/openapi.yaml}}}",
    ],
)
def test_definitions_are_read_from_files_of_the_export(tmp_path, definition):
    files = {"t__yaml": API % definition, "api___openapi__yaml": OPENAPI, "flow__asl__json": FLOW}
    inventory = inventory_of(tmp_path, **files)
    (method,) = inventory.of(RestMethod)
    assert (method.http_method, method.path) == ("GET", "/pets")
    assert str(method.source) == "api/openapi.yaml#/paths/~1pets/get"
    assert [call.integration for call in inventory.of(StateMachine)[0].calls] == ["sqs:sendMessage"]
    assert not inventory.not_read


def test_a_definition_that_is_kept_elsewhere_leaves_its_parts_unknown(tmp_path):
    inventory = inventory_of(tmp_path, t__yaml=API % "DefinitionUri: s3://bucket/api.yaml")
    assert isinstance(inventory.of(StateMachine)[0].calls, UnsetType)
    places = {note.source.pointer for note in inventory.not_read}
    assert places == {"/Resources/Flow/Properties", "/Resources/Zoo/Properties/DefinitionUri"}


# ---------------------------------------------------------------- next to other formats


def test_one_account_of_another_format_is_the_account_of_the_stacks(tmp_path):
    details = {"RoleDetailList": [{"RoleName": "x", "Arn": "arn:aws:iam::444455556666:role/x", "Path": "/"}]}
    inventory = inventory_of(tmp_path, gaad__json=json.dumps(details), t__yaml=QUEUE)
    assert {record.account for record in inventory} == {"444455556666"}


def test_a_template_and_the_account_merge(tmp_path):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    detail = {
        "RoleName": "worker",
        "Arn": "arn:aws:iam::444455556666:role/worker",
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy}],
        "AttachedManagedPolicies": [],
        "RoleId": "AROA",
        "CreateDate": "2024-01-01",
        "Tags": [],
    }
    template = """\
    Resources:
      Role:
        Type: AWS::IAM::Role
        Properties: {RoleName: worker, AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
    """
    inventory = inventory_of(tmp_path, gaad__json=json.dumps({"RoleDetailList": [detail]}), t__yaml=template)
    (role,) = inventory.of(Role)
    assert {source.file for source in role.sources} == {"gaad.json", "t.yaml"}
    assert [policy.name for policy in role.inline_policies] == ["p"]
    assert [(one.field, one.kept_source.file) for one in inventory.contradictions] == [("inline_policies", "gaad.json")]


def test_what_a_template_declares_is_not_the_whole_account(tmp_path):
    inventory = inventory_of(tmp_path, t__yaml=WORKER % "arn:aws:sqs:eu-west-1:111122223333:jobs")
    states = {
        (call.service, call.operation): (call.state, call.complete) for call in inventory.coverage if not call.resource
    }
    assert states["lambda", "ListEventSourceMappings"] == (CoverageState.PRESENT, False)
    assert states["lambda", "ListFunctions"] == (CoverageState.PRESENT, False)
    assert states["s3", "ListBuckets"] == (CoverageState.MISSING, True)
    assert inventory.of(FunctionUrl) == ()
    (function,) = inventory.of(Function)
    assert isinstance(function.event_invoke_configs, UnsetType)
    assert isinstance(function.policy, UnsetType)
    assert function.environment is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Resources:\n  A: [\n", "line"),
        ("Resources: {A: *nowhere}\n", "line"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused_with_its_place(tmp_path, text, reason):
    with pytest.raises(ExportError, match=reason):
        inventory_of(tmp_path, t__yaml=text)


SHOP = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: a.b
      Runtime: python3.12
      Events: {Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}
"""
STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/shop-live/0f0f"
LISTED = {
    "Jobs": "https://sqs.eu-west-1.amazonaws.com/444455556666/shop-live-Jobs-ABCDEFGHIJKL",
    "Worker": "shop-live-Worker-MNOPQRSTUVWX",
    "WorkerJobs": "11111111-2222-4333-8444-555555555555",
    "WorkerRole": "shop-live-WorkerRole-YZYZYZYZYZYZ",
}


@pytest.mark.parametrize("key", ["StackResources", "StackResourceSummaries"])
def test_the_list_of_a_stacks_resources_says_what_they_are_called(tmp_path, key):
    items = [{"LogicalResourceId": one, "PhysicalResourceId": other} for one, other in LISTED.items()]
    if key == "StackResources":
        items = [{**item, "StackName": "shop-live", "StackId": STACK} for item in items]
    (tmp_path / "list.json").parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "list.json").write_text(json.dumps({key: items}))
    inventory = inventory_of(tmp_path, shop__yaml=SHOP)
    assert not inventory.not_read
    assert inventory.of(Function)[0].name == LISTED["Worker"]
    assert inventory.of(Queue)[0].name == "shop-live-Jobs-ABCDEFGHIJKL"
    assert inventory.of(EventSourceMapping)[0].uuid == LISTED["WorkerJobs"]
    if key == "StackResources":
        assert inventory.of(Queue)[0].id == "arn:aws:sqs:eu-west-1:444455556666:shop-live-Jobs-ABCDEFGHIJKL"


def test_a_name_stands_before_what_aws_put_behind_it(tmp_path):
    listed = {
        "Door": "arn:aws:elasticloadbalancing:eu-west-1:444455556666:loadbalancer/app/shop/50dc6c495c0c9188",
        "Group": "arn:aws:elasticloadbalancing:eu-west-1:444455556666:targetgroup/web/73e2d6bc24d8a067",
        "Layer": "arn:aws:lambda:eu-west-1:444455556666:layer:common:7",
    }
    items = [{"LogicalResourceId": one, "PhysicalResourceId": other} for one, other in listed.items()]
    template = {
        "Resources": {
            "Door": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
            "Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"},
            "Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Bucket": "b", "S3Key": "k"}}},
        }
    }
    inventory = inventory_of(
        tmp_path, shop__json=json.dumps(template), list__json=json.dumps({"StackResourceSummaries": items})
    )
    assert inventory.of(LoadBalancer)[0].load_balancer_name == "shop"
    assert inventory.of(TargetGroup)[0].target_group_name == "web"
    (layer,) = inventory.of(LayerVersion)
    assert (layer.id, layer.version) == (listed["Layer"], 7)


def test_tags_say_which_resource_of_the_account_one_of_a_template_is(tmp_path):
    arn = "arn:aws:lambda:eu-west-1:444455556666:function:shop-live-Worker-MNOPQRSTUVWX"
    shown = {
        "Configuration": {"FunctionName": "shop-live-Worker-MNOPQRSTUVWX", "FunctionArn": arn, "Runtime": "python3.12"},
        "Tags": {"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "Worker"},
    }
    files = {"444455556666___eu-west-1___lambda-get-function___x__json": json.dumps(shown), "shop__yaml": SHOP}
    (function,) = inventory_of(tmp_path, **files).of(Function)
    assert function.id == arn
    assert {source.file for source in function.sources} == {
        "444455556666/eu-west-1/lambda-get-function/x.json",
        "shop.yaml",
    }


BARE = """
Resources:
  B: {Type: AWS::S3::Bucket}
  Q: {Type: AWS::SQS::Queue}
  T: {Type: AWS::SNS::Topic}
  S: {Type: AWS::SecretsManager::Secret}
  D: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}}
  K: {Type: AWS::Kinesis::Stream}
  R: {Type: AWS::ECR::Repository}
  E: {Type: AWS::EFS::FileSystem}
  U: {Type: AWS::Events::EventBus, Properties: {Name: u}}
"""


def test_a_policy_that_no_template_declares_is_unknown(tmp_path):
    inventory = inventory_of(tmp_path, t__yaml=BARE)
    found = {record.kind: record.policy for record in inventory if hasattr(record, "policy")}
    assert len(found) == 9
    none = {kind for kind, policy in found.items() if policy is None}  # which no resource apart could give one
    assert none == {Kind.TABLE, Kind.FILE_SYSTEM, Kind.REPOSITORY}
    assert all(isinstance(policy, UnsetType) for kind, policy in found.items() if kind not in none), found
