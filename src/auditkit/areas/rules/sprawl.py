"""Explosion of functions: what nobody uses, owns or needs any more."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from operator import itemgetter

from auditkit.areas.answers import Answer, Rule, failed, found_none, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.owners import environment_of, made_by_stack, team_of
from auditkit.areas.reach import RANK
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import is_image, live_versions
from auditkit.facts import get_runtime
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind, Evidence, Node, Sensitivity
from auditkit.graph.use import Use, use_of
from auditkit.inventory import PRINCIPAL_KINDS, STORE_KINDS, PolicyText, Record, UnsetType
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.evidence.observed import ActivityLog
from auditkit.inventory.moments import days_between
from auditkit.inventory.records.events import Rule as EventRule
from auditkit.inventory.records.functions import Function, FunctionVersion
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.messaging import Subscription
from auditkit.policy import PolicyKind, parse

__all__ = ["RULES", "callers_of", "unseen_triggers", "window_lacks"]

_LONG = 90
"""Days without a change or a call after which something counts as left behind."""
_DIRECT = 1.0


# ---------------------------------------------------------------------- unused


def unused(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function is used at all."""
    use = use_of(scene.inventory)
    counted = {one.function: one for one in scene.inventory.of(FunctionMetric) if one.metric == "Invocations"}
    for function in scene.functions:
        yield _used(scene, function, use.get(function.id), counted.get(function.id))


_METRICS = "cloudwatch:GetMetricData (Invocations of 90 days)"


def _used(scene: Scene, function: Function, use: Use | None, metric: FunctionMetric | None) -> Answer:
    age, at = scene.age(function.last_modified), function.source.at("LastModified")
    callers = callers_of(scene, function.id)
    calls = (use.invocations or use.calls) if use is not None else 0
    idle = scene.age(use.last_used) if use is not None else None
    if calls and (idle is None or idle <= _LONG):
        return _runs(function, calls, callers)
    if age is None:
        return unknown(function, "the audit date and LastModified", at=at)
    if age <= _LONG:
        return passed(function, f"it was changed {age} days ago", at=at)
    lacks = window_lacks(scene, metric)
    if not lacks:
        ran = f"it last ran {idle} days ago" if idle is not None else "it did not run in the time that was exported"
        return _left_behind(scene, function, f"{ran}, and was changed {age} days ago")
    unseen = unseen_triggers(scene, function)
    if callers or unseen or metric is not None:
        return unknown(function, (*lacks, *(() if callers else unseen)), at=at)
    return _left_behind(scene, function, f"nothing sets it off, and it was changed {age} days ago")


def _runs(function: Function, calls: float, callers: list[str]) -> Answer:
    at = function.source.at("LastModified")
    if callers:
        return passed(function, f"it ran {calls:g} times in the time that was exported", at=at)
    said = f"it ran {calls:g} times, and nothing that is known sets it off: look for who calls it"
    return warned(function, said, at=at)


def _left_behind(scene: Scene, function: Function, said: str) -> Answer:
    near = scene.reach.access(function.id).cost <= _DIRECT
    loot = scene.reach.loot(function.id).sensitivity
    worst = Severity.HIGH if near or (loot is not None and RANK[loot] >= RANK[Sensitivity.RESTRICTED]) else None
    at = function.source.at("LastModified")
    return failed(function, said, at=at, severity=worst, weighed="dead code with live privileges")


def window_lacks(scene: Scene, metric: FunctionMetric | None) -> list[str]:
    """Return what the metric of a function lacks of the 90 days before the audit."""
    if metric is None:
        return [_METRICS]
    first, last = metric.covers
    days, ended = days_between(first, last), scene.age(last)
    if days is None:
        return ["how many days the metrics cover: no function has a data point in them"]
    if days < _LONG:
        return [f"Invocations of 90 days (the export has {days})"]
    return [] if ended is not None and ended <= _LONG else [f"Invocations since {last[:10]}"]


