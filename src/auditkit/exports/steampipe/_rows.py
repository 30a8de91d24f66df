"""Rows of a table, whichever way they were written: CSV, a list of objects, or ``{"columns": ..., "rows": ...}``."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from auditkit.exports._answers import Node, Place
from auditkit.exports._json import JsonError, as_utf8, parse_json, sketch
from auditkit.exports._shapes import fitted, shape_of
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn

__all__ = ["Row", "columns_of", "rows_of"]

_NULL = frozenset({"", "<null>", "null"})
_WIDEST = 1000


class Row:
    """One row.

    Parameters
    ----------
    node
        Column -> value. A column that is not there was not selected; one without a value is empty.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.source = node.source

    def has(self, column: str) -> bool:
        """Return whether a column was selected."""
        return column in self.node.value

    def at(self, *steps: str | int) -> Node | None:
        """Return a value, or ``None`` where there is none."""
        return self.node.at(*steps)

    def text(self, *columns: str) -> str:
        """Return the first of some columns that says something, as text."""
        for column in columns:
            found = self.node.value.get(column)
            if isinstance(found, str | int | float) and not isinstance(found, bool) and found != "":
                return str(found)
        return ""

    @property
    def place(self) -> Place:
        """Account and region."""
        arn = parse_arn(self.text("arn", "queue_arn", "topic_arn", "function_arn", "subscription_arn"))
        account = self.text("account_id") or (arn.account if arn else "")
        region = self.text("region") or (arn.region if arn else "")
        return Place(account if account.isdigit() else "", region)

    @property
    def tags(self) -> Mapping[str, Any] | None:
        """Tags, ``None`` where they were not selected."""
        if not self.has("tags"):
            return None
        found = self.node.value["tags"]
        return found if isinstance(found, dict) else {}

    def fit(self, shape: str, names: Mapping[str, str]) -> dict[str, Any]:
        """Return the row in the shape of an API's structure (``service:Structure``)."""
        service, _, structure = shape.partition(":")
        tree = fitted(self.node, shape_of(service, structure), names)
        return tree if isinstance(tree, dict) else {}


def columns_of(data: bytes) -> list[str]:
    """Return the columns of a table, in lower case; none for what is no table."""
    try:
        if _is_json(data):
            found: Any = sketch(data)  # of a list its first item, of an object its keys with the first items of lists
            if isinstance(found.get("rows"), list):
                found = (found["rows"] or [{}])[0]
            return [str(column).lower() for column in found] if isinstance(found, dict) else []
        header = next(csv.reader(io.StringIO(as_utf8(data)[:65536].decode("utf-8", "replace"))), [])
    except (JsonError, csv.Error):
        return []
    return [column.strip().lower() for column in header]


def _is_json(data: bytes) -> bool:
    return as_utf8(data).lstrip()[:1] in {b"[", b"{"}


def _json_rows(document: object) -> list[tuple[str, Any]]:
    """Return pointer and row of each row of a JSON document."""
    if isinstance(document, dict):
        rows, start = document.get("rows"), "/rows"
    else:
        rows, start = document, ""
    return [(f"{start}/{index}", row) for index, row in enumerate(rows)] if isinstance(rows, list) else []


def rows_of(data: bytes, source: Source) -> Iterator[Row]:
    """Yield the rows of a table; in CSV the first row below the header is ``/0``.

    Raises
    ------
    JsonError
        The file is neither JSON nor CSV.
    """
    if _is_json(data):
        for pointer, row in _json_rows(parse_json(data)):
            if isinstance(row, dict):
                yield Row(
                    Node({str(key).lower(): _read(value) for key, value in row.items()}, Source(source.file, pointer))
                )
        return
    try:
        text = as_utf8(data).decode()
        reader = csv.reader(io.StringIO(text))
        header = [column.strip().lower() for column in next(reader, [])][:_WIDEST]
        for number, cells in enumerate(reader):
            if cells:
                values = {column: _read(cell) for column, cell in zip(header, cells, strict=False)}
                yield Row(Node(values, Source(source.file, f"/{number}")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise JsonError(f"not CSV: {type(error).__name__}") from None


def _read(cell: Any) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a cell: JSON text as what it says, and nothing for what stands for nothing."""
    if not isinstance(cell, str):
        return cell
    if cell.strip() in _NULL:
        return None
    if cell.lstrip()[:1] in {"{", "["}:
        try:
            return parse_json(cell.encode("utf-8", "surrogatepass"))
        except JsonError:
            return cell
    return cell
