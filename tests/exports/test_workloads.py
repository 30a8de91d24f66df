"""What else runs in a role: builds, instances, notebooks, stacks, containers."""

import base64
import json

import boto3
import pytest
from moto import mock_aws

from auditkit.collect import Collection, Extra, collect_accounts
from auditkit.collect.sessions import Access
from auditkit.exports import read
from auditkit.exports.calls import api_calls
from auditkit.exports.secrets import reduced
from auditkit.inventory import UNSET
from auditkit.inventory.evidence.plain_secrets import PlainSecrets
from auditkit.inventory.records.workloads import (
    BuildProject,
    Cluster,
    Instance,
    NotebookInstance,
    Stack,
    TaskDefinition,
)
from tests.exports.feeding import ACCOUNT, REGION, answer, feed

ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/web"
NOTEBOOK = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/lab"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/net/1234"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/main"


def test_projects_with_and_without_details():
    listed = answer("codebuild.ListProjects", {"projects": ["web", "docs", 5]})
    details = {"projects": [{"name": "web", "arn": PROJECT, "serviceRole": ROLE, "tags": [{"key": "a", "value": "b"}]}]}
    inventory = feed(listed, answer("codebuild.BatchGetProjects", details, "web"))
    assert {project.name: project.service_role for project in inventory.of(BuildProject)} == {
        "docs": UNSET,
        "web": ROLE,
    }
    assert inventory.get(PROJECT).tags == {"a": "b"}
    assert [entry.source.pointer for entry in inventory.not_read] == ["/projects/2"]


