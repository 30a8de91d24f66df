"""Templates of the Serverless Application Model made into plain ones, by AWS's own translator.

The translator is made for templates that were packaged and are right; those that auditors are handed are neither. Paths
of local code are replaced beforehand; what it refuses is simplified step by step, one resource at a time, and in the
end read as far as a resource says what it is by itself. It asks AWS about applications of the Serverless Application
Repository: such resources are taken out, so that nothing is ever asked.
"""

import copy
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from auditkit.exports.cloudformation._values import escaped

__all__ = ["PREFIX", "is_serverless", "plain_template"]

PREFIX = "AWS::Serverless::"
_TRANSFORM = "AWS::Serverless-2016-10-31"
_CODE = "s3://local/code"
_UNKNOWN = "unknown"
"""Stands for the runtime and the handler of a function that forgets them, until the translator is through."""
_ATTEMPTS = 200
"""Most translations of a template; what is still refused then is read by itself."""
_EVENT = re.compile(r"Event with id \[([^\]]+)\]")

Note = Callable[[str, str], None]
"""Takes the pointer of what could not be read, and why."""
Resolve = Callable[[Any, str], Any]
"""Returns a value without conditions, mappings and parameters; takes where it stands."""


class _Region(msgspec.Struct):
    """All that the translator asks of a session."""

    region_name: str


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
    work = _Work(_prepared(template, note), region, note, simplify)
    return work.run()


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
        resources[logical] = _packaged(logical, resource, shared)
    found["Resources"] = resources
    return found


