"""Secrets that Terraform's documents show in plain: written into the code, in outputs, or where others may read them.

A state always holds passwords among the attributes of what they belong to; that is no finding. One is: a constant of
the code (which a plan carries), the default of a variable, an output that is not sensitive, and a secret that stands
where whoever may describe the resource reads it. What ``locals`` hold shows in neither, but where it is used.
"""

import re
from collections.abc import Iterator
from typing import Any

from auditkit.exports._answers import Node, Place
from auditkit.exports._planted import looked_through, planted
from auditkit.exports._reading import Reading
from auditkit.exports.secrets import why_secret
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.exports.terraform._secrets import REMOVED, named_secret
from auditkit.inventory import Source
from auditkit.inventory.evidence.plain_secrets import PlantedSecret

__all__ = ["tell_secrets"]

_JUDGED = {
    "aws_api_gateway_stage": ("variables",),
    "aws_apigatewayv2_stage": ("stage_variables",),
    "aws_glue_job": ("default_arguments", "non_overridable_arguments"),
    "aws_lambda_function": ("environment",),
    "aws_sfn_state_machine": ("definition",),
}
"""Attributes that are judged where they are read."""
_SHOWN = re.compile(
    r"user_data(?:_base64)?|environment|environment_variables|container_definitions|default_arguments|input|value|metadata"
)
"""Attributes that whoever may describe the resource reads."""
_OUTPUTS = (("values", "outputs"), ("planned_values", "outputs"), ("outputs",))
_MOST = 5_000


def tell_secrets(document: Node, estate: Estate, reading: Reading) -> None:
    """Tell where a document shows secrets: its variables and outputs, and resource by resource."""
    file, found = Source(document.source.file), [*_defaults(document), *_outputs(document)]
    if estate.resources or found:
        place = estate.resources[0].place if estate.resources else Place()
        told = looked_through(file.file, file.file, file, found, account=place.account, region=place.region)
        reading.add(told)
    written = _constants(document)
    for resource in estate.resources:
        if not resource.raw.managed:
            continue
        raw = resource.raw
        known = f"{raw.module}.{raw.type}.{raw.name}".lstrip(".")
        found = [*_of_resource(resource), *written.get(re.sub(r"\[[^\]]*\]", "", known), ())]
        if found:
            place = resource.place
            of = resource.arn or resource.address
            told = looked_through(of, raw.address, raw.source, found, account=place.account, region=place.region)
            reading.add(told)


def _of_resource(resource: Resource) -> Iterator[PlantedSecret]:
    values = resource.raw.node
    plain_parameter = resource.type == "aws_ssm_parameter" and values.text("type") != "SecureString"
    for name, value in values.value.items():
        if name in _JUDGED.get(resource.type, ()) or (named_secret(resource.raw, name) and not plain_parameter):
            continue
        source = values.source.at(name)
        key = values.text("name") if plain_parameter and name in {"value", "insecure_value"} else name
        for one in planted(value, source, key=key):
            yield PlantedSecret("/".join(filter(None, (name, one.place))), one.reason, one.source)
        if _SHOWN.fullmatch(name) and resource.type != "aws_api_gateway_api_key":
            yield from _written_out(value, name, source)


def _written_out(value: Any, name: str, source: Source) -> Iterator[PlantedSecret]:  # noqa: ANN401 -- any JSON value
    """Yield where a value that Terraform keeps as sensitive elsewhere stands in one that is not."""
    if isinstance(value, str) and REMOVED in value:
        yield PlantedSecret(name, "a sensitive value is written out", source)
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _written_out(item, f"{name}/{key}", source.at(key))


def _modules(document: Node) -> Iterator[tuple[str, Node]]:
    """Yield the modules of a configuration, with the address of each."""
    root = document.at("configuration", "root_module")
    waiting = [("", root)] if root is not None else []
    for _ in range(_MOST):
        if not waiting:
            return
        address, module = waiting.pop()
        yield address, module
        calls = module.at("module_calls")
        for name in sorted(calls.value) if calls is not None and isinstance(calls.value, dict) else ():
            inner = module.at("module_calls", name, "module")
            if inner is not None:
                waiting.append((f"{address}module.{name}.", inner))


def _defaults(document: Node) -> Iterator[PlantedSecret]:
    """Yield the defaults of variables, and what is given to modules as a constant."""
    for address, module in _modules(document):
        variables = module.at("variables")
        for name in variables.value if variables is not None and isinstance(variables.value, dict) else ():
            default = module.at("variables", name, "default")
            masked = module.at("variables", name, "sensitive") is not None
            if default is None or default.value in ("", False, True):
                continue
            for one in planted(default.value, default.source, key=name):
                yield PlantedSecret(f"{address}var.{name}", one.reason, one.source, masked)
        calls = module.at("module_calls")
        for name in calls.value if calls is not None and isinstance(calls.value, dict) else ():
            given = module.at("module_calls", name, "expressions")
            if given is not None:
                for one in planted(given.value, given.source):
                    yield PlantedSecret(f"{address}module.{name}.{one.place}", one.reason, one.source)


def _constants(document: Node) -> dict[str, list[PlantedSecret]]:
    """Return the secrets that are constants in the code, by the address of the resource, without indexes."""
    found: dict[str, list[PlantedSecret]] = {}
    for address, module in _modules(document):
        for resource in module.each("resources"):
            expressions = resource.at("expressions")
            if expressions is None or not isinstance(expressions.value, dict):
                continue
            name = f"{address}{resource.text('type')}.{resource.text('name')}"
            for key in expressions.value:
                constant = resource.text("expressions", key, "constant_value")
                at = expressions.source.at(key, "constant_value")
                if constant and (reason := _why_constant(resource.text("type"), key, constant)):
                    found.setdefault(name, []).append(PlantedSecret(key, reason, at))
    return found


def _why_constant(kind: str, key: str, value: str) -> str:
    if not named_secret(kind, key):
        return ""
    return why_secret(value, key) or "a constant in the code"


def _outputs(document: Node) -> Iterator[PlantedSecret]:
    for steps in _OUTPUTS:
        outputs = document.at(*steps)
        for name in outputs.value if outputs is not None and isinstance(outputs.value, dict) else ():
            declared = document.at(*steps, name)
            value = document.at(*steps, name, "value")
            if declared is None or value is None or document.at(*steps, name, "sensitive") is None:
                continue
            if declared.value.get("sensitive") is not True:
                for one in planted(value.value, value.source, key=name):
                    yield PlantedSecret(f"output.{name}", one.reason, one.source)
