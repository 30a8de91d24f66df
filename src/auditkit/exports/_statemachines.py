"""Definitions of state machines (Amazon States Language): the states that call something.

The language's specification is at ``states-language.net/spec.html``, service integrations are described in
``docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html``.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Reading
from auditkit.exports.secrets import reduced
from auditkit.inventory import UNSET, Source, UnsetType
from auditkit.inventory.arguments import COMPUTED, named_in, service_of
from auditkit.inventory.evidence.plain_secrets import PlantedSecret
from auditkit.inventory.records.statemachines import StateCall

__all__ = ["planted_in", "state_calls"]

_INTEGRATION = re.compile(
    r"arn:[a-z0-9-]+:states:[a-z0-9-]*:[0-9]*:(?P<name>(?:aws-sdk:)?[A-Za-z0-9-]+:[A-Za-z0-9]+)"
    r"(?:\.(?P<pattern>sync:2|sync|waitForTaskToken))?"
)
_FUNCTION = re.compile(r"arn:[a-z0-9-]+:lambda:[a-z0-9-]*:[0-9]*:function:.+", re.DOTALL)
_ACTIVITY = re.compile(r"arn:[a-z0-9-]+:states:[a-z0-9-]*:[0-9]*:activity:.+", re.DOTALL)


_REMOVED = re.compile(r"\[removed: ([A-Za-z ]{1,60})\]")
"""What stands where a secret was, with why it was taken for one."""


class _Part(NamedTuple):
    """A definition, or the part of one that has states of its own."""

    content: object
    source: Source
    prefix: str


def state_calls(text: object, source: Source, reading: Reading) -> tuple[StateCall, ...] | UnsetType:
    """Return the states of a definition that call something, in the order of their names.

    Parameters
    ----------
    text
        The definition: JSON text, or the object itself.
    source
        Where it stands. The source of a state continues into the text.
    reading
        Takes a note of a definition, or of a part of one, that is none.

    Returns
    -------
    tuple of StateCall, or UNSET
        UNSET where there is no definition, or where not even its states could be made out.
    """
    if text is None:
        return UNSET
    if isinstance(text, str):
        try:
            text = parse_json(text.encode("utf-8", "surrogatepass"))
        except JsonError as error:
            reading.not_read(source, f"definition is not JSON: {error}")
            return UNSET
    if not isinstance(text, dict) or not isinstance(text.get("States"), dict):
        reading.not_read(source, "definition has no object of states")
        return UNSET
    calls: list[StateCall] = []
    parts = [_Part(text, source, "")]
    while parts:
        part = parts.pop()
        states = part.content.get("States") if isinstance(part.content, dict) else None
        if not isinstance(states, dict):
            reading.not_read(part.source, "part of a definition has no object of states")
            continue
        for name, state in states.items():
            place = part.source.at("States", name)
            if isinstance(state, dict):
                calls += _calls(state, place, part.prefix + name, reading)
                parts += _inner(state, place, f"{part.prefix}{name}/")
            else:
                reading.not_read(place, "state of a definition is no object")
    return tuple(sorted(calls, key=lambda call: (call.state, call.part)))


def planted_in(text: object, source: Source) -> tuple[PlantedSecret, ...] | UnsetType:
    """Return where a definition holds a secret, and why it is taken for one.

    Parameters
    ----------
    text
        The definition: JSON text, in clear or as a collector left it, or the object itself.
    source
        Where it stands.

    Returns
    -------
    tuple of PlantedSecret, or UNSET
        In the order of their places; UNSET where there is no definition that can be read.
    """
    try:
        clear = text if isinstance(text, str) else json.dumps(text)
        left = reduced("stepfunctions", "DescribeStateMachine", {"definition": clear})["definition"]
        content = parse_json(left.encode("utf-8", "surrogatepass"))
    except (JsonError, TypeError, ValueError, RecursionError):
        return UNSET
    return tuple(_removed(content, (), source)) if isinstance(content, dict) else UNSET


def _removed(value: object, steps: tuple[str, ...], source: Source) -> Iterator[PlantedSecret]:
    if isinstance(value, str) and (found := _REMOVED.search(value)):
        yield PlantedSecret("/".join(steps), found[1], source.at(*steps))
    pairs = sorted(value.items()) if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _removed(item, (*steps, str(key)), source)


def _inner(state: dict[str, Any], place: Source, prefix: str) -> list[_Part]:
    """Return the parts of a Map or Parallel state that have states of their own."""
    found: list[_Part] = []
    if state.get("Type") == "Map":
        found += [
            _Part(state[key], place.at(key), prefix)
            for key in ("ItemProcessor", "Iterator")  # the second is the older name of the first
            if key in state
        ]
    if state.get("Type") == "Parallel" and isinstance(state.get("Branches"), list):
        found += [_Part(branch, place.at("Branches", i), f"{prefix}{i}/") for i, branch in enumerate(state["Branches"])]
    return found


def _calls(state: dict[str, Any], place: Source, name: str, reading: Reading) -> list[StateCall]:
    found: list[StateCall | None] = []
    if state.get("Type") == "Task":
        found.append(_call(state, place, name, "task", reading))
    if state.get("Type") == "Map":
        for key, part in (("ItemReader", "reader"), ("ResultWriter", "writer")):
            inner = state.get(key)
            if isinstance(inner, dict) and "Resource" in inner:
                found.append(_call(inner, place.at(key), name, part, reading))
    return [call for call in found if call is not None]


def _call(state: dict[str, Any], place: Source, name: str, part: str, reading: Reading) -> StateCall | None:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        reading.not_read(place, "task of a definition has no resource")
        return None
    integration, pattern = _integration(resource)
    arguments = state.get("Arguments", state.get("Parameters"))
    references: dict[str, tuple[str, ...]]
    if integration in {"lambda:invoke", "activity"} and not _INTEGRATION.fullmatch(resource):
        references = {"FunctionName" if integration == "lambda:invoke" else "ActivityArn": (resource,)}
    elif isinstance(arguments, str):  # the whole of it is one JSONata expression
        references = {"Arguments": (COMPUTED,)}
    else:
        references = named_in(service_of(integration.removeprefix("aws-sdk:").partition(":")[0]), arguments)
    return StateCall(
        state=name,
        part=part,
        resource=resource,
        integration=integration,
        pattern=pattern,
        references=references,
        assumes=_assumed(state.get("Credentials")),
        source=place,
    )


def _integration(resource: str) -> tuple[str, str]:
    if _FUNCTION.fullmatch(resource):
        return "lambda:invoke", ""
    if _ACTIVITY.fullmatch(resource):
        return "activity", ""
    match = _INTEGRATION.fullmatch(resource)
    return (match["name"], match["pattern"] or "") if match else ("", "")


def _assumed(credentials: object) -> str:
    if not isinstance(credentials, dict):
        return COMPUTED if isinstance(credentials, str) else ""
    role = credentials.get("RoleArn", credentials.get("RoleArn.$"))
    if role is None:
        return ""
    return role if isinstance(role, str) and role.startswith("arn:") else COMPUTED
