"""Amazon CloudFront: from the behaviours of a distribution to its origins, and to the functions that run at the edge.

Every cache behaviour is a route of its own: viewers, protocol, signatures and origin differ from path to path. A bucket
behind a distribution is read by whoever the behaviour lets in, so its data leaves along the behaviour.
"""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.graph._build import Builder, Said
from auditkit.graph._hosts import host_of, host_reference
from auditkit.graph.edges._inside import COMES_IN, JUDGED, leads_to
from auditkit.graph.factors import Level
from auditkit.graph.schema import (
    INTERNET,
    AccessLevel,
    Edge,
    EdgeKind,
    EntryKind,
    Evidence,
    Interval,
    Node,
    View,
)
from auditkit.inventory import Inventory, Kind, Record, Source
from auditkit.inventory.arn import arn_of
from auditkit.inventory.records.apis import (
    DomainName,
    RestApi,
)
from auditkit.inventory.records.apis_v2 import (
    HttpApi,
    WebSocketApi,
)
from auditkit.inventory.records.cloudfront import (
    DefaultCacheBehavior,
    Distribution,
    Origin,
    OriginAccessControl,
)
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.inventory.records.loadbalancers import LoadBalancer

__all__ = ["connect"]

_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"})
_WRITES = frozenset({"PUT", "POST", "PATCH"})


class _Behavior(NamedTuple):
    """A behaviour with its node, and how viewers come to it."""

    id: str
    label: str
    behavior: DefaultCacheBehavior
    sources: tuple[Source, ...]
    authentication: Level
    encryption: Level
    enabled: bool

    @property
    def in_clear(self) -> bool:
        """Whether viewers may come over plain HTTP."""
        return self.behavior.viewer_protocol_policy not in {"https-only", "redirect-to-https"}

    @property
    def methods(self) -> frozenset[str]:
        """Methods that are passed on."""
        return frozenset(self.behavior.allowed_methods or ()) or frozenset({"GET", "HEAD"})


def connect(build: Builder) -> None:
    """Say what the records of CloudFront say."""
    hosts = _hosts(build.inventory)
    for distribution in build.inventory.of(Distribution):
        build.add(distribution)
        for host in (distribution.domain_name, *(distribution.aliases or ())):
            build.alias_host(host, distribution.id)
        origins = {origin.id: (origin, index) for index, origin in enumerate(distribution.origins or ())}
        for behavior in _behaviors(build, distribution):
            leads_to(
                build,
                distribution.id,
                behavior.id,
                sources=behavior.sources,
                label=behavior.label,
                authentication=behavior.authentication,
                validation=(1, "Nothing checks requests."),
            )
            for origin_id in _origin_ids(distribution, behavior.behavior.target_origin_id):
                if origin_id in origins:
                    origin, index = origins[origin_id]
                    source = distribution.source.at("Origins", "Items", index)
                    _origin(build, _Way(distribution, behavior, origin, (*behavior.sources, source)), hosts)
            _edge_functions(build, behavior)


def _hosts(inventory: Inventory) -> dict[str, Record]:
    """Return the records that have a host of their own, by it."""
    found: dict[str, Record] = {}
    apis: list[RestApi | HttpApi | WebSocketApi] = [*inventory.of(RestApi), *inventory.of(HttpApi)]
    for api in (*apis, *inventory.of(WebSocketApi)):
        found[f"{api.api_id}.execute-api.{api.region}.amazonaws.com"] = api
    for domain in inventory.of(DomainName):
        for name in (domain.domain_name, domain.regional_domain_name, domain.distribution_domain_name):
            if name:
                found[host_of(name)] = domain
    for balancer in inventory.of(LoadBalancer):
        if balancer.dns_name:
            found[host_of(balancer.dns_name)] = balancer
            found[f"dualstack.{host_of(balancer.dns_name)}"] = balancer
    for url in inventory.of(FunctionUrl):
        found[host_of(url.function_url.partition("://")[2].rstrip("/"))] = url
    return found


def _origin_ids(distribution: Distribution, target: str) -> tuple[str, ...]:
    for group in distribution.origin_groups or ():
        if group.id == target:
            return tuple(member.origin_id for member in group.members or ())
    return (target,)


# ---------------------------------------------------------------- behaviours


def _behaviors(build: Builder, distribution: Distribution) -> Iterator[_Behavior]:
    found: list[tuple[str, DefaultCacheBehavior, Source]] = []
    if distribution.default_cache_behavior is not None:
        found.append(("*", distribution.default_cache_behavior, distribution.source.at("DefaultCacheBehavior")))
    for index, behavior in enumerate(distribution.cache_behaviors or ()):
        found.append((behavior.path_pattern, behavior, distribution.source.at("CacheBehaviors", "Items", index)))
    for label, behavior, source in found:
        entry, authentication = _authentication(distribution, behavior)
        known = _Behavior(
            id=f"route:{distribution.account}:global:{distribution.distribution_id}/{label}",
            label=label,
            behavior=behavior,
            sources=(source,),
            authentication=authentication,
            encryption=_encryption(distribution, behavior),
            enabled=distribution.enabled,
        )
        _node(build, distribution, known, entry)
        yield known


