"""AWS Lambda."""

import re
from collections import defaultdict
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._planted import written_out
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, several
from auditkit.exports.secrets import environment_value

__all__ = ["tell"]

_FUNCTION = "AWS::Lambda::Function"
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|internal)")


def tell(to: Telling) -> None:
    """Tell functions and what belongs to them."""
    for function in to.of(_FUNCTION):
        _function(to, function)
    for version in to.of("AWS::Lambda::Version"):
        _version(to, version)
    for alias in to.of("AWS::Lambda::Alias"):
        _alias(to, alias)
    for mapping in to.of("AWS::Lambda::EventSourceMapping"):
        _mapping(to, mapping)
    for url in to.of("AWS::Lambda::Url"):
        _url(to, url)
    _permissions(to)
    _invoke_configs(to)
    _provisioned(to)
    _layers(to)
    for config in to.of("AWS::Lambda::CodeSigningConfig"):
        members = {"CodeSigningConfigArn": config.identity.arn, "CodeSigningConfigId": config.identity.name}
        tree = to.tree(config, "lambda.CodeSigningConfig", {"CodeSigningPolicies": "CodeSigningPolicies"}, members)
        to.give(config, "lambda.ListCodeSigningConfigs", {"CodeSigningConfigs": [tree]}, complete=False)


def _configuration(to: Telling, function: Resource) -> Tree:
    members: dict[str, object] = {
        "FunctionName": function.identity.name,
        "FunctionArn": function.identity.arn,
        "Version": "$LATEST",
        "Layers": [Tree(layer.source, {"Arn": layer}) for layer in several(function.node.at("Layers"))],
        "PackageType": function.node.at("PackageType") or ("Image" if function.text("Code", "ImageUri") else "Zip"),
    }
    tree = to.tree(function, "lambda.FunctionConfiguration", {"RuntimeManagementConfig": ""}, members)
    for key, value in (("Architectures", ["x86_64"]), ("MemorySize", 128), ("Timeout", 3)):
        tree.setdefault(key, value)
    tree.setdefault("TracingConfig", {"Mode": "PassThrough"})
    _mark_secrets(tree, function)
    network = tree.get("VpcConfig")
    if isinstance(network, Tree):
        network["VpcId"] = _vpc(to, function)
    return tree


def _mark_secrets(tree: Tree, function: Resource) -> None:
    """Put in the place of variables that hold a secret by what they refer to that they do, as a collector does."""
    steps = ("Environment", "Variables")
    environment, variables = tree.get(steps[0]), function.get(*steps)
    if not isinstance(environment, Tree) or not isinstance(variables, dict):
        return
    kept = {}
    for name, reason in written_out(function, *steps).items():
        value = environment_value(spelled(variables.get(name)), key=name)
        if not value.secret:
            kept[name] = to_builtins(replace(value, sha256="", secret=True, reason=reason))
    if kept:
        environment[steps[1]] = Tree(function.source.at("Properties", *steps), variables | kept)


def _vpc(to: Telling, function: Resource) -> str | None:
    """Return the VPC of a function's subnets, as far as a template has one of them."""
    for subnet in several(function.node.at("VpcConfig", "SubnetIds")):
        found = to.estate.named(subnet.value) if isinstance(subnet.value, str) else None
        if found is not None and found.type == "AWS::EC2::Subnet":
            return found.text("VpcId") or None
    return None


def _function(to: Telling, function: Resource) -> None:
    name, node = function.identity.name, function.node
    tree: dict[str, Any] = {"Configuration": _configuration(to, function), "Tags": _tags(function)}
    image = node.at("Code", "ImageUri")
    if image is not None:
        tree["Code"] = {"ImageUri": image, "ResolvedImageUri": image}
    elif node.at("Code", "S3Bucket") is not None:
        tree["Code"] = {part: node.at("Code", part) for part in ("S3Bucket", "S3Key", "S3ObjectVersion")}
    to.give(function, "lambda.GetFunction", tree, name)
    reserved = {"ReservedConcurrentExecutions": node.at("ReservedConcurrentExecutions")}
    to.give(function, "lambda.GetFunctionConcurrency", reserved, name)
    signing = {"CodeSigningConfigArn": node.at("CodeSigningConfigArn")}
    to.give(function, "lambda.GetFunctionCodeSigningConfig", signing, name)
    management = node.at("RuntimeManagementConfig")
    managed = to.fitted(management, _MANAGEMENT) if management is not None else {"UpdateRuntimeOn": "Auto"}
    to.give(function, "lambda.GetRuntimeManagementConfig", managed, name, assumed=management is None)
    recursion = node.at("RecursiveLoop")
    looped = {"RecursiveLoop": recursion if recursion is not None else "Terminate"}
    to.give(function, "lambda.GetFunctionRecursionConfig", looped, name, assumed=recursion is None)


