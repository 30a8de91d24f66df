"""What limits a function, an event source mapping and a route: read from the records, else from AWS's quotas."""

import math
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from auditkit.areas.flood.bounds import UNLIMITED, Bound, assumed, exactly
from auditkit.areas.scene import Scene
from auditkit.facts import get_quota, get_quotas
from auditkit.inventory import Kind, Record, UnsetType
from auditkit.inventory.records.apis import MethodSettings, RestApi, RestMethod, RestStage
from auditkit.inventory.records.apis_v2 import ApiRoute, ApiStage, RouteSettings
from auditkit.inventory.records.functions import Function, FunctionSettings, FunctionUrl
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Queue, QueueAttributes, RedrivePolicy
from auditkit.inventory.records.streams import Stream
from auditkit.inventory.records.tables import Table

__all__ = [
    "HOUR",
    "account_concurrency",
    "account_rate",
    "architecture",
    "attempts",
    "concurrency",
    "memory",
    "node_rate",
    "poller_concurrency",
    "receives",
    "route_rate",
    "storage",
    "table_units",
    "timeout",
    "transitions",
]

HOUR = 3600.0
"""Seconds of an hour."""
_MB = 1024.0
_FREE_STORAGE = 512.0


# ---------------------------------------------------------------- functions


def account_concurrency(scene: Scene, account: str, region: str, *, unreserved: bool = True) -> Bound:
    """Return how many executions an account may run at once in a region."""
    settings = scene.inventory.get(f"settings:lambda:{account}:{region}")
    limit = settings.account_limit if isinstance(settings, FunctionSettings) else None
    found = None
    if limit is not None:
        found = limit.unreserved_concurrent_executions if unreserved else None
        found = limit.concurrent_executions if found is None else found
    if found is not None and settings is not None:
        return exactly(found, f"{found} executions at once in the account", settings.source.at("AccountLimit"))
    quota = assumed("concurrent executions", "the account's concurrency")
    missing = f"lambda:GetAccountSettings of {account} in {region}"
    return Bound(low=0, high=quota.high, says=quota.says, missing=(missing,), assumed=quota.assumed)


def concurrency(scene: Scene, function: Function) -> Bound:
    """Return how many executions of a function run at once, at most."""
    reserved = function.reserved_concurrency
    unseen = isinstance(reserved, UnsetType)
    account = account_concurrency(scene, function.account, function.region, unreserved=not unseen)
    if isinstance(reserved, UnsetType):
        missing = (f"lambda:GetFunctionConcurrency of {function.name}", *account.missing)
        return Bound(low=0, high=account.high, says=account.says, missing=missing, assumed=account.assumed)
    if reserved is None:
        return account
    return exactly(reserved, f"{reserved} reserved executions of {function.name}", *function.sources)


def memory(function: Function) -> Bound:
    """Return the memory of a function, in GB."""
    if function.memory_size is not None:
        return exactly(function.memory_size / _MB, "", function.source.at("MemorySize"))
    most = get_quota("function memory").value
    return Bound(low=128 / _MB, high=most / _MB, missing=(f"MemorySize of {function.name}",))


def timeout(function: Function) -> Bound:
    """Return how long an execution may take, in seconds."""
    if function.timeout is not None:
        return exactly(function.timeout, f"{function.timeout} s timeout", function.source.at("Timeout"))
    most = get_quota("function timeout").value
    return Bound(low=1, high=most, missing=(f"Timeout of {function.name}",))


def storage(function: Function) -> Bound:
    """Return what of the ephemeral storage is paid for, in GB."""
    size = function.ephemeral_storage.size if function.ephemeral_storage is not None else _FREE_STORAGE
    return exactly(max(0.0, size - _FREE_STORAGE) / _MB)


def architecture(function: Function) -> str:
    """Return the architecture, ``"x86_64"`` where none is told: that is Lambda's default, and the dearer one."""
    return "arm64" if function.architectures == ("arm64",) else "x86_64"


def attempts(function: Function) -> Bound:
    """Return how often one asynchronous event sets a function off, retries included."""
    most = get_quota("asynchronous attempts").value
    configs = function.event_invoke_configs
    if isinstance(configs, UnsetType):
        missing = f"lambda:ListFunctionEventInvokeConfigs of {function.name}"
        return Bound(low=1, high=most, missing=(missing,))
    retries = [one.maximum_retry_attempts for one in configs]
    if not retries or None in retries:
        return exactly(most)
    return exactly(1 + max(retry or 0 for retry in retries), "", *function.sources)


