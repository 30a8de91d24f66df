"""Responses about what else runs in a role: builds, instances, notebooks, stacks, containers."""

from auditkit.exports._attached import tags_of
from auditkit.exports._planted import looked_through, marked
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import names_of, placed
from auditkit.inventory.arn import arn_of, parse_arn
from auditkit.inventory.records.workloads import (
    BuildProject,
    Cluster,
    EtlJob,
    Instance,
    NotebookInstance,
    Stack,
    TaskDefinition,
)

__all__ = ["HANDLERS"]

_GONE = frozenset({"terminated", "shutting-down"})


def _list_projects(response: Response, reading: Reading) -> None:
    for name, source in names_of(response, reading, "projects") if placed(response) else ():
        arn = response.arn("codebuild", f"project/{name}")
        reading.add(
            BuildProject(
                id=arn, arn=arn, name=name, account=response.account, region=response.region, sources=(source,)
            )
        )


def _batch_get_projects(response: Response, reading: Reading) -> None:
    for project, item, source in reading.each(response, BuildProject, "projects"):
        project.id, project.name = project.arn, str(item.get("name") or project.arn.rpartition("/")[2])
        project.service_role = str(item["serviceRole"]) if item.get("serviceRole") else None
        project.tags = tags_of(item.get("tags"), source.at("tags"), reading)
        reading.add(project)
        if "environment" in item:
            found = marked(item["environment"], source.at("environment"))
            reading.add(looked_through(project.id, project.name, source, found))


def _describe_instances(response: Response, reading: Reading) -> None:
    for index, _, _ in reading.items(response, "Reservations"):
        for instance, item, source in reading.each(response, Instance, "Reservations", index, "Instances"):
            if instance.state is not None and instance.state.name in _GONE:
                continue
            instance.id = response.arn("ec2", f"instance/{instance.instance_id}")
            instance.name = instance.instance_id
            instance.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
            reading.add(instance)


def _describe_instance_attribute(response: Response, reading: Reading) -> None:
    found = reading.value(dict, response, "UserData")
    instance = response.argument() or str(response.payload.get("InstanceId") or "")
    if found and instance and placed(response):
        arn = response.arn("ec2", f"instance/{instance}")
        at = response.at("UserData")
        reading.add(looked_through(arn, instance, at, marked({"UserData": found}, response.source)))


def _get_jobs(response: Response, reading: Reading) -> None:
    for job, item, source in reading.each(response, EtlJob, "Jobs"):
        job.name = str(item.get("Name") or "")
        if not job.name or not placed(response):
            reading.not_read(source, "a job without a name")
            continue
        job.id = response.arn("glue", f"job/{job.name}")
        if job.role and not job.role.startswith("arn:"):  # "The name or Amazon Resource Name (ARN)"
            job.role = arn_of("iam", f"role/{job.role}", account=response.account, region="")
        reading.add(job)
        handed = {name: item.get(name) for name in ("DefaultArguments", "NonOverridableArguments")}
        reading.add(looked_through(job.id, job.name, source, marked(handed, source)))


def _list_notebook_instances(response: Response, reading: Reading) -> None:
    for notebook, item, _ in reading.each(response, NotebookInstance, "NotebookInstances"):
        notebook.id = notebook.notebook_instance_arn
        notebook.name = str(item.get("NotebookInstanceName") or notebook.id.rpartition("/")[2])
        reading.add(notebook)


def _describe_notebook_instance(response: Response, reading: Reading) -> None:
    item = response.payload
    notebook = reading.convert(response, NotebookInstance, item) if item else None
    if notebook is not None:
        notebook.id = notebook.notebook_instance_arn
        notebook.name = str(item.get("NotebookInstanceName") or notebook.id.rpartition("/")[2])
        reading.add(notebook)


def _describe_stacks(response: Response, reading: Reading) -> None:
    for stack, item, source in reading.each(response, Stack, "Stacks"):
        if stack.stack_status == "DELETE_COMPLETE":
            continue
        stack.id, stack.name = stack.stack_id, str(item.get("StackName") or stack.stack_id)
        stack.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(stack)
        shown = {name: item.get(name) for name in ("Parameters", "Outputs")}
        reading.add(looked_through(stack.id, stack.name, source, marked(shown, source)))


def _list_clusters(response: Response, reading: Reading) -> None:
    for arn, source in names_of(response, reading, "clusterArns"):
        if parse_arn(arn) is None:
            reading.not_read(source, "no ARN of a cluster")
            continue
        name = arn.rpartition("/")[2]
        reading.add(Cluster(id=arn, name=name, account=response.account, region=response.region, sources=(source,)))


def _list_families(response: Response, reading: Reading) -> None:
    for name, source in names_of(response, reading, "families") if placed(response) else ():
        arn = response.arn("ecs", f"task-definition/{name}")
        reading.add(
            TaskDefinition(id=arn, name=name, account=response.account, region=response.region, sources=(source,))
        )


def _describe_task_definition(response: Response, reading: Reading) -> None:
    task = reading.value(dict, response, "taskDefinition")
    family = str((task or {}).get("family") or response.argument())
    if task is None or not family or not placed(response):
        return
    at = response.at("taskDefinition")
    arn = response.arn("ecs", f"task-definition/{family}")
    reading.add(TaskDefinition(id=arn, name=family, account=response.account, region=response.region, sources=(at,)))
    shown = {"containerDefinitions": task.get("containerDefinitions")}
    reading.add(looked_through(arn, family, at, marked(shown, at)))


HANDLERS: dict[tuple[str, str], Handler] = {
    ("cloudformation", "DescribeStacks"): _describe_stacks,
    ("codebuild", "BatchGetProjects"): _batch_get_projects,
    ("codebuild", "ListProjects"): _list_projects,
    ("ec2", "DescribeInstanceAttribute"): _describe_instance_attribute,
    ("ec2", "DescribeInstances"): _describe_instances,
    ("ecs", "DescribeTaskDefinition"): _describe_task_definition,
    ("ecs", "ListClusters"): _list_clusters,
    ("ecs", "ListTaskDefinitionFamilies"): _list_families,
    ("glue", "GetJobs"): _get_jobs,
    ("sagemaker", "DescribeNotebookInstance"): _describe_notebook_instance,
    ("sagemaker", "ListNotebookInstances"): _list_notebook_instances,
}
