"""AWS Lambda in Terraform."""

from collections.abc import Iterator
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports.terraform._out import Out, block, statement_of
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory.arn import parse_arn, partition_of

__all__ = ["translate"]

_FUNCTION = ("aws_lambda_function",)
_ANY = ("aws_lambda_function", "aws_lambda_alias")
_SERVICE_SUFFIX = ".amazonaws.com"


def translate(estate: Estate, out: Out) -> None:
    """Hand over functions and what belongs to them."""
    for function in estate.of("aws_lambda_function"):
        _function(function, out)
    for alias in estate.of("aws_lambda_alias"):
        tree = alias.fit(
            "lambda", "AliasConfiguration", arn="AliasArn", function_name="", routing_config="RoutingConfig"
        )
        out.give(alias, "lambda.ListAliases", {"Aliases": [tree]}, function_name(alias), complete=False)
    for layer in estate.of("aws_lambda_layer_version"):
        tree = layer.fit("lambda", "LayerVersionsListItem", arn="LayerVersionArn")
        out.give(layer, "lambda.ListLayerVersions", {"LayerVersions": [tree]}, layer.text("layer_name"), complete=False)
    _layer_permissions(estate, out)
    for mapping in estate.of("aws_lambda_event_source_mapping"):
        _mapping(mapping, out)
    for url in estate.of("aws_lambda_function_url"):
        _url(url, out)
    _permissions(estate, out)
    _settings(estate, out)


def _settings(estate: Estate, out: Out) -> None:
    """Hand over settings that are resources of their own."""
    for signing in estate.of("aws_lambda_code_signing_config"):
        tree = signing.fit(
            "lambda", "CodeSigningConfig", arn="CodeSigningConfigArn", config_id="CodeSigningConfigId", id=""
        )
        policy = signing.first("policies")
        tree["CodeSigningPolicies"] = block(policy, UntrustedArtifactOnDeployment="untrusted_artifact_on_deployment")
        publishers = signing.first("allowed_publishers")
        tree["AllowedPublishers"] = block(publishers, SigningProfileVersionArns="signing_profile_version_arns")
        out.give(signing, "lambda.ListCodeSigningConfigs", {"CodeSigningConfigs": [tree]}, complete=False)
    for kept in estate.of("aws_lambda_provisioned_concurrency_config"):
        shown = {
            "FunctionArn": qualified(kept, "function_name", "qualifier"),
            "RequestedProvisionedConcurrentExecutions": kept.either("provisioned_concurrent_executions"),
        }
        call = "lambda.ListProvisionedConcurrencyConfigs"
        out.give(kept, call, {"ProvisionedConcurrencyConfigs": [shown]}, function_name(kept), complete=False)
    for management in estate.of("aws_lambda_runtime_management_config"):
        tree = management.fit("lambda", "GetRuntimeManagementConfigResponse", id="")
        out.give(management, "lambda.GetRuntimeManagementConfig", tree, function_name(management))
    for recursion in estate.of("aws_lambda_function_recursion_config"):
        looped = {"RecursiveLoop": recursion.either("recursive_loop")}
        out.give(recursion, "lambda.GetFunctionRecursionConfig", looped, function_name(recursion))
    for config in estate.of("aws_lambda_function_event_invoke_config"):
        tree = config.fit("lambda", "FunctionEventInvokeConfig")
        tree["FunctionArn"] = qualified(config, "function_name", "qualifier")
        name = function_name(config)
        out.give(
            config,
            "lambda.ListFunctionEventInvokeConfigs",
            {"FunctionEventInvokeConfigs": [tree]},
            name,
            complete=False,
        )


def function_name(resource: Resource, attribute: str = "function_name") -> str:
    """Return the name of the function that an attribute names by name or ARN."""
    text = resource.text(attribute)
    if ":function:" in text:
        text = text.partition(":function:")[2]
    return text.partition(":")[0]


def qualified(resource: Resource, attribute: str, qualifier: str = "") -> str:
    """Return the ARN of the function, version or alias that attributes name."""
    text, more = resource.text(attribute), resource.text(qualifier) if qualifier else ""
    if not text.startswith("arn:"):
        account, part, name = text.rpartition("function:")
        owner = account.rstrip(":") if part else ""
        known = resource.estate.named(text, _FUNCTION, ("function_name", "id"))
        place = resource.place
        where = f"{place.region}:{owner if owner.isdigit() else place.account}"
        text = known.arn if known is not None else f"arn:{partition_of(place.region)}:lambda:{where}:function:{name}"
    return f"{text}:{more}" if more and more != "$LATEST" and text.count(":") == 6 else text  # noqa: PLR2004 -- an unqualified ARN