# ----------------------------------------------------- event source mappings


def poller_concurrency(scene: Scene, mapping: EventSourceMapping) -> Bound:
    """Return how many executions one event source mapping keeps busy at once."""
    source = scene.inventory.get(mapping.event_source_arn or "")
    at = mapping.source
    if isinstance(source, Queue) or ":sqs:" in (mapping.event_source_arn or ""):
        scaling = mapping.scaling_config
        if scaling is not None and scaling.maximum_concurrency:
            most = scaling.maximum_concurrency
            return exactly(most, f"{most} at once by the event source mapping", at.at("ScalingConfig"))
        if mapping.provisioned_poller_config is not None:
            return UNLIMITED
        quota = get_quota("queue mapping concurrency")
        return exactly(quota.value, f"{quota.value:g} batches at once of an event source mapping (quota)", at)
    if isinstance(source, Stream) and source.open_shard_count and _is_provisioned(source):
        each = mapping.parallelization_factor or 1
        most = source.open_shard_count * each
        return exactly(most, f"{source.open_shard_count} shards, {each} at once of each", source.source, at)
    return UNLIMITED


def _is_provisioned(stream: Stream) -> bool:
    return stream.stream_mode_details is not None and stream.stream_mode_details.stream_mode == "PROVISIONED"


def receives(scene: Scene, mapping: EventSourceMapping) -> Bound:
    """Return how often one event of a mapping's source sets the function off within an hour, at most."""
    queue = scene.inventory.get(mapping.event_source_arn or "")
    if not isinstance(queue, Queue):
        retries = mapping.maximum_retry_attempts
        if isinstance(retries, UnsetType):
            return Bound(low=1, high=math.inf, missing=(f"MaximumRetryAttempts of {mapping.name}",))
        return UNLIMITED if retries is None or retries < 0 else exactly(1 + retries, "", mapping.source)
    attributes = queue.attributes
    if not isinstance(attributes, QueueAttributes):
        return Bound(low=1, high=math.inf, missing=(f"sqs:GetQueueAttributes of {queue.name}",))
    visible, redrive = attributes.visibility_timeout, attributes.redrive_policy
    often = math.ceil(HOUR / max(visible, 1)) if isinstance(visible, int) else math.inf
    if isinstance(redrive, RedrivePolicy) and redrive.max_receive_count is not None:
        return exactly(max(1, min(often, redrive.max_receive_count)), "", attributes.source.at("RedrivePolicy"))
    if isinstance(redrive, UnsetType) or isinstance(visible, UnsetType):
        return Bound(low=1, high=often, missing=(f"RedrivePolicy and VisibilityTimeout of {queue.name}",))
    return exactly(often, "", attributes.source)


# --------------------------------------------------------------------- APIs


def account_rate(region: str) -> Bound:
    """Return how many requests all APIs of an account take in an hour, by AWS's default."""
    own = f"API requests in {region}"
    return assumed(own if own in get_quotas() else "API requests", "the account's API throttle", HOUR)


def route_rate(scene: Scene, route: RestMethod | ApiRoute) -> Bound:
    """Return how many requests a route takes in an hour: the throttles of its stages, and the account's."""
    api = scene.inventory.get(route.api)
    account = account_rate(route.region)
    stages = getattr(api, "stages", None)
    if not isinstance(stages, tuple):
        call = "apigateway:GetStages" if isinstance(route, RestMethod) else "apigatewayv2:GetStages"
        missing = (f"{call} of {route.api.rpartition('/')[2]}",)
        return Bound(low=0, high=account.high, says=account.says, missing=missing, assumed=account.assumed)
    rates = [_stage_rate(stage, route) for stage in stages]
    if not rates:
        return exactly(0, "no stage serves it", route.source)
    own = Bound(
        low=sum(rate.low for rate in rates),
        high=sum(rate.high for rate in rates),
        says=", ".join(rate.says for rate in rates if rate.says),
        sources=tuple(source for rate in rates for source in rate.sources),
    )
    plan = _plan_rate(api, route) if isinstance(api, RestApi) and isinstance(route, RestMethod) else UNLIMITED
    return own.least(account).least(plan)


