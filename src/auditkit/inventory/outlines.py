"""Outlines of files: which places there are in them, without what stands there."""

from collections.abc import Mapping

from auditkit.inventory.record import Source

__all__ = ["Outline", "nearest", "outline_of"]

Outline = Mapping[str, "Outline | None"]
"""The keys or indices of an object or list, with what is below each; ``None`` for what is neither."""


def outline_of(content: object) -> Outline | None:
    """Return the outline of a value; parts that stand in it several times are outlined once."""
    known: dict[int, Outline] = {}

    def outlined(value: object) -> Outline | None:
        if not isinstance(value, dict | list):
            return None
        if id(value) not in known:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            known[id(value)] = {str(key): outlined(item) for key, item in pairs}
        return known[id(value)]

    return outlined(content)


def nearest(source: Source, outline: Outline | None) -> Source:
    """Return the nearest place above or at a source that there is; a place within a text stays as it is."""
    found, below = "", outline
    for step in source.pointer.split("/")[1:]:
        if below is None:
            return source
        key = step.replace("~1", "/").replace("~0", "~")
        if key not in below:
            return Source(source.file, found, leaf=True)
        found, below = f"{found}/{step}", below[key]
    return source
