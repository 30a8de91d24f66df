"""Loops of templates: ``Fn::ForEach`` of the transform ``AWS::LanguageExtensions``, written out."""

import re
from typing import Any

__all__ = ["without_loops"]

_LOOP = "Fn::ForEach::"
_MOST = 2_000
"""Most members that the loops of a template make."""


def without_loops(template: dict[str, Any]) -> dict[str, Any]:
    """Return a template with its loops written out; those over what is not known are left out."""
    if not any(
        isinstance(section, dict) and any(key.startswith(_LOOP) for key in section) for section in _sections(template)
    ):
        return template
    return _Writer(template).whole()


def _sections(template: dict[str, Any]) -> list[Any]:
    return [template.get(name) for name in ("Conditions", "Resources", "Outputs")]


class _Writer:
    def __init__(self, template: dict[str, Any]) -> None:
        self._template = template
        self._made = 0

    def whole(self) -> dict[str, Any]:
        found = dict(self._template)
        for name in ("Conditions", "Resources", "Outputs"):
            if isinstance(found.get(name), dict):
                found[name] = self._written(found[name], {})
        return found

    def _written(self, value: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 -- a template holds anything
        if isinstance(value, str):
            return _filled(value, names)
        if isinstance(value, list):
            return [self._written(item, names) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and value.keys() == {"Ref"} and isinstance(value["Ref"], str) and value["Ref"] in names:
            return names[value["Ref"]]
        found: dict[str, Any] = {}
        for key, item in value.items():
            if key.startswith(_LOOP):
                found.update(self._looped(item, names))
            else:
                found[_filled(key, names)] = self._written(item, names)
        return found

    def _looped(self, loop: Any, names: dict[str, str]) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = {}
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], dict):  # noqa: PLR2004 -- name, items, what
            return found
        for item in self._items(loop[1], names):
            if self._made >= _MOST:
                break
            self._made += 1
            found.update(self._written(loop[2], {**names, str(loop[0]): item}))
        return found

    def _items(self, collection: Any, names: dict[str, str]) -> list[str]:  # noqa: ANN401
        if isinstance(collection, dict) and isinstance(collection.get("Ref"), str):
            parameters = self._template.get("Parameters")
            declared = parameters.get(collection["Ref"]) if isinstance(parameters, dict) else None
            default = declared.get("Default") if isinstance(declared, dict) else None
            return [part.strip() for part in default.split(",")] if isinstance(default, str) else []
        items = self._written(collection, names)
        return [str(item) for item in items if isinstance(item, str | int)] if isinstance(items, list) else []


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
