"""Templates of the Serverless Application Model made into plain ones, by AWS's own translator.

The translator is made for templates that were packaged and are right; those that auditors are handed are neither. Paths
of local code are replaced beforehand; what it refuses is simplified step by step, one resource at a time, and in the
end read as far as a resource says what it is by itself. It asks AWS about applications of the Serverless Application
Repository: such resources are taken out, so that nothing is ever asked.
"""

import copy
from collections.abc import Mapping
from typing import Any

from auditkit.exports.cloudformation._translating import PREFIX, UNKNOWN, Note, Resolve, Work
from auditkit.exports.cloudformation._values import escaped

__all__ = ["is_serverless", "plain_template"]

_TRANSFORM = "AWS::Serverless-2016-10-31"
_CODE = "s3://local/code"
_ELSEWHERE = "the definition of the API is kept elsewhere"


def is_serverless(template: Mapping[str, Any]) -> bool:
    """Return whether a template is one of the Serverless Application Model; the transform is often forgotten."""
    transforms = template.get("Transform")
    names = transforms if isinstance(transforms, list) else [transforms]
    resources = template.get("Resources")
    return _TRANSFORM in names or (
        isinstance(resources, dict)
        and any(isinstance(one, dict) and str(one.get("Type")).startswith(PREFIX) for one in resources.values())
    )


def plain_template(template: Mapping[str, Any], *, region: str, note: Note, simplify: Resolve) -> dict[str, Any]:
    """Return a template in which plain resources stand for those of the Serverless Application Model.

    Parameters
    ----------
    template
        The template; it is left as it is. Definitions in files of their own stand in it already.
    region
        Region of the stack.
    note
        Takes what had to be left out.
    simplify
        Resolves what hangs on conditions, mappings and parameters, for what the translator does not understand.
    """
    return Work(_prepared(template, note), region, note, simplify).run()


# ---------------------------------------------------------------- before


def _prepared(template: Mapping[str, Any], note: Note) -> dict[str, Any]:
    found = {key: copy.deepcopy(value) for key, value in template.items() if key != "Hooks"}
    found["Transform"] = _TRANSFORM
    for section in ("Parameters", "Conditions", "Mappings", "Outputs", "Metadata"):
        if section in found and not isinstance(found[section], dict):
            del found[section]
    parameters = found.get("Parameters", {})
    found["Parameters"] = {name: value for name, value in parameters.items() if isinstance(value, dict)}
    _globals(found, note)
    shared = found.get("Globals", {}).get("Function", {})
    resources: dict[str, Any] = {}
    for logical, resource in found["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            continue
        if not isinstance(resource.get("Properties", {}), dict):
            note(f"/Resources/{escaped(logical)}/Properties", "properties are no object")
            resource["Properties"] = {}
        resources[logical] = _packaged(logical, resource, shared, note)
    found["Resources"] = resources
    return found


def _packaged(logical: str, resource: dict[str, Any], shared: Mapping[str, Any], note: Note) -> dict[str, Any]:
    """Return a resource as packaging would leave it: with addresses in a bucket instead of local paths."""
    kind = resource["Type"]
    if not kind.startswith(PREFIX):
        return resource
    properties: dict[str, Any] = resource.setdefault("Properties", {})
    match kind.removeprefix(PREFIX):
        case "Function" | "WebFunction":
            _pack_function(logical, properties, shared)
        case "LayerVersion":
            properties["ContentUri"] = _CODE
        case "Api" | "HttpApi" | "WebSocketApi":
            if properties.pop("DefinitionUri", None) is not None and "DefinitionBody" not in properties:
                note(f"/Resources/{escaped(logical)}/Properties/DefinitionUri", _ELSEWHERE)
        case "StateMachine":
            if "Definition" not in properties:
                properties["DefinitionUri"] = "s3://local/definition"
        case "GraphQLApi":
            _pack_graph(properties)
        case "Application":
            return {**resource, "Type": "AWS::CloudFormation::Stack", "Properties": _nested(properties)}
        case _:
            pass
    return resource


def _pack_function(logical: str, properties: dict[str, Any], shared: Mapping[str, Any]) -> None:
    properties.pop("CodeUri", None)
    inline = properties.pop("InlineCode", None)
    if properties.get("PackageType") == "Image" or "ImageUri" in properties:
        properties["PackageType"] = "Image"
        if not isinstance(properties.get("ImageUri"), str | dict):
            properties["ImageUri"] = f"({logical}.Image)"
    else:
        properties.update({"InlineCode": inline} if isinstance(inline, str | dict) else {"CodeUri": _CODE})
        for key in ("Runtime", "Handler"):
            if key not in shared:
                properties.setdefault(key, UNKNOWN)


def _pack_graph(properties: dict[str, Any]) -> None:
    if "SchemaInline" not in properties:
        properties["SchemaUri"] = "s3://local/schema"
    parts = [properties.get("Functions")]
    resolvers = properties.get("Resolvers")
    parts += list(resolvers.values()) if isinstance(resolvers, dict) else []
    for part in parts:
        for one in part.values() if isinstance(part, dict) else ():
            if isinstance(one, dict) and "CodeUri" in one:
                one["CodeUri"] = _CODE


def _nested(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a nested stack for a nested application; one of the repository has no template."""
    return {"TemplateURL": properties.get("Location"), "Parameters": properties.get("Parameters", {})}


def _globals(template: dict[str, Any], note: Note) -> None:
    """Leave out of the globals what the translator would refuse, and local paths."""
    from samtranslator.plugins.globals.globals import Globals  # type: ignore[import-untyped] # noqa: PLC0415 -- slow

    given = template.pop("Globals", None)
    if not isinstance(given, dict):
        return
    known = {kind.removeprefix(PREFIX): set(keys) for kind, keys in Globals.supported_properties.items()}
    kept: dict[str, Any] = {}
    for section, values in given.items():
        if section not in known or not isinstance(values, dict):
            note(f"/Globals/{escaped(section)}", "globals of no known kind of resource")
            continue
        unknown = sorted(values.keys() - known[section])
        for key in unknown:
            note(f"/Globals/{escaped(section)}/{escaped(key)}", "the setting cannot be global")
        dropped = {"CodeUri", "InlineCode", "ImageUri", "DefinitionUri", *unknown}
        kept[section] = {key: value for key, value in values.items() if key not in dropped}
    if kept:
        template["Globals"] = kept
