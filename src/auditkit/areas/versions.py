"""Versions of functions: which are in use, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from auditkit.graph.edges.versions import ADDRESSING, numbers_of
from auditkit.inventory import Source
from auditkit.inventory.records.functions import (
    Function,
    FunctionConfiguration,
    FunctionVersion,
)

if TYPE_CHECKING:
    from auditkit.areas.scene import Scene

__all__ = ["InUse", "Way", "has_other_code", "in_use", "is_image", "led_to", "live_versions", "within"]

Way = tuple[str, Source]
"""What leads to a version, in words, and where that was read."""


def is_image(configuration: FunctionConfiguration) -> bool:
    """Return whether a function is a container image."""
    return configuration.package_type == "Image"


Live = tuple[FunctionVersion, tuple[Way, ...]]
"""A published version, and what leads to it."""

_KNOWN: WeakKeyDictionary[Scene, dict[str, tuple[Live, ...]]] = WeakKeyDictionary()


class InUse(NamedTuple):
    """What callers may come to: a function, how it is set, and where that is, ``""`` for ``$LATEST``."""

    function: Function
    code: FunctionConfiguration
    place: str


def in_use(scene: Scene, *settings: str) -> Iterator[InUse]:
    """Yield all functions, and their versions in use of which one of some settings is not that of ``$LATEST``."""
    for function in scene.functions:
        yield InUse(function, function, "")
        for version, _ in live_versions(function, scene):
            if any(getattr(version, name) != getattr(function, name) for name in settings):
                yield InUse(function, version, f"version {version.version}")


def has_other_code(version: FunctionVersion, function: Function) -> bool:
    """Return whether a version runs other code, or other layers, than ``$LATEST``, or may."""
    same = version.code_sha256 and version.code_sha256 == function.code_sha256
    return not same or version.layers != function.layers


def led_to(function: Function, qualifier: str, scene: Scene) -> tuple[FunctionConfiguration, ...]:
    """Return what a qualifier of a function leads to; none where the export does not tell all of it."""
    if qualifier in {"", "$LATEST"}:
        return (function,)
    if qualifier.isdigit():
        numbers = {qualifier}
    else:
        numbers = {
            number
            for alias in scene.aliases.get(function.id, ())
            if alias.name == qualifier
            for number in (alias.function_version or "", *(number for number, _ in numbers_of(alias)))
        }
    found = [function if one == "$LATEST" else scene.inventory.get(f"{function.id}:{one}") for one in sorted(numbers)]
    codes = tuple(one for one in found if isinstance(one, FunctionConfiguration))
    return codes if len(codes) == len(found) else ()


def within(place: str, what: str) -> str:
    """Return the place of something in a version, or in ``$LATEST``."""
    return f"{place}, {what}" if place else what


def live_versions(function: Function, scene: Scene) -> tuple[Live, ...]:
    """Return the published versions that something leads to, by number, each with what leads there."""
    known = _KNOWN.setdefault(scene, {})
    found = known.get(function.id)
    if found is None:
        found = known[function.id] = tuple(_live(function, scene))
    return found


def _live(function: Function, scene: Scene) -> Iterator[Live]:
    ways: dict[str, list[Way]] = {}
    for number, way in _ways(function, scene):
        ways.setdefault(number, []).append(way)
    for number in sorted(ways, key=lambda number: (len(number), number)):
        version = scene.inventory.get(f"{function.id}:{number}")
        if isinstance(version, FunctionVersion):
            yield version, tuple(ways[number])


def _ways(function: Function, scene: Scene) -> Iterator[tuple[str, Way]]:
    aliases = {}
    for alias in scene.aliases.get(function.id, ()):
        numbers = numbers_of(alias)
        aliases[alias.name] = numbers
        for number, source in numbers:
            yield number, (f"alias {alias.name}", source)
    for qualifier, way in _qualified(function, scene):
        if qualifier.isdigit():
            yield qualifier, way
        for number, _ in aliases.get(qualifier, ()):
            yield number, way


def _qualified(function: Function, scene: Scene) -> Iterator[tuple[str, Way]]:
    """Yield the qualifiers at which triggers address a function."""
    for mapping in scene.mappings.get(function.id, ()):
        if mapping.function_arn != function.id:
            way = (f"event source mapping {mapping.uuid}", mapping.source.at("FunctionArn"))
            yield mapping.function_arn.removeprefix(function.id + ":"), way
    for url in scene.urls.get(function.id, ()):
        if url.function_arn != function.id:
            yield url.function_arn.removeprefix(function.id + ":"), ("its URL", url.source.at("FunctionArn"))
    for origin, edge in scene.neighbours.addressing(function.id, *ADDRESSING):
        if edge.enabled and edge.sources:
            label = scene.nodes[origin].label or origin
            yield edge.qualifier, (str(label), edge.sources[0])
