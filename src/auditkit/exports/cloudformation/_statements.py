"""Statements of policies whose resource a template does not tell: it is a parameter, or comes from another stack.

Such a resource of what a principal may do becomes the ARN of something that is not known, so that what else the
statement says counts. That of a Deny, and of a statement about principals, stays what it is: it may be anything.
"""

from collections.abc import Iterator
from typing import Any

from auditkit.exports.cloudformation._values import Symbols, escaped

__all__ = ["name_resources"]

_UNKNOWN = "arn:aws::::"
_ELEMENTS, _PRINCIPALS = ("Resource", "NotResource"), {"Principal", "NotPrincipal"}


def name_resources(tree: Any, symbols: Symbols, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- any JSON value
    """Write ARNs in the place of what is not known where statements that allow a principal have their resources.

    Parameters
    ----------
    tree
        Resolved properties; they are changed.
    symbols
        What is not known.
    pointer
        Place of the tree.

    Yields
    ------
    tuple
        Place of each element that was changed, and the symbol in it.
    """
    waiting: list[tuple[Any, str]] = [(tree, pointer)]
    while waiting:
        item, place = waiting.pop()
        if isinstance(item, dict):
            if item.get("Effect") == "Allow" and not item.keys() & _PRINCIPALS:
                yield from _named(item, symbols, place)
            waiting += ((value, f"{place}/{escaped(key)}") for key, value in item.items())
        elif isinstance(item, list):
            waiting += ((value, f"{place}/{index}") for index, value in enumerate(item))


def _named(statement: dict[str, Any], symbols: Symbols, place: str) -> Iterator[tuple[str, str]]:
    for element in _ELEMENTS:
        written = statement.get(element)
        texts = written if isinstance(written, list) else [written]
        open_ = {text: symbol for text in texts if isinstance(text, str) and (symbol := _begins(text, symbols))}
        if open_:
            named = [_UNKNOWN + text if isinstance(text, str) and text in open_ else text for text in texts]
            statement[element] = named if isinstance(written, list) else named[0]
            yield f"{place}/{element}", next(iter(open_.values()))


def _begins(text: str, symbols: Symbols) -> str:
    """Return the symbol that a text begins with, ``""`` where it begins with anything else."""
    return next((one for one in symbols.within(text) if text.startswith(one)), "") if text.startswith("(") else ""
