"""The doors of an API: whether it is deployed, which hosts lead to it, and how well these are protected.

An API is reached at its own host (unless that is switched off) and at the domain names that are mapped to it. A route
is an entry if the API is deployed to a stage and one of these doors is open to the internet; the weakest door counts.
"""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder
from auditkit.graph.factors import Level
from auditkit.graph.schema import Interval
from auditkit.inventory import CoverageState, Source
from auditkit.inventory.record import UnsetType
from auditkit.inventory.records.apis import (
    DomainName,
    RestApi,
)
from auditkit.inventory.records.apis_v2 import (
    ApiV2,
)

__all__ = ["Doors", "doors_of"]

_OLD_TLS = "TLS_1_0"


class Doors(NamedTuple):
    """The doors of an API.

    Attributes
    ----------
    reason
        Why nobody gets in from the internet; ``""`` where somebody may.
    unknown
        What is missing to know it for certain.
    encryption
        Level of the factor, of the weakest door.
    certificate
        Whether every door asks for a client certificate.
    sources
        Records of the domain names.
    private
        Whether only VPC endpoints lead to it: anyone may have one, so that the policy of the API decides whose.
    """

    reason: str
    unknown: str
    encryption: Level
    certificate: bool
    sources: tuple[Source, ...] = ()
    private: bool = False


def doors_of(build: Builder, api: RestApi | ApiV2) -> Doors:
    """Return the doors of an API."""
    domains = tuple(_domains(build, api))
    sources = tuple(domain.source for domain in domains)
    if not isinstance(api.stages, UnsetType) and not api.stages:
        return Doors("The API is deployed to no stage.", "", 0, certificate=False)
    unknown = "stages" if isinstance(api.stages, UnsetType) and isinstance(api.staged, UnsetType) else ""
    if isinstance(api, RestApi) and api.private:
        return Doors("", unknown, (0, "HTTPS, through a VPC endpoint."), certificate=False, private=True)
    named = _names_seen(build, api)
    if api.disable_execute_api_endpoint and not domains:
        if named:
            return Doors(
                "The API's own host is switched off, and no domain name leads to it.", "", 0, certificate=False
            )
        unknown = "domain names"
    closed = bool(domains) and bool(api.disable_execute_api_endpoint)
    certificate = closed and all(domain.mutual_tls_authentication for domain in domains)
    return Doors("", unknown, _encryption(api, domains, named=named), certificate, sources)


def _domains(build: Builder, api: RestApi | ApiV2) -> Iterator[DomainName]:
    for domain in build.inventory.of(DomainName):
        if domain.region == api.region and domain.account == api.account:
            mappings = domain.mappings
            if isinstance(mappings, tuple) and any(mapping.api_id == api.api_id for mapping in mappings):
                yield domain


def _names_seen(build: Builder, api: RestApi | ApiV2) -> bool:
    """Return whether domain names and all their mappings were seen."""
    services = ("apigateway", "apigatewayv2") if isinstance(api, RestApi) else ("apigatewayv2",)
    known = {CoverageState.PRESENT, CoverageState.EMPTY}
    listed = any(
        build.inventory.coverage.state(service, "GetDomainNames", account=api.account, region=api.region) in known
        for service in services
    )
    return listed and not any(
        isinstance(domain.mappings, UnsetType)
        for domain in build.inventory.of(DomainName)
        if domain.region == api.region and domain.account == api.account
    )


def _encryption(api: RestApi | ApiV2, domains: tuple[DomainName, ...], *, named: bool) -> Level:
    weak = sorted(domain.name for domain in domains if domain.security_policy == _OLD_TLS)
    if weak:
        return 0.25, f"The domain name {weak[0]} still accepts TLS 1.0 (securityPolicy)."
    own = api.security_policy if isinstance(api, RestApi) else None
    if own == _OLD_TLS and not api.disable_execute_api_endpoint:
        return 0.25, "The API's own host still accepts TLS 1.0 (securityPolicy)."
    if not named:
        return Interval(0, 0.25), "HTTPS only; whether a domain name accepts TLS 1.0 was not seen (GetDomainNames)."
    return 0, "HTTPS only, and no domain name accepts TLS 1.0."
