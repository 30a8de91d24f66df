"""Parts of templates that stand in files of their own: definitions of APIs and state machines, ``AWS::Include``."""

from collections.abc import Callable
from typing import Any

import msgspec

from auditkit.exports.cloudformation._foreach import Loops
from auditkit.exports.cloudformation._values import escaped

__all__ = ["Included", "Includer"]

_DEFINED = {
    "AWS::Serverless::Api": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::StateMachine": ("DefinitionUri", "Definition"),
    "AWS::ApiGateway::RestApi": ("BodyS3Location", "Body"),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location", "Body"),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location", "Definition"),
}


_LARGEST = 8 << 20
"""Size in bytes from which on nothing more is included in a template."""


class Included(msgspec.Struct):
    """Content of a file, with its name as sources have it, and its size in bytes."""

    file: str
    content: Any
    size: int


class Includer:
    """Puts included files into a template.

    Parameters
    ----------
    local
        Returns a file of the export by its path as the template has it, ``None`` where there is none.
    """

    def __init__(self, local: Callable[[str], Included | None]) -> None:
        self._given = local
        self._size = 0
        self.found: dict[str, Included] = {}
        """What was put in, by the pointer of where it now stands."""
        self.origins: dict[str, str] = {}
        """Where what loops made stands in the template, by the pointer of where it now stands."""
        self.left_out: dict[str, str] = {}
        """Pointers of what was not written out, and why."""

    def _local(self, uri: str) -> Included | None:
        found = self._given(uri) if self._size < _LARGEST else None
        self._size += found.size if found is not None else 0
        return found

    def whole(self, template: dict[str, Any]) -> dict[str, Any]:
        """Return a template with the files that it includes, as far as the export has them."""
        loops = Loops(template)
        whole: dict[str, Any] = self._with_includes(loops.whole(), "")
        self.origins, self.left_out = loops.origins, loops.left_out
        resources = whole.get("Resources")
        if not isinstance(resources, dict):
            return whole
        return {**whole, "Resources": {name: self._defined(name, one) for name, one in resources.items()}}

    def _defined(self, logical: str, resource: Any) -> Any:  # noqa: ANN401 -- a template holds anything
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if not isinstance(properties, dict) or not isinstance(kind, str) or kind not in _DEFINED:
            return resource
        given, told = _DEFINED[kind]
        uri = properties.get(given)
        found = self._local(uri) if isinstance(uri, str) and told not in properties else None
        if found is None or not isinstance(found.content, dict):
            return resource
        self.found[f"/Resources/{escaped(logical)}/Properties/{told}"] = found
        rest = {key: value for key, value in properties.items() if key != given}
        return {**resource, "Properties": {**rest, told: found.content}}

    def _with_includes(self, value: Any, pointer: str) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return [self._with_includes(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        found = self._included(value.get("Fn::Transform"))
        rest = {
            key: self._with_includes(item, f"{pointer}/{escaped(key)}")
            for key, item in value.items()
            if found is None or key != "Fn::Transform"
        }
        if found is None:
            return rest
        if not rest:
            self.found[pointer] = found
        return {**found.content, **rest}

    def _included(self, transform: object) -> Included | None:
        if not isinstance(transform, dict) or transform.get("Name") != "AWS::Include":
            return None
        parameters = transform.get("Parameters")
        location = parameters.get("Location") if isinstance(parameters, dict) else None
        found = self._local(location) if isinstance(location, str) else None
        return found if found is not None and isinstance(found.content, dict) else None
