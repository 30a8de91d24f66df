"""Logs of who calls an entry: of stages, distributions and load balancers.

Distributions and load balancers log in either of two ways, and distributions in real time besides: by a setting of
their own, and by a delivery of CloudWatch Logs, which nothing of theirs tells
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html).
"""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, failed, not_applicable, passed, some, unknown, warned
from auditkit.areas.scene import Scene
from auditkit.inventory import Record, Source, UnsetType
from auditkit.inventory.records.apis import RestApi
from auditkit.inventory.records.cloudfront import Distribution, DistributionLogging, RealtimeLog
from auditkit.inventory.records.loadbalancers import LoadBalancer
from auditkit.inventory.records.logs import LogDelivery, LogSource

__all__ = ["api_logging"]

_ALL = 100.0
_OF_CLOUDFRONT = "us-east-1"
"""Where deliveries of logs of distributions are made, wherever these serve."""
_ACCESS_LOGS = frozenset({"ACCESS_LOGS", "ALB_ACCESS_LOGS", "NLB_ACCESS_LOGS"})
"""Types of logs that tell who called (``logs.PutDeliverySource``)."""
_CALLS = ("logs.DescribeDeliverySources", "logs.DescribeDeliveries")
_ATTRIBUTES = "elbv2:DescribeLoadBalancerAttributes"


def api_logging(scene: Scene) -> Iterator[Answer]:
    """Judge whether calls of entries are logged."""
    for api in scene.apis:
        if isinstance(api.stages, UnsetType):
            yield unknown(api, "the stages (GetStages)", at=api.source)
            continue
        wire = "accessLogSettings" if isinstance(api, RestApi) else "AccessLogSettings"
        for stage in api.stages:
            at, place = stage.source.at(wire), f"stage {stage.stage_name}"
            if stage.access_log_settings is not None and stage.access_log_settings.destination_arn:
                yield passed(
                    api, f"calls are logged to {stage.access_log_settings.destination_arn}", at=at, place=place
                )
            else:
                yield failed(api, "calls are not logged: the stage has no access log", at=at, place=place)
    for distribution in scene.inventory.of(Distribution):
        yield _distribution(scene, distribution)
    for balancer in scene.inventory.of(LoadBalancer):
        yield _balancer(scene, balancer)


def _distribution(scene: Scene, distribution: Distribution) -> Answer:
    at, log = distribution.source.at("Logging"), distribution.logging
    if isinstance(log, DistributionLogging) and log.enabled:
        return passed(distribution, f"calls are logged to {log.bucket}", at=at)
    if delivered := _delivered(scene, distribution):
        return delivered
    lacks = ["cloudfront:GetDistributionConfig (Logging)"] if isinstance(log, UnsetType) else []
    lacks += _unseen(scene, distribution, _OF_CLOUDFRONT)
    if lacks:
        return unknown(distribution, lacks, at=distribution.source)
    return _in_real_time(scene, distribution) or failed(distribution, "calls are not logged", at=at)


def _balancer(scene: Scene, balancer: LoadBalancer) -> Answer:
    attributes, at = balancer.attributes, balancer.sources
    if balancer.type == "gateway":
        return not_applicable(balancer, "it hands packets to appliances, and takes no calls", at=at)
    if not isinstance(attributes, UnsetType) and attributes.get("access_logs.s3.enabled") == "true":
        return passed(balancer, "calls are logged", at=at)
    if delivered := _delivered(scene, balancer):
        return delivered
    lacks = [_ATTRIBUTES] if isinstance(attributes, UnsetType) else []
    lacks += _unseen(scene, balancer, balancer.region)
    return unknown(balancer, lacks, at=at) if lacks else failed(balancer, "calls are not logged", at=at)


# ------------------------------------------------------------------------ deliveries


def _delivered(scene: Scene, entry: Record) -> Answer | None:
    """Return the answer where deliveries take the access log of an entry somewhere; ``None`` without any."""
    sources = [one for one in scene.inventory.of(LogSource) if _is_access_log(one, entry)]
    sent = [(source, one) for source in sources for one in scene.inventory.of(LogDelivery) if _takes(one, source)]
    if not sent:
        return None
    at = [found.source for pair in sent for found in pair]
    shares = [_share(source) for source, _ in sent]
    if _ALL in shares:
        return passed(entry, f"calls are logged to {some(one.delivery_destination_arn for _, one in sent)}", at=at)
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return unknown(entry, "the sampling rate of its log (deliverySourceConfiguration)", at=at)
    return warned(entry, f"{max(known):g} of 100 calls are logged", at=at)


def _is_access_log(source: LogSource, entry: Record) -> bool:
    return entry.id in source.resource_arns and source.log_type in _ACCESS_LOGS and source.status != "INACTIVE"


def _takes(delivery: LogDelivery, source: LogSource) -> bool:
    same = (delivery.account, delivery.region) == (source.account, source.region)
    return same and delivery.delivery_source_name == source.source_name


def _share(source: LogSource) -> float | None:
    """Return the percentage of the calls that a source logs; ``None`` where it is not known."""
    settings = source.delivery_source_configuration
    if isinstance(settings, UnsetType):
        return None
    rate = (settings or {}).get("samplingRate", "100")
    return float(rate) if rate.isascii() and rate.replace(".", "", 1).isdigit() else None


def _unseen(scene: Scene, entry: Record, region: str) -> list[str]:
    """Return what would show deliveries of the logs of an entry and was not seen."""
    where = f" in {region}" if region != entry.region else ""
    return [f"{call}{where}" for call in scene.unseen(_CALLS, entry.account, region)]


# ------------------------------------------------------------------------ real-time logs


def _in_real_time(scene: Scene, distribution: Distribution) -> Answer | None:
    """Return the answer where cache behaviours are logged in real time; ``None`` where none is."""
    behaviors = (distribution.default_cache_behavior, *(distribution.cache_behaviors or ()))
    logs = [one.realtime_log_config_arn for one in behaviors if one is not None]
    named, at = sorted({log for log in logs if log}), [distribution.source]
    if not named:
        return None
    if not all(logs):
        return warned(distribution, "calls of some cache behaviours alone are logged, in real time", at=at)
    rates = [(log, _rate(scene, log)) for log in named]
    lacks = [log for log, rate in rates if rate is None]
    if lacks:
        return unknown(distribution, f"cloudfront:ListRealtimeLogConfigs ({some(lacks)})", at=at)
    at += [source for log, _ in rates for source in _sources(scene, log)]
    least = min(rate for _, rate in rates if rate is not None)
    if least < _ALL:
        return warned(distribution, f"{least:g} of 100 calls are logged, in real time", at=at)
    return passed(distribution, f"calls are logged in real time by {some(named)}", at=at)


def _rate(scene: Scene, log: str) -> float | None:
    found = scene.inventory.get(log)
    rate = found.sampling_rate if isinstance(found, RealtimeLog) else None
    return rate if isinstance(rate, int) else None


def _sources(scene: Scene, log: str) -> tuple[Source, ...]:
    found = scene.inventory.get(log)
    return found.sources if found is not None else ()
