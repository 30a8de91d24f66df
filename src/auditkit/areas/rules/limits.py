"""Denial of service: caps on what callers can set off, and what stands before them."""

from collections.abc import Iterator

from auditkit.areas.answers import (
    Answer,
    Rule,
    failed,
    found_none,
    not_found,
    passed,
    some,
    unknown,
    warned,
)
from auditkit.areas.model import Severity
from auditkit.areas.rules._walls import acl_before, groups_of, missing_of_policy, public_entries, unwalled
from auditkit.areas.scene import Api, Scene, unqualified
from auditkit.graph.schema import EdgeKind, EntryKind
from auditkit.inventory import UNSET, Kind, Record, Source, UnsetType
from auditkit.inventory.records.alarms import Alarm
from auditkit.inventory.records.apis import MethodSettings, RestApi, RestMethod, RestStage
from auditkit.inventory.records.apis_v2 import ApiRoute, ApiStage, RouteSettings
from auditkit.inventory.records.functions import Function, FunctionUrl
from auditkit.inventory.records.guards import AnomalyMonitor, Budget
from auditkit.inventory.records.mappings import EventSourceMapping

__all__ = ["RULES"]

_DIRECT = 1.0
"""Cost up to which the outside sets a function off by itself."""
_ACCOUNT_RATE = 10_000
"""Requests per second to all APIs of an account in a region, before it is raised (API Gateway quotas)."""
_DATABASES = frozenset({Kind.DATABASE, Kind.DATABASE_PROXY, Kind.CACHE})
_LIMIT = "lambda:GetFunctionConcurrency"

_Settings = MethodSettings | RouteSettings | None


# ------------------------------------------------------------------ concurrency


