"""The edges of each family of services, one module each; the order in which they run does not matter."""

from collections.abc import Callable

from auditkit.graph._build import Builder
from auditkit.graph.edges import apis, events, functions, identities, pipes, references, schedules, statemachines

__all__ = ["FAMILIES"]

FAMILIES: tuple[Callable[[Builder], None], ...] = (
    apis.connect,
    events.connect,
    functions.connect,
    identities.connect,
    pipes.connect,
    references.connect,
    schedules.connect,
    statemachines.connect,
)
"""``connect`` of every family, sorted by name."""