def _packaged(logical: str, resource: dict[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
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
            properties.pop("DefinitionUri", None)
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
    for key in ("InlineCode", "CodeUri"):
        properties.pop(key, None)
    if properties.get("PackageType") == "Image" or "ImageUri" in properties:
        properties["PackageType"] = "Image"
        if not isinstance(properties.get("ImageUri"), str | dict):
            properties["ImageUri"] = f"({logical}.Image)"
    else:
        properties["CodeUri"] = _CODE
        for key in ("Runtime", "Handler"):
            if key not in shared:
                properties.setdefault(key, _UNKNOWN)


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


# ---------------------------------------------------------------- translating


class _Work:
    """A template on its way through the translator."""

    def __init__(self, template: dict[str, Any], region: str, note: Note, simplify: Resolve) -> None:
        self._template = template
        self._region = region
        self._note = note
        self._simplify = simplify
        self._level: dict[str, int] = {}
        self._attempts = 0

    def run(self) -> dict[str, Any]:
        while self._serverless() and self._attempts < _ATTEMPTS:
            found, failures = self._translate(self._template)
            if found is not None:
                return _without_stand_ins(found)
            for logical, reason in self._offenders(failures):
                self._repair(logical, reason)
        for logical in self._serverless():
            self._give_up(logical)
        return {key: value for key, value in self._template.items() if key not in {"Transform", "Globals"}}

    def _serverless(self) -> list[str]:
        return [name for name, one in self._template["Resources"].items() if one["Type"].startswith(PREFIX)]

    def _translate(self, template: dict[str, Any]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
        """Return the translated template, or what is wrong: logical ids (``""`` for the whole) and reasons."""
        from samtranslator.model.exceptions import (  # type: ignore[import-untyped] # noqa: PLC0415 -- slow to import
            ExceptionWithMessage,
            InvalidDocumentException,
        )
        from samtranslator.parser.parser import Parser  # type: ignore[import-untyped] # noqa: PLC0415
        from samtranslator.translator.translator import Translator  # type: ignore[import-untyped] # noqa: PLC0415

        self._attempts += 1
        logging.getLogger("samtranslator").addHandler(logging.NullHandler())
        translator = Translator({}, Parser(), boto_session=_Region(self._region))
        causes: list[ExceptionWithMessage] = []
        try:
            return translator.translate(copy.deepcopy(template), {"AWS::Region": self._region}), []
        except InvalidDocumentException as error:
            causes = list(error.causes)
        except Exception as error:  # noqa: BLE001 -- it stumbles in any way over what it does not expect
            return None, [("", f"the translator fails with {type(error).__name__}")]
        return None, [(_logical(cause), cause.message) for cause in causes]

    def _offenders(self, failures: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return which resources are to be changed, and why."""
        resources = self._template["Resources"]
        named = [(name, reason) for name, reason in failures if name in resources and self._is_serverless(name)]
        if named:
            return named
        alone = [(name, failed[0][1]) for name in self._serverless() if (failed := self._alone(name))]
        reason = failures[0][1] if failures else ""
        return alone or [(name, reason) for name in self._serverless()]

    def _is_serverless(self, logical: str) -> bool:
        return bool(self._template["Resources"][logical]["Type"].startswith(PREFIX))

    def _alone(self, logical: str) -> list[tuple[str, str]]:
        """Return what is wrong with a resource where no other of its kind is there."""
        resources = {
            name: one
            for name, one in self._template["Resources"].items()
            if name == logical or not self._is_serverless(name)
        }
        return self._translate({**self._template, "Resources": resources})[1]

    # ------------------------------------------------------------ repairing

    def _repair(self, logical: str, reason: str) -> None:
        """Change a resource that was refused: a little at first, more each time."""
        level = self._level[logical] = self._level.get(logical, 0) + 1
        resource = self._template["Resources"].get(logical)
        if resource is None:
            return
        properties = resource["Properties"]
        pointer = f"/Resources/{escaped(logical)}"
        event = _EVENT.search(reason)
        if level == 1:
            resource["Properties"] = self._simplified(properties, f"{pointer}/Properties")
            return
        events = properties.get("Events")
        if event is not None and isinstance(events, dict) and event[1] in events:
            del events[event[1]]
            self._note(f"{pointer}/Properties/Events/{escaped(event[1])}", _brief("the event", reason))
            self._level[logical] = 1
            return
        if level == 2:  # noqa: PLR2004 -- the second attempt
            self._drop_items(logical, properties, pointer)
            return
        if level == 3 and self._drop_property(logical, properties, pointer, reason):  # noqa: PLR2004 -- the third
            return
        self._note(pointer, _brief("the resource in part", reason))
        self._give_up(logical)

    def _simplified(self, properties: dict[str, Any], pointer: str) -> dict[str, Any]:
        found = self._simplify(properties, pointer)
        return found if isinstance(found, dict) else properties

    def _drop_items(self, logical: str, properties: dict[str, Any], pointer: str) -> None:
        """Leave out the events, and other parts, for which the resource is refused even if no other is there."""
        for section in ("Events", "Policies"):
            given = properties.get(section)
            if given is None:
                continue
            kept: Any = {} if isinstance(given, dict) else []
            items = (
                list(given.items())
                if isinstance(given, dict)
                else list(enumerate(given))
                if isinstance(given, list)
                else []
            )
            del properties[section]
            if not items or self._alone(logical):  # it is not this section
                properties[section] = given
                continue
            for key, item in items:
                trial = {**kept, key: item} if isinstance(kept, dict) else [*kept, item]
                properties[section] = trial
                failed = self._alone(logical)
                if failed:
                    self._note(f"{pointer}/Properties/{section}/{escaped(key)}", _brief("this", failed[0][1]))
                else:
                    kept = trial
            properties[section] = kept

    def _drop_property(self, logical: str, properties: dict[str, Any], pointer: str, reason: str) -> bool:
        """Leave out the one property without which the resource is taken; return whether there is one."""
        for key in sorted(properties.keys() - {"CodeUri"}):
            given = properties.pop(key)
            if not self._alone(logical):
                self._note(f"{pointer}/Properties/{escaped(key)}", _brief("the property", reason))
                return True
            properties[key] = given
        return False

    def _give_up(self, logical: str) -> None:
        """Put the plain resource in the place of one that the translator does not take."""
        resource = self._template["Resources"][logical]
        self._template["Resources"][logical] = _plain(resource)


def _without_stand_ins(template: dict[str, Any]) -> dict[str, Any]:
    for resource in template["Resources"].values():
        properties = resource.get("Properties")
        if resource.get("Type") == "AWS::Lambda::Function" and isinstance(properties, dict):
            for key in ("Runtime", "Handler"):
                if properties.get(key) == _UNKNOWN:
                    del properties[key]
    return template


def _logical(cause: object) -> str:
    named = getattr(cause, "_logical_id", "")
    return named if isinstance(named, str) else str(named[0]) if isinstance(named, list) and named else ""


def _brief(what: str, reason: str) -> str:
    words = re.sub(r"\s+", " ", re.sub(r"\[[^\]]*\]|'[^']*'|\"[^\"]*\"", "…", reason))
    return f"{what} is not read: {words[:200]}"


_PLAIN = {
    "Function": "AWS::Lambda::Function",
    "WebFunction": "AWS::Lambda::Function",
    "LayerVersion": "AWS::Lambda::LayerVersion",
    "SimpleTable": "AWS::DynamoDB::Table",
    "StateMachine": "AWS::StepFunctions::StateMachine",
    "Api": "AWS::ApiGateway::RestApi",
    "HttpApi": "AWS::ApiGatewayV2::Api",
    "WebSocketApi": "AWS::ApiGatewayV2::Api",
    "GraphQLApi": "AWS::AppSync::GraphQLApi",
}
_CALLED = {
    "DefinitionBody": "Body",
    "Definition": "Definition",
    "Role": "Role",
    "Name": "Name",
    "DeadLetterQueue": "DeadLetterConfig",
    "Type": "StateMachineType",
}


def _plain(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the plain resource that one of the Serverless Application Model is at heart."""
    kind = resource["Type"].removeprefix(PREFIX)
    properties = resource.get("Properties")
    properties = properties if isinstance(properties, dict) else {}
    own = {_CALLED.get(key, key): value for key, value in properties.items() if key not in {"Policies", "Events"}}
    if kind == "StateMachine" and "Role" in own:
        own["RoleArn"] = own.pop("Role")
    found = {key: value for key, value in resource.items() if key in {"Condition", "DependsOn", "Metadata"}}
    return {**found, "Type": _PLAIN.get(kind, f"Custom::{kind}"), "Properties": own}
