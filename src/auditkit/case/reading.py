"""From text to a case."""

import hashlib
from typing import Any

from auditkit.case.checking import problems_of
from auditkit.case.model import Case, Scope, Selection, Waiver
from auditkit.case.tree import Node, as_text, checked, parse
from auditkit.errors import CaseError, CaseProblem
from auditkit.inventory import Source

__all__ = ["case_from_text", "case_from_tree", "tree_of"]

_MOST = 200
"""Problems listed at most."""


def case_from_text(text: str | bytes, *, file: str = "case.yaml") -> Case:
    """Read a case from the text of its file.

    Parameters
    ----------
    text
        YAML, in the form of :func:`auditkit.case.get_case_schema`. Files that it names are not opened.
    file
        Name of the file, for messages and sources.

    Returns
    -------
    Case
        With the digest of the text.

    Raises
    ------
    CaseError
        It is no YAML, or not of the form; all that is wrong is listed with line and column.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    root = tree_of(as_text(data, file), file)
    return case_from_tree(root, file, digest=hashlib.sha256(data).hexdigest())


def tree_of(text: str, file: str) -> Node:
    """Return the tree of a text that is of the form of a case.

    Raises
    ------
    CaseError
        It is not; see :func:`case_from_text`.
    """
    root, problems = parse(checked(text, file), file)
    if root is None or (root.text is None and root.members is None and root.items is None):
        message = "is empty; `auditkit case new` writes one to start from, and `version: 1` is the least"
        raise CaseError([CaseProblem(file=file, message=message)])
    problems += problems_of(root, file, most=_MOST + 1)
    if problems:
        ordered = sorted(problems, key=lambda one: (one.line, one.column, one.path, one.message))
        raise CaseError(ordered[:_MOST], more=len(ordered) > _MOST)
    return root


def case_from_tree(root: Node, file: str, *, digest: str = "") -> Case:
    """Return the case of a tree that is of the form."""
    value = root.value()
    accounts: dict[str, dict[str, str]] = value.get("accounts") or {}
    classified: dict[str, dict[str, str]] = value.get("classification") or {}
    waivers = enumerate(value.get("waivers") or [])
    lines: dict[str, int] = {}
    _add_lines(root, Source(file), lines)
    return Case(
        accounts={number: one.get("name", number) for number, one in accounts.items()},
        attestations={number: one["attestation"] for number, one in accounts.items()},
        third_parties={name: one["attestation"] for name, one in (value.get("third_parties") or {}).items()},
        classification={pattern: one["sensitivity"] for pattern, one in classified.items()},
        reasons={pattern: one["reason"] for pattern, one in classified.items()},
        critical={pattern: one["reason"] for pattern, one in (value.get("critical") or {}).items()},
        validated={pattern: one["attestation"] for pattern, one in (value.get("validated") or {}).items()},
        scope=_scope(value.get("scope") or {}),
        waivers=tuple(_waiver(one, number, file, lines) for number, one in waivers),
        title=value.get("title", ""),
        weights_file=value.get("weights", ""),
        file=file,
        digest=digest,
        lines=lines,
    )


def _scope(value: dict[str, Any]) -> Scope:
    return Scope(
        inside=_selection(value.get("in")), outside=_selection(value.get("out")), reason=value.get("reason", "")
    )


def _selection(value: dict[str, list[str] | None] | None) -> Selection:
    return Selection(**{name: tuple(patterns or ()) for name, patterns in (value or {}).items()})


def _waiver(value: dict[str, str], number: int, file: str, lines: dict[str, int]) -> Waiver:
    source = Source(file).at("waivers", number)
    return Waiver(**value, source=source, line=lines.get(source.pointer, 0))


def _add_lines(node: Node, source: Source, lines: dict[str, int]) -> None:
    for key, member in (node.members or {}).items():
        here = source.at(key)
        lines[here.pointer] = member.key.line
        _add_lines(member.node, here, lines)
    for number, item in enumerate(node.items or []):
        here = source.at(number)
        lines[here.pointer] = item.line
        _add_lines(item, here, lines)
