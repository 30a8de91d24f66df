"""Values of a template that are not known, and what stands for them.

What cannot be resolved (a parameter without default, an import from elsewhere) becomes a *symbol*: text in parentheses
that names it, ``(orders.BucketName)``. It stands in names and ARNs like any other text, is always the same for the same
thing, and never matches anything that is known.
"""

import re
from collections.abc import Iterator
from typing import Any

from auditkit.inventory.arn import UNKNOWN_ACCOUNT, UNKNOWN_REGION

__all__ = ["NOTHING", "Symbols", "escaped", "steps_of", "within_bounds"]

NOTHING: Any = object()
"""``AWS::NoValue``: the property, or the item of a list, is left out."""

_SYMBOL = re.compile(r"\([^()]*\)")
_UNFIT = re.compile(r"[^A-Za-z0-9_./-]+")


def escaped(step: str | int) -> str:
    """Return a step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


def steps_of(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


class Symbols:
    """What is not known, by the text that stands for it."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._accounts: dict[str, str] = {}

    def symbol(self, *parts: str) -> str:
        """Return the symbol of something, named by its stack and its own name."""
        text = "(" + ".".join(_UNFIT.sub("-", part) for part in parts) + ")"
        self._known.add(text)
        return text

    def account(self, symbol: str) -> str:
        """Return the number that stands for an account that is not known, but not the stack's own by its template."""
        return self._accounts.setdefault(symbol, f"{int(UNKNOWN_ACCOUNT) + 1 + len(self._accounts):012d}")

    @property
    def accounts(self) -> dict[str, str]:
        """Symbol -> number of every account that stands for one that is not known."""
        return dict(self._accounts)

    def within(self, value: object) -> Iterator[str]:
        """Yield the symbols in a value, at any depth."""
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                if "(" in item:
                    yield from (found for found in _SYMBOL.findall(item) if found in self._known)
            elif isinstance(item, dict):
                waiting += item.values()
            elif isinstance(item, list):
                waiting += item

    def unknown(self, value: object) -> bool:
        """Return whether something of a value is not known: a symbol, or the account or region of a stack."""
        if next(self.within(value), None) is not None:
            return True
        text = value if isinstance(value, str) else ""
        return UNKNOWN_REGION in text or UNKNOWN_ACCOUNT in text

    def fit(self, text: str) -> str:
        """Return a text that may be an ARN, with numbers and regions where an ARN must have some."""
        if not text.startswith("arn:") or "(" not in text:
            return text
        parts = text.split(":", 5)
        if len(parts) < 6:  # noqa: PLR2004 -- an ARN has six parts
            return text
        if "(" in parts[1]:
            parts[1] = "aws"
        if "(" in parts[3]:
            parts[3] = UNKNOWN_REGION
        if "(" in parts[4]:
            parts[4] = self.account(parts[4])
        return ":".join(parts)


def within_bounds(value: object, limit: int) -> bool:
    """Return whether a value holds no more than so many values, however often the same one is met."""
    count, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        count += 1
        if count > limit:
            return False
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return True
