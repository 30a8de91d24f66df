"""Application vulnerabilities: what is checked before code runs, and secrets in settings."""

from collections.abc import Iterator, Mapping

from auditkit.areas.answers import Answer, Rule, failed, not_found, passed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.rules._cors import cors
from auditkit.areas.rules._managed_rules import waf_managed_rules
from auditkit.areas.rules._validation import empty_model, input_validation
from auditkit.areas.scene import Api, Scene
from auditkit.areas.versions import in_use
from auditkit.graph.schema import EdgeKind, EntryKind, Sensitivity, View
from auditkit.inventory import Kind, Record, Source, UnsetType
from auditkit.inventory.evidence.plain_secrets import PlainSecrets
from auditkit.inventory.records.apis import MethodSettings, RestApi, RestStage
from auditkit.inventory.records.apis_v2 import ApiStage, HttpApi, RouteSettings
from auditkit.inventory.records.functions import EnvironmentValue
from auditkit.inventory.records.statemachines import StateMachine

__all__ = ["RULES"]


# ----------------------------------------------------------------------- events


_SENT = frozenset({Kind.QUEUE, Kind.STREAM, Kind.TABLE_STREAM, Kind.BUCKET, Kind.TOPIC, Kind.RULE, Kind.KAFKA_CLUSTER})


def nonhttp_validation(scene: Scene) -> Iterator[Answer]:
    """Judge what is filtered of events, trigger by trigger."""
    for function in scene.functions:
        for origin, edge in scene.into(function.id, EdgeKind.DELIVERS, permitted=False):
            if edge.factors is None or not edge.enabled:
                continue
            if scene.nodes[origin].kind not in _SENT:
                continue
            level, said = edge.factors.validation, edge.factors.reasons.get("validation", "")
            place = scene.label(origin)
            if level.low >= 1:
                foreign = _from_outside(scene, origin)
                worst, why = (Severity.MEDIUM, "another account sends to it") if foreign else (None, "")
                yield warned(
                    function, said or "nothing filters", at=edge.sources, place=place, severity=worst, weighed=why
                )
            elif level.known:
                yield passed(function, said or "events are filtered", at=edge.sources, place=place)
            else:
                yield unknown(function, said or "the filter", at=edge.sources, place=place)


def _from_outside(scene: Scene, node_id: str) -> bool:
    outside = {"internet", "partner", "third party"}
    origins = (node_id, *(origin for origin, _ in scene.from_outside(node_id)))
    return any(scene.nodes[origin].boundary.kind in outside for origin in origins)


# ---------------------------------------------------------------------- secrets


def secrets_env(scene: Scene) -> Iterator[Answer]:
    """Judge variables of functions and of stages, and definitions of state machines."""
    for function, code, place in in_use(scene, "environment"):
        if isinstance(code.environment, UnsetType):
            yield unknown(function, "Environment", at=code.source, place=place)
        else:
            at = code.source.at("Environment", "Variables")
            yield _secrets(scene, function, code.environment or {}, at, place=place)
    for api in scene.apis:
        if isinstance(api.stages, UnsetType):
            yield unknown(api, "the stages (GetStages)", at=api.source, place="stage variables")
        for stage in api.stages if isinstance(api.stages, tuple) else ():
            wire = "variables" if isinstance(api, RestApi) else "StageVariables"
            if stage.variables:
                yield _secrets(scene, api, stage.variables, stage.source.at(wire), place=f"stage {stage.stage_name}")
    yield from map(_in_definition, scene.inventory.of(StateMachine))
    yield from _elsewhere(scene)


def _elsewhere(scene: Scene) -> Iterator[Answer]:
    """Judge all other settings that were looked through: of templates, builds and whatever else may hold one."""
    by_owner: dict[str, list[PlainSecrets]] = {}
    for one in scene.inventory.of(PlainSecrets):
        by_owner.setdefault(one.of, []).append(one)
    for of, looked in sorted(by_owner.items()):
        found = {secret.source: secret for one in looked for secret in one.secrets}
        known = scene.inventory.get(of) is not None or scene.node(of) is not None
        place = "settings" if known else looked[0].name
        if not found:
            yield passed(of, "its settings hold no secret", at=[one.source for one in looked], place=place)
            continue
        names = some(one.place for one in found.values())
        why = some(one.reason for one in found.values())
        said = f"a secret stands in plain at {names} ({why}): whoever may read it has it"
        answer = warned if all(one.masked for one in found.values()) else failed
        yield answer(of, said, at=list(found), place=place)