_SHOWN_BY = {
    "apigateway.amazonaws.com": ("apigateway.GetRestApis", "apigatewayv2.GetApis"),
    "cognito-idp.amazonaws.com": ("cognito-idp.ListUserPools",),
    "elasticloadbalancing.amazonaws.com": ("elbv2.DescribeTargetGroups",),
    "events.amazonaws.com": ("events.ListRules",),
    "iot.amazonaws.com": ("iot.ListTopicRules",),
    "logs.amazonaws.com": ("logs.DescribeSubscriptionFilters",),
    "s3.amazonaws.com": ("s3.GetBucketNotificationConfiguration",),
    "secretsmanager.amazonaws.com": ("secretsmanager.ListSecrets",),
    "sns.amazonaws.com": ("sns.ListSubscriptions",),
}
"""Service that a policy may let in -> the calls that show what it sets off."""


def unseen_triggers(scene: Scene, function: Function) -> list[str]:
    """Return the calls that would show what sets a function off and were not seen."""
    unseen = ["lambda:GetPolicy"] if isinstance(function.policy, UnsetType) else []
    if not scene.seen("lambda.ListEventSourceMappings", function):
        unseen.append("lambda:ListEventSourceMappings")
    if isinstance(function.policy, PolicyText):
        unseen += dict.fromkeys(_unseen_of_policy(scene, function, function.policy))
    return unseen


def _unseen_of_policy(scene: Scene, function: Function, policy: PolicyText) -> Iterator[str]:
    """Yield what would show whether whoever a policy lets in sets the function off."""
    for statement in parse(policy.document, kind=PolicyKind.RESOURCE).statements:
        if statement.effect != "Allow":
            continue
        for named in statement.principals or ():
            if named.type == "Service":
                calls = [call for call in _SHOWN_BY.get(named.value, ()) if not scene.seen(call, function)]
                yield from (call.replace(".", ":") for call in calls)
                if named.value not in _SHOWN_BY:
                    yield f"what {named.value} sets off"
            elif function.account not in named.value:
                yield "whether anyone outside calls it (CloudTrail)"


def callers_of(scene: Scene, function: str) -> list[str]:
    """Return what sets a function off or calls it, apart from itself and from principals that merely may."""
    found = {name for name, _ in scene.triggers(function)}
    found |= {name for name, _ in scene.into(function, EdgeKind.CALLS, permitted=False)}
    found |= {name for name, _ in scene.from_outside(function, EdgeKind.INVOKES) if _is_partner(scene, name)}
    return sorted(found - {function})


def _is_partner(scene: Scene, node_id: str) -> bool:
    return bool(scene.nodes[node_id].boundary.kind == "partner")


def callers(scene: Scene) -> Iterator[Answer]:
    """Tell who may invoke a function, and who is seen to."""
    logged = bool(scene.inventory.of(ActivityLog))
    for function in scene.functions:
        may = scene.neighbours.who(function.id, _may_invoke)
        may = may[scene.neighbours.where(_is_principal)[may]]
        names = scene.neighbours.labels.some(may)
        seen = some(scene.label(name) for name in callers_of(scene, function.id)) or "nothing"
        if not len(may):
            yield found_none(function, f"set off by {seen}; no principal may invoke it beside that", at=function.source)
        elif logged:
            yield warned(function, f"set off by {seen}; {names} may invoke it as well", at=function.source)
        else:
            yield unknown(function, f"whether {names} invokes it (CloudTrail)", at=function.source)


def _may_invoke(edge: Edge) -> bool:
    return edge.kind is EdgeKind.INVOKES and edge.evidence is Evidence.PERMITTED


def _is_principal(node: Node) -> bool:
    return node.kind in PRINCIPAL_KINDS


# ----------------------------------------------------------------------- owners


