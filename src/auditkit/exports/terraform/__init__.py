"""Terraform: a state or a plan as ``terraform show -json`` gives it, or a state file."""

from auditkit.exports.terraform._reader import is_terraform, read_terraform

__all__ = ["is_terraform", "read_terraform"]
