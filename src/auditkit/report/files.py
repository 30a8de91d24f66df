"""A report as files: the page, the pictures, the tables and the graph."""

from __future__ import annotations

import os
from pathlib import Path

from auditkit.cells import csv_text
from auditkit.errors import AuditkitError
from auditkit.report.html import html_from_report
from auditkit.report.model import Report

__all__ = ["write_report"]


def write_report(report: Report, folder: str | os.PathLike[str]) -> list[Path]:
    """Write a report into a folder.

    Parameters
    ----------
    report
        The report.
    folder
        Made where it is not there. Files of the same names are replaced, others are left alone.

    Returns
    -------
    list of Path
        What was written: ``report.html``, ``pictures/<name>.png`` and ``.svg``, ``tables/<name>.csv`` (UTF-8 with a
        byte order mark, so that Excel reads it right), and the attachments (``graph.graphml``).

    Raises
    ------
    AuditkitError
        The folder cannot be written.
    """
    out = Path(folder)
    contents: dict[str, bytes] = {"report.html": html_from_report(report).encode("utf-8")}
    for figure in report.figures():
        contents |= {f"pictures/{figure.name}{suffix}": data for suffix, data in figure.files.items()}
    for table in report.tables():
        contents[f"tables/{table.name}.csv"] = b"\xef\xbb\xbf" + csv_text(table.frame).encode("utf-8")
    contents |= report.attachments
    written = []
    try:
        for name, data in sorted(contents.items()):
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(path)
    except OSError as error:
        raise AuditkitError(f"cannot write {error.filename or out}: {error.strerror}") from error
    return written
