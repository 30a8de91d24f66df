"""What translators of Terraform's resources share: handing over an answer for a resource, and policies."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auditkit.exports._answers import Answers, Node, Tree
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory import Source

__all__ = ["Out", "Translate", "block", "statement_of"]

Translate = Callable[[Estate, "Out"], None]
"""Hands over the answers for the resources of one service."""


class Out:
    """Hands over answers for resources.

    Parameters
    ----------
    answers
        Takes them.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def give(
        self,
        resource: Resource,
        call: str,
        tree: Mapping[str, Any],
        *arguments: str,
        complete: bool = True,
        unseen: Iterable[str] = (),
    ) -> None:
        """Hand over the response of a call for a resource; see :meth:`Answers.give`."""
        self._answers.give(
            call,
            _leafy(tree),
            *arguments,
            place=resource.place,
            source=_leaf(resource.source),
            complete=complete,
            unseen=unseen,
        )

    def partly(self, resource: Resource, *calls: str) -> None:
        """Note that listings show what Terraform manages, and perhaps not all."""
        for call in calls:
            self._answers.partly(call, resource.place, _leaf(resource.source))

    def policy(self, resource: Resource, call: str, key: str, *arguments: str, attribute: str = "policy") -> None:
        """Hand over the policy that an attribute holds; one that is not known yet is noted and stays unseen."""
        found = resource.either(attribute)
        if found is not None:
            self.give(resource, call, {key: found}, *arguments, complete=False)
        elif resource.unknown(attribute):
            self.unread(resource, f"{attribute} will be known only when the plan is applied")

    def unread(self, resource: Resource, reason: str) -> None:
        """Note that something of a resource was not read."""
        self._answers.reading.not_read(resource.raw.node.source, reason)


def _leaf(source: Source) -> Source:
    return Source(source.file, source.pointer, leaf=True)


def _leafy(tree: Any) -> Any:  # noqa: ANN401 -- a tree
    """Return a tree whose objects have no places below them: Terraform's names are not the API's."""
    if isinstance(tree, Tree):
        return Tree(_leaf(tree.source), {key: _leafy(item) for key, item in tree.items()})
    if isinstance(tree, dict):
        return {key: _leafy(item) for key, item in tree.items()}
    return [_leafy(item) for item in tree] if isinstance(tree, list) else tree


def block(node: Node | None, **names: str) -> dict[str, Any] | None:
    """Return a block with other names: response key -> attribute; ``None`` where there is no block."""
    if node is None:
        return None
    return {key: found for key, name in names.items() if (found := node.at(name)) is not None and found.value != ""}


def statement_of(node: Node, statement: Mapping[str, Any]) -> Tree:
    """Return a statement that was put together, at the place of what it was put together from."""
    return Tree(node.source, {key: value for key, value in statement.items() if value is not None})
