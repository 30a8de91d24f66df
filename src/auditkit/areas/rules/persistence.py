"""Long-lived compromise: what outlives an invocation, and who changes what runs next."""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np

from auditkit.areas._grants import Alike
from auditkit.areas.answers import Answer, Rule, failed, found_none, not_applicable, passed, some, unknown, warned
from auditkit.areas.rules._credentials import cred_lifetime
from auditkit.areas.rules._mounting import efs_persistence
from auditkit.areas.rules._supply import Replacement, replacements
from auditkit.areas.scene import Scene, is_given, not_decided
from auditkit.areas.versions import InUse, in_use, is_image, led_to
from auditkit.facts import get_known_account
from auditkit.graph.schema import INTERNET, Edge, EdgeKind
from auditkit.inventory import UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import (
    CodeSigningConfig,
    EnvironmentValue,
    Function,
    ProvisionedConcurrency,
)
from auditkit.inventory.records.guards import Detector

__all__ = ["RULES", "is_foreign_layer"]

_NEAR = 2.0
_USUAL_TMP = 512
"""MB of /tmp that a function has unless more is asked for."""


def managed_instances(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function runs on instances that live on."""
    for function, code, place in in_use(scene, "capacity_provider_config"):
        at = code.source.at("CapacityProviderConfig")
        if code.capacity_provider_config is None:
            yield passed(function, "it runs in short-lived execution environments", at=at, place=place)
        else:
            said = "it runs on managed EC2 instances, which live on between invocations and share environments"
            yield warned(function, said, at=at, place=place)


_TENANTS = frozenset({"multi-tenant", "multitenant", "tenancy", "tenants"})


def warm_state(scene: Scene) -> Iterator[Answer]:
    """Judge whether state can survive between callers that do not know each other."""
    for used in in_use(scene, "tenancy_config", "snap_start", "ephemeral_storage"):
        yield _warm(scene, used)


def _warm(scene: Scene, used: InUse) -> Answer:
    function, code, place = used
    at = code.source
    mode = code.tenancy_config.tenant_isolation_mode if code.tenancy_config is not None else None
    if _serves_tenants(function) and mode != "PER_TENANT":
        said = "it serves several tenants in the same execution environments (TenantIsolationMode)"
        return failed(function, said, at=at.at("TenancyConfig"), place=place)
    kept = [*_kept(scene, used)]
    outside = scene.reach.access(function.id).cost <= _NEAR
    if isinstance(function.tags, UnsetType) and mode != "PER_TENANT" and not (outside and kept):
        return unknown(function, "the tags (lambda:GetFunction): whether it serves several tenants", at=at, place=place)
    if not outside:
        return found_none(function, "the outside does not reach it", at=at, place=place)
    if isinstance(function.provisioned_concurrency, UnsetType):
        return unknown(function, "lambda:ListProvisionedConcurrencyConfigs", at=at, place=place)
    if kept:
        return warned(function, f"the outside reaches it, and it has {some(kept)}", at=code.sources, place=place)
    return passed(function, "nothing keeps its environments longer than usual", at=code.sources, place=place)


def _serves_tenants(function: Function) -> bool:
    tags = {} if isinstance(function.tags, UnsetType) else function.tags
    return any(key.lower() in _TENANTS and value.lower() not in {"", "no", "false"} for key, value in tags.items())


def _kept(scene: Scene, used: InUse) -> Iterator[str]:
    function, code, _ = used
    warm = () if isinstance(function.provisioned_concurrency, UnsetType) else function.provisioned_concurrency
    if any(one.requested_provisioned_concurrent_executions and _is_of(scene, one, used) for one in warm):
        yield "environments that are kept warm"
    if code.snap_start is not None and code.snap_start.apply_on == "PublishedVersions":
        yield "a snapshot that all environments start from"
    if code.ephemeral_storage is not None and code.ephemeral_storage.size > _USUAL_TMP:
        yield f"{code.ephemeral_storage.size} MB of /tmp"


def _is_of(scene: Scene, warm: ProvisionedConcurrency, used: InUse) -> bool:
    """Return whether environments are kept warm for a version, or may be; those of any version count for all of it."""
    kept = led_to(used.function, warm.function_arn.removeprefix(used.function.id).lstrip(":"), scene)
    return not used.place or not kept or used.code in kept


# ------------------------------------------------------------------------- code


def code_tamper(scene: Scene) -> Iterator[Answer]:
    """Judge whether a function may replace code that runs next: its own, which is how a moment becomes a stay, too."""
    supplied = _by_role(replacements(scene))
    for function, code, place in in_use(scene, "role"):
        role, at = code.role or "", code.source.at("Role")
        if not scene.permissions.knows(role):
            yield unknown(function, "iam:GetAccountAuthorizationDetails", at=at, place=place)
            continue
        ways = scene.acting_alike(function.id, role, EdgeKind.CHANGES_CODE)
        found = [one for one in ways if is_given(one.edge)]
        given = [one for one in supplied.get(role, ()) if not one.missing]
        said = _tampering(scene, function, found, given)
        lacks = (name for one in supplied.get(role, ()) for name in one.missing)
        vague = (f"{part.source}: {part.reason}" for part in scene.not_understood.get(role, ()))
        open_ = dict.fromkeys([*not_decided(one.edge for one in ways), *lacks, *vague])
        if said:
            sources = [source for one in found for source in one.edge.sources]
            sources += [source for one in given for source in one.sources]
            yield failed(function, said, at=sources, place=place)
        elif open_:
            yield unknown(function, open_, at=at, place=place)
        else:
            yield passed(function, "its role may replace no code that functions run", at=at, place=place)
    for function in scene.functions:
        yield from _from_outside(scene, function)


def _from_outside(scene: Scene, function: Function) -> Iterator[Answer]:
    """Yield who outside may replace a function's code."""
    ways: dict[str, list[Edge]] = {}
    for origin, edge in scene.from_outside(function.id, EdgeKind.CHANGES_CODE):
        if origin == INTERNET or (scene.nodes[origin].boundary.kind == "partner" and not scene.trusted(origin)):
            ways.setdefault(origin, []).append(edge)
    for origin, edges in ways.items():
        label = str(scene.nodes[origin].label or origin)
        given = [edge for edge in edges if is_given(edge)]
        at = [source for edge in given or edges for source in edge.sources]
        who = "anyone with an AWS account" if origin == INTERNET else f"another account, {label},"
        if given:
            yield failed(function, f"{who} may replace its code", at=at, place=label)
        else:
            yield unknown(function, not_decided(edges), at=at, place=label)


def _by_role(found: Iterable[Replacement]) -> dict[str, list[Replacement]]:
    by_role: dict[str, list[Replacement]] = {}
    for one in found:
        by_role.setdefault(one.role, []).append(one)
    return by_role


def _tampering(scene: Scene, function: Function, found: list[Alike], given: list[Replacement]) -> str:
    """Return what a function's role may replace, in words; ``""`` for nothing."""
    itself, parts = scene.neighbours.place(function.id), []
    if any(one.has(itself) for one in found):
        parts.append("its own code")
    others = [places for one in found if len(places := one.places[one.places != itself])]
    if others:
        parts.append(f"the code of {scene.neighbours.labels.some_sorted(np.concatenate(others))}")
    said = f"its role may replace {' and '.join(parts)}" if parts else ""
    if given:
        own = "its own package" if any(one.function.id == function.id for one in given) else ""
        names = some(sorted({one.function.name for one in given if one.function.id != function.id}))
        packages = " and ".join(filter(None, [own, f"the package of {names}" if names else ""]))
        said = f"{said or 'its role may replace'}{', and' if said else ''} {packages} where it is deployed from"
    return said


def code_signing(scene: Scene) -> Iterator[Answer]:
    """Judge whether unsigned code is refused."""
    configs = {config.code_signing_config_arn: config for config in scene.inventory.of(CodeSigningConfig)}
    for function in scene.functions:
        arn, at = function.code_signing_config_arn, function.sources
        if is_image(function):
            yield not_applicable(function, "images are signed in their registry", at=function.source)
        elif isinstance(arn, UnsetType):
            yield unknown(function, "lambda:GetFunctionCodeSigningConfig", at=function.source)
        elif not arn:
            yield warned(function, "unsigned code is accepted", at=at)
        elif arn not in configs:
            yield unknown(function, f"lambda:ListCodeSigningConfigs ({arn})", at=at)
        else:
            yield _signed(function, configs[arn])


def _signed(function: Function, config: CodeSigningConfig) -> Answer:
    policies = config.code_signing_policies
    at = (*function.sources[:1], config.source.at("CodeSigningPolicies"))
    if policies is not None and policies.untrusted_artifact_on_deployment == "Enforce":
        return passed(function, "unsigned code is refused", at=at)
    if policies is not None and policies.untrusted_artifact_on_deployment not in {"Warn", None}:
        return unknown(function, "UntrustedArtifactOnDeployment", at=at)
    return warned(function, "unsigned code is accepted with a warning", at=at)


_INJECTS = frozenset(
    {"AWS_LAMBDA_EXEC_WRAPPER", "NODE_OPTIONS", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD", "LD_LIBRARY_PATH"}
    | {"JAVA_TOOL_OPTIONS", "RUBYOPT", "DOTNET_STARTUP_HOOKS", "BASH_ENV", "AWS_LAMBDA_RUNTIME_API"}
)


def exec_wrapper(scene: Scene) -> Iterator[Answer]:
    """Judge whether a variable brings code in before the function's own."""
    for function, code, place in in_use(scene, "environment", "layers"):
        if isinstance(code.environment, UnsetType):
            yield unknown(function, "Environment", at=code.source, place=place)
            continue
        keys = sorted(
            key for key, value in (code.environment or {}).items() if key in _INJECTS and _injects(key, value)
        )
        layers = [(layer.arn, is_foreign_layer(scene, layer.arn)) for layer in code.layers]
        foreign = [arn for arn, is_foreign in layers if is_foreign]
        untold = [arn for arn, is_foreign in layers if is_foreign is None]
        at = [code.source.at("Environment", "Variables", key) for key in keys]
        if keys and foreign:
            said = f"{some(keys)} runs code before its own, and a layer comes from another account: {some(foreign)}"
            yield failed(function, said, at=[*at, code.source.at("Layers")], place=place)
        elif keys:
            yield warned(function, f"{some(keys)} runs code before its own", at=at, place=place)
        elif foreign:
            said = f"a layer of another account may bring an extension that runs beside its own code: {some(foreign)}"
            yield warned(function, said, at=code.source.at("Layers"), place=place)
        elif untold:
            yield unknown(function, f"whose {some(untold)} is", at=code.source.at("Layers"), place=place)
        else:
            at = [code.source.at("Environment")]
            yield passed(function, "no variable runs code before its own", at=at, place=place)


_SETTINGS = {
    "JAVA_TOOL_OPTIONS": (
        "-XX:+TieredCompilation -XX:TieredStopAtLevel=1",
        "-XX:TieredStopAtLevel=1",
        "-XX:TieredStopAtLevel=1 -XX:+TieredCompilation",
    ),
    "NODE_OPTIONS": (
        "--enable-source-maps",
        "--enable-source-maps --no-warnings",
        "--enable-source-maps=true",
        "--no-deprecation",
        "--no-warnings",
        "--no-warnings --enable-source-maps",
        "--trace-warnings",
    ),
}
"""Usual values that set the runtime up and bring no code in, known by their digests: values are not kept.

AWS SAM developer guide, building Node.js functions with esbuild (source maps); AWS Lambda developer guide, customizing
Java runtime startup behavior (tiered compilation).
"""
_DIGITS = 16
_HARMLESS = {
    (key, hashlib.sha256(value.encode()).hexdigest()[:_DIGITS]) for key, values in _SETTINGS.items() for value in values
}


def _injects(key: str, value: EnvironmentValue) -> bool:
    """Return whether a variable brings code in before the function's own, or may by its value."""
    return key in _INJECTS and value.length > 0 and (key, value.sha256) not in _HARMLESS


def is_foreign_layer(scene: Scene, arn: str) -> bool | None:
    """Return whether a layer is of an account that is neither ours, nor trusted, nor a publisher that is known.

    ``None`` where its ARN does not tell the account: that of a parameter of a template without a value.
    """
    parts = parse_arn(arn)
    if parts is None:
        return None
    account = parts.account
    return not (account in scene.own_accounts or account in scene.case.accounts or get_known_account(account))


# -------------------------------------------------------------------- detection


def runtime_detection(scene: Scene) -> Iterator[Answer]:
    """Judge, region by region, whether GuardDuty watches what functions connect to."""
    detectors = {(one.account, one.region): one for one in scene.inventory.of(Detector)}
    for account, region in sorted({(function.account, function.region) for function in scene.functions}):
        what, one = f"{account}:{region}", detectors.get((account, region))
        if one is not None:
            feature = next((item for item in one.features if item.name == "LAMBDA_NETWORK_LOGS"), None)
            at = one.source.at("Features")
            if one.status == "ENABLED" and feature is None:
                yield unknown(what, "whether the detector's Lambda protection is on (guardduty:GetDetector)", at=at)
            elif one.status == "ENABLED" and feature is not None and feature.status == "ENABLED":
                yield passed(what, "GuardDuty watches what functions connect to", at=at)
            else:
                yield failed(what, "GuardDuty is there, and its Lambda protection is off", at=at)
            continue
        calls = scene.inventory.coverage.find("guardduty", "ListDetectors", account=account, region=region)
        if calls and all(call.state == "empty" for call in calls):
            asked = [call.source for call in calls if call.source is not None]
            yield failed(what, "GuardDuty is not switched on", at=asked)
        else:
            yield unknown(what, "guardduty:ListDetectors, guardduty:GetDetector")


RULES: dict[str, Rule] = {
    "long.managed-instances": managed_instances,
    "long.warm-state": warm_state,
    "long.efs-persistence": efs_persistence,
    "long.code-tamper": code_tamper,
    "long.code-signing": code_signing,
    "long.cred-lifetime": cred_lifetime,
    "long.runtime-detection": runtime_detection,
    "long.exec-wrapper": exec_wrapper,
}
