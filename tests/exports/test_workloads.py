"""What else runs in a role: builds, instances, notebooks, stacks, containers."""

import json

from auditkit.exports.secrets import reduced
from auditkit.inventory import UNSET
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