def _function(function: Resource, out: Out) -> None:
    configuration = function.fit("lambda", "FunctionConfiguration", arn="FunctionArn", version="", layers="")
    configuration["Layers"] = [{"Arn": item} for item in _texts(function, "layers")]
    variables = function.first("environment")
    if variables is not None:
        configuration["Environment"] = {"Variables": function.estate.environment(function, variables.at("variables"))}
    elif function.estate.configured(function, "environment"):
        configuration["Environment"] = {"Error": {}}
    reserved = function.at("reserved_concurrent_executions")
    limited = reserved is not None and isinstance(reserved.value, int | float) and reserved.value >= 0
    tree = {
        "Configuration": configuration,
        "Tags": function.tags,
        "Code": block(
            function.node,
            ImageUri="image_uri",
            S3Bucket="s3_bucket",
            S3Key="s3_key",
            S3ObjectVersion="s3_object_version",
        ),
        "Concurrency": {"ReservedConcurrentExecutions": reserved} if limited else None,
    }
    name = function.text("function_name")
    out.partly(function, "lambda.ListFunctions")
    out.give(function, "lambda.GetFunction", tree, name)
    if reserved is not None:
        concurrency = {"ReservedConcurrentExecutions": reserved} if limited else {}
        out.give(function, "lambda.GetFunctionConcurrency", concurrency, name)
    signing = function.at("code_signing_config_arn")
    if not function.unknown("code_signing_config_arn"):
        shown = {"CodeSigningConfigArn": signing} if signing is not None and signing.value else {}
        out.give(function, "lambda.GetFunctionCodeSigningConfig", shown, name)


def _texts(resource: Resource, name: str) -> list[Node]:
    found = resource.at(name)
    if found is None or not isinstance(found.value, list):
        return []
    return [Node(item, found.source.at(index)) for index, item in enumerate(found.value) if item]


def _mapping(mapping: Resource, out: Out) -> None:
    tree = mapping.fit(
        "lambda", "EventSourceMappingConfiguration", arn="EventSourceMappingArn", enabled="", function_name="", id=""
    )
    tree["UUID"] = mapping.text("uuid") or mapping.id or mapping.symbol
    tree["FunctionArn"] = mapping.either("function_arn") or qualified(mapping, "function_name")
    if not str(tree["FunctionArn"]).startswith("arn:") and not isinstance(tree["FunctionArn"], Node):
        tree["FunctionArn"] = qualified(mapping, "function_name")
    if mapping.flag("enabled") is not None or "State" not in tree:
        tree["State"] = "Disabled" if mapping.flag("enabled") is False else "Enabled"
    failure = mapping.text("destination_config", 0, "on_failure", 0, "destination_arn")
    if failure:
        tree["DestinationConfig"] = {"OnFailure": {"Destination": failure}}
    criteria = mapping.first("filter_criteria")
    if criteria is not None:
        tree["FilterCriteria"] = {"Filters": [block(one, Pattern="pattern") for one in criteria.each("filter")]}
    endpoints = mapping.at("self_managed_event_source", 0, "endpoints")
    if endpoints is not None and isinstance(endpoints.value, dict):
        tree["SelfManagedEventSource"] = {
            "Endpoints": {key: str(value).split(",") for key, value in endpoints.value.items()}
        }
    out.give(mapping, "lambda.ListEventSourceMappings", {"EventSourceMappings": [tree]}, complete=False)


def _url(url: Resource, out: Out) -> None:
    tree = url.fit("lambda", "FunctionUrlConfig", authorization_type="AuthType", qualifier="")
    tree["FunctionArn"] = url.either("function_arn") or qualified(url, "function_name", "qualifier")
    tree.setdefault("AuthType", _auth_type(url))
    out.give(url, "lambda.ListFunctionUrlConfigs", {"FunctionUrlConfigs": [tree]}, function_name(url), complete=False)


# ---------------------------------------------------------------- policies