def _node(build: Builder, distribution: Distribution, behavior: _Behavior, entry: EntryKind) -> None:
    build.node(
        behavior.id,
        Node(
            kind=Kind.ROUTE,
            label=f"{distribution.name}/{behavior.label.removeprefix('/')}",
            account=distribution.account,
            region="global",
            boundary=build.boundary(account=distribution.account),
            sources=behavior.sources,
            entry=entry if behavior.enabled else None,
        ),
    )
    build.flow(
        INTERNET,
        behavior.id,
        kind=EdgeKind.DELIVERS,
        hop="client->cloudfront",
        sources=behavior.sources,
        label=behavior.label,
        enabled=behavior.enabled,
        authentication=behavior.authentication,
        encryption=behavior.encryption,
        third_party=COMES_IN,
    )


def _authentication(distribution: Distribution, behavior: DefaultCacheBehavior) -> tuple[EntryKind, Level]:
    if distribution.viewer_mtls_config is not None and distribution.viewer_mtls_config.mode == "required":
        return EntryKind.AUTHENTICATED, (0, "Viewers must show a client certificate (mutual TLS).")
    if any(
        signers is not None and signers.enabled for signers in (behavior.trusted_signers, behavior.trusted_key_groups)
    ):
        reason = "URLs or cookies must be signed: whoever holds one gets in, as with a shared secret."
        return EntryKind.AUTHENTICATED, (0.5, reason)
    associations = (*(behavior.lambda_function_associations or ()), *(behavior.function_associations or ()))
    if any(found.event_type == "viewer-request" for found in associations):
        reason = "A function sees viewers' requests and may refuse them; its code is not read."
        return EntryKind.ANONYMOUS, (Interval(0, 1), reason)
    return EntryKind.ANONYMOUS, (1, "Viewers need neither signature nor certificate.")


def _encryption(distribution: Distribution, behavior: DefaultCacheBehavior) -> Level:
    policy = behavior.viewer_protocol_policy
    if policy == "allow-all":
        return 1, "ViewerProtocolPolicy is allow-all: viewers may use plain HTTP."
    if policy == "redirect-to-https":
        return 0.25, "ViewerProtocolPolicy is redirect-to-https: the first request may be in clear."
    if policy != "https-only":
        return Interval(0, 1), "ViewerProtocolPolicy was not exported."
    certificate = distribution.viewer_certificate
    if certificate is not None and (
        certificate.cloud_front_default_certificate or certificate.minimum_protocol_version in _OLD
    ):
        return 0.25, "ViewerProtocolPolicy is https-only, but versions before TLS 1.2 are accepted."
    return 0, "ViewerProtocolPolicy is https-only."


def _edge_functions(build: Builder, behavior: _Behavior) -> None:
    for association in behavior.behavior.lambda_function_associations or ():
        target = build.reference(association.lambda_function_arn)
        build.triggers(
            behavior.id,
            target.id,
            hop="cloudfront->lambda-edge",
            sources=behavior.sources,
            label=association.event_type,
            qualifier=target.qualifier,
            enabled=behavior.enabled,
        )


# ---------------------------------------------------------------- origins


class _Way(NamedTuple):
    """From a behaviour to an origin."""

    distribution: Distribution
    behavior: _Behavior
    origin: Origin
    sources: tuple[Source, ...]

    @property
    def said(self) -> Said:
        """What is said of every edge along it."""
        return {
            "label": self.behavior.label,
            "detail": f"origin {self.origin.id}",
            "enabled": self.behavior.enabled,
        }


def _origin(build: Builder, way: _Way, hosts: dict[str, Record]) -> None:
    host = host_of(way.origin.domain_name)
    record, found = hosts.get(host), host_reference(host)
    if record is None and found.kind is Kind.BUCKET:
        _bucket(build, way, build.ref(found.id))
        return
    target = record.id if record is not None else build.third_party(host)
    said = way.said
    if isinstance(record, FunctionUrl) or ".lambda-url." in host:
        said["authentication"] = _signs(build, way)
        build.triggers(way.behavior.id, target, hop="cloudfront->lambda-url", sources=way.sources, **said)
        return
    level, reason = _to_origin(way)
    verified: Level = (0, "CloudFront verifies the certificate.")
    said["encryption"] = (level, reason)
    said["peer"] = verified if level == 0 else (1, "Over plain HTTP nothing is verified.")
    said["authentication"] = _shown(way.origin)
    if record is not None:
        said["authentication"], said["validation"] = JUDGED, JUDGED
    kind = EdgeKind.CALLS if found.kind is Kind.THIRD_PARTY and record is None else EdgeKind.DELIVERS
    build.triggers(way.behavior.id, target, kind=kind, hop="cloudfront->custom-origin", sources=way.sources, **said)


