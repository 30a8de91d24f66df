"""Values as text: for people, for spreadsheets and for terminals, whatever a client's names hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum

import msgspec
import pandas as pd

from auditkit.inventory import PolicyText, Source, UnsetType

__all__ = ["cell_text", "csv_text", "plain_text"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain_text(value: str) -> str:
    """Return text without what a terminal or a page would act on.

    Control characters (Unicode categories Cc, Cf, Zl, Zp: escapes, line breaks, changes of writing direction) become
    the replacement character.
    """
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)


def cell_text(value: object) -> str:
    """Return a cell's value for a person: nothing for nothing, lists with commas, three decimals at most."""
    if value is None or isinstance(value, UnsetType) or value is pd.NA:
        return "" if not isinstance(value, UnsetType) else "not seen"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Enum):
        return plain_text(str(value.value))
    if isinstance(value, Mapping):
        return ", ".join(f"{cell_text(key)}: {cell_text(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        texts = [cell_text(item) for item in items]
        return (" " if all(text.endswith(".") for text in texts) else ", ").join(texts)
    if isinstance(value, Source):
        return plain_text(str(value))
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        if isinstance(value, PolicyText):
            fields = {"written": value.document} | {key: item for key, item in fields.items() if key != "kept"}
        return ", ".join(f"{key}: {cell_text(item)}" for key, item in fields.items() if item not in (None, "", ()))
    return plain_text(str(value))


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.3f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV text (RFC 4180, line feed) that no spreadsheet takes for formulas.

    A text cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break gets an apostrophe before it, as
    OWASP advises against CSV injection; numbers stay numbers, with all their digits.
    """
    out = frame.copy()
    for column in out.columns:
        out[column] = out[column].map(_csv_cell)
    return str(out.to_csv(index=False, lineterminator="\n"))


def _csv_cell(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, (int, float)) and not isinstance(value, Enum)):
        return value
    text = cell_text(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