def account_headroom(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function that the outside sets off can starve a critical one."""
    critical: dict[tuple[str, str], list[Function]] = {}
    untold: dict[tuple[str, str], set[str]] = {}
    for function in scene.functions:
        if isinstance(function.tags, UnsetType) and not scene.is_critical(function):
            untold.setdefault((function.account, function.region), set()).add(function.id)
    for function in scene.functions:
        if scene.is_critical(function):
            critical.setdefault((function.account, function.region), []).append(function)
    for function in scene.functions:
        access = scene.reach.access(function.id)
        place = (function.account, function.region)
        at = function.source
        if access.cost > _DIRECT:
            yield not_found(function, "the outside does not set it off by itself", at=at)
            continue
        if isinstance(function.reserved_concurrency, UnsetType):
            yield unknown(function, _LIMIT, at=at)
            continue
        if function.reserved_concurrency is not None:
            yield passed(function, f"{function.reserved_concurrency} reserved executions cap it", at=function.sources)
            continue
        others = [one for one in critical.get(place, ()) if one.id != function.id]
        beside = untold.get(place, set())
        if all(one.reserved_concurrency for one in others) and len(beside) > (function.id in beside):
            yield unknown(function, "the tags of the functions beside it: whether one is critical", at=at)
        else:
            yield _shares(function, others, scene.critical_words, anonymous=access.kind == EntryKind.ANONYMOUS)


def _shares(function: Function, others: list[Function], words: str, *, anonymous: bool) -> Answer:
    starved = [one.name for one in others if not one.reserved_concurrency]
    if not starved:
        return passed(function, f"nothing {words} shares the concurrency that it can use up", at=function.source)
    said = f"the outside can use up the concurrency that it shares with {some(starved)}, {words}"
    worst = Severity.HIGH if anonymous else None
    return failed(function, said, at=function.sources, severity=worst, weighed="anyone can set it off")


def reserved_zero(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function that is switched off still gets events."""
    for function in scene.functions:
        reserved, at = function.reserved_concurrency, function.sources
        if isinstance(reserved, UnsetType):
            yield unknown(function, _LIMIT, at=function.source)
        elif reserved != 0:
            yield passed(function, "it is not switched off", at=at)
        elif triggers := scene.triggers(function.id):
            names = some(scene.label(name) for name, _ in triggers)
            yield warned(function, f"its concurrency is 0 while {names} still delivers to it: events are lost", at=at)
        else:
            yield found_none(function, "it is switched off, and nothing delivers to it", at=at)


def url_uncapped(scene: Scene) -> Iterator[Answer]:
    """Judge whether an anonymous function URL has a cap."""
    for url in scene.inventory.of(FunctionUrl):
        arn = unqualified(url.function_arn)
        function, node = scene.inventory.get(arn), scene.node(url.id)
        at = url.source.at("AuthType")
        if url.auth_type not in {"NONE", "AWS_IAM"}:
            yield unknown(arn, f"AuthType ({url.auth_type})", at=at)
        elif url.auth_type != "NONE" or (node is not None and node.entry is None):
            yield passed(arn, "its URL lets nobody in without a signature", at=at)
        elif not isinstance(function, Function) or isinstance(function.reserved_concurrency, UnsetType):
            yield unknown(arn, _LIMIT, at=at)
        elif function.reserved_concurrency is None and (missing := missing_of_policy(scene, url)):
            yield unknown(arn, missing, at=at)
        elif function.reserved_concurrency is None:
            yield failed(
                arn, "anyone may call its URL, and no reserved concurrency caps it", at=(at, *function.sources)
            )
        else:
            said = f"anyone may call its URL, and {function.reserved_concurrency} reserved executions cap it"
            yield passed(arn, said, at=(at, *function.sources))


def esm_cap(scene: Scene) -> Iterator[Answer]:
    """Judge whether a backlog can drown a database."""
    for function in scene.functions:
        mappings = (one for one in scene.mappings.get(function.id, ()) if one.enabled)
        queues = [one for one in mappings if ":sqs:" in (one.event_source_arn or "")]
        databases = _databases(scene, function.id)
        if not queues or not databases:
            yield not_found(function, "it does not carry from a queue to a database or cache", at=function.source)
            continue
        names = some(scene.label(name) for name in databases)
        for mapping in queues:
            most, at = _at_once(mapping)
            if most:
                yield passed(function, f"at most {most} run at once before {names}", at=at, place=mapping.uuid)
            elif isinstance(function.reserved_concurrency, UnsetType):
                yield unknown(function, _LIMIT, at=at, place=mapping.uuid)
            elif function.reserved_concurrency is not None:
                said = f"{function.reserved_concurrency} reserved executions cap it before {names}"
                yield passed(function, said, at=(at, *function.sources), place=mapping.uuid)
            else:
                said = f"nothing caps how many run before {names} when the queue is full"
                yield failed(function, said, at=at, place=mapping.uuid)


_OF_A_POLLER = 10
"""Invocations at once that one poller of a queue makes (AWS Lambda developer guide, *Provisioned mode*)."""


def _at_once(mapping: EventSourceMapping) -> tuple[int | None, Source]:
    """Return how many invocations a mapping makes at most at once, ``None`` without a bound, and where it stands."""
    scaling, pollers = mapping.scaling_config, mapping.provisioned_poller_config
    if pollers is not None and pollers.maximum_pollers:
        return pollers.maximum_pollers * _OF_A_POLLER, mapping.source.at("ProvisionedPollerConfig")
    return scaling.maximum_concurrency if scaling is not None else None, mapping.source.at("ScalingConfig")


def _databases(scene: Scene, function: str) -> list[str]:
    ends = {name for name, _ in scene.out_of(function, EdgeKind.WRITES, permitted=False)}
    ends |= {name for name, _ in scene.into(function, EdgeKind.READS, permitted=False)}
    return sorted(name for name in ends if scene.nodes[name].kind in _DATABASES)


# -------------------------------------------------------------------- throttles


def no_throttle(scene: Scene) -> Iterator[Answer]:
    """Judge the throttle of every stage, by its routes that anyone may call."""
    routes = scene.routes
    for api in scene.apis:
        if isinstance(api.stages, UnsetType):
            yield unknown(api, "the stages (GetStages)", at=api.source)
            continue
        open_ = [route for route in routes.get(api.id, ()) if _is_open(scene, route)]
        for stage in api.stages:
            yield _stage(api, stage, open_)


def _is_open(scene: Scene, route: Record) -> bool:
    node = scene.node(route.id)
    return node is not None and node.entry is EntryKind.ANONYMOUS


def _stage(api: Api, stage: RestStage | ApiStage, open_: list[RestMethod | ApiRoute]) -> Answer:
    place = f"stage {stage.stage_name}"
    whole: _Settings
    if isinstance(stage, RestStage):
        whole, at = stage.method_settings.get("*/*"), stage.source.at("methodSettings")
    else:
        whole, at = stage.default_route_settings, stage.source.at("DefaultRouteSettings")
    bare = [route.name for route in open_ if not _rate(_of_route(stage, route), whole)]
    if _rate(whole) and not bare:
        return passed(api, "the stage sets a throttle of its own", at=at, place=place)
    keyed = [
        route for route in open_ if route.name in bare and isinstance(route, RestMethod) and route.api_key_required
    ]
    if keyed and len(keyed) == len(bare) and isinstance(api, RestApi):
        planned = _by_plan(api, stage)
        if planned is None:
            return unknown(api, "the usage plans (apigateway:GetUsagePlans)", at=at, place=place)
        if planned:
            said = f"usage plans throttle each key of {some(bare)}, and only the account's limit throttles all together"
            return warned(api, said, at=(at, *planned), place=place)
    if bare:
        return failed(
            api, f"anyone may call {some(bare)}, and only the account's limit throttles it", at=at, place=place
        )
    if open_:
        return passed(api, "every route that anyone may call has a throttle of its own", at=at, place=place)
    return warned(api, "the stage sets no throttle below the account's own", at=at, place=place)


def _by_plan(api: RestApi, stage: RestStage | ApiStage) -> list[Source] | None:
    """Return the usage plans of a stage where each throttles; none where one does not, ``None`` if not seen."""
    if isinstance(api.usage_plans, UnsetType):
        return None
    of_stage = [one for one in api.usage_plans if any(used.stage == stage.stage_name for used in one.api_stages)]
    throttling = [one for one in of_stage if one.throttle is not None and one.throttle.rate_limit is not None]
    return [one.source for one in throttling] if len(throttling) == len(of_stage) else []


def _rate(*settings: _Settings) -> bool:
    """Return whether settings throttle below the account's own limit; the first that say anything count."""
    rates = (one.throttling_rate_limit for one in settings if one is not None)
    rate = next((rate for rate in rates if rate is not None), None)
    return rate is not None and 0 <= rate < _ACCOUNT_RATE


def _of_route(stage: RestStage | ApiStage, route: RestMethod | ApiRoute) -> _Settings:
    """Return what a stage sets for one route, in the place of what it sets for all."""
    if isinstance(stage, RestStage):
        if not isinstance(route, RestMethod):
            return None
        path = route.path.lstrip("/").replace("~", "~0").replace("/", "~1")
        found = (stage.method_settings.get(f"{name}/{route.http_method}") for name in (path, f"~1{path}"))
        return next((one for one in found if one is not None), None)
    return stage.route_settings.get(route.route_key) if isinstance(route, ApiRoute) else None


# --------------------------------------------------------------------- web ACLs


def waf_ratelimit(scene: Scene) -> Iterator[Answer]:
    """Judge whether something counts requests before every public entry."""
    yield from unwalled(scene)
    for record, place, arn, at in public_entries(scene):
        if arn is None:
            yield unknown(record, "wafv2:GetWebACLForResource", at=at, place=place)
            continue
        acl = acl_before(scene, arn) if arn else None
        if not arn:
            yield failed(record, "no web ACL stands before it", at=at, place=place)
        elif acl is None:
            yield unknown(record, f"wafv2:GetWebACL of {arn}", at=at, place=place)
        elif found := [rule for rule in acl.rules if rule.rate_based and not rule.counts_only]:
            if all(rule.narrowed for rule in found):
                said = f"{acl.name} stops whoever calls too often, of some requests alone (a scope-down statement)"
                yield warned(record, said, at=(at, acl.source.at("Rules")), place=place)
            else:
                yield passed(record, f"{acl.name} stops whoever calls too often", at=(at, acl.source), place=place)
        elif hidden := groups_of(acl):
            lacks = [f"wafv2:GetRuleGroup of {group}: whether it has a rate-based rule" for group in hidden]
            yield unknown(record, lacks, at=(at, acl.source.at("Rules")), place=place)
        else:
            said = f"{acl.name} stands before it, and has no rate-based rule that blocks"
            yield warned(record, said, at=(at, acl.source.at("Rules")), place=place)


# ----------------------------------------------------------------------- alarms

_TELLING = frozenset(
    {
        *(("AWS/Lambda", name) for name in ("ConcurrentExecutions", "Throttles", "Invocations")),
        ("AWS/Lambda", "UnreservedConcurrentExecutions"),
        ("AWS/Billing", "EstimatedCharges"),
    }
)
"""Metrics that a flood of invocations raises; a rate of one to the other, as of errors to invocations, is none."""


def cost_alarm(scene: Scene) -> Iterator[Answer]:
    """Judge, account by account, whether a flood would be noticed."""
    for account in sorted(scene.own_accounts):
        if not any(function.account == account for function in scene.functions):
            continue
        watches, mute, missing = _watches(scene, account)
        if watches:
            names = some(one.name for one in watches)
            yield passed(account, f"{names} would tell", at=[one.source for one in watches])
        elif missing:
            yield unknown(account, [call.replace(".", ":", 1) for call in missing])
        else:
            said = "no budget, no monitor of cost anomalies, no alarm on invocations, throttles or concurrency"
            said += f" tells anybody ({some(one.name for one in mute)} does not)" if mute else ""
            own = (function for function in scene.functions if function.account == account)
            open_ = any(scene.reach.access(function.id).cost <= 0 for function in own)
            worst = Severity.HIGH if open_ else None
            at = [call.source for name in _WATCHES for call in scene.calls(name, account) if call.source is not None]
            at += [one.source for one in mute]
            yield failed(account, said, at=at, severity=worst, weighed="anyone can set functions off")


_WATCHES = ("budgets.DescribeBudgets", "ce.GetAnomalyMonitors", "cloudwatch.DescribeAlarms")


def _watches(scene: Scene, account: str) -> tuple[list[Record], list[Record], list[str]]:
    """Return what would tell of a flood, what looks on and tells nobody, and the calls that were not seen."""
    missing = {call for call in _WATCHES if not scene.seen_in(call, account)}
    watches: list[Record] = []
    mute: list[Record] = []
    for budget in scene.inventory.of(Budget):
        if budget.account == account:
            seen = scene.seen_in(_NOTIFICATIONS, account)
            told = budget.notifications if budget.notifications is not UNSET else (0 if seen else UNSET)
            if told == 0 or not _covers(budget):
                mute.append(budget)
            elif told is UNSET:
                missing.add(_NOTIFICATIONS)
            else:
                watches.append(budget)
    for monitor in scene.inventory.of(AnomalyMonitor):
        if monitor.account == account:
            if monitor.subscribed is UNSET and not scene.seen_in(_SUBSCRIPTIONS, account):
                missing.add(_SUBSCRIPTIONS)
            else:
                (watches if monitor.subscribed is True else mute).append(monitor)
    for alarm in scene.inventory.of(Alarm):
        measured = {(one.namespace, one.metric_name) for one in alarm.measured}
        measured |= {(one.namespace, one.metric_name) for one in alarm.surveys}
        if alarm.account == account and measured and measured <= _TELLING:
            (watches if alarm.rises and alarm.id in scene.telling else mute).append(alarm)
    return watches, mute, sorted(missing)


_NOTIFICATIONS, _SUBSCRIPTIONS = "budgets.DescribeBudgetNotificationsForAccount", "ce.GetAnomalySubscriptions"
_FLOODED = ("lambda", "api gateway", "cloudfront")


def _covers(budget: Budget) -> bool:
    """Return whether a budget looks at what a flood of invocations costs."""
    if budget.budget_type not in {None, "COST", "USAGE"}:
        return False
    services = (budget.cost_filters or {}).get("Service")
    return services is None or any(word in name.lower() for name in services for word in _FLOODED)


RULES: dict[str, Rule] = {
    "dos.account-headroom": account_headroom,
    "dos.reserved-zero": reserved_zero,
    "dos.no-throttle": no_throttle,
    "dos.url-uncapped": url_uncapped,
    "dos.waf-ratelimit": waf_ratelimit,
    "dos.esm-cap": esm_cap,
    "dos.cost-alarm": cost_alarm,
}
