"""What resources of templates are, service by service: each module tells its types as responses of the API."""

from auditkit.exports.cloudformation._telling import Telling
from auditkit.exports.cloudformation.resources import (
    agents,
    appsync,
    buckets,
    cognito,
    edge,
    events,
    functions,
    guards,
    http_apis,
    identities,
    iot,
    loadbalancers,
    logs,
    machines,
    messaging,
    network,
    rest_apis,
    secrets,
    servers,
    streams,
    tables,
    tagging,
    triggers,
)

__all__ = ["tell"]

_TELLERS = (
    identities.tell,
    functions.tell,
    rest_apis.tell,
    http_apis.tell,
    events.tell,
    machines.tell,
    messaging.tell,
    buckets.tell,
    tables.tell,
    streams.tell,
    cognito.tell,
    iot.tell,
    appsync.tell,
    loadbalancers.tell,
    edge.tell,
    guards.tell,
    secrets.tell,
    servers.tell,
    network.tell,
    agents.tell,
    logs.tell,
    tagging.tell,
    triggers.tell,
)


def tell(to: Telling) -> None:
    """Tell all resources of an estate that auditkit has a record for."""
    for teller in _TELLERS:
        teller(to)
