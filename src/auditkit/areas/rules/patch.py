"""Unpatched servers: who patches what a function runs on, and is it done."""

from collections.abc import Iterator

from auditkit.areas.answers import Answer, Rule, failed, not_applicable, passed, unknown, warned
from auditkit.areas.model import Severity
from auditkit.areas.owners import owner_of
from auditkit.areas.scene import Scene
from auditkit.areas.versions import InUse, Way, in_use, is_image, live_versions, within
from auditkit.areas.weighing import is_grave
from auditkit.facts import get_runtime
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Kind, Record, UnsetType
from auditkit.inventory.arn import arn_of
from auditkit.inventory.moments import iso_moment
from auditkit.inventory.records.brokers import Broker
from auditkit.inventory.records.caches import CacheCluster, MemoryDBCluster, ReplicationGroup
from auditkit.inventory.records.databases import DBCluster, DBInstance
from auditkit.inventory.records.functions import Function, FunctionConfiguration, FunctionVersion, LayerVersion
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.records.registries import Image
from auditkit.inventory.records.warehouses import RedshiftCluster

__all__ = ["RULES"]

_SOON, _STALE_PATCH, _STALE_IMAGE, _STALE_LAYER = 180, 90, 90, 180
"""Days: notice before a deprecation, age of a deployment, of an image, of a layer version."""

_Upgraded = DBInstance | DBCluster | ReplicationGroup | CacheCluster | MemoryDBCluster | Broker
_UPGRADED: tuple[type[_Upgraded], ...] = (
    DBInstance,
    DBCluster,
    ReplicationGroup,
    CacheCluster,
    MemoryDBCluster,
    Broker,
)


_SERVERS = {
    Kind.INSTANCE: "a server that the customer patches",
    Kind.CONTAINER_SERVICE: "containers: the customer patches their images, and their servers unless it is Fargate",
}


def _runtime_state(configuration: FunctionConfiguration, scene: Scene) -> tuple[int | None, str]:
    """Return the days since deprecation (negative: until then) of a runtime, and what to say of it."""
    runtime = get_runtime(configuration.runtime or "")
    if runtime is None:
        return None, f"the runtime {configuration.runtime!r} is in no table"
    if not runtime.deprecated:
        return -10_000, f"{runtime.label} has no date of deprecation"
    days = scene.age(runtime.deprecated)
    if days is None:
        return None, "an audit date"
    more = ", and no update can be deployed any more" if _is_blocked(configuration, scene) else ""
    word = "is deprecated since" if days >= 0 else "will be deprecated on"
    return days, f"{runtime.label} {word} {runtime.deprecated}{more}"


def runtime_deprecated(scene: Scene) -> Iterator[Answer]:
    """Judge the runtime of ``$LATEST``."""
    for function in scene.functions:
        at = function.source.at("Runtime")
        if is_image(function):
            yield not_applicable(function, "a container image carries its runtime itself", at=function.source)
            continue
        if function.runtime is None:
            yield unknown(function, "Runtime", at=function.source)
            continue
        days, said = _runtime_state(function, scene)
        if days is None:
            yield unknown(function, said, at=at)
        elif days >= 0:
            stuck = _is_blocked(function, scene) and is_grave(scene, function.id)
            worst = Severity.CRITICAL if stuck else None
            why = "the outside reaches it and it reaches confidential data, and no fix can be deployed"
            yield failed(function, said, at=at, severity=worst, weighed=why)
        elif days >= -_SOON:
            yield warned(function, said, at=at)
        else:
            yield passed(function, said, at=at)


def _is_blocked(configuration: FunctionConfiguration, scene: Scene) -> bool:
    """Return whether no update of functions on a runtime can be deployed any more."""
    runtime = get_runtime(configuration.runtime or "")
    days = scene.age(runtime.blocked) if runtime is not None and runtime.blocked else None
    return days is not None and days >= 0


def runtime_live_version(scene: Scene) -> Iterator[Answer]:
    """Judge the published versions that something leads to."""
    for function in scene.functions:
        live = live_versions(function, scene)
        for version, ways in live:
            if not is_image(version) and version.runtime is not None:
                yield _live_version(scene, function, version, ways)
        if not scene.seen("lambda.ListVersionsByFunction", function, resource=function.name):
            yield unknown(function, "lambda:ListVersionsByFunction")
        elif not scene.seen("lambda.ListAliases", function, resource=function.name):
            yield unknown(function, "lambda:ListAliases")


