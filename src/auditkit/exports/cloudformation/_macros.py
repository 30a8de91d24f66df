"""Macros of a template: what they would make of it is not known, and is said."""

from collections.abc import Iterator, Mapping
from typing import Any

from auditkit.exports.cloudformation._identity import spelled

__all__ = ["macros_of"]

_KNOWN = (
    "AWS::Serverless-",
    "AWS::LanguageExtensions",
    "AWS::Include",
    "AWS::SecretsManager-",
    "AWS::CodeDeployBlueGreen",
)
"""First parts of the names of transforms that are applied, or whose parts are noted where they stand."""
_SHOWN = 80


def macros_of(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield place and reason for each macro that stands for the whole template or for its resources.

    Parameters
    ----------
    template
        The template.
    """
    declared = template.get("Transform")
    listed = isinstance(declared, list)
    for index, item in enumerate(declared if isinstance(declared, list) else [declared]):
        name = spelled(item.get("Name")) if isinstance(item, dict) else spelled(item)
        if name and not name.startswith(_KNOWN):
            yield f"/Transform/{index}" if listed else "/Transform", _reason(name)
    resources = template.get("Resources")
    inner = resources.get("Fn::Transform") if isinstance(resources, dict) else None
    for item in inner if isinstance(inner, list) else [inner]:
        if isinstance(item, dict) and not spelled(item.get("Name")).startswith(_KNOWN):
            yield "/Resources/Fn::Transform", _reason(spelled(item.get("Name")))


def _reason(name: str) -> str:
    return f"what the macro {name[:_SHOWN]!a} makes of the template is not known"