def owner(scene: Scene) -> Iterator[Answer]:
    """Judge whether somebody owns a function."""
    for function in scene.functions:
        if isinstance(function.tags, UnsetType):
            yield unknown(function, "tags (lambda:GetFunction)", at=function.source)
        elif team := team_of(function.tags):
            yield passed(function, f"it belongs to {team}", at=function.source)
        elif made_by_stack(function.tags):
            yield passed(function, "no tag names an owner, but a stack made it", at=function.source)
        else:
            yield failed(function, "no tag names an owner, and no stack made it", at=function.source)


def env_mix(scene: Scene) -> Iterator[Answer]:
    """Judge whether functions of a test reach data of production."""
    production = cache(lambda store: _is_production(scene, store))
    for function in scene.functions:
        tags = {} if isinstance(function.tags, UnsetType) else function.tags
        environment = environment_of(tags, function.name)
        if not environment:
            yield unknown(function, "which environment it belongs to (tags)", at=function.source)
        elif environment == "production":
            yield passed(function, "it belongs to production", at=function.source)
        else:
            yield _crosses(scene, function, environment, production)


def _crosses(scene: Scene, function: Function, environment: str, production: Callable[[str], bool]) -> Answer:
    near = [store for store in scene.reach.reached(function.id) if production(store)]
    if near:
        classes = {scene.nodes[store].sensitivity for store in near}
        worst = Severity.CRITICAL if Sensitivity.RESTRICTED in classes else None
        said = f"it belongs to {environment}, and reaches {some(sorted(map(scene.label, near)))} of production"
        return failed(function, said, at=function.source, severity=worst, weighed="restricted data is among it")
    if not scene.permissions.knows(function.role or ""):
        return unknown(function, "iam:GetAccountAuthorizationDetails", at=function.source.at("Role"))
    narrowed = [
        one.edge
        for one in scene.acting_alike(function.id, function.role or "", EdgeKind.PERMITS)
        if one.edge.access is not AccessLevel.METADATA and not is_given(one.edge)
        if any(map(production, scene.neighbours.ids(one.places.tolist())))
    ]
    if narrowed:
        at = [source for edge in narrowed for source in edge.sources]
        return unknown(function, not_decided(narrowed), at=at)
    said = f"it belongs to {environment}, and reaches nothing that is tagged as production's"
    return found_none(function, said, at=function.source)


def _is_production(scene: Scene, store: str) -> bool:
    node = scene.nodes[store]
    return environment_of(node.tags, str(node.label)) == "production"


# --------------------------------------------------------------------- left over


def old_versions(scene: Scene) -> Iterator[Answer]:
    """Judge published versions that nothing leads to."""
    by_function: dict[str, list[FunctionVersion]] = {}
    for version in scene.inventory.of(FunctionVersion):
        by_function.setdefault(version.id.rpartition(":")[0], []).append(version)
    for function in scene.functions:
        if not scene.seen("lambda.ListVersionsByFunction", function, resource=function.name):
            yield unknown(function, "lambda:ListVersionsByFunction", at=function.source)
            continue
        live = {version.id for version, _ in live_versions(function, scene)}
        idle = [version for version in by_function.get(function.id, ()) if version.id not in live]
        ages = {version.id: scene.age(version.last_modified) for version in idle}
        old = [version for version in idle if (ages[version.id] or 0) > _LONG]
        if not old and None in ages.values():
            yield unknown(function, "the audit date and LastModified of its versions", at=function.source)
            continue
        if not old:
            yield passed(function, "every version that is older than 90 days is in use", at=function.source)
            continue
        past = [version for version in old if _deprecated(scene, version)]
        numbers = some(str(version.version) for version in old)
        worst = Severity.MEDIUM if past else None
        said = f"nothing leads to version {numbers}, and whoever may invoke the function may still run it"
        at = [version.source for version in old]
        yield warned(function, said, at=at, severity=worst, weighed="its runtime is deprecated")


def _deprecated(scene: Scene, version: FunctionVersion) -> bool:
    runtime = get_runtime(version.runtime or "")
    days = scene.age(runtime.deprecated) if runtime is not None and runtime.deprecated else None
    return not is_image(version) and days is not None and days >= 0


