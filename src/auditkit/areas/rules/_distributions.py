"""Distributions in transit: how viewers come, behaviour by behaviour, and how origins are called."""

import re
from collections.abc import Iterator

from auditkit.areas.answers import Answer, failed, passed, some, unknown, warned
from auditkit.inventory import Source
from auditkit.inventory.records.cloudfront import CustomOriginConfig, DefaultCacheBehavior, Distribution, Origin

__all__ = ["hops_of"]

_NEW = re.compile(r"TLSv1\.[23]_202[1-9]|TLSv1\.3")
_FAIR = re.compile(r"TLSv1\.2")
_ANY, _WORN = "SSLv3", frozenset({"TLSv1", "TLSv1.1"})


def hops_of(distribution: Distribution) -> Iterator[Answer]:
    """Judge the hops to and from a distribution: each behaviour, each origin that is no bucket, and what viewers need.

    A bucket is called as the viewer came, which its behaviours tell.
    """
    yield from _behaviours(distribution)
    for index, origin in enumerate(distribution.origins or ()):
        at = distribution.source.at("Origins", "Items", index)
        if origin.custom_origin_config is not None:
            yield _origin(distribution, origin, origin.custom_origin_config, at.at("CustomOriginConfig"))
        elif origin.vpc_origin_config is not None:
            lacks = "the protocol of the VPC origin (cloudfront:GetVpcOrigin)"
            yield unknown(distribution, lacks, at=at.at("VpcOriginConfig"), place=f"origin {origin.domain_name}")
    yield _viewers(distribution)


def _each(distribution: Distribution) -> Iterator[tuple[str, DefaultCacheBehavior, Source]]:
    default, others = distribution.default_cache_behavior, distribution.cache_behaviors
    if default is not None:
        yield "*", default, distribution.source.at("DefaultCacheBehavior", "ViewerProtocolPolicy")
    items = (others.items or ()) if others is not None else ()
    for index, behaviour in enumerate(items):
        at = distribution.source.at("CacheBehaviors", "Items", index, "ViewerProtocolPolicy")
        yield behaviour.path_pattern or "*", behaviour, at


def _behaviours(distribution: Distribution) -> Iterator[Answer]:
    for path, one, at in _each(distribution):
        if one.viewer_protocol_policy == "allow-all":
            yield failed(distribution, "viewers may come over plain HTTP (allow-all)", at=at, place=f"behaviour {path}")
        elif one.viewer_protocol_policy:
            said = f"viewers come over HTTPS ({one.viewer_protocol_policy})"
            yield passed(distribution, said, at=at, place=f"behaviour {path}")
        else:
            yield unknown(distribution, "ViewerProtocolPolicy", at=at, place=f"behaviour {path}")


def _origin(distribution: Distribution, origin: Origin, config: CustomOriginConfig, at: Source) -> Answer:
    place, policy, where = f"origin {origin.domain_name}", config.origin_protocol_policy, at.at("OriginProtocolPolicy")
    if not policy:
        return unknown(distribution, "OriginProtocolPolicy", at=where, place=place)
    if policy == "http-only":
        return failed(distribution, "the origin is called over plain HTTP (http-only)", at=where, place=place)
    if policy == "match-viewer":
        ways = [(path, one.viewer_protocol_policy, source) for path, one, source in _leading(distribution, origin)]
        if plain := [(path, source) for path, way, source in ways if way == "allow-all"]:
            said = f"the origin is called as viewers come (match-viewer), over plain HTTP too at {some(_firsts(plain))}"
            return failed(distribution, said, at=(where, *(source for _, source in plain)), place=place)
        if not all(way for _, way, _ in ways):
            return unknown(distribution, "ViewerProtocolPolicy", at=where, place=place)
    return _versions(distribution, config, at.at("OriginSslProtocols"), place)


def _firsts(plain: list[tuple[str, Source]]) -> list[str]:
    return [path for path, _ in plain]


def _leading(distribution: Distribution, origin: Origin) -> Iterator[tuple[str, DefaultCacheBehavior, Source]]:
    """Yield the behaviours that lead to an origin, by itself or in a group."""
    names = {origin.id}
    names |= {
        group.id
        for group in distribution.origin_groups or ()
        if any(member.origin_id == origin.id for member in group.members or ())
    }
    yield from (each for each in _each(distribution) if each[1].target_origin_id in names)


def _versions(distribution: Distribution, config: CustomOriginConfig, at: Source, place: str) -> Answer:
    """Judge the versions that CloudFront offers an origin, which chooses; a template that names none leaves it open."""
    versions = [*(config.origin_ssl_protocols or ())]
    if not versions:
        return unknown(distribution, "OriginSslProtocols", at=at, place=place)
    if _ANY in versions:
        return failed(distribution, f"the origin may be called over {_ANY}", at=at, place=place)
    if worn := sorted(_WORN.intersection(versions)):
        said = f"the origin is called over HTTPS, and may choose {some(worn)}"
        return warned(distribution, said, at=at, place=place)
    return passed(distribution, "the origin is called over HTTPS", at=at, place=place)


def _viewers(distribution: Distribution) -> Answer:
    certificate = distribution.viewer_certificate
    at = distribution.source.at("ViewerCertificate", "MinimumProtocolVersion")
    least = (certificate.minimum_protocol_version if certificate is not None else None) or ""
    if certificate is not None and certificate.cloud_front_default_certificate:
        return warned(
            distribution, "under CloudFront's own certificate TLS 1.0 cannot be refused", at=at, place="viewers"
        )
    if _NEW.match(least):
        return passed(distribution, f"viewers need {least}", at=at, place="viewers")
    if _FAIR.match(least):
        return warned(distribution, f"viewers may use older ciphers of TLS 1.2 ({least})", at=at, place="viewers")
    if least:
        return failed(distribution, f"viewers may use {least}", at=at, place="viewers")
    return unknown(distribution, "MinimumProtocolVersion", at=at, place="viewers")
