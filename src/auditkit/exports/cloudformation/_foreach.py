"""Loops of templates: ``Fn::ForEach`` of the transform ``AWS::LanguageExtensions``, written out."""

import re
from typing import Any

from auditkit.exports.cloudformation._values import escaped

__all__ = ["Loops"]

_LOOP = "Fn::ForEach::"
_MOST = 2_000
"""Most members that the loops of a template make."""
_LARGEST = 200_000
"""Most values that are written out."""
_SECTIONS = ("Conditions", "Resources", "Outputs")


class Loops:
    """Writes out the loops of a template.

    Parameters
    ----------
    template
        The template; it is left as it is.

    Attributes
    ----------
    origins
        Pointer of each member that a loop made -> where what it was made of stands in the template.
    left_out
        Pointers of loops that were not written out, or not whole, and why.
    """

    def __init__(self, template: dict[str, Any]) -> None:
        self._template = template
        self._made = self._values = 0
        self.origins: dict[str, str] = {}
        self.left_out: dict[str, str] = {}

    def whole(self) -> dict[str, Any]:
        """Return the template without loops."""
        found = dict(self._template)
        for name in _SECTIONS:
            if isinstance(found.get(name), dict) and _has_loop(found[name]):
                found[name] = self._written(found[name], {}, f"/{name}", f"/{name}")
        return found

    def _written(self, value: Any, names: dict[str, str], was: str, now: str) -> Any:  # noqa: ANN401 -- anything
        """Return a value that stood at one place and stands at another, with the names of loops filled in."""
        self._values += 1
        if isinstance(value, str):
            return _filled(value, names)
        if isinstance(value, list):
            return [self._written(item, names, f"{was}/{index}", f"{now}/{index}") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and value.keys() == {"Ref"} and isinstance(value["Ref"], str) and value["Ref"] in names:
            return names[value["Ref"]]
        found: dict[str, Any] = {}
        for key, item in value.items():
            before, called = f"{was}/{escaped(key)}", _filled(key, names)
            if key.startswith(_LOOP):
                found.update(self._looped(item, names, before, now))
            else:
                found[called] = self._written(item, names, before, f"{now}/{escaped(called)}")
        return found

    def _looped(self, loop: Any, names: dict[str, str], was: str, now: str) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = {}
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], dict):  # noqa: PLR2004 -- name, items, what
            self.left_out[was] = "a loop that is none: it takes a name, a list and what to write"
            return found
        items = self._items(loop[1], names)
        if items is None:
            self.left_out[was] = "what the loop goes over is not known"
        each = max(1, len(loop[2]))
        for item in items or ():
            if self._made + each > _MOST or self._values >= _LARGEST:
                self.left_out[was] = "loops of the template make too much"
                break
            self._made += each
            inner = {**names, str(loop[0]): item}
            for key in loop[2]:
                if not key.startswith(_LOOP):
                    self.origins[f"{now}/{escaped(_filled(key, inner))}"] = f"{was}/2/{escaped(key)}"
            found.update(self._written(loop[2], inner, f"{was}/2", now))
        return found

    def _items(self, collection: Any, names: dict[str, str]) -> list[str] | None:  # noqa: ANN401
        if isinstance(collection, dict) and isinstance(collection.get("Ref"), str):
            parameters = self._template.get("Parameters")
            declared = parameters.get(collection["Ref"]) if isinstance(parameters, dict) else None
            default = declared.get("Default") if isinstance(declared, dict) else None
            return [part.strip() for part in default.split(",")] if isinstance(default, str) else None
        if not isinstance(collection, list):
            return None
        items = [self._written(item, names, "", "") for item in collection]
        return [str(item) for item in items] if all(isinstance(item, str | int) for item in items) else None


def _has_loop(value: object) -> bool:
    if isinstance(value, list):
        return any(_has_loop(item) for item in value)
    if not isinstance(value, dict):
        return False
    return any(str(key).startswith(_LOOP) or _has_loop(item) for key, item in value.items())


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