def _tags(function: Resource) -> dict[str, object]:
    """Return the tags of a function, with one of those that CloudFormation itself sets on what a stack makes."""
    tags: dict[str, object] = {"aws:cloudformation:logical-id": function.logical}
    return tags | {tag.text("Key"): tag.at("Value") for tag in several(function.node.at("Tags")) if tag.text("Key")}


_MANAGEMENT = "lambda.GetRuntimeManagementConfigResponse"


def _version(to: Telling, version: Resource) -> None:
    function = _target(to, version)
    if function is None:
        return
    members = {"FunctionArn": version.identity.arn, "Version": version.identity.name}
    tree = _configuration(to, function)
    tree.update(members)
    to.give(version, "lambda.ListVersionsByFunction", {"Versions": [tree]}, function.identity.name, complete=False)


def _target(to: Telling, resource: Resource, key: str = "FunctionName") -> Resource | None:
    """Return the function of a template that a resource belongs to."""
    named = _unqualified(to.function_arn(resource, resource.text(key)))
    found = to.estate.named(named)
    return found if found is not None and found.type == _FUNCTION else None


def _unqualified(arn: str) -> str:
    parts = arn.split(":")
    return ":".join(parts[:7]) if len(parts) > 7 and parts[5] == "function" else arn  # noqa: PLR2004 -- arn:...:function:name


def _alias(to: Telling, alias: Resource) -> None:
    weights = {
        item.text("FunctionVersion"): item.at("FunctionWeight")
        for item in several(alias.node.at("RoutingConfig", "AdditionalVersionWeights"))
    }
    members: dict[str, object] = {"AliasArn": alias.identity.arn}
    if weights:
        members["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    tree = to.tree(alias, "lambda.AliasConfiguration", {"RoutingConfig": ""}, members)
    name = _unqualified(to.function_arn(alias, alias.text("FunctionName"))).rpartition(":")[2]
    to.give(alias, "lambda.ListAliases", {"Aliases": [tree]}, name, complete=False)


def _mapping(to: Telling, mapping: Resource) -> None:
    enabled = mapping.get("Enabled") not in {False, "false", "False"} if _plain(mapping.get("Enabled")) else True
    members: dict[str, object] = {
        "UUID": mapping.identity.name,
        "EventSourceMappingArn": mapping.identity.arn,
        "FunctionArn": to.function_arn(mapping, mapping.text("FunctionName")),
        "State": "Enabled" if enabled else "Disabled",
    }
    kind = mapping.stack.event_type(mapping.logical) or _event_type(mapping)
    if kind in _SOURCES:
        service, form = _SOURCES[kind]
        members["EventSourceArn"] = to.typed(mapping, service, mapping.node.at("EventSourceArn"), form=form)
    unread = {"StartingPositionTimestamp": "", "LoggingConfig": ""}
    tree = to.tree(mapping, "lambda.EventSourceMappingConfiguration", unread, members)
    to.give(mapping, "lambda.ListEventSourceMappings", {"EventSourceMappings": [tree]}, complete=False)


_SOURCES = {
    "DocumentDB": ("rds", "cluster:{}"),
    "DynamoDB": ("dynamodb", "table/{}/stream/unknown"),
    "Kinesis": ("kinesis", "stream/{}"),
    "MQ": ("mq", "broker:{}:unknown"),
    "MSK": ("kafka", "cluster/{}/unknown"),
    "SQS": ("sqs", "{}"),
}


def _event_type(mapping: Resource) -> str:
    """Return what a mapping reads, by the settings that only that has; ``""`` where it may be either kind of stream."""
    for key, kind in (("Topics", "MSK"), ("Queues", "MQ"), ("DocumentDBEventSourceConfig", "DocumentDB")):
        if mapping.get(key) is not None:
            return kind
    return "SQS" if mapping.get("StartingPosition") is None else ""


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | None)


