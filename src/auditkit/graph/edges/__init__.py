"""The edges of each family of services, one module each; the order of all but the last does not matter."""

from collections.abc import Callable

from auditkit.graph._build import Builder
from auditkit.graph.edges import (
    agents,
    apis,
    appsync,
    buckets,
    caches,
    cloudfront,
    cognito,
    databases,
    escalations,
    events,
    files,
    foreign,
    functions,
    identities,
    iot,
    keys,
    loadbalancers,
    messaging,
    outsiders,
    pipes,
    references,
    schedules,
    statemachines,
    streams,
    tables,
    triggers,
    urls,
    workloads,
)

__all__ = ["FAMILIES"]

FAMILIES: tuple[Callable[[Builder], None], ...] = (
    agents.connect,
    apis.connect,
    appsync.connect,
    buckets.connect,
    caches.connect,
    cloudfront.connect,
    cognito.connect,
    databases.connect,
    events.connect,
    files.connect,
    foreign.connect,
    functions.connect,
    iot.connect,
    keys.connect,
    loadbalancers.connect,
    messaging.connect,
    outsiders.connect,
    pipes.connect,
    references.connect,
    schedules.connect,
    statemachines.connect,
    streams.connect,
    tables.connect,
    triggers.connect,
    workloads.connect,
    # what functions may do is asked of their versions in use as well, which the others address
    escalations.connect,
    identities.connect,
    urls.connect,
)
"""``connect`` of every family, sorted by name but for those that ask what was said before."""
