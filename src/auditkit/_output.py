"""Tables on standard output, for people and for programs, and progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TextIO

import pandas as pd
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from auditkit.cells import cell_text, csv_text
from auditkit.names import with_names

__all__ = ["Format", "busy", "note", "print_table", "progress", "quiet"]

_SHOWN: list[Live] = []
"""What says that something is being worked out, while it does."""


class Format(StrEnum):
    """Form of a table on standard output."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


def print_table(
    frame: pd.DataFrame,
    form: Format,
    *,
    columns: Mapping[str, str] | None = None,
    title: str = "",
    out: TextIO | None = None,
) -> None:
    """Print a table.

    Parameters
    ----------
    frame
        The table. JSON Lines and CSV hold all its columns.
    form
        How to print it.
    columns
        Columns for people, with their headings; all by default.
    title
        Heading for people.
    out
        Where to; standard output by default.
    """
    quiet()
    stream = out or sys.stdout
    if form is Format.JSONL:
        for row in frame.to_dict("records"):
            stream.write(json.dumps({str(key): _plain(value) for key, value in row.items()}, ensure_ascii=True) + "\n")
    elif form is Format.CSV:
        stream.write(csv_text(frame))
    else:
        _print_for_people(frame, columns or {name: name.replace("_", " ") for name in frame.columns}, title, stream)


def _print_for_people(frame: pd.DataFrame, columns: Mapping[str, str], title: str, stream: TextIO) -> None:
    console = Console(file=stream, highlight=False, width=None if stream.isatty() else 200)
    if frame.empty:
        reason = str(frame.attrs.get("reason", "")) or "None."
        console.print(Text(f"{title}: {reason}" if title else reason))
        return
    table = Table(title=Text(title) if title else None, title_justify="left", header_style="bold", pad_edge=False)
    shown = [name for name in columns if name in frame.columns]
    for name in shown:
        number = pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        table.add_column(Text(columns[name]), justify="right" if number else "left", overflow="fold")
    for row in with_names(frame, columns)[shown].itertuples(index=False):
        table.add_row(*(Text(cell_text(value)) for value in row))
    console.print(table)


def _plain(value: object) -> object:
    """Return a value of which JSON has the like; whole structures keep their shape, all else is text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 -- NaN is not itself
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(_plain(item)) for item in value)
    return cell_text(value)


def note(message: str) -> None:
    """Print a message on standard error, control characters made visible."""
    quiet()
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(cell_text(message)))


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say on standard error that something is being worked out, and for how long, until something is printed.

    Nothing at all is said where that is no terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    shown = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
    shown.add_task(what, total=None)
    # Standard output is left alone: what is printed there may go to a file.
    display = Live(shown, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    display.start()
    _SHOWN.append(display)
    try:
        yield
    finally:
        quiet()


def quiet() -> None:
    """Take away what :func:`busy` shows, if it does: something is printed now."""
    while _SHOWN:
        _SHOWN.pop().stop()


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on standard error while the block runs.

    Nothing at all is shown where that is neither a terminal nor a notebook.

    Yields
    ------
    callable
        ``report(task, done, total)``: what is being done, and how far it is; ``total`` 0 for *not known*.
    """
    quiet()
    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        yield lambda _task, _done, _total: None
        return
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bars, console=console, transient=True) as display:
        tasks: dict[str, object] = {}

        def report(task: str, done: int, total: int) -> None:
            if task not in tasks:
                tasks[task] = display.add_task(Text(cell_text(task)).plain, total=total or None)
            display.update(tasks[task], completed=done, total=total or None)  # type: ignore[arg-type]

        yield report
