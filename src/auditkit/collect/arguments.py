"""Parameters of a request, converted to what the service's model asks for."""

from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from auditkit.exports.calls import ApiCall

__all__ = ["parameters"]


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