def _live_version(scene: Scene, function: Function, version: FunctionVersion, ways: tuple[Way, ...]) -> Answer:
    days, said = _runtime_state(version, scene)
    place, at = f"version {version.version}", (version.source.at("Runtime"), *(source for _, source in ways))
    if days is None:
        return unknown(function, said, at=at, place=place)
    said = f"{said}; {', '.join(dict.fromkeys(way for way, _ in ways))} leads to it"
    answer = failed if days >= 0 else warned if days >= -_SOON else passed
    return answer(function, said, at=at, place=place)


def runtime_pinned(scene: Scene) -> Iterator[Answer]:
    """Judge how patches of the runtime arrive."""
    for function in scene.functions:
        if is_image(function):
            yield not_applicable(function, "a container image is patched by rebuilding it")
            continue
        mode = function.update_runtime_on
        if isinstance(mode, UnsetType) or mode is None:
            yield unknown(function, "lambda:GetRuntimeManagementConfig")
        elif mode == "Manual":
            yield failed(function, "the runtime version is pinned: patches do not arrive", at=function.sources)
        elif mode == "Auto":
            yield passed(function, "patches of the runtime arrive by themselves", at=function.sources)
        else:
            yield _patched_on_deployment(function, scene)


def _patched_on_deployment(function: Function, scene: Scene) -> Answer:
    days = scene.age(function.last_modified)
    if days is None:
        return unknown(function, "the audit date and LastModified")
    said = f"patches arrive with a deployment only, and the last is {days} days old"
    if days > _STALE_PATCH:
        return warned(function, said, at=function.sources)
    return passed(function, said, at=function.sources)


def image_base(scene: Scene) -> Iterator[Answer]:
    """Judge the image that a function runs."""
    images = {image.id: image for image in scene.inventory.of(Image)}
    for function, code, place in in_use(scene, "code_sha256"):
        if not is_image(code):
            if not place:
                yield not_applicable(function, "a package in a zip has no base image")
            continue
        uri = function.resolved_image_uri
        if not isinstance(uri, str) or (place and not code.code_sha256):
            yield unknown(function, "lambda:GetFunction (ResolvedImageUri)", at=code.source, place=place)
            continue
        if place:  # the digest of the code of an image is that of the image
            uri = f"{uri.partition('@')[0]}@sha256:{code.code_sha256}"
        image = images.get(_image_id(uri))
        at = function.sources if code is function else code.source
        if image is None:
            yield unknown(function, f"ecr:DescribeImages of {uri}", at=at, place=place)
        else:
            yield _image(InUse(function, code, place), image, scene)


def _image_id(uri: str) -> str:
    """Return the id of the image record of ``<account>.dkr.ecr.<region>.amazonaws.com/<repository>@<digest>``."""
    host, _, rest = uri.partition("/")
    repository, _, digest = rest.partition("@")
    parts = [*host.split("."), "", "", ""]
    account, region = parts[0], parts[3]
    return f"{arn_of('ecr', f'repository/{repository}', account=account, region=region)}@{digest}"


def _image(used: InUse, image: Image, scene: Scene) -> Answer:
    function, code, place = used
    days = scene.age(iso_moment(image.image_pushed_at))
    summary = image.image_scan_findings_summary
    counts = (summary.finding_severity_counts or {}) if summary is not None else {}
    grave = {word.lower(): counts[word] for word in ("CRITICAL", "HIGH") if counts.get(word)}
    at = (code.source, image.source)
    if grave:
        found = " and ".join(f"{count} {word}" for word, count in grave.items())
        return failed(function, f"the scan of its image has {found} findings", at=at, place=place)
    if days is not None and days > _STALE_IMAGE:
        said = f"its image was pushed {days} days ago, so its base has not been rebuilt since"
        return failed(function, said, at=at, place=place)
    if summary is None:
        lacks = "a scan of the image (ecr:DescribeImages, imageScanFindingsSummary)"
        return unknown(function, lacks, at=at, place=place)
    if days is None:
        return unknown(function, "the audit date and imagePushedAt", at=at, place=place)
    said = f"its image is {days} days old, and its scan has no critical or high findings"
    return passed(function, said, at=at, place=place)


def os_only_runtime_owner(scene: Scene) -> Iterator[Answer]:
    """Judge whether somebody is named where the customer patches."""
    for function, code, place in in_use(scene, "runtime", "package_type"):
        runtime, at = get_runtime(code.runtime or ""), code.source
        if not is_image(code) and runtime is not None and runtime.managed:
            yield not_applicable(function, f"AWS patches {runtime.label}", at=at.at("Runtime"), place=place)
            continue
        if not is_image(code) and runtime is None:
            yield unknown(function, f"the runtime {code.runtime!r}, which is in no table", at=at, place=place)
            continue
        what = "the image" if is_image(code) else "the language on an OS-only runtime"
        if isinstance(function.tags, UnsetType):
            yield unknown(function, "tags (lambda:GetFunction)", at=at, place=place)
        elif owner := owner_of(function.tags):
            said = f"{what} is the customer's to patch, and the tag {owner} names who does"
            yield passed(function, said, at=at, place=place)
        else:
            said = f"{what} is the customer's to patch, and no tag names who does"
            yield failed(function, said, at=at, place=place)