def disabled_triggers(scene: Scene) -> Iterator[Answer]:
    """Judge triggers that are off, fail, or lead to nothing."""
    for mapping in scene.inventory.of(EventSourceMapping):
        result, at = mapping.last_processing_result or "", mapping.source.at("State")
        if not mapping.enabled:
            yield warned(mapping, f"it is switched off ({mapping.state})", at=at)
        elif result and result not in {"OK", "No records processed"}:
            yield warned(mapping, f"it last said: {result[:80]}", at=mapping.source.at("LastProcessingResult"))
        else:
            yield passed(mapping, "it is switched on", at=at)
    for rule in scene.inventory.of(EventRule):
        if rule.state == "DISABLED":
            yield warned(rule, "it is switched off and left behind", at=rule.source.at("State"))
        else:
            yield from _leads_nowhere(scene, rule)
    for subscription in scene.inventory.of(Subscription):
        if subscription.subscription_arn == "PendingConfirmation":
            at = subscription.source.at("SubscriptionArn")
            yield warned(subscription, "it was never confirmed", at=at)
        else:
            yield from _leads_nowhere(scene, subscription)


def _leads_nowhere(scene: Scene, record: Record) -> Iterator[Answer]:
    gone = []
    for target, edge in scene.out_of(record.id, EdgeKind.DELIVERS):
        node = scene.nodes[target]
        if not node.exists and node.account in scene.own_accounts:
            gone.append((target, edge))
    if gone and not scene.seen("lambda.ListFunctions", record):
        yield unknown(record, "lambda:ListFunctions", at=[s for _, edge in gone for s in edge.sources])
    elif gone:
        names = some(scene.label(target) for target, _ in gone)
        yield warned(record, f"it leads to {names}, which is gone", at=[s for _, edge in gone for s in edge.sources])
    else:
        yield passed(record, "it is switched on, and what it leads to exists", at=record.source)


def duplicate_code(scene: Scene) -> Iterator[Answer]:
    """Tell where the same code is deployed several times."""
    groups: dict[str, list[Function]] = {}
    for function in scene.functions:
        if function.code_sha256:
            groups.setdefault(function.code_sha256, []).append(function)
    for digest in sorted(groups):
        same = groups[digest]
        at = [function.source.at("CodeSha256") for function in same]
        if len(same) > 1:
            others = some(function.name for function in same[1:])
            yield warned(same[0], f"the same code runs as {others}: one fix, {len(same)} deployments", at=at)
        else:
            yield passed(same[0], "its code runs nowhere else", at=at)


def count_metrics(scene: Scene) -> Iterator[Answer]:
    """Tell how large the estate is, region by region."""
    places: dict[tuple[str, str], list[Function]] = {}
    for function in scene.functions:
        places.setdefault((function.account, function.region), []).append(function)
    stores = Counter((node.account, node.region) for node in scene.nodes.values() if node.kind in STORE_KINDS)
    for (account, region), functions in sorted(places.items(), key=itemgetter(0)):
        roles = len({function.role for function in functions})
        triggers = sum(len(scene.triggers(function.id)) for function in functions)
        owners = {team_of(one.tags) for one in functions if not isinstance(one.tags, UnsetType)} - {""}
        critical = sum(scene.is_critical(one) for one in functions)
        said = (
            f"{len(functions)} functions ({critical} critical) of {len(owners)} owners, {roles} roles, "
            f"{triggers} triggers, {stores[account, region]} stores"
        )
        yield passed(f"{account}:{region}", said, at=[functions[0].source])


RULES: dict[str, Rule] = {
    "sprawl.unused": unused,
    "sprawl.owner": owner,
    "sprawl.callers": callers,
    "sprawl.old-versions": old_versions,
    "sprawl.disabled-triggers": disabled_triggers,
    "sprawl.count-metrics": count_metrics,
    "sprawl.env-mix": env_mix,
    "sprawl.duplicate-code": duplicate_code,
}
