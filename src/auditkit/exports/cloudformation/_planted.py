"""Secrets that templates hold in plain: as defaults of parameters, in outputs, in properties of any resource.

AWS CloudFormation User Guide, Parameters: ``NoEcho`` masks a value "when a call is made to describe stacks or stack
events", and not "in the template's Metadata section", "in the Outputs section", or "in the Metadata attribute of a
resource definition"; whoever may read the template reads defaults.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditkit.exports._planted import looked_through, planted, why_planted
from auditkit.exports._reading import Reading
from auditkit.exports.cloudformation._estate import Estate
from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._stacks import Stack
from auditkit.exports.cloudformation._values import escaped
from auditkit.exports.secrets import why_secret
from auditkit.inventory import Source
from auditkit.inventory.evidence.plain_secrets import PlantedSecret

__all__ = ["tell_secrets", "written_out"]

_JUDGED = {
    "AWS::ApiGateway::Stage": ("Variables",),
    "AWS::ApiGatewayV2::Stage": ("StageVariables",),
    "AWS::CodeBuild::Project": ("Environment",),
    "AWS::Glue::Job": ("DefaultArguments", "NonOverridableArguments"),
    "AWS::Lambda::Function": ("Environment",),
    "AWS::StepFunctions::StateMachine": ("Definition", "DefinitionString", "DefinitionSubstitutions"),
}
"""Properties that are judged where they are read."""
_SHOWN = re.compile(
    r"UserData|Environment|EnvironmentVariables|DefaultArguments|Input|InputTemplate|Metadata|Parameters|BuildSpec"
)
"""Properties whose values whoever may describe the resource reads: a masked parameter is shown there."""
_INSIDE = re.compile(r"\$\{(?!!)([^}]+)\}")
_MASKED = "a masked parameter (NoEcho) is written out"
_RETURNED = {
    "ApiKey": "an API key is written out",
    "ClientSecret": "the secret of a client is written out",
    "SecretAccessKey": "the secret of an access key is written out",
}
"""Return values of resources that are secrets."""


def tell_secrets(estate: Estate, reading: Reading) -> None:
    """Tell where the templates of an estate hold secrets, stack by stack."""
    for stack in estate.stacks:
        _add(estate, reading, (stack.arn, stack.name), Source(stack.mark, ""), _of_template(stack))
        for resource in stack.resources:
            found = list(_of_resource(resource))
            if found:
                _add(estate, reading, (resource.identity.arn, resource.identity.name), resource.source, found)


def _add(
    estate: Estate, reading: Reading, owner: tuple[str, str], source: Source, found: Iterable[PlantedSecret]
) -> None:
    located = (PlantedSecret(one.place, one.reason, estate.located(one.source), one.masked) for one in found)
    reading.add(looked_through(*owner, estate.located(source), located))


def _of_template(stack: Stack) -> Iterator[PlantedSecret]:
    for name, declared in stack.section("Parameters").items():
        value = declared.get("Default") if isinstance(declared, dict) else None
        if isinstance(value, str | int) and not spelled(declared.get("Type")).startswith("AWS::SSM::"):
            place = f"Parameters/{name}/Default"
            reason = why_secret(str(value), name) or ("a masked value" if _is_masked(declared) and value else "")
            if reason:
                source = Source(stack.mark, f"/Parameters/{escaped(name)}/Default")
                yield PlantedSecret(place, reason, source, _is_masked(declared))
    for one in planted(stack.section("Mappings"), Source(stack.mark, "/Mappings")):
        yield PlantedSecret(f"Mappings/{one.place}", one.reason, one.source)
    for name, declared in stack.section("Outputs").items():
        if isinstance(declared, dict) and "Value" in declared:
            source = Source(stack.mark, f"/Outputs/{escaped(name)}/Value")
            for one in planted(declared["Value"], source, key=name, refers=_Expressions(stack, shown=True)):
                yield PlantedSecret(f"Outputs/{name}/Value", one.reason, one.source)


def _of_resource(resource: Resource) -> Iterator[PlantedSecret]:
    refers = _Expressions(resource.stack, shown=True)
    for one in planted(resource.raw.get("Metadata"), resource.source.at("Metadata"), refers=refers):
        yield PlantedSecret(f"Metadata/{one.place}", one.reason, one.source)
    properties = resource.raw.get("Properties")
    if not isinstance(properties, dict):
        return
    if resource.type == "AWS::SSM::Parameter":
        yield from _of_parameter(resource, properties)
        return
    for name, value in properties.items():
        if name in _JUDGED.get(resource.type, ()):
            continue
        refers = _Expressions(resource.stack, shown=bool(_SHOWN.fullmatch(name)))
        source = resource.source.at("Properties", name)
        for one in planted(value, source, key=name, refers=refers):
            yield PlantedSecret("/".join(filter(None, ("Properties", name, one.place))), one.reason, one.source)


def _of_parameter(resource: Resource, properties: Mapping[str, Any]) -> Iterator[PlantedSecret]:
    """Yield a parameter of Parameter Store whose value is a secret: a template cannot store one encrypted."""
    name = resource.text("Name") or resource.logical
    refers = _Expressions(resource.stack, shown=True)
    for one in planted(properties.get("Value"), resource.source.at("Properties", "Value"), key=name, refers=refers):
        yield PlantedSecret(
            "Properties/Value", f"{one.reason}; a parameter of type String is not encrypted", one.source
        )


def written_out(resource: Resource, *steps: str) -> dict[str, str]:
    """Return why members of a property are secrets by what they refer to, whatever they are called.

    Parameters
    ----------
    resource
        Has the property.
    *steps
        Lead to it: ``"Environment", "Variables"``.
    """
    value = resource.raw.get("Properties")
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    refers, by_reference = _Expressions(resource.stack, shown=True), {_MASKED, *_RETURNED.values()}
    return {
        str(name): one.reason
        for name, item in (value.items() if isinstance(value, dict) else ())
        for one in planted(item, resource.source, refers=refers)
        if one.reason in by_reference
    }


class _Expressions:
    """Judges functions of a template by what they refer to.

    Parameters
    ----------
    stack
        Whose template it is.
    shown
        Whether what stands there is shown to whoever may describe the resource.
    """

    def __init__(self, stack: Stack, *, shown: bool) -> None:
        self._stack = stack
        self._shown = shown

    def __call__(self, value: Mapping[str, Any], key: str) -> str | None:
        """Return why an object is a secret, ``None`` where it is none of the functions that refer to something."""
        if len(value) != 1:
            return None
        ((name, argument),) = value.items()
        if name == "Ref":
            return self._of_name(spelled(argument))
        if name == "Fn::GetAtt":
            steps = argument.split(".") if isinstance(argument, str) else argument
            return self._of_attribute([spelled(step) for step in steps] if isinstance(steps, list) else [])
        if name == "Fn::Sub":
            return self._of_text(argument) or None
        if name == "Fn::Join":
            return self._joined(argument, key)
        return "" if name in {"Condition", "Fn::FindInMap", "Fn::ImportValue", "Fn::GetAZs"} else None

    def _of_text(self, argument: object) -> str:
        text = argument[0] if isinstance(argument, list) and argument else argument
        inside = [name.strip() for name in _INSIDE.findall(text)] if isinstance(text, str) else []
        found = (self._of_attribute(name.split(".")) if "." in name else self._of_name(name) for name in inside)
        return next(filter(None, found), "")

    def _joined(self, argument: object, key: str) -> str:
        """Judge a text put together: what is taken from elsewhere stands in it as a placeholder."""
        split, parts = argument if isinstance(argument, list) and len(argument) == 2 else ("", [])  # noqa: PLR2004
        parts = parts if isinstance(parts, list) else []
        found = next(filter(None, (self(part, key) for part in parts if isinstance(part, dict))), "")
        text = str(split).join(part if isinstance(part, str) else "${...}" for part in parts)
        return found or why_planted(text, key)

    def _of_name(self, name: str) -> str:
        declared = self._stack.section("Parameters").get(name)
        return _MASKED if self._shown and _is_masked(declared) else ""

    def _of_attribute(self, steps: list[str]) -> str:
        return _RETURNED.get(steps[-1], "") if self._shown and len(steps) > 1 else ""


def _is_masked(declared: object) -> bool:
    return isinstance(declared, dict) and spelled(declared.get("NoEcho")).lower() == "true"
