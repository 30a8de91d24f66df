"""Responses of AWS Lambda."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._environment import environment
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn, partition_of
from auditkit.inventory.record import UNSET, Record, UnsetType
from auditkit.inventory.records.functions import (
    CodeSigningConfig,
    EventInvokeConfig,
    Function,
    FunctionAlias,
    FunctionConfiguration,
    FunctionSettings,
    FunctionUrl,
    FunctionVersion,
    LayerVersion,
    ProvisionedConcurrency,
)
from auditkit.inventory.records.mappings import EventSourceMapping
from auditkit.inventory.sourced import with_source

__all__ = ["HANDLERS"]

T = TypeVar("T")


class _Code(msgspec.Struct, rename="pascal"):
    """Of ``Code`` only the image, and the object that a template names.

    ``Location`` is an address that opens the code package for whoever holds it.
    """

    image_uri: str | None = None
    resolved_image_uri: str | None = None
    s3_bucket: str | None = msgspec.field(default=None, name="S3Bucket")
    s3_key: str | None = msgspec.field(default=None, name="S3Key")
    s3_object_version: str | None = msgspec.field(default=None, name="S3ObjectVersion")

    def object_in(self, partition: str) -> str | None:
        """Return the ARN of the object that the code is deployed from, unless a version of it is pinned."""
        if not self.s3_bucket or not self.s3_key or self.s3_object_version:
            return None
        return f"arn:{partition}:s3:::{self.s3_bucket}/{self.s3_key}"


class _Concurrency(msgspec.Struct, rename="pascal"):
    reserved_concurrent_executions: int | None = None


class _RuntimeManagement(msgspec.Struct, rename="pascal"):
    update_runtime_on: str | None = None
    runtime_version_arn: str | None = None


class _Recursion(msgspec.Struct, rename="pascal"):
    recursive_loop: str | None = None


class _CodeSigning(msgspec.Struct, rename="pascal"):
    code_signing_config_arn: str | None = None


def _list_functions(response: Response, reading: Reading) -> None:
    for function, item, source in reading.each(response, Function, "Functions"):
        _complete(function, item, source, reading)
        function.id, function.name = function.function_arn, function.function_name
        if function.version in {None, "", "$LATEST"}:
            function.id = function.function_arn.removesuffix(":$LATEST")
            reading.add(function)
        else:  # the listing was made with FunctionVersion=ALL
            _add_version(response, item, source, reading)


def _get_function(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "Configuration")
    if item is None:
        return
    function = reading.convert(response, Function, item, "Configuration")
    if function is None:
        return
    _complete(function, item, response.at("Configuration"), reading)
    function.id, function.name = function.function_arn.removesuffix(":$LATEST"), function.function_name
    payload = response.payload
    if "TagsError" not in payload:
        function.tags = tags_of(payload.get("Tags"), response.at("Tags"), reading)
    code = reading.decode(_Code, payload.get("Code") or {}, response.at("Code"))
    if code is not None:
        function.image_uri, function.resolved_image_uri = code.image_uri, code.resolved_image_uri
        function.code_object = code.object_in(partition_of(function.region))
    concurrency = reading.decode(_Concurrency, payload.get("Concurrency") or {}, response.at("Concurrency"))
    if concurrency is not None and concurrency.reserved_concurrent_executions is not None:
        # left out where there is none, and where whoever asked may not see it: only the call of its own tells
        function.reserved_concurrency = concurrency.reserved_concurrent_executions
    reading.add(function)


def _complete(record: FunctionConfiguration, item: Mapping[str, object], source: Source, reading: Reading) -> None:
    record.environment = environment(item.get("Environment"), source.at("Environment"), reading)


def _list_versions(response: Response, reading: Reading) -> None:
    for _, item, source in reading.items(response, "Versions"):
        if item.get("Version") != "$LATEST":
            _add_version(response, item, source, reading)


def _add_version(response: Response, item: Mapping[str, object], source: Source, reading: Reading) -> None:
    version = reading.decode(FunctionVersion, item, source)
    if version is None:
        return
    _complete(version, item, source, reading)
    version.account, version.region, version.sources = response.account, response.region, (source,)
    version.id = version.function_arn
    version.name = f"{version.function_name}:{version.version}"
    reading.add(version)


def _list_aliases(response: Response, reading: Reading) -> None:
    for alias, item, _ in reading.each(response, FunctionAlias, "Aliases"):
        alias.id, alias.name = alias.alias_arn, str(item.get("Name") or alias.alias_arn.rpartition(":")[2])
        reading.add(alias)


def _place_of(response: Response, key: str) -> Source:
    """Return where a field stands, or the response where it has none: then that says so."""
    return response.at(key) if key in response.payload else response.source


def _get_policy(response: Response, reading: Reading) -> None:
    source = _place_of(response, "Policy")
    policy = policy_text(response.payload.get("Policy"), source, reading)
    cls, key = _subject(response)
    reading.enrich(cls, key, source, account=response.account, region=response.region, policy=policy)


def _subject(response: Response) -> tuple[type[Record], str]:
    """Return the class and the key of what a call per function was made for: function, version or alias.

    The argument may be a name, a name with a qualifier, a partial or a whole ARN; the qualifier may be an argument too.
    """
    name, qualifier = response.argument(0), response.argument(1)
    if ":function:" in name:
        name = name.partition(":function:")[2]
    name, _, inline = name.partition(":")
    qualifier = qualifier or inline
    if qualifier in {"", "$LATEST"}:
        return Function, name
    arn = parse_arn(response.argument(0))
    place = (arn.account, arn.region) if arn else (response.account, response.region)
    unqualified = msgspec.structs.replace(response, account=place[0], region=place[1]).arn("lambda", f"function:{name}")
    return (FunctionVersion if qualifier.isdigit() else FunctionAlias), f"{unqualified}:{qualifier}"


def _enrich(response: Response, reading: Reading, source: Source, **fields: object) -> None:
    _, name = _subject(response)
    reading.enrich(Function, name, source, account=response.account, region=response.region, **fields)


def _get_function_concurrency(response: Response, reading: Reading) -> None:
    found = reading.decode(_Concurrency, response.payload, response.source)
    if found is not None:
        source = _place_of(response, "ReservedConcurrentExecutions")
        _enrich(response, reading, source, reserved_concurrency=found.reserved_concurrent_executions)


def _get_runtime_management_config(response: Response, reading: Reading) -> None:
    found = reading.decode(_RuntimeManagement, response.payload, response.source)
    if found is not None:
        _enrich(
            response,
            reading,
            response.source,
            update_runtime_on=found.update_runtime_on,
            managed_runtime_version_arn=found.runtime_version_arn,
        )


def _get_function_recursion_config(response: Response, reading: Reading) -> None:
    found = reading.decode(_Recursion, response.payload, response.source)
    if found is not None:
        _enrich(response, reading, response.source, recursive_loop=found.recursive_loop)


def _get_function_code_signing_config(response: Response, reading: Reading) -> None:
    found = reading.decode(_CodeSigning, response.payload, response.source)
    if found is not None:
        _enrich(response, reading, response.source, code_signing_config_arn=found.code_signing_config_arn or None)


def _list_function_event_invoke_configs(response: Response, reading: Reading) -> None:
    configs = _decoded(response, reading, EventInvokeConfig, "FunctionEventInvokeConfigs")
    _enrich(response, reading, _place_of(response, "FunctionEventInvokeConfigs"), event_invoke_configs=configs)


def _list_provisioned_concurrency_configs(response: Response, reading: Reading) -> None:
    configs = _decoded(response, reading, ProvisionedConcurrency, "ProvisionedConcurrencyConfigs")
    _enrich(response, reading, _place_of(response, "ProvisionedConcurrencyConfigs"), provisioned_concurrency=configs)


def _decoded(response: Response, reading: Reading, cls: type[T], key: str) -> tuple[T, ...] | UnsetType:
    """Return the items of a list, or :data:`UNSET` where one of them could not be read: half a list is no list."""
    found = [(reading.decode(cls, item, source), source) for _, item, source in reading.items(response, key)]
    parts = tuple(with_source(item, source) for item, source in found if item is not None)
    return parts if len(parts) == len(found) else UNSET


def _list_event_source_mappings(response: Response, reading: Reading) -> None:
    for mapping, item, _ in reading.each(response, EventSourceMapping, "EventSourceMappings"):
        mapping.id = mapping.event_source_mapping_arn or response.arn("lambda", f"event-source-mapping:{mapping.uuid}")
        mapping.name = mapping.uuid
        mapping.filter_unreadable = "FilterCriteriaError" in item
        reading.add(mapping)


def _list_function_url_configs(response: Response, reading: Reading) -> None:
    for url, _, _ in reading.each(response, FunctionUrl, "FunctionUrlConfigs"):
        _place(url, url.function_arn)
        url.id, url.name = f"url:{url.function_arn}", url.function_arn.partition(":function:")[2]
        reading.add(url)


def _place(record: Record, text: str) -> None:
    """Set account and region of a record whose id is no ARN from one that it carries."""
    arn = parse_arn(text)
    if arn is not None:
        record.account, record.region = arn.account or record.account, arn.region or record.region


def _list_layer_versions(response: Response, reading: Reading) -> None:
    for layer, _, _ in reading.each(response, LayerVersion, "LayerVersions"):
        _add_layer(layer, reading)


def _list_layers(response: Response, reading: Reading) -> None:
    for index, item, _ in reading.items(response, "Layers"):
        latest = item.get("LatestMatchingVersion")
        if latest is not None:
            layer = reading.convert(response, LayerVersion, latest, "Layers", index, "LatestMatchingVersion")
            if layer is not None:
                _add_layer(layer, reading)


def _add_layer(layer: LayerVersion, reading: Reading) -> None:
    layer.id = layer.layer_version_arn
    layer.name = layer.layer_version_arn.partition(":layer:")[2].rpartition(":")[0]
    reading.add(layer)


def _get_layer_version_policy(response: Response, reading: Reading) -> None:
    source = _place_of(response, "Policy")
    layer, version = response.argument(0), response.argument(1)
    if ":layer:" not in layer:
        layer = response.arn("lambda", f"layer:{layer}")
    key = layer if layer.rpartition(":")[2] == version else f"{layer}:{version}"
    policy = policy_text(response.payload.get("Policy"), source, reading)
    reading.enrich(LayerVersion, key, source, policy=policy)


def _list_code_signing_configs(response: Response, reading: Reading) -> None:
    for config, item, _ in reading.each(response, CodeSigningConfig, "CodeSigningConfigs"):
        config.id = config.code_signing_config_arn
        config.name = str(item.get("CodeSigningConfigId") or config.id.rpartition(":")[2])
        reading.add(config)


def _get_account_settings(response: Response, reading: Reading) -> None:
    settings = reading.convert(response, FunctionSettings, response.payload)
    if settings is not None and response.payload:
        settings.id = f"settings:lambda:{response.account}:{response.region}"
        settings.name = response.region
        reading.add(settings)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("lambda", "GetAccountSettings"): _get_account_settings,
    ("lambda", "GetFunction"): _get_function,
    ("lambda", "GetFunctionCodeSigningConfig"): _get_function_code_signing_config,
    ("lambda", "GetFunctionConcurrency"): _get_function_concurrency,
    ("lambda", "GetFunctionRecursionConfig"): _get_function_recursion_config,
    ("lambda", "GetLayerVersionPolicy"): _get_layer_version_policy,
    ("lambda", "GetPolicy"): _get_policy,
    ("lambda", "GetRuntimeManagementConfig"): _get_runtime_management_config,
    ("lambda", "ListAliases"): _list_aliases,
    ("lambda", "ListCodeSigningConfigs"): _list_code_signing_configs,
    ("lambda", "ListEventSourceMappings"): _list_event_source_mappings,
    ("lambda", "ListFunctionEventInvokeConfigs"): _list_function_event_invoke_configs,
    ("lambda", "ListFunctionUrlConfigs"): _list_function_url_configs,
    ("lambda", "ListFunctions"): _list_functions,
    ("lambda", "ListLayerVersions"): _list_layer_versions,
    ("lambda", "ListLayers"): _list_layers,
    ("lambda", "ListProvisionedConcurrencyConfigs"): _list_provisioned_concurrency_configs,
    ("lambda", "ListVersionsByFunction"): _list_versions,
}
