"""Parameters of a request, converted to what the service's model asks for."""

import json
from collections.abc import Mapping
from itertools import product
from typing import Any

from botocore.model import OperationModel, Shape

from auditkit.exports.calls import ApiCall

__all__ = ["requests_of"]


def requests_of(
    call: ApiCall, arguments: Mapping[str, Any], model: OperationModel, region: str = ""
) -> list[dict[str, Any]]:
    """Return the parameters of the requests that a call is made with, converted to the types of the service's model.

    There is one request, save where a fixed parameter has several values (``Filter=A|B``): then there is one for each,
    and their answers belong together. A value may be for one region alone (``B@us-east-1``).
    """
    members: Mapping[str, Shape] = model.input_shape.members if model.input_shape else {}
    alternatives = (_chosen(text, region) for text in call.fixed.values())
    return [
        {
            name: _typed(value, members.get(name))
            for name, value in {**dict(zip(call.fixed, chosen, strict=True)), **arguments}.items()
        }
        for chosen in product(*alternatives)
    ]


def _chosen(text: str, region: str) -> list[str]:
    values = (value.partition("@") for value in text.split("|"))
    return [value for value, _, only in values if only in {"", region}]


def _typed(value: Any, shape: Shape | None) -> Any:  # noqa: ANN401 -- a request may hold anything
    kind = shape.type_name if shape else "string"
    if kind == "list":
        return value if isinstance(value, list) else [value]
    if kind == "structure":
        return json.loads(value)
    if kind in {"integer", "long"}:
        return int(value)
    if kind == "boolean":
        return str(value).lower() == "true"
    return value
