"""The translator of the Serverless Application Model at work, and what is done about what it refuses."""

import copy
import logging
import re
from collections.abc import Callable
from typing import Any

import msgspec

from auditkit._garbage import no_collection
from auditkit.exports.cloudformation._values import escaped

__all__ = ["PREFIX", "UNKNOWN", "Note", "Resolve", "Work"]

PREFIX = "AWS::Serverless::"
UNKNOWN = "unknown"
"""Stands for the runtime and the handler of a function that forgets them, until the translator is through."""
_ROUNDS = 12
"""Most translations of a whole template; what is still refused then is read by itself."""
_ATTEMPTS = 600
"""Most translations of single resources."""
_LEVELS = 3
_NAMED = 4
"""Most events of a resource that are left out one by one, as refusals name them."""
_EVENT = re.compile(r"Event with id \[([^\]]+)\]")
_RUNNING = {f"{PREFIX}{kind}" for kind in ("Function", "WebFunction", "StateMachine")}
_ESSENTIAL = {
    "CodeUri",
    "ContentUri",
    "Definition",
    "DefinitionBody",
    "DefinitionUri",
    "Handler",
    "ImageUri",
    "PackageType",
    "Role",
    "Runtime",
    "SchemaUri",
    "StageName",
}
"""Properties without which a resource is refused."""

Note = Callable[[str, str], None]
"""Takes the pointer of what could not be read, and why."""
Resolve = Callable[[Any, str], Any]
"""Returns a value without conditions, mappings and parameters; takes where it stands."""


class _Region(msgspec.Struct):
    """All that the translator asks of a session."""

    region_name: str


