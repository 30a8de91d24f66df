"""Values without conditions, mappings and parameters, for a translator that does not understand them."""

import re
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._values import NOTHING, escaped

if TYPE_CHECKING:
    from auditkit.exports.cloudformation._stacks import Stack

__all__ = ["simplified"]

_RESOLVED = {
    "Fn::FindInMap",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Ref",
}
_NAMED = re.compile(r"\$\{\s*([^!.}\s][^.}\s]*)")


def simplified(stack: "Stack", value: Any, pointer: str) -> Any:  # noqa: ANN401 -- a template holds anything
    """Return a value with conditions, mappings and parameters resolved, and references to resources as they are.

    Parameters
    ----------
    stack
        The stack whose template has the value.
    value
        Any value of the template.
    pointer
        Where it stands.
    """
    if isinstance(value, list):
        items = [simplified(stack, item, f"{pointer}/{index}") for index, item in enumerate(value)]
        return [item for item in items if item is not NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:  # noqa: PLR2004 -- and two branches
            decided = stack.condition(spelled(argument[0]))
            if decided is None and argument[1] != argument[2]:
                stack.undecided(spelled(argument[0]), f"{pointer}/{name}")
            index = 2 if decided is False else 1
            return simplified(stack, argument[index], f"{pointer}/{name}/{index}")
        if name in _RESOLVED and not _names_any(stack.logical_ids, value):
            return stack.resolve(value, pointer)
    found = {key: simplified(stack, item, f"{pointer}/{escaped(key)}") for key, item in value.items()}
    return {key: item for key, item in found.items() if item is not NOTHING}


def _names_any(resources: Container[str], value: Any) -> bool:  # noqa: ANN401
    """Return whether a value hangs on a resource."""
    if isinstance(value, list):
        return any(_names_any(resources, item) for item in value)
    if not isinstance(value, dict):
        return False
    for name, argument in value.items():
        if name == "Fn::GetAtt" or (name == "Ref" and spelled(argument) in resources):
            return True
        text = argument[0] if isinstance(argument, list) and argument else argument
        if name == "Fn::Sub" and isinstance(text, str) and any(one in resources for one in _NAMED.findall(text)):
            return True
    return any(_names_any(resources, item) for item in value.values())
