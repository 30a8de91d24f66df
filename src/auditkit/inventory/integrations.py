"""What may be kept of an integration: which AWS resource it names, never a literal that may be a credential."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["STATIC", "parameters_kept", "references_in", "uri_kept"]

STATIC = "(static)"
"""Stands in a mapping for a literal that is not kept."""

_NAMES = {
    name.lower(): name
    for name in (
        "Action",
        "Bucket",
        "DeliveryStreamName",
        "EventBusName",
        "FunctionName",
        "QueueUrl",
        "StateMachineArn",
        "StreamARN",
        "StreamName",
        "TableName",
        "TargetArn",
        "TopicArn",
    )
}
_VALUE = r"[A-Za-z0-9_.:/${}\[\]-]{1,1024}"
_IN_TEMPLATE = re.compile(
    rf"""(?<![A-Za-z0-9_])["']?(?P<name>{"|".join(_NAMES)})["']?\s*[:=]\s*(?:\$util\.urlEncode\(\s*)?["']?(?P<value>{_VALUE})""",
    re.IGNORECASE | re.ASCII,
)
_LITERAL = re.compile(rf"'?(?P<value>{_VALUE})'?", re.ASCII)
_MAPPING = re.compile(
    r"\$?\{?(?:method|integration|context|stageVariables|route|request)\b[A-Za-z0-9_.$\[\]{}@'-]*", re.ASCII
)
_EXPRESSION = re.compile(r"\$(?:request|context|stageVariables|response)\b[A-Za-z0-9_.${}-]*", re.ASCII)
_HOST = re.compile(r"[\w.:${}\[\]-]+")
_HTTP = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#\\]*)", re.IGNORECASE)


def references_in(parameters: Mapping[str, Any], templates: Mapping[str, str | None]) -> dict[str, str]:
    """Return the AWS resources and the action that parameters and mapping templates of an integration name.

    Parameters
    ----------
    parameters
        Destination -> value, as of a REST method (``"integration.request.querystring.TopicArn": "'arn:..."``), or of an
        HTTP API's service integration (``"QueueUrl": "https://sqs..."``). A literal may have been reduced to an object
        with its digest, as a collector does.
    templates
        Content type -> template.

    Returns
    -------
    dict[str, str]
        Name of the service's own parameter -> value, sorted by name; ``path.<name>`` for a static path part;
        ``"sha256:..."`` where only the digest of the value is known. Where two say different things both are kept,
        separated by a blank: neither is lost.
    """
    found: dict[str, list[str]] = {}
    for name, value in (*_of_parameters(parameters), *_of_templates(templates)):
        if value and value not in found.setdefault(name, []):
            found[name].append(value)
    return {name: " ".join(values) for name, values in sorted(found.items()) if values}


def _of_parameters(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for destination, given in sorted(parameters.items()):
        last = destination.rpartition(".")[2]
        in_path = destination.startswith("integration.request.path.")
        if not in_path and last.lower() not in _NAMES:
            continue
        value = _literal(given, quoted=destination.startswith("integration."))
        if value:
            yield f"path.{last}" if in_path else _NAMES[last.lower()], value


def _literal(given: object, *, quoted: bool) -> str:
    """Return a literal, or what a collector left of it; ``""`` for an expression and what is no resource's name."""
    if isinstance(given, dict):
        return str(given.get("arn") or "") or (f"sha256:{given['sha256']}" if given.get("sha256") else "")
    if not isinstance(given, str) or (quoted and not given.startswith("'")):
        return given if isinstance(given, str) and given.startswith("stageVariables.") else ""
    found = _LITERAL.fullmatch(given)
    expression = _EXPRESSION.match(given) and not given.startswith(("$stageVariables", "${stageVariables"))
    return found["value"] if found and not expression else ""


def _of_templates(templates: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for _, text in sorted(templates.items()):
        for match in _IN_TEMPLATE.finditer(text or ""):
            value = match["value"].rstrip("&")
            if not value.startswith(("$input", "$context", "$util")):
                yield _NAMES[match["name"].lower()], value


def parameters_kept(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return request parameters with every literal replaced by :data:`STATIC`; mapping expressions stay."""
    return {
        name: text if isinstance(text, str) and (_MAPPING.fullmatch(text) or _EXPRESSION.fullmatch(text)) else STATIC
        for name, text in sorted(parameters.items())
    }


def uri_kept(uri: str | None) -> str | None:
    """Return what may be kept of an integration's URI.

    Parameters
    ----------
    uri
        URI of an integration: an ARN, or the URL of a backend, with ``${stageVariables.name}`` where the stage decides.

    Returns
    -------
    str | None
        An ARN as it is; scheme, host and port of a URL, stage variables kept; ``""`` for anything else; ``None`` for
        ``None``.
    """
    if uri is None or uri.startswith("arn:"):
        return uri
    match = _HTTP.match(uri.strip())
    if match is None:
        return ""
    host = match["authority"].rpartition("@")[2]
    return f"{match['scheme'].lower()}://{host}" if _HOST.fullmatch(host) else ""