def _stage_rate(stage: RestStage | ApiStage, route: RestMethod | ApiRoute) -> Bound:
    for pointer, settings in _settings(stage, route):
        rate = settings.throttling_rate_limit if settings is not None else None
        if rate is not None and rate >= 0:
            burst = settings.throttling_burst_limit if settings is not None else 0
            said = f"{rate:g} requests per second by stage {stage.stage_name}"
            return exactly(rate * HOUR + max(burst or 0, 0), said, stage.source.at(*pointer))
    return UNLIMITED


def _settings(
    stage: RestStage | ApiStage, route: RestMethod | ApiRoute
) -> Iterator[tuple[tuple[str, ...], MethodSettings | RouteSettings | None]]:
    """Yield the settings that may throttle a route, the nearest first, with where they stand in the stage."""
    if isinstance(stage, RestStage):
        assert isinstance(route, RestMethod)
        path = route.path.lstrip("/").replace("~", "~0").replace("/", "~1")
        for key in (f"{path}/{route.http_method}", f"~1{path}/{route.http_method}", "*/*"):
            yield ("methodSettings", key), stage.method_settings.get(key)
    else:
        assert isinstance(route, ApiRoute)
        yield ("RouteSettings", route.route_key), stage.route_settings.get(route.route_key)
        yield ("DefaultRouteSettings",), stage.default_route_settings


def _plan_rate(api: RestApi, route: RestMethod) -> Bound:
    """Return what usage plans leave of the requests to a route that asks for a key: so much for each key."""
    if not route.api_key_required:
        return UNLIMITED
    if isinstance(api.usage_plans, UnsetType):
        return Bound(low=0, high=math.inf, missing=(f"apigateway:GetUsagePlans of {api.name}",))
    each = list(_of_plans(api))
    if not each:
        return exactly(0, "it asks for a key, and no usage plan gives one", route.source)
    return Bound(low=min(each), high=math.inf, sizes=("how many API keys there are: a usage plan throttles each",))


def _of_plans(api: RestApi) -> Iterable[float]:
    for plan in api.usage_plans if isinstance(api.usage_plans, tuple) else ():
        rate = plan.throttle.rate_limit if plan.throttle is not None else None
        most = math.inf if rate is None else rate * HOUR
        quota = plan.quota.limit if plan.quota is not None else None
        yield min(most, math.inf if quota is None else quota)


def node_rate(scene: Scene, node: str) -> Bound:
    """Return how many events an hour a node takes that is neither a function nor a route of an API."""
    kind, record = scene.nodes[node].kind, scene.inventory.get(node)
    if kind is Kind.ROUTE and scene.nodes[node].region == "global":
        return assumed("distribution requests", "the distribution's requests", HOUR)
    if kind is Kind.EVENT_BUS:
        return assumed("bus events", "events of the account's buses", HOUR)
    if isinstance(record, FunctionUrl):
        return _url_rate(scene, record)
    if isinstance(record, Stream) and record.open_shard_count and _is_provisioned(record):
        most = record.open_shard_count * get_quota("shard records").value
        return exactly(most * HOUR, f"{most:g} records per second by the shards of {record.name}", record.source)
    return UNLIMITED


def _url_rate(scene: Scene, url: FunctionUrl) -> Bound:
    """Return ten requests per second for each execution that its function runs at once."""
    function = scene.function_of(url.function_arn)
    if function is None:
        return UNLIMITED
    each, most = get_quota("executions per environment").value * HOUR, concurrency(scene, function)
    return replace(most, low=most.low * each, high=most.high * each, says="")


def table_units(record: Record | None, item: str) -> Bound:
    """Return how many request units an hour a table on demand takes."""
    own = record.on_demand_throughput if isinstance(record, Table) else None
    most = None
    if own is not None:
        most = own.max_write_request_units if item == "DynamoDB write" else own.max_read_request_units
    if record is not None and most is not None and most >= 0:
        return exactly(most * HOUR, "", record.source.at("OnDemandThroughput"))
    return assumed("table throughput", "throughput of a table", HOUR)


def transitions() -> Bound:
    """Return how many transitions an hour all standard state machines of an account make."""
    return assumed("state transitions", "state transitions of the account", HOUR)
