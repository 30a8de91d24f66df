"""What else runs in a role, in Terraform: builds, instances, notebooks, containers."""

from auditkit.exports.terraform._out import Out
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]


def translate(estate: Estate, out: Out) -> None:
    """Hand over build projects, jobs, instances, notebook instances, clusters and families of task definitions."""
    for project in estate.of("aws_codebuild_project"):
        tree = {"arn": project.arn, "name": project.either("name"), "serviceRole": project.either("service_role")}
        out.give(project, "codebuild.BatchGetProjects", {"projects": [tree]}, complete=False)
    for instance in estate.of("aws_instance"):
        shown = {"InstanceId": instance.id, "IamInstanceProfile": _profile(estate, instance)}
        out.give(instance, "ec2.DescribeInstances", {"Reservations": [{"Instances": [shown]}]}, complete=False)
    for job in estate.of("aws_glue_job"):
        arguments = {"DefaultArguments": "default_arguments", "NonOverridableArguments": "non_overridable_arguments"}
        handed = {member: job.either(attribute) for member, attribute in arguments.items()}
        tree = {"Name": job.text("name"), "Role": job.either("role_arn"), **handed}
        out.give(job, "glue.GetJobs", {"Jobs": [tree]}, complete=False)
    for notebook in estate.of("aws_sagemaker_notebook_instance"):
        name = notebook.text("name")
        shown = {"NotebookInstanceArn": notebook.arn, "NotebookInstanceName": name}
        out.give(notebook, "sagemaker.DescribeNotebookInstance", shown | {"RoleArn": notebook.either("role_arn")}, name)
    for cluster in estate.of("aws_ecs_cluster"):
        out.give(cluster, "ecs.ListClusters", {"clusterArns": [cluster.arn]}, complete=False)
    for task in estate.of("aws_ecs_task_definition"):
        out.give(task, "ecs.ListTaskDefinitionFamilies", {"families": [task.text("family")]}, complete=False)


def _profile(estate: Estate, instance: Resource) -> dict[str, object] | None:
    """Return the instance profile of an instance, which Terraform names and the API tells by its ARN."""
    name = instance.text("iam_instance_profile")
    if not name:
        return None
    for profile in estate.of("aws_iam_instance_profile"):
        if profile.text("name") == name and profile.place.account == instance.place.account:
            return {"Arn": profile.arn}
    return {"Arn": f"arn:aws:iam::{instance.place.account}:instance-profile/{name}"}
