"""What each API response says: one module per family of services, each with a table of handlers.

A module has ``HANDLERS: dict[(service, operation), Handler]``, by botocore's names; add it to the list below.
"""

from auditkit.exports._reading import Handler
from auditkit.exports.services import (
    agents,
    apis,
    appliances,
    appsync,
    buckets,
    cloudfront,
    cognito,
    databases,
    events,
    files,
    findings,
    functions,
    guards,
    identities,
    iot,
    keys,
    loadbalancers,
    messaging,
    network,
    schedules,
    statemachines,
    streams,
    tables,
    tagging,
    triggers,
    workloads,
)

__all__ = ["HANDLERS"]

_MODULES = (
    agents,
    apis,
    appliances,
    appsync,
    buckets,
    cloudfront,
    cognito,
    databases,
    events,
    files,
    findings,
    functions,
    guards,
    identities,
    iot,
    keys,
    loadbalancers,
    messaging,
    network,
    schedules,
    statemachines,
    streams,
    tables,
    tagging,
    triggers,
    workloads,
)

HANDLERS: dict[tuple[str, str], Handler] = {
    call: handler for module in _MODULES for call, handler in sorted(module.HANDLERS.items())
}
"""Handler of each API call that is read."""
