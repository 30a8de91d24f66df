"""The file of a case: opened, changed with short verbs, shown, saved."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from auditkit.case.editing import put, put_last
from auditkit.case.model import Case
from auditkit.case.reading import case_from_tree, tree_of
from auditkit.case.showing import html_of, text_of
from auditkit.case.tree import MAX_BYTES, as_text
from auditkit.errors import CaseError, CaseProblem

__all__ = ["CaseFile", "decisions_of", "open_case"]

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Byte order mark, which some editors of Windows put in front."""


def open_case(path: str | os.PathLike[str]) -> CaseFile:
    """Open the file of a case.

    Parameters
    ----------
    path
        Usually ``case.yaml`` beside the export.

    Returns
    -------
    CaseFile
        To be changed, saved and handed to :class:`auditkit.Audit`.

    Raises
    ------
    CaseError
        It cannot be read or is not of the form of a case; all that is wrong is listed with line and column.
    """
    place = Path(path)
    data = _bytes(place, place.name)
    return CaseFile(as_text(data, place.name), path=place, mark=data.startswith(_MARK.encode()))


def decisions_of(case: Case | CaseFile | None) -> Case:
    """Return the decisions as they stand now, of a case or its file; none where there is no case."""
    if isinstance(case, CaseFile):
        return case.decisions
    return case if case is not None else Case()


class CaseFile:
    """The decisions of an audit as a text that can be changed; comments and order stay.

    Every verb changes this object and returns it, so that a notebook shows what is different. Nothing is written before
    :meth:`save`. Doing the same twice is doing it once.

    Parameters
    ----------
    text
        Of a case.
    path
        Where it was read, and is saved; ``None`` for one that is in no file yet.
    mark
        Whether the file begins with a byte order mark.

    Raises
    ------
    CaseError
        The text is not of the form of a case.
    """

    def __init__(self, text: str, *, path: Path | None = None, mark: bool = False) -> None:
        self.path = path
        self._mark = _MARK if mark else ""
        self._before = self.text = text
        self._saved = self.digest if path is not None else ""
        self._weights: tuple[str, bytes] | None = None
        self.decisions: Case = self._read(text)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.path.name if self.path is not None else "case.yaml"

    @property
    def digest(self) -> str:
        """SHA-256 of the file as it would be saved, hexadecimal."""
        return hashlib.sha256(self._data).hexdigest()

    @property
    def changes(self) -> tuple[str, ...]:
        """What is different from what was opened, as lines of a unified diff; empty for nothing."""
        lines = difflib.unified_diff(self._before.splitlines(), self.text.splitlines(), lineterm="", n=1)
        return tuple(lines)[2:]

    # ------------------------------------------------------------------ verbs

    def classify(self, store: str, sensitivity: str, *, reason: str) -> CaseFile:
        """Say how sensitive the data in a store is.

        Parameters
        ----------
        store
            ARN, name, or a pattern with ``*`` and ``?``.
        sensitivity
            ``"public"``, ``"internal"``, ``"confidential"`` or ``"restricted"``.
        reason
            Why.
        """
        return self._put(("classification", store), {"sensitivity": sensitivity, "reason": reason})

    def trust(self, account: str, *, attestation: str, name: str = "") -> CaseFile:
        """Trust an account that is not in the export.

        Parameters
        ----------
        account
            Twelve digits.
        attestation
            What the trust rests on: a contract, a review, with its date.
        name
            What a person calls it.
        """
        called = {"name": name} if name else {}
        return self._put(("accounts", account), {**called, "attestation": attestation})

    def attest(self, party: str, *, attestation: str) -> CaseFile:
        """Attest a third party: a host name, ``*.host.name`` for all below it, or an account."""
        return self._put(("third_parties", party), {"attestation": attestation})

    def mark_critical(self, function: str, *, reason: str) -> CaseFile:
        """Say that the business hangs on a function: ARN, name or pattern."""
        return self._put(("critical", function), {"reason": reason})

    def attest_validation(self, function: str, *, attestation: str) -> CaseFile:
        """Attest that a function (ARN, name or pattern) checks its input in its own code."""
        return self._put(("validated", function), {"attestation": attestation})

    def waive(self, check: str, resource: str, *, reason: str, owner: str, expires: str, place: str = "") -> CaseFile:
        """Live with a finding until a day. It stays a finding, and is told as waived.

        Parameters
        ----------
        check
            Id of the check.
        resource
            ARN, label or pattern, as findings name it.
        reason, owner
            Why, and who answers for it.
        expires
            Last day on which it is in force, ``YYYY-MM-DD``.
        place
            Place in the resource (a route, a statement); any where it is ``""``.
        """
        said = {"check": check, "resource": resource} | ({"place": place} if place else {})
        said |= {"reason": reason, "owner": owner, "expires": expires}
        for number, one in enumerate(self.decisions.waivers):
            if (one.check, one.resource, one.place) == (check, resource, place):
                return self._put(("waivers", number), said)
        return self._take(put_last(self.text, ("waivers",), said, file=self.name))

    def limit_to(
        self,
        *,
        accounts: Iterable[str] = (),
        regions: Iterable[str] = (),
        tags: Iterable[str] = (),
        stacks: Iterable[str] = (),
        resources: Iterable[str] = (),
    ) -> CaseFile:
        """Narrow the scope to these accounts, and these regions, and so on, besides those that it names already."""
        return self._scope("in", accounts=accounts, regions=regions, tags=tags, stacks=stacks, resources=resources)

    def leave_out(
        self,
        *,
        accounts: Iterable[str] = (),
        regions: Iterable[str] = (),
        tags: Iterable[str] = (),
        stacks: Iterable[str] = (),
        resources: Iterable[str] = (),
    ) -> CaseFile:
        """Take out of scope what is of one of these accounts, or of one of these regions, and so on."""
        return self._scope("out", accounts=accounts, regions=regions, tags=tags, stacks=stacks, resources=resources)

    # ------------------------------------------------------------------ file

    def save(self, path: str | os.PathLike[str] | None = None) -> CaseFile:
        """Write it, as a whole or not at all.

        Parameters
        ----------
        path
            Where to, for a case that is in no file yet; where it was opened by default.

        Raises
        ------
        CaseError
            There is a symbolic link, a folder or another file at that place, the file was changed since it was opened,
            or it cannot be written.
        """
        place = self.path if path is None else Path(path)
        if place is None:
            raise _error(self.name, "is in no file yet: save it with a path")
        own = self.path is not None and place.absolute() == self.path.absolute()
        _refuse(place, self._saved if own else "")
        data = self._data
        if len(data) > MAX_BYTES:
            raise _error(place.name, f"would be larger than {MAX_BYTES:,} bytes")
        _write(place, data)
        self.path, self._before, self._saved = place, self.text, self.digest
        self.decisions = self._read(self.text)
        return self

    def __repr__(self) -> str:
        return text_of(self.decisions, self.changes)

    def _repr_html_(self) -> str:
        return html_of(self.decisions, self.changes)

    # ------------------------------------------------------------------ inside

    @property
    def _data(self) -> bytes:
        return (self._mark + self.text).encode("utf-8", "surrogatepass")

    def _read(self, text: str) -> Case:
        case = case_from_tree(tree_of(text, self.name), self.name, digest=self.digest)
        return msgspec.structs.replace(case, weights=self._content_of(case.weights_file))

    def _content_of(self, weights: str) -> bytes | None:
        """Return what the file with weights holds, read once."""
        if not weights or self.path is None:
            return None
        if self._weights is None or self._weights[0] != weights:
            self._weights = (weights, _beside(self.path, weights))
        return self._weights[1]

    def _put(self, path: tuple[str | int, ...], value: dict[str, str]) -> CaseFile:
        return self._take(put(self.text, path, value, file=self.name))

    def _scope(self, side: str, **named: Iterable[str]) -> CaseFile:
        text = self.text
        there = self.decisions.scope.inside if side == "in" else self.decisions.scope.outside
        for name, patterns in named.items():
            listed = [patterns] if isinstance(patterns, str) else patterns
            for pattern in dict.fromkeys(listed):
                if pattern not in getattr(there, name):
                    text = put_last(text, ("scope", side, name), pattern, file=self.name)
        return self._take(text)

    def _take(self, text: str) -> CaseFile:
        before, self.text = self.text, text
        try:
            self.decisions = self._read(text)
        except CaseError:
            self.text = before
            raise
        return self


