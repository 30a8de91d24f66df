"""Configuration items, whichever way Config handed them out.

A snapshot and a history hold ``configurationItems``, a batch request ``baseConfigurationItems``, a query ``Results``
(texts, each an item with the fields that were selected). ``configuration`` and what supplements it are objects in some
and JSON text in others.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auditkit.exports._answers import Node, Place
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Reading
from auditkit.exports._shapes import fitted, shape_of
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn

__all__ = ["Item", "items_of"]

_LISTS = ("configurationItems", "baseConfigurationItems", "Results")
_GONE = frozenset({"ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"})
_GLOBAL = "global"


class Item:
    """One resource as Config recorded it.

    Parameters
    ----------
    node
        The item, an object.
    reading
        Takes a note of what is not JSON.
    """

    def __init__(self, node: Node, reading: Reading) -> None:
        self.node = node
        self._reading = reading
        self.source = Source(node.source.file, node.source.pointer, leaf=True)
        self.type = node.text("resourceType")
        configuration = self._object(node.at("configuration"))
        self.configuration = configuration or Node({}, self.source)
        self.described = configuration is not None
        self.arn = self._first(node, "ARN", "arn") or self._first(self.configuration, "arn", "Arn")
        self.name = node.text("resourceName")
        self.id = node.text("resourceId")

    @staticmethod
    def _first(node: Node, *names: str) -> str:
        return next((node.text(name) for name in names if node.text(name)), "")

    def _object(self, node: Node | None) -> Node | None:
        """Return what may be an object or JSON text as an object; of text, all of it stands where the text does."""
        if node is None:
            return None
        source, value = node.source, node.value
        if isinstance(value, str):
            source = Source(source.file, source.pointer, leaf=True)
            if not value.strip():
                return None
            try:
                value = parse_json(value.encode("utf-8", "surrogatepass"))
            except JsonError as error:
                self._reading.not_read(source, f"not JSON: {error}")
                return None
        return Node(_plain(value), source) if isinstance(value, dict) else None

    @property
    def place(self) -> Place:
        """Account and region."""
        arn = parse_arn(self.arn)
        account = self._first(self.node, "awsAccountId", "accountId") or (arn.account if arn else "")
        region = self.node.text("awsRegion") or (arn.region if arn else "")
        return Place(account if account.isdigit() else "", region)

    @property
    def deleted(self) -> bool:
        """Whether the resource is no longer there."""
        return self.node.text("configurationItemStatus") in _GONE

    @property
    def captured(self) -> str:
        """When it was recorded, in ISO 8601, so that texts sort by time."""
        return self.node.text("configurationItemCaptureTime")

    @property
    def tags(self) -> dict[str, Any] | None:
        """Tags, ``None`` where they were not selected."""
        found = self.node.at("tags")
        if found is None:
            return None
        if isinstance(found.value, dict):
            return found.value
        listed = found.value if isinstance(found.value, list) else []
        return {
            item["key"]: item.get("value", "")
            for item in listed
            if isinstance(item, dict) and isinstance(item.get("key"), str)
        }

    def more(self, name: str) -> Node | None:
        """Return a part of the supplementary configuration: an object, or what else stands there."""
        holder = self._object(self.node.at("supplementaryConfiguration"))
        found = holder.at(name) if holder is not None else None
        if found is not None and isinstance(found.value, str) and found.value.lstrip()[:1] in {"{", "["}:
            return self._object(found) or found
        return found

    def fit(self, service: str, shape: str, renames: Mapping[str, str]) -> dict[str, Any]:
        """Return the configuration in the shape of an API's structure."""
        tree = fitted(self.configuration, shape_of(service, shape), renames)
        return tree if isinstance(tree, dict) else {}


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a value in which ``{"value": "active"}``, as some enumerations are written, is the value."""
    if isinstance(value, dict):
        if value.keys() == {"value"}:
            return _plain(value["value"])
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def items_of(document: Node, reading: Reading) -> list[Item]:
    """Return the resources that are there, each as it was last recorded."""
    latest: dict[tuple[str, str, str], Item] = {}
    for node in _nodes(document, reading):
        item = Item(node, reading)
        if not item.type:
            reading.not_read(node.source, "a configuration item without resourceType")
            continue
        key = item.type, item.arn or item.id or item.name, str(item.place)
        known = latest.get(key)
        if known is None or known.captured <= item.captured:
            latest[key] = item
    return [item for item in latest.values() if not item.deleted]


def _nodes(document: Node, reading: Reading) -> Iterator[Node]:
    for name in _LISTS:
        found = document.at(name)
        for index, item in enumerate(found.value if found is not None and isinstance(found.value, list) else ()):
            source = document.source.at(name, index)
            if isinstance(item, str):
                source = Source(source.file, source.pointer, leaf=True)
                try:
                    item = parse_json(item.encode("utf-8", "surrogatepass"))  # noqa: PLW2901 -- the item as it is
                except JsonError as error:
                    reading.not_read(source, f"not JSON: {error}")
                    continue
            if isinstance(item, dict):
                yield Node(item, source)
            else:
                reading.not_read(source, "wrong shape: expected a configuration item")