def test_instances_that_are_there():
    profile = {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web", "Id": "x"}
    instances = [
        {"InstanceId": "i-1", "IamInstanceProfile": profile, "State": {"Name": "stopped"}},
        {"InstanceId": "i-2", "State": {"Name": "running"}, "Tags": [{"Key": "a", "Value": "b"}]},
        {"InstanceId": "i-3", "State": {"Name": "terminated"}},
    ]
    payload = {"Reservations": [{"Instances": instances[:1]}, {"Instances": instances[1:]}]}
    first, second = feed(answer("ec2.DescribeInstances", payload)).of(Instance)
    assert first.iam_instance_profile.arn == profile["Arn"]
    assert (second.name, second.iam_instance_profile, second.tags) == ("i-2", None, {"a": "b"})
    assert second.sources[0].pointer == "/Reservations/1/Instances/0"


def test_notebooks_stacks_and_containers():
    notebook = {"NotebookInstanceName": "lab", "NotebookInstanceArn": NOTEBOOK}
    stacks = [
        {"StackId": STACK, "StackName": "net", "StackStatus": "CREATE_COMPLETE", "RoleARN": ROLE},
        {"StackId": f"{STACK}5", "StackName": "old", "StackStatus": "DELETE_COMPLETE"},
    ]
    inventory = feed(
        answer("sagemaker.ListNotebookInstances", {"NotebookInstances": [notebook]}),
        answer("sagemaker.DescribeNotebookInstance", notebook | {"RoleArn": ROLE}, "lab"),
        answer("cloudformation.DescribeStacks", {"Stacks": stacks}),
        answer("ecs.ListClusters", {"clusterArns": [CLUSTER, "nonsense"]}),
        answer("ecs.ListTaskDefinitionFamilies", {"families": ["web"]}),
    )
    assert [notebook.role_arn for notebook in inventory.of(NotebookInstance)] == [ROLE]
    assert [(stack.name, stack.role_arn) for stack in inventory.of(Stack)] == [("net", ROLE)]
    assert [cluster.id for cluster in inventory.of(Cluster)] == [CLUSTER]
    assert [family.id for family in inventory.of(TaskDefinition)] == [
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web"
    ]
    assert len(inventory.not_read) == 1


def test_values_are_replaced_at_the_source():
    secret = "hunter2-hunter2"
    variable = {"name": "PASSWORD", "value": secret, "type": "PLAINTEXT"}
    project = {
        "environment": {"environmentVariables": [variable]},
        "source": {"buildspec": f"export P={secret}", "location": f"https://u:{secret}@git.example/x"},
        "webhook": {"secret": secret},
    }
    stack = {
        "Parameters": [{"ParameterKey": "Password", "ParameterValue": secret}],
        "Outputs": [{"OutputKey": "Password", "OutputValue": secret}],
    }
    assert secret not in json.dumps(reduced("codebuild", "BatchGetProjects", {"projects": [project]}))
    assert secret not in json.dumps(reduced("cloudformation", "DescribeStacks", {"Stacks": [stack]}))


SCRIPT = "#!/bin/sh\nexport DB_PASSWORD=hunter2-hunter2\nyum -y install httpd\n"
HARMLESS = "#!/bin/sh\nexport STAGE=production\nyum -y install httpd\n"


@pytest.mark.parametrize(
    ("script", "reasons"), [(SCRIPT, ["DB_PASSWORD is set to it in a text"]), (HARMLESS, []), (None, None)]
)
def test_user_data_of_instances_is_looked_through(script, reasons):
    value = {} if script is None else {"Value": base64.b64encode(script.encode()).decode()}
    payload = reduced("ec2", "DescribeInstanceAttribute", {"InstanceId": "i-1", "UserData": value})
    assert "hunter2" not in str(payload)
    assert script is None or value["Value"] not in str(payload)
    found = feed(answer("ec2.DescribeInstanceAttribute", payload, "i-1")).of(PlainSecrets)
    assert [one.of for one in found] == ([] if script is None else [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"])
    assert [[secret.reason for secret in one.secrets] for one in found] == ([] if reasons is None else [reasons])
    for secret in (secret for one in found for secret in one.secrets):
        assert secret.source.pointer == "/UserData/Value"


def test_containers_are_looked_through():
    container = {
        "name": "web",
        "image": "web:1",
        "environment": [{"name": "STAGE", "value": "prod"}, {"name": "API_TOKEN", "value": "hunter2-hunter2"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/db"}],
        "command": ["serve", "--password hunter2-hunter3"],
        "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2-hunter4", "tag": "web"}},
    }
    task = {"taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:7", "family": "web"}
    payload = reduced("ecs", "DescribeTaskDefinition", {"taskDefinition": task | {"containerDefinitions": [container]}})
    assert "hunter2" not in str(payload)
    inventory = feed(answer("ecs.DescribeTaskDefinition", payload, "web"))
    family = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web"
    assert [one.id for one in inventory.of(TaskDefinition)] == [family]
    (found,) = inventory.of(PlainSecrets)
    assert found.of == family
    within = "/taskDefinition/containerDefinitions/0/"
    assert [secret.source.pointer for secret in found.secrets] == [
        f"{within}command/1",
        f"{within}environment/1/value",
        f"{within}logConfiguration/options/splunk-token",
    ]


@mock_aws
def test_what_servers_start_with_is_asked_on_wish(tmp_path):
    image = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
    boto3.client("ec2", region_name=REGION).run_instances(**image, UserData=SCRIPT)
    variable = {"name": "API_TOKEN", "value": "hunter2-hunter2"}
    container = {"name": "web", "image": "web", "memory": 64, "environment": [variable]}
    boto3.client("ecs", region_name=REGION).register_task_definition(family="web", containerDefinitions=[container])
    needed = {("sts", "GetCallerIdentity"), ("ec2", "DescribeInstances"), ("ecs", "ListTaskDefinitionFamilies")}
    calls = [call for call in api_calls() if (call.service, call.operation) in needed]
    collection = Collection(access=Access(), regions=(REGION,), extras=(Extra.SETTINGS,))
    collect_accounts(collection, tmp_path / "out", now=lambda: "2026-11-02T09:30:00+00:00", calls=calls)
    inventory = read(tmp_path / "out")
    assert [len(one.secrets) for one in inventory.of(PlainSecrets)] == [1, 1]
    assert "hunter2" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))
