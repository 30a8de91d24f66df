"""One call, all its pages, as one response."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

__all__ = ["ask", "together"]

# Names that services give to the mark of the next page, where botocore knows no paginator.
_MARKS = {
    "NextToken": "NextToken",
    "nextToken": "nextToken",
    "position": "position",
    "NextMarker": "Marker",
    "Marker": "Marker",
    "nextMarker": "marker",
}
# Calls that say that there is more, and take the last thing told as the start of the next page.
_STARTS = {
    "HasMoreDeliveryStreams": ("DeliveryStreamNames[-1]", "ExclusiveStartDeliveryStreamName"),
    "HasMoreTags": ("Tags[-1].Key", "ExclusiveStartTagKey"),
}


Around = Callable[[Callable[..., Any]], Callable[..., Any]]


def ask(
    client: Any,  # noqa: ANN401 -- boto3 has no types
    operation: str,
    parameters: Mapping[str, Any],
    around: Around = lambda method: method,
) -> dict[str, Any]:
    """Return the response to a call with all its pages merged, or ``{"Error": {"Code": ..., "Message": ...}}``.

    Parameters
    ----------
    client
        A boto3 client of the service.
    operation
        By botocore's name.
    parameters
        Of the request.
    around
        Takes the client's method and gives the one that is called, once per page.
    """
    method = xform_name(operation)
    try:
        if client.can_paginate(method):
            return _paginated(client, method, parameters, around)
        return _followed(client, operation, dict(parameters), around)
    except ClientError as error:
        told = error.response.get("Error", {})
        return {"Error": {"Code": str(told.get("Code", "")), "Message": str(told.get("Message", ""))}}
    except (BotoCoreError, ResponseParserError) as error:  # no such endpoint in this region, no answer in time
        return {"Error": {"Code": type(error).__name__, "Message": str(error)}}


def together(answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several answers as one, their lists joined; the first that failed where one did."""
    merged: dict[str, Any] = {}
    for answer in answers:
        if "Error" in answer:
            return dict(answer)
        for key, value in answer.items():
            merged[key] = [*merged.get(key, []), *value] if isinstance(value, list) else value
    return merged


def _paginated(client: Any, method: str, parameters: Mapping[str, Any], around: Around) -> dict[str, Any]:  # noqa: ANN401
    paginator = client.get_paginator(method)
    paginator._method = around(paginator._method)  # noqa: SLF001 -- else a page that fails would cost all before it
    keys = [key.expression for key in paginator.result_keys]
    merged: dict[str, Any] = {}
    for page in paginator.paginate(**parameters):
        response = _content(page)
        if not merged:
            merged = response
            continue
        for key in keys:
            _append(merged, response, key.split("."))
    for mark in paginator._output_token:  # noqa: SLF001 -- botocore shows it nowhere else
        for alternative in mark.expression.split("||"):
            _drop(merged, alternative.strip().split("."))
    return merged


def _followed(client: Any, operation: str, parameters: dict[str, Any], around: Around) -> dict[str, Any]:  # noqa: ANN401
    model = client.meta.service_model.operation_model(operation)
    method = around(getattr(client, xform_name(operation)))
    mark, start, parameter = _mark(model)
    merged = _content(method(**parameters))
    seen: set[str] = set()
    while more := merged.pop(mark, None):
        token = jmespath.search(start, merged) if start else more
        if not token or token in seen:  # a service that repeats itself would be asked for ever
            merged[mark] = more
            return merged
        seen.add(token)
        merged = together((merged, _content(method(**{**parameters, parameter: token}))))
    return merged


def _mark(model: OperationModel) -> tuple[str, str, str]:
    """Return the member that says that there is more, where the next page starts, and the parameter that takes that."""
    given = model.input_shape.members if model.input_shape else {}
    told = model.output_shape.members if model.output_shape else {}
    for mark, parameter in _MARKS.items():
        if mark in told and parameter in given:
            return mark, "", parameter
    for mark, (start, parameter) in _STARTS.items():
        if mark in told and parameter in given:
            return mark, start, parameter
    return "", "", ""


def _content(response: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def _append(merged: dict[str, Any], page: dict[str, Any], path: list[str]) -> None:
    values = jmespath.search(".".join(path), page)
    holder: Any = merged
    for step in path[:-1]:
        holder = holder.setdefault(step, {})
    if isinstance(values, list):
        holder[path[-1]] = [*(holder.get(path[-1]) or []), *values]
    elif isinstance(values, dict):
        holder[path[-1]] = {**(holder.get(path[-1]) or {}), **values}


def _drop(merged: dict[str, Any], path: list[str]) -> None:
    """Remove the mark of a next page, and what stands beside it to say whether there is one."""
    holder: Any = merged
    for step in path[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        for name in (path[-1], "IsTruncated", "Truncated", "HasMoreStreams"):
            holder.pop(name, None)