def _url(to: Telling, url: Resource) -> None:
    arn = to.function_arn(url, url.text("TargetFunctionArn"))
    qualifier = url.text("Qualifier")
    whole = f"{_unqualified(arn)}:{qualifier}" if qualifier else arn
    members = {"FunctionUrl": url.identity.attributes["FunctionUrl"], "FunctionArn": whole}
    tree = to.tree(url, "lambda.FunctionUrlConfig", members=members)
    name = _unqualified(arn).rpartition(":")[2]
    to.give(url, "lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [tree]}, name, complete=False)


# ---------------------------------------------------------------- who may invoke


def _permissions(to: Telling) -> None:
    found: dict[str, list[Resource]] = defaultdict(list)
    for permission in to.of("AWS::Lambda::Permission"):
        if permission.text("FunctionName"):
            found[to.function_arn(permission, permission.text("FunctionName"))].append(permission)
    for arn, permissions in found.items():
        statements = [_statement(permission, arn) for permission in permissions]
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
        to.give(permissions[0], "lambda.GetPolicy", {"Policy": policy}, arn, complete=False)


def _statement(permission: Resource, arn: str) -> Tree:
    node = permission.node
    conditions: dict[str, dict[str, object]] = {}
    for key, operator, name in (
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ):
        value = node.at(key)
        if value is not None:
            conditions.setdefault(operator, {})[name] = value
    members: dict[str, object] = {
        "Sid": permission.logical,
        "Effect": "Allow",
        "Principal": _principal(node),
        "Action": node.at("Action") or "lambda:InvokeFunction",
        "Resource": arn,
    }
    if conditions:
        members["Condition"] = conditions
    return Tree(node.source, members)


def _principal(node: Node) -> object:
    name = node.text("Principal")
    if name == "*":
        return name
    kind = "Service" if _SERVICE.fullmatch(name) else "AWS"
    return {kind: node.at("Principal") or "*"}


# ---------------------------------------------------------------- settings of their own


def _invoke_configs(to: Telling) -> None:
    found: dict[str, list[Tree]] = defaultdict(list)
    first: dict[str, Resource] = {}
    for config in to.of("AWS::Lambda::EventInvokeConfig"):
        arn = to.function_arn(config, config.text("FunctionName"))
        qualifier = config.text("Qualifier") or "$LATEST"
        whole = {"FunctionArn": f"{_unqualified(arn)}:{qualifier}"}
        found[_unqualified(arn)].append(to.tree(config, "lambda.FunctionEventInvokeConfig", members=whole))
        first.setdefault(_unqualified(arn), config)
    for arn, trees in found.items():
        tree = {"FunctionEventInvokeConfigs": trees}
        to.give(first[arn], "lambda.ListFunctionEventInvokeConfigs", tree, _name(arn), complete=False)


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _provisioned(to: Telling) -> None:
    found: dict[str, list[Tree]] = defaultdict(list)
    first: dict[str, Resource] = {}
    for holder in to.of("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        count = holder.node.at("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions")
        if count is None:
            continue
        arn = _unqualified(to.function_arn(holder, holder.text("FunctionName")))
        tree = {"FunctionArn": holder.identity.arn, "RequestedProvisionedConcurrentExecutions": count}
        found[arn].append(Tree(holder.source.at("Properties", "ProvisionedConcurrencyConfig"), tree))
        first.setdefault(arn, holder)
    for arn, trees in found.items():
        tree = {"ProvisionedConcurrencyConfigs": trees}
        to.give(first[arn], "lambda.ListProvisionedConcurrencyConfigs", tree, _name(arn), complete=False)


def _layers(to: Telling) -> None:
    for layer in to.of("AWS::Lambda::LayerVersion"):
        number = layer.identity.arn.rpartition(":")[2]
        members = {"LayerVersionArn": layer.identity.arn, "Version": int(number) if number.isdecimal() else 1}
        tree = to.tree(layer, "lambda.LayerVersionsListItem", members=members)
        to.give(layer, "lambda.ListLayerVersions", {"LayerVersions": [tree]}, layer.identity.name, complete=False)
    for (_, arn), permissions in to.by("LayerVersionArn", of=["AWS::Lambda::LayerVersionPermission"]).items():
        layer_arn, _, version = arn.rpartition(":")
        statements = [_layer_statement(permission, arn) for permission in permissions]
        policy = {"Version": "2012-10-17", "Statement": statements}
        arguments = (layer_arn, version)
        to.give(permissions[0], "lambda.GetLayerVersionPolicy", {"Policy": policy}, *arguments, complete=False)


def _layer_statement(permission: Resource, arn: str) -> Tree:
    node = permission.node
    members: dict[str, object] = {
        "Sid": permission.logical,
        "Effect": "Allow",
        "Principal": "*" if node.text("Principal") == "*" else {"AWS": node.at("Principal") or "*"},
        "Action": node.at("Action") or "lambda:GetLayerVersion",
        "Resource": arn,
    }
    organization = node.at("OrganizationId")
    if organization is not None:
        members["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    return Tree(node.source, members)
