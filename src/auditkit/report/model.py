"""What a report holds, before it has a form: sections of text, tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pandas as pd

__all__ = ["Figure", "Report", "Section", "Table"]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of a report.

    Attributes
    ----------
    name
        Stem of its CSV file, unique in the report.
    title, note
        What it shows, and how to read it.
    frame
        All rows. A page may show only the first ones, and says so.
    columns
        Columns that a page shows, with their headings; a CSV file holds all columns.
    links
        Id of a resource -> name of the table about it, to which its label leads (columns ``resource``, ``label``).
    """

    name: str
    title: str
    frame: pd.DataFrame
    note: str = ""
    columns: Mapping[str, str] = {}
    links: Mapping[str, str] = {}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a report.

    Attributes
    ----------
    name
        Stem of its files, unique in the report.
    title, caption
        Above and below it.
    svg
        The picture as SVG text.
    files
        Suffix (``".png"``, ``".svg"``, ``".pdf"``) -> bytes of the picture in that form.
    """

    name: str
    title: str
    svg: str
    caption: str = ""
    files: Mapping[str, bytes] = {}


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section: a heading, paragraphs of plain text, then tables and pictures in the order given."""

    id: str
    title: str
    paragraphs: Sequence[str] = ()
    parts: Sequence[Table | Figure] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report.

    Attributes
    ----------
    title, date
        Heading and audit date (``YYYY-MM-DD``, ``""`` where none was given).
    facts
        Label -> value of what stands on the first page: accounts, regions, versions of data tables.
    sections
        In the order printed.
    attachments
        Name of a file beside the page -> its bytes.
    """

    title: str
    date: str
    facts: Mapping[str, str]
    sections: Sequence[Section]
    attachments: Mapping[str, bytes] = {}

    def tables(self) -> list[Table]:
        """Return all tables, in order."""
        return [part for section in self.sections for part in section.parts if isinstance(part, Table)]

    def figures(self) -> list[Figure]:
        """Return all pictures, in order."""
        return [part for section in self.sections for part in section.parts if isinstance(part, Figure)]
