"""Arguments of a call: found in the responses of another one, converted to what the service's model asks for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jmespath
from botocore.model import OperationModel, Shape

from auditkit.exports.calls import ApiCall, Argument

__all__ = ["Answer", "arguments_from", "parameters"]

Answer = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The arguments of a call that was made, and its response."""


def arguments_from(argument: Argument, answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return the arguments that a call is to be made with, one mapping per call, without repetition, in order.

    Parameters
    ----------
    argument
        Where the arguments come from.
    answers
        Arguments and responses of the call that it names.
    """
    found: dict[str, dict[str, Any]] = {}
    for given, response in answers:
        values = jmespath.search(_bound(argument.path, given), response) or ()
        for value in values:
            row = value if isinstance(value, list) else [value]
            if len(row) == len(argument.names) and all(part is not None for part in row):
                arguments = dict(zip(argument.names, row, strict=True))
                found.setdefault(json.dumps(arguments, sort_keys=True, default=str), arguments)
    return list(found.values())


def _bound(path: str, given: Mapping[str, Any]) -> str:
    """Put the values of the other call's arguments, as literals, where the path says ``$name``."""
    for name in sorted(given, key=len, reverse=True):
        literal = json.dumps(given[name]).replace("`", "\\u0060")
        path = path.replace(f"${name}", f"`{literal}`")
    return path


def parameters(call: ApiCall, arguments: Mapping[str, Any], model: OperationModel) -> dict[str, Any]:
    """Return the parameters of a request, the table's text converted to the types of the service's model."""
    members: Mapping[str, Shape] = model.input_shape.members if model.input_shape else {}
    given = {**call.fixed, **arguments}
    return {name: _typed(value, members.get(name)) for name, value in given.items()}


def _typed(value: Any, shape: Shape | None) -> Any:  # noqa: ANN401 -- a request may hold anything
    kind = shape.type_name if shape else "string"
    if kind == "list":
        return value if isinstance(value, list) else [value]
    if kind in {"integer", "long"}:
        return int(value)
    if kind == "boolean":
        return str(value).lower() == "true"
    return value
