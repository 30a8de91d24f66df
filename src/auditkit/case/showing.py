"""A case as people see it in a terminal and in a notebook."""

from collections.abc import Iterable
from html import escape

from auditkit.case.model import Case, Scope, Selection
from auditkit.cells import plain_text
from auditkit.shown import NO_MATH

__all__ = ["html_of", "in_numbers", "scope_in_words", "text_of"]

_ADDED, _TAKEN = "#e6f4ea", "#fce8e6"
_NAMES = ("accounts", "regions", "tags", "stacks", "resources")


def scope_in_words(scope: Scope) -> str:
    """Return what is in scope, in a sentence."""
    if not scope:
        return "all that the export holds"
    parts = []
    if scope.inside:
        parts.append(f"only {_selection(scope.inside, ' and ')}")
    if scope.outside:
        parts.append(f"without {_selection(scope.outside, ' or ')}")
    return ", ".join(parts) + (f" ({scope.reason})" if scope.reason else "")


def _selection(selection: Selection, joint: str) -> str:
    named = ((name, getattr(selection, name)) for name in _NAMES)
    return joint.join(f"{name} {', '.join(patterns)}" for name, patterns in named if patterns)


def in_numbers(case: Case) -> dict[str, str]:
    """Return what a case decides, section by section, in a few words each; sections without anything are left out."""
    counted = {
        "trusted accounts": case.accounts,
        "attested third parties": case.third_parties,
        "classified stores": case.classification,
        "critical functions": case.critical,
        "functions that check their input": case.validated,
        "waivers": case.waivers,
    }
    named = {"scope": scope_in_words(case.scope)} | {name: str(len(found)) for name, found in counted.items() if found}
    return named | ({"weights": case.weights_file} if case.weights_file else {})


def _heading(case: Case) -> str:
    return plain_text(f"{case.file}: {case.title}" if case.title else case.file)


def text_of(case: Case, changes: Iterable[str]) -> str:
    """Return a case and what is different, as plain text."""
    lines = [_heading(case), *(f"  {name}: {plain_text(said)}" for name, said in in_numbers(case).items())]
    changed = list(changes)
    return "\n".join([*lines, *(["not saved yet:", *map(plain_text, changed)] if changed else [])])


def html_of(case: Case, changes: Iterable[str]) -> str:
    """Return a case and what is different, as HTML; all that comes from the file is escaped."""
    cell = '<{0} style="text-align:left">{1}</{0}>'
    rows = "".join(
        f"<tr>{cell.format('th', escape(name))}{cell.format('td', escape(plain_text(said)))}</tr>"
        for name, said in in_numbers(case).items()
    )
    changed = list(changes)
    shown = f"<p>Not saved yet:</p><pre>{''.join(map(_line, changed))}</pre>" if changed else ""
    return f'<div class="{NO_MATH}"><p><b>{escape(_heading(case))}</b></p><table>{rows}</table>{shown}</div>'


def _line(line: str) -> str:
    colour = {"+": _ADDED, "-": _TAKEN}.get(line[:1], "transparent")
    return f'<span style="display:block;color:#1a1a1a;background:{colour}">{escape(plain_text(line)) or " "}</span>'
