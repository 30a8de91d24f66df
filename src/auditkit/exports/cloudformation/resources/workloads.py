"""What else runs in a role: builds, instances, notebooks, containers."""

from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell build projects, jobs, instances, notebook instances, clusters and families of task definitions."""
    for project in to.of("AWS::CodeBuild::Project"):
        members: dict[str, object] = {"arn": project.identity.arn, "name": project.identity.name}
        members["tags"] = project.node.at("Tags")
        tree = to.tree(project, "codebuild.Project", {"Triggers": "", "Visibility": "", "Tags": ""}, members)
        to.give(project, "codebuild.BatchGetProjects", {"projects": [tree]}, complete=False)
    for instance in to.of("AWS::EC2::Instance"):
        shown: dict[str, object] = {"InstanceId": instance.identity.name, "Tags": instance.node.at("Tags")}
        shown["IamInstanceProfile"] = _profile(to, instance)
        to.give(instance, "ec2.DescribeInstances", {"Reservations": [{"Instances": [shown]}]}, complete=False)
    for job in to.of("AWS::Glue::Job"):
        shown = {
            "Name": job.identity.name,
            "Role": job.node.at("Role"),
            "DefaultArguments": job.node.at("DefaultArguments"),
            "NonOverridableArguments": job.node.at("NonOverridableArguments"),
        }
        to.give(job, "glue.GetJobs", {"Jobs": [shown]}, complete=False)
    for notebook in to.of("AWS::SageMaker::NotebookInstance"):
        name = notebook.identity.name
        shown = {
            "NotebookInstanceArn": notebook.identity.arn,
            "NotebookInstanceName": name,
            "RoleArn": notebook.node.at("RoleArn"),
        }
        to.give(notebook, "sagemaker.DescribeNotebookInstance", shown, name)
    for cluster in to.of("AWS::ECS::Cluster"):
        to.give(cluster, "ecs.ListClusters", {"clusterArns": [cluster.identity.arn]}, complete=False)
    for task in to.of("AWS::ECS::TaskDefinition"):
        to.give(task, "ecs.ListTaskDefinitionFamilies", {"families": [task.identity.name]}, complete=False)


def _profile(to: Telling, instance: Resource) -> dict[str, object] | None:
    """Return the instance profile of an instance, which templates name and the API tells by its ARN."""
    name = instance.text("IamInstanceProfile")
    if not name:
        return None
    place = place_of(instance)
    for profile in to.of("AWS::IAM::InstanceProfile"):
        if profile.identity.name == name and place_of(profile).account == place.account:
            return {"Arn": profile.identity.arn}
    return {"Arn": f"arn:{instance.stack.partition}:iam::{place.account}:instance-profile/{name}"}