def _error(file: str, message: str) -> CaseError:
    return CaseError([CaseProblem(file=file, message=message)])


def _bytes(path: Path, name: str) -> bytes:
    """Return what a regular file holds, up to the bound."""
    try:
        if not path.exists():
            raise _error(name, "there is no such file; `auditkit case new` writes one to start from")
        if not path.is_file():
            raise _error(name, "is no file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _error(name, f"cannot be read: {error.strerror}") from None
    except ValueError:  # a name with a zero byte
        raise _error(name.replace("\0", "?"), "is no name of a file") from None
    if len(data) > MAX_BYTES:
        raise _error(name, f"is larger than {MAX_BYTES:,} bytes")
    return data


def _beside(case: Path, name: str) -> bytes:
    """Return what a file holds that a case names; it must lie in the case's folder or below it."""
    folder = case.resolve().parent
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise _error(case.name, f"names {name!r}, which leads out of its folder")
    return _bytes(path, name)


def _refuse(place: Path, digest: str) -> None:
    """Raise where a file must not be written: over another one, or over one that was changed meanwhile."""
    if place.is_symlink():
        raise _error(place.name, "is a symbolic link, which is not written over")
    if not place.exists():
        return
    if not place.is_file():
        raise _error(place.name, "is no file")
    if not digest:
        raise _error(place.name, "is there already, and is not written over")
    if hashlib.sha256(_bytes(place, place.name)).hexdigest() != digest:
        raise _error(place.name, "was changed since it was opened; open it again")


def _write(place: Path, data: bytes) -> None:
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            if place.exists():
                part.chmod(place.stat().st_mode & 0o777)
            part.replace(place)
        except OSError:
            part.unlink()
            raise
    except OSError as error:
        raise _error(place.name, f"cannot be written: {error.strerror}") from None