def _to_origin(way: _Way) -> tuple[float, str]:
    behavior, origin = way.behavior, way.origin
    policy = origin.custom_origin_config.origin_protocol_policy if origin.custom_origin_config else "https-only"
    if policy == "http-only":
        return 1, "OriginProtocolPolicy is http-only: plain text to the origin."
    if policy == "match-viewer" and behavior.in_clear:
        return 1, "OriginProtocolPolicy is match-viewer, and viewers may use plain HTTP."
    return (
        0,
        f"OriginProtocolPolicy is {policy}, and viewers are led to HTTPS."
        if policy == "match-viewer"
        else "HTTPS to the origin.",
    )


def _shown(origin: Origin) -> Level:
    if origin.custom_headers is not None and origin.custom_headers.items:
        return Interval(
            0.5, 1
        ), "A header is added that may be a shared secret; whether the origin checks it is not seen."
    return 1, "Nothing shows the origin that CloudFront asks."


def _signs(build: Builder, way: _Way) -> Level:
    """Return how well an origin knows CloudFront, by its access control."""
    if not way.origin.origin_access_control_id:
        return 1, "There is no origin access control: the origin must be open to all."
    resource = f"origin-access-control/{way.origin.origin_access_control_id}"
    control = build.inventory.get(arn_of("cloudfront", resource, account=way.distribution.account))
    if not isinstance(control, OriginAccessControl):
        return Interval(0, 1), "There is an origin access control that was not seen (ListOriginAccessControls)."
    if control.signing_behavior == "never":
        return 1, "The origin access control never signs."
    if control.signing_behavior == "no-override":
        return Interval(0, 1), "The origin access control signs unless the viewer sends a signature of his own."
    return 0, "CloudFront signs its requests (origin access control)."


def _bucket(build: Builder, way: _Way, bucket: str) -> None:
    """Connect a behaviour with a bucket: what viewers may read leaves along it, what they may write comes in."""
    behavior, sources, said = way.behavior, way.sources, way.said
    said["authentication"], said["encryption"] = _to_bucket(build, way)
    build.flow(bucket, behavior.id, kind=EdgeKind.READS, hop="cloudfront->s3", sources=sources, **said)
    build.flow(
        behavior.id,
        INTERNET,
        kind=EdgeKind.RETURNS,
        hop="client->cloudfront",
        sources=behavior.sources,
        label=behavior.label,
        enabled=behavior.enabled,
        authentication=behavior.authentication,
        encryption=behavior.encryption,
        third_party=(0, "Goes back to whoever asked."),
        validation=(0, "Nothing is acted upon at the receiving end."),
    )
    if not behavior.enabled:
        return
    _permits(build, behavior, bucket, AccessLevel.READ, sources)
    if behavior.methods & _WRITES:
        build.triggers(behavior.id, bucket, kind=EdgeKind.WRITES, hop="cloudfront->s3", sources=sources, **said)
    if "DELETE" in behavior.methods:
        _permits(build, behavior, bucket, AccessLevel.DELETE, sources)


def _to_bucket(build: Builder, way: _Way) -> tuple[Level, Level]:
    """Return the levels of *authentication* and *encryption* towards a bucket."""
    if way.origin.custom_origin_config is not None:  # a website endpoint knows no signatures
        return (1, "A website endpoint answers anyone."), _to_origin(way)
    if way.origin.origin_access_control_id:
        return _signs(build, way), (0, "HTTPS to the bucket: an origin access control signs over it.")
    encryption: Level = (
        (0.25, "Plain HTTP follows the viewer's.") if way.behavior.in_clear else (0, "HTTPS to the bucket.")
    )
    if way.origin.s3_origin_config is not None and way.origin.s3_origin_config.origin_access_identity:
        return (0, "CloudFront signs its requests (origin access identity)."), encryption
    return _signs(build, way), encryption


def _permits(
    build: Builder, behavior: _Behavior, bucket: str, access: AccessLevel, sources: tuple[Source, ...]
) -> None:
    build.edge(
        behavior.id,
        bucket,
        Edge(
            kind=EdgeKind.PERMITS,
            view=View.TRUST,
            evidence=Evidence.CONFIGURED,
            sources=sources,
            label=behavior.label,
            cost=0,
            access=access,
        ),
    )
