"""What translators of Terraform's resources share: handing over an answer for a resource, and policies."""

from collections.abc import Callable, Mapping
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._out import Out as _Out
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["Out", "Translate", "block", "members_of", "pairs_of", "statement_of"]

Translate = Callable[[Estate, "Out"], None]
"""Hands over the answers for the resources of one service."""


class Out(_Out):
    """Hands over answers for resources."""

    def policy(self, resource: Resource, call: str, key: str, *arguments: str, attribute: str = "policy") -> None:
        """Hand over the policy that an attribute holds; one that is not known yet is noted and stays unseen."""
        found = resource.either(attribute)
        if found is not None:
            self.give(resource, call, {key: found}, *arguments, complete=False)
        elif resource.unknown(attribute):
            self.unread(resource, f"{attribute} will be known only when the plan is applied")

    def unread(self, resource: Resource, reason: str) -> None:
        """Note that something of a resource was not read."""
        self.answers.reading.not_read(resource.raw.node.source, reason)


def block(node: Node | None, **names: str) -> dict[str, Any] | None:
    """Return a block with other names: response key -> attribute; ``None`` where there is no block."""
    if node is None:
        return None
    return {key: found for key, name in names.items() if (found := node.at(name)) is not None and found.value != ""}


def pairs_of(resource: Resource) -> Node | None:
    """Return tags as a list of keys and values."""
    if resource.tags is None or not isinstance(resource.tags.value, dict):
        return resource.tags
    pairs = [{"Key": key, "Value": value} for key, value in resource.tags.value.items()]
    return Node(pairs, resource.tags.source)


def members_of(resource: Resource, attribute: str, key: str) -> list[dict[str, Any]] | None:
    """Return a list of texts as a list of objects with one key each, ``None`` where there is no list."""
    found = resource.at(attribute)
    if found is None or not isinstance(found.value, list):
        return None
    return [{key: item} for item in found.value if isinstance(item, str)]


def statement_of(node: Node, statement: Mapping[str, Any]) -> Tree:
    """Return a statement that was put together, at the place of what it was put together from."""
    return Tree(node.source, {key: value for key, value in statement.items() if value is not None})