def layer_age(scene: Scene) -> Iterator[Answer]:
    """Judge each attached layer against the layer's newest version."""
    versions = {version.id: version for version in scene.inventory.of(LayerVersion)}
    newest: dict[str, int] = {}
    for arn in versions:
        layer, _, number = arn.rpartition(":")
        newest[layer] = max(newest.get(layer, 0), int(number) if number.isdigit() else 0)
    for function, code, used in in_use(scene, "layers"):
        for index, attached in enumerate(code.layers):
            layer, _, number = attached.arn.rpartition(":")
            at, place = code.source.at("Layers", index), within(used, f"layer {layer.rpartition(':')[2]}")
            version = versions.get(attached.arn)
            if layer not in newest:
                yield unknown(function, f"lambda:ListLayerVersions of {layer}", at=at, place=place)
                continue
            behind = newest[layer] - (int(number) if number.isdigit() else 0)
            days = scene.age(iso_moment(version.created_date)) if version is not None else None
            said = f"version {number} of the layer is attached, and version {newest[layer]} is the newest"
            if behind <= 0 and not _listed(scene, function, layer):
                yield unknown(function, f"lambda:ListLayerVersions of {layer}", at=at, place=place)
            elif behind <= 0:
                yield passed(function, f"version {number} of the layer is its newest", at=at, place=place)
            elif days is None:
                yield unknown(function, "the audit date and the date of the layer version", at=at, place=place)
            elif days > _STALE_LAYER:
                yield warned(function, f"{said}; the attached one is {days} days old", at=at, place=place)
            else:
                yield passed(function, f"{said}; the attached one is {days} days old", at=at, place=place)


def _listed(scene: Scene, function: Function, layer: str) -> bool:
    """Return whether all versions of a layer were seen; it may be asked for by its name or by its ARN."""
    names = (layer.rpartition(":")[2], layer)
    return any(scene.seen("lambda.ListLayerVersions", function, resource=name) for name in names)


def residual_servers(scene: Scene) -> Iterator[Answer]:
    """List what a customer still has to patch."""
    for kind in _UPGRADED:
        for server in scene.inventory.of(kind):
            yield _upgrades(server, server.auto_minor_version_upgrade, "AutoMinorVersionUpgrade", "minor")
    for warehouse in scene.inventory.of(RedshiftCluster):
        yield _upgrades(warehouse, warehouse.allow_version_upgrade, "AllowVersionUpgrade", "major")
    for function in scene.functions:
        if function.capacity_provider_config is not None:
            at = function.source.at("CapacityProviderConfig")
            yield warned(function, "it runs on managed EC2 instances, which live for long", at=at)
    for mapping in scene.inventory.of(EventSourceMapping):
        if mapping.self_managed_event_source is not None:
            at = mapping.source.at("SelfManagedEventSource")
            yield warned(mapping, "its source is a Kafka cluster that the customer runs", at=at)
    for node_id, node in scene.nodes.items():
        if node.kind in _SERVERS and _has_neighbours(scene, node_id):
            yield warned(node_id, f"data or trust leads to {_SERVERS[node.kind]}", at=node.sources)


def _upgrades(record: Record, flag: bool | UnsetType | None, setting: str, what: str) -> Answer:  # noqa: FBT001 -- a setting's value
    at = record.source.at(setting)
    if flag is True:
        return passed(record, f"{what} versions are upgraded by themselves", at=at)
    if flag is False:
        return warned(record, f"{what} versions are not upgraded by themselves", at=at)
    return unknown(record, setting)


def _has_neighbours(scene: Scene, node_id: str) -> bool:
    kinds = set(EdgeKind) - {EdgeKind.CONTAINS}
    return any(True for _ in scene.into(node_id, *kinds)) or any(True for _ in scene.out_of(node_id, *kinds))


RULES: dict[str, Rule] = {
    "patch.runtime-deprecated": runtime_deprecated,
    "patch.runtime-live-version": runtime_live_version,
    "patch.runtime-pinned": runtime_pinned,
    "patch.image-base": image_base,
    "patch.os-only-runtime-owner": os_only_runtime_owner,
    "patch.layer-age": layer_age,
    "patch.residual-servers": residual_servers,
}