class Work:
    """A template on its way through the translator."""

    def __init__(self, template: dict[str, Any], region: str, note: Note, simplify: Resolve) -> None:
        self._template = template
        self._region = region
        self._note = note
        self._simplify = simplify
        self._level: dict[str, int] = {}
        self._attempts = 0

    def run(self) -> dict[str, Any]:
        for _ in range(_ROUNDS):
            if not self._serverless():
                break
            found, failures = self._translate(self._template)
            if found is not None:
                return _without_stand_ins(found)
            for logical, reason in self._offenders(failures):
                self._repair(logical, reason)
        for logical in self._serverless():
            self._template["Resources"][logical] = plain_resource(self._template["Resources"][logical])
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

        logging.getLogger("samtranslator").addHandler(logging.NullHandler())
        translator = Translator({}, Parser(), boto_session=_Region(self._region))
        causes: list[ExceptionWithMessage] = []
        try:
            with no_collection():  # it copies an API's whole definition twice for each event
                return translator.translate(copy.deepcopy(template), {"AWS::Region": self._region}), []
        except InvalidDocumentException as error:
            causes = list(error.causes)
        except Exception as error:  # noqa: BLE001 -- it stumbles in any way over what it does not expect
            return None, [("", f"the translator fails with {type(error).__name__}")]
        return None, [(_logical(cause), cause.message) for cause in causes]

    def _offenders(self, failures: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return which resources are to be changed, and why."""
        found = {name: reason for named, reason in failures if (name := self._named_by(named))}
        if found:
            return list(found.items())
        alone = [(name, failed[0][1]) for name in self._serverless() if (failed := self._alone(name))]
        reason = failures[0][1] if failures else ""
        return alone or [(name, reason) for name in self._serverless()]

    def _named_by(self, named: str) -> str:
        """Return the resource that a failure names: by itself, or by an event that begins with its name."""
        return max((name for name in self._serverless() if named.startswith(name)), key=len, default="")

    def _alone(self, logical: str) -> list[tuple[str, str]]:
        """Return what is wrong with a resource where no other function or state machine is there."""
        if self._attempts >= _ATTEMPTS:
            return [("", "too much of the template is refused")]
        self._attempts += 1
        resources = {
            name: one
            for name, one in self._template["Resources"].items()
            if name == logical or one["Type"] not in _RUNNING
        }
        _, failures = self._translate({**self._template, "Resources": resources})
        others = self._template["Resources"].keys() - {logical}
        return [failure for failure in failures if failure[0] not in others]

    # ------------------------------------------------------------ repairing

    def _repair(self, logical: str, reason: str) -> None:
        """Change a resource that was refused: a little at first, then whatever it takes."""
        level = self._level[logical] = self._level.get(logical, 0) + 1
        resource = self._template["Resources"][logical]
        properties = resource["Properties"]
        pointer = f"/Resources/{escaped(logical)}"
        if level == 1:
            found = self._simplify(properties, f"{pointer}/Properties")
            resource["Properties"] = found if isinstance(found, dict) else properties
        elif level <= _LEVELS and self._taken_without(logical, resource, reason, f"{pointer}/Properties/Events"):
            return
        elif level > _LEVELS or not self._built_up(logical, resource, f"{pointer}/Properties"):
            self._note(pointer, _brief("the resource in part", reason))
            self._template["Resources"][logical] = plain_resource(resource)

    def _taken_without(self, logical: str, resource: dict[str, Any], reason: str, pointer: str) -> bool:
        """Leave out the events that refusals name, if they are few; return whether the resource is then taken."""
        for _ in range(_NAMED):
            properties = resource["Properties"]
            events = properties.get("Events")
            named = _EVENT.search(reason)
            event = named[1].removeprefix(logical) if named else ""
            if not isinstance(events, dict) or event not in events:
                return False
            rest = {name: one for name, one in events.items() if name != event}
            resource["Properties"] = {**properties, "Events": rest}
            self._note(f"{pointer}/{escaped(event)}", _brief("this", reason))
            failed = self._alone(logical)
            if not failed:
                return True
            reason = failed[0][1]
        return False

    def _built_up(self, logical: str, resource: dict[str, Any], pointer: str) -> bool:
        """Put a resource together anew from what of it is taken; return whether anything is."""
        given = resource["Properties"]
        resource["Properties"] = {key: value for key, value in given.items() if key in _ESSENTIAL}
        if self._alone(logical):
            resource["Properties"] = given
            return False
        for key in sorted(given.keys() - _ESSENTIAL):
            items = _items(given[key]) if key in {"Events", "Policies"} else None
            if items is None:
                self._add(logical, resource, key, given[key], f"{pointer}/{escaped(key)}")
            else:
                self._add_items(logical, resource, key, items, f"{pointer}/{escaped(key)}")
        return True

    def _add(self, logical: str, resource: dict[str, Any], key: str, value: Any, pointer: str) -> None:  # noqa: ANN401
        """Set a property if the resource is taken with it."""
        reason = self._refusal(logical, resource, key, value)
        if reason:
            self._note(pointer, _brief("this", reason))

    def _add_items(
        self, logical: str, resource: dict[str, Any], key: str, items: list[tuple[str | int, Any]], pointer: str
    ) -> None:
        """Add members of a property with which the resource is taken: all at once if it can be, else half by half."""
        kept = resource["Properties"].get(key)
        if all(isinstance(name, int) for name, _ in items):
            reason = self._refusal(logical, resource, key, [*(kept or ()), *(item for _, item in items)])
        else:
            reason = self._refusal(logical, resource, key, {**(kept or {}), **dict(items)})
        if not reason or not items:
            return
        if len(items) == 1:
            self._note(f"{pointer}/{escaped(items[0][0])}", _brief("this", reason))
            return
        half = len(items) // 2
        self._add_items(logical, resource, key, items[:half], pointer)
        self._add_items(logical, resource, key, items[half:], pointer)

    def _refusal(self, logical: str, resource: dict[str, Any], key: str, value: Any) -> str:  # noqa: ANN401
        """Set a property, or tell why the resource is refused with it."""
        before = resource["Properties"]
        resource["Properties"] = {**before, key: value}
        failed = self._alone(logical)
        if failed:
            resource["Properties"] = before
        return (failed[0][1] or "refused") if failed else ""


def _items(value: object) -> list[tuple[str | int, Any]] | None:
    """Return the members of an object or of a list that says more than a function, else ``None``."""
    if isinstance(value, dict):
        return None if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")) else list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else None


def _without_stand_ins(template: dict[str, Any]) -> dict[str, Any]:
    for resource in template["Resources"].values():
        properties = resource.get("Properties")
        if resource.get("Type") == "AWS::Lambda::Function" and isinstance(properties, dict):
            for key in ("Runtime", "Handler"):
                if properties.get(key) == UNKNOWN:
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


def plain_resource(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the plain resource that one of the Serverless Application Model is at heart."""
    kind = resource["Type"].removeprefix(PREFIX)
    properties = resource.get("Properties")
    properties = properties if isinstance(properties, dict) else {}
    own = {_CALLED.get(key, key): value for key, value in properties.items() if key not in {"Policies", "Events"}}
    if kind == "StateMachine" and "Role" in own:
        own["RoleArn"] = own.pop("Role")
    found = {key: value for key, value in resource.items() if key in {"Condition", "DependsOn", "Metadata"}}
    return {**found, "Type": _PLAIN.get(kind, f"Custom::{kind}"), "Properties": own}
