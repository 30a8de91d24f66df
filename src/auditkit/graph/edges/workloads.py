"""Builds and jobs: what else runs code in a role."""

from auditkit.graph._build import Builder
from auditkit.inventory.records.workloads import BuildProject, EtlJob

__all__ = ["connect"]


def connect(build: Builder) -> None:
    """Connect build projects and jobs with their roles; their code runs in them, as that of a function does."""
    for project in build.inventory.of(BuildProject):
        build.add(project)
        if isinstance(project.service_role, str):
            build.acts_in(project.id, project.service_role, sources=(project.source.at("serviceRole"),), cost=0)
    for job in build.inventory.of(EtlJob):
        build.add(job)
        if job.role:
            build.acts_in(job.id, job.role, sources=(job.source.at("Role"),), cost=0)
