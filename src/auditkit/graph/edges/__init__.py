"""The edges of each family of services, one module each; the order in which they run does not matter."""

from collections.abc import Callable

from auditkit.graph._build import Builder

__all__ = ["FAMILIES"]

FAMILIES: tuple[Callable[[Builder], None], ...] = ()
"""``connect`` of every family, sorted by name."""