def _in_definition(machine: StateMachine) -> Answer:
    """Judge what the definition of a state machine hands to what it calls."""
    if isinstance(machine.secrets, UnsetType):
        return unknown(machine, "its definition (stepfunctions:DescribeStateMachine)", at=machine.source)
    if not machine.secrets:
        return passed(machine, "its definition holds no secret", at=machine.sources[-1:])
    names = some(one.place.removeprefix("States/") for one in machine.secrets)
    why = some(one.reason for one in machine.secrets)
    said = f"its definition holds a secret in plain at {names} ({why}): whoever may read it has it"
    return failed(machine, said, at=[one.source for one in machine.secrets])


def _secrets(
    scene: Scene, record: Record, variables: Mapping[str, EnvironmentValue], at: Source, place: str = ""
) -> Answer:
    secret = sorted(key for key, value in variables.items() if value.secret)
    if not secret:
        return passed(record, "no variable holds a secret", at=at, place=place)
    reasons = some(dict.fromkeys(variables[key].reason.split("; ")[0] for key in secret))
    said = f"{some(secret)} {'hold' if len(secret) > 1 else 'holds'} a secret in plain ({reasons})"
    worst, why = _opens_more(scene, record)
    return failed(record, said, at=[at.at(key) for key in secret], place=place, severity=worst, weighed=why)


def _opens_more(scene: Scene, record: Record) -> tuple[Severity | None, str]:
    """Return *critical* where a secret opens restricted data, or where anyone runs the function."""
    access = scene.reach.access(record.id)
    if access.cost <= 0 and access.kind == EntryKind.ANONYMOUS:
        return Severity.CRITICAL, "anyone can set it off"
    for held, _ in scene.out_of(record.id, EdgeKind.HOLDS):
        for store, _ in scene.out_of(held, EdgeKind.OPENS):
            if scene.nodes[store].sensitivity is Sensitivity.RESTRICTED:
                return Severity.CRITICAL, f"it opens {scene.label(store)}, which is restricted"
    return None, ""


# ------------------------------------------------------------------- disclosure


def verbose_errors(scene: Scene) -> Iterator[Answer]:
    """Judge whether whole requests and answers go to logs."""
    for api in scene.apis:
        if isinstance(api.stages, UnsetType):
            yield unknown(api, "the stages (GetStages)", at=api.source)
            continue
        for stage in api.stages:
            yield _traced(api, stage)


def _traced(api: Api, stage: RestStage | ApiStage) -> Answer:
    """Judge a stage; a trace is a part of its execution log, and there is none where that is off."""
    settings: list[MethodSettings | RouteSettings]
    if isinstance(stage, RestStage):
        settings, at = [*stage.method_settings.values()], stage.source.at("methodSettings")
    else:
        default = [] if stage.default_route_settings is None else [stage.default_route_settings]
        settings, at = [*default, *stage.route_settings.values()], stage.source.at("DefaultRouteSettings")
    place = f"stage {stage.stage_name}"
    if isinstance(api, HttpApi):
        return passed(api, "HTTP APIs have no log that holds whole requests", at=at, place=place)
    levels = {one.logging_level for one in settings if one.data_trace_enabled}
    if levels - {None, "OFF"}:
        return failed(api, "whole requests and answers go to its logs (data trace)", at=at, place=place)
    if None in levels:
        return unknown(api, "loggingLevel: whether what is traced is logged", at=at, place=place)
    return passed(api, "its logs hold no whole requests", at=at, place=place)


_HTTP = frozenset(
    {Kind.ROUTE, Kind.FUNCTION_URL, Kind.GRAPHQL_API, Kind.LISTENER, Kind.TARGET_GROUP, Kind.DISTRIBUTION}
)


def dast_coverage(scene: Scene) -> Iterator[Answer]:
    """Tell which functions a scanner of web applications cannot reach."""
    for function in scene.functions:
        kinds = {
            scene.nodes[origin].kind: edge.sources
            for origin, edge in scene.into(function.id, EdgeKind.DELIVERS, permitted=False)
            if edge.view is View.DATA
        }
        at = [source for sources in kinds.values() for source in sources]
        if not kinds:
            yield not_found(function, "nothing triggers it", at=function.source)
        elif _HTTP & set(kinds):
            yield passed(function, "it answers over HTTP", at=at)
        else:
            words = sorted("direct calls from outside" if kind is Kind.INTERNET else str(kind) for kind in kinds)
            yield warned(function, f"only events reach it: {some(words)}", at=at)


RULES: dict[str, Rule] = {
    "appvuln.input-validation": input_validation,
    "appvuln.empty-model": empty_model,
    "appvuln.nonhttp-validation": nonhttp_validation,
    "appvuln.waf-managed-rules": waf_managed_rules,
    "appvuln.secrets-env": secrets_env,
    "appvuln.verbose-errors": verbose_errors,
    "appvuln.cors": cors,
    "appvuln.dast-coverage": dast_coverage,
}
