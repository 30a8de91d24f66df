"""What runs in a role besides functions: builds, instances, notebooks, stacks, containers; narrowed to the role."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.inventory.kinds import Kind
from auditkit.inventory.record import Record

__all__ = ["BuildProject", "Cluster", "EtlJob", "Instance", "NotebookInstance", "Stack", "TaskDefinition"]


class BuildProject(Record, kw_only=True, rename="camel"):
    """A build project (``codebuild.BatchGetProjects``).

    Of one that was only listed (``codebuild.ListProjects``), ``service_role`` is UNSET.
    """

    kind: ClassVar[Kind] = Kind.JOB

    arn: str
    service_role: str | UnsetType | None = UNSET


class InstanceProfile(msgspec.Struct, rename="pascal", frozen=True):
    """Instance profile of an instance."""

    arn: str


class InstanceState(msgspec.Struct, rename="pascal", frozen=True):
    """State of an instance: ``"running"``, ``"stopped"``, ``"terminated"`` ..."""

    name: str | None = None


class Instance(Record, kw_only=True, rename="pascal"):
    """An instance (``ec2.DescribeInstances``)."""

    kind: ClassVar[Kind] = Kind.INSTANCE

    instance_id: str
    iam_instance_profile: InstanceProfile | None = None
    state: InstanceState | None = None


class NotebookInstance(Record, kw_only=True, rename="pascal"):
    """A notebook instance (``sagemaker.DescribeNotebookInstance``).

    Of one that was only listed (``sagemaker.ListNotebookInstances``), ``role_arn`` is UNSET.
    """

    kind: ClassVar[Kind] = Kind.RESOURCE

    notebook_instance_arn: str
    role_arn: str | UnsetType | None = UNSET


class Stack(Record, kw_only=True, rename="pascal"):
    """A stack (``cloudformation.DescribeStacks``); ``role_arn`` is None where it acts in the role of who calls."""

    kind: ClassVar[Kind] = Kind.RESOURCE

    stack_id: str
    stack_status: str | None = None
    role_arn: str | None = msgspec.field(default=None, name="RoleARN")


class Cluster(Record, kw_only=True, rename="camel"):
    """A cluster of containers (``ecs.ListClusters``)."""

    kind: ClassVar[Kind] = Kind.CONTAINER_SERVICE


class EtlJob(Record, kw_only=True, rename="pascal"):
    """A job of AWS Glue (``glue.GetJobs``); ``role`` is an ARN, None where none is said."""

    kind: ClassVar[Kind] = Kind.JOB

    role: str | None = None


class TaskDefinition(Record, kw_only=True, rename="camel"):
    """A family of task definitions (``ecs.ListTaskDefinitionFamilies``); its id is the ARN without a revision."""

    kind: ClassVar[Kind] = Kind.RESOURCE
