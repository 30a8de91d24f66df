"""The scanners: how each is called, and what its results mean.

Of what a scanner says only its rule, the place and how grave it is are kept: messages may hold the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from auditkit.inventory.evidence.weaknesses import Rating
from auditkit.scanning.running import ScannerError

__all__ = ["SCANNERS", "Hit", "Scanner", "Unread", "version_of"]

_PATTERNS = Path(__file__).with_name("_patterns.py")


class Hit(NamedTuple):
    """What a scanner found: file and line, its rule, in words, how grave, and the weakness."""

    file: str
    line: int
    rule: str
    message: str
    rating: Rating
    weaknesses: tuple[str, ...]


class Unread(NamedTuple):
    """A file, or a part of it, that a scanner could not read, and why."""

    file: str
    reason: str


class Scanner(NamedTuple):
    """A scanner.

    Attributes
    ----------
    name
        Its name, as findings tell it.
    package
        The distribution that it comes from.
    looks_for
        What it looks for, in words.
    suffixes
        Of the files that it looks at; empty for all that are text.
    arguments
        How it is called: on a folder, and with the file that lists what to look at in it.
    results
        Reads its output.
    """

    name: str
    package: str
    looks_for: str
    suffixes: tuple[str, ...]
    arguments: Callable[[str, str], list[str]]
    results: Callable[[bytes], Iterator[Hit | Unread]]


def version_of(scanner: Scanner) -> str:
    """Return the version that is installed, ``""`` where the scanner is not."""
    try:
        return version(scanner.package)
    except PackageNotFoundError:
        return ""


# ----------------------------------------------------------------------- bandit

_OF_BANDIT = {"HIGH": Rating.HIGH, "MEDIUM": Rating.MEDIUM, "LOW": Rating.LOW}


_PLAIN = frozenset({"B3", "B4"})
"""Rules on calls and imports: what they say names the function or module, and nothing else of the code."""
_SENTENCE = re.compile(r"(?<=\w)[.,;] | - ")


class _Cwe(msgspec.Struct):
    id: int = 0


class _Issue(msgspec.Struct):
    filename: str
    line_number: int
    test_id: str
    test_name: str
    issue_text: str
    issue_severity: str
    issue_cwe: _Cwe | None = None


class _Error(msgspec.Struct):
    filename: str
    reason: str


class _Bandit(msgspec.Struct):
    results: list[_Issue]
    errors: list[_Error]


def _bandit_arguments(folder: str, _: str) -> list[str]:
    # Nobody who wrote the code decides what an auditor sees: marks to be silent do not count.
    return ["bandit", "-f", "json", "-q", "--ignore-nosec", "--exit-zero", "-r", folder]


def _bandit_results(data: bytes) -> Iterator[Hit | Unread]:
    told = _decoded(data, _Bandit)
    for issue in told.results:
        cwe = (f"CWE-{issue.issue_cwe.id}",) if issue.issue_cwe is not None and issue.issue_cwe.id else ()
        words = (
            _SENTENCE.split(issue.issue_text)[0] if issue.test_id[:2] in _PLAIN else issue.test_name.replace("_", " ")
        )
        rating = _OF_BANDIT.get(issue.issue_severity, Rating.UNKNOWN)
        yield Hit(issue.filename, issue.line_number, issue.test_id, words, rating, cwe)
    for error in told.errors:
        yield Unread(error.filename, "it is no Python of this version" if "syntax" in error.reason else "not readable")


# ---------------------------------------------------------------------- secrets


class _Secret(msgspec.Struct):
    type: str
    line_number: int
    hashed_secret: str


class _Secrets(msgspec.Struct):
    results: dict[str, list[_Secret]]


def _secrets_arguments(folder: str, _: str) -> list[str]:
    allowed = "detect_secrets.filters.allowlist.is_line_allowlisted"
    # Without -n it would try each secret at the service that it is for.
    return ["detect_secrets", "scan", "-n", "--all-files", "--disable-filter", allowed, folder]


def _secrets_results(data: bytes) -> Iterator[Hit | Unread]:
    for file, secrets in _decoded(data, _Secrets).results.items():
        for secret in secrets:
            digest = sha256(secret.hashed_secret.encode("utf-8")).hexdigest()[:12]
            said = f"{secret.type} (digest {digest})"
            yield Hit(file, secret.line_number, secret.type, said, Rating.HIGH, ("CWE-798",))


# --------------------------------------------------------------------- patterns


class _Patterns(msgspec.Struct):
    found: list[tuple[str, int]]
    unread: list[tuple[str, str]]


def _patterns_arguments(_: str, listed: str) -> list[str]:
    return [str(_PATTERNS), listed]


def _patterns_results(data: bytes) -> Iterator[Hit | Unread]:
    told = _decoded(data, _Patterns)
    said = "a regular expression that backtracks without end on some texts"
    for file, line in told.found:
        yield Hit(file, line, "DUO138", said, Rating.MEDIUM, ("CWE-1333",))
    for file, reason in told.unread:
        yield Unread(file, reason)


def _decoded(data: bytes, form: Any) -> Any:  # noqa: ANN401 -- the type that is asked for
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ScannerError("what it wrote is no result") from None


_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx")

SCANNERS = (
    Scanner("bandit", "bandit", "weaknesses of Python", (".py",), _bandit_arguments, _bandit_results),
    Scanner("detect-secrets", "detect-secrets", "secrets", (), _secrets_arguments, _secrets_results),
    Scanner("dlint", "dlint", "patterns that backtrack", (".py", *_SCRIPTS), _patterns_arguments, _patterns_results),
)
"""All of them, in the order in which they run."""
