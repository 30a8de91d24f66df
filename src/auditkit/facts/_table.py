"""Reading the tables of the package: each is dated, and its digest can be cited."""

import csv
import hashlib
from functools import cache
from importlib.resources import files

import msgspec

__all__ = ["Table", "get_table", "get_tables", "rows_of", "text_of"]


class Table(msgspec.Struct, frozen=True, order=True):
    """What a report cites of a table.

    Attributes
    ----------
    name, file
        Its name, and its file in the package.
    as_of
        Date up to which the facts were checked, ISO 8601.
    source
        Where they come from.
    sha256
        SHA-256 of the file's bytes, hexadecimal.
    """

    name: str
    file: str
    as_of: str
    source: str
    sha256: str


def _bytes(file: str) -> bytes:
    return files("auditkit.facts").joinpath(file).read_bytes()


@cache
def get_tables() -> dict[str, Table]:
    """Return all tables by name, sorted."""
    listed = csv.DictReader(_bytes("tables.csv").decode().splitlines())
    tables = [Table(**row, sha256=hashlib.sha256(_bytes(row["file"])).hexdigest()) for row in listed]
    return {table.name: table for table in sorted(tables)}


def get_table(name: str) -> Table:
    """Return the table of this name.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    return get_tables()[name]


@cache
def text_of(name: str) -> str:
    """Return the text of a table's file."""
    return _bytes(get_table(name).file).decode()


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that is a CSV file."""
    return list(csv.DictReader(text_of(name).splitlines()))