def _permissions(estate: Estate, out: Out) -> None:
    groups: dict[tuple[Any, str, str], list[tuple[Resource, Tree]]] = {}
    given = [(permission, _statement(permission)) for permission in estate.of("aws_lambda_permission")]
    opened = [(url, one) for url in estate.of("aws_lambda_function_url") for one in _opening(url)]
    for resource, statement in (*given, *opened):
        _, _, rest = qualified(resource, "function_name", "qualifier").partition(":function:")
        name, _, qualifier = rest.partition(":")
        groups.setdefault((resource.place, name, qualifier), []).append((resource, statement))
    for (_, name, qualifier), found in groups.items():
        document = {"Version": "2012-10-17", "Statement": [statement for _, statement in found]}
        arguments = (name, qualifier) if qualifier else (name,)
        out.give(found[0][0], "lambda.GetPolicy", {"Policy": document}, *arguments, complete=False)


def _opening(url: Resource) -> Iterator[Tree]:
    """Yield the statements that Terraform's provider puts into the policy of a function whose URL asks for nothing.

    It does so when it makes the URL (resource ``aws_lambda_function_url``); they are no resources of a state.
    """
    if _auth_type(url) != "NONE":
        return
    for sid, action, condition in (
        ("FunctionURLAllowPublicAccess", "InvokeFunctionUrl", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        ("FunctionURLAllowInvokeAction", "InvokeFunction", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    ):
        statement = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": f"lambda:{action}"}
        resource = qualified(url, "function_name", "qualifier")
        yield statement_of(url.raw.node, {**statement, "Resource": resource, "Condition": condition})


def _auth_type(url: Resource) -> str:
    return url.text("authorization_type") or "NONE"


def _statement(permission: Resource) -> Tree:
    conditions: dict[str, dict[str, str]] = {}
    for attribute, operator, key in (
        ("source_arn", "ArnLike", "AWS:SourceArn"),
        ("source_account", "StringEquals", "AWS:SourceAccount"),
        ("event_source_token", "StringEquals", "lambda:EventSourceToken"),
        ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
        ("invoked_via_function_url", "Bool", "lambda:InvokedViaFunctionUrl"),
    ):
        value = "true" if permission.flag(attribute) else permission.text(attribute)
        if attribute == "source_arn" and attribute not in permission.raw.node.value and _may_go_on(value):
            value += "*"  # what stands behind a reference is not in a plan
        if value or (permission.unknown(attribute) and permission.estate.configured(permission, attribute)):
            conditions.setdefault(operator, {})[key] = value or permission.symbol
    return statement_of(
        permission.raw.node,
        {
            "Sid": permission.text("statement_id") or None,
            "Effect": "Allow",
            "Principal": principal(permission.text("principal")),
            "Action": permission.text("action"),
            "Resource": qualified(permission, "function_name", "qualifier"),
            "Condition": conditions or None,
        },
    )


def _may_go_on(source: str) -> bool:
    """Whether something may stand behind the ARN of a source: a stage and a method of an API, nothing of a bucket."""
    arn = parse_arn(source)
    return bool(source) and (arn is None or arn.service != "s3")


def principal(text: str) -> Any:  # noqa: ANN401 -- as policies have it
    """Return a principal of a policy as Lambda writes it for what a permission was given to."""
    if text == "*":
        return "*"
    if text.isdigit():
        return {"AWS": f"arn:aws:iam::{text}:root"}
    return {"Service": text} if _SERVICE_SUFFIX in text and not text.startswith("arn:") else {"AWS": text}


def _layer_permissions(estate: Estate, out: Out) -> None:
    groups: dict[tuple[str, str], list[Resource]] = {}
    for permission in estate.of("aws_lambda_layer_version_permission"):
        key = permission.text("layer_name"), permission.text("version_number")
        groups.setdefault(key, []).append(permission)
    for (layer, version), permissions in groups.items():
        statements = [
            statement_of(
                permission.raw.node,
                {
                    "Sid": permission.text("statement_id"),
                    "Effect": "Allow",
                    "Principal": principal(permission.text("principal")),
                    "Action": permission.text("action"),
                    "Resource": f"{layer}:{version}",
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": permission.text("organization_id")}}
                    if permission.text("organization_id")
                    else None,
                },
            )
            for permission in permissions
        ]
        document = {"Version": "2012-10-17", "Statement": statements}
        out.give(permissions[0], "lambda.GetLayerVersionPolicy", {"Policy": document}, layer, version, complete=False)
