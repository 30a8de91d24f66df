"""What the collector notes of an export that it made: who asked, when, for what, and the digest of every file."""

from functools import partial

import msgspec

from auditkit.exports._coverage import CoverageBook
from auditkit.exports._reading import Reading
from auditkit.inventory import CoverageState, Source

__all__ = ["MANIFEST", "AccountAsked", "CallCount", "Manifest", "Manifests", "NotAnswered", "Parameters", "is_manifest"]

_GLOBAL = "global"

MANIFEST = "auditkit-manifest.json"
"""Name of its file, at the root of the export."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection was asked for.

    Attributes
    ----------
    regions
        Regions to ask, none for all that are enabled.
    accounts
        Accounts to ask through a role, none for the account of the credentials.
    role
        Role that was assumed, or its name in each account.
    endpoint_url
        Address that was asked instead of AWS's own.
    extras
        What was asked for beside the configuration: ``usage``, ``last-accessed``, ``code``.
    days
        For so many days before the start use was asked for.
    """

    regions: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    role: str = ""
    endpoint_url: str = ""
    extras: tuple[str, ...] = ()
    days: int = 0


class AccountAsked(msgspec.Struct, frozen=True, kw_only=True):
    """An account, as it was asked.

    Attributes
    ----------
    account
        Twelve digits.
    identity
        ARN that asked, ``""`` where that was refused.
    refused
        Error code where the account let nobody in.
    regions
        Regions that were asked.
    not_asked
        Regions that are enabled and were not asked.
    not_enabled
        Regions that are not enabled; nothing runs there.
    regions_known
        False where the account did not say which regions are enabled.
    """

    account: str
    identity: str = ""
    refused: str = ""
    regions: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    not_enabled: tuple[str, ...] = ()
    regions_known: bool = True


class CallCount(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """How often a call was made in a region, and what became of it.

    Attributes
    ----------
    account, region, service, operation
        The call.
    answered
        Answers, with content or empty.
    refused, failed
        Refusals, and calls that failed otherwise: those say nothing.
    not_available
        The region does not have the service.
    """

    account: str
    region: str
    service: str
    operation: str
    answered: int = 0
    refused: int = 0
    failed: int = 0
    not_available: bool = False


class NotAnswered(msgspec.Struct, frozen=True, order=True):
    """A call without an answer: its file, and the error's code."""

    path: str
    code: str
    state: CoverageState


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the collector notes.

    Attributes
    ----------
    version
        Of auditkit.
    table
        First 16 hexadecimal digits of the SHA-256 of the table of calls.
    complete
        False while the collection runs, after an interrupt, and where calls failed: the same command then goes on.
    started, finished
        Date and time in ISO 8601, UTC.
    parameters, accounts, calls, not_answered
        What was asked, of whom, how often, and what was not told.
    files
        SHA-256 of every file by its path.
    """

    version: str
    table: str
    complete: bool
    started: str
    finished: str = ""
    parameters: Parameters = Parameters()
    accounts: tuple[AccountAsked, ...] = ()
    calls: tuple[CallCount, ...] = ()
    not_answered: tuple[NotAnswered, ...] = ()
    files: dict[str, str] = {}


def is_manifest(name: str) -> bool:
    """Return whether a file is a manifest, by what sources call it."""
    return name.endswith(MANIFEST) and name.removesuffix(MANIFEST)[-1:] in {"", "/", ":"}


class Manifests:
    """Holds the manifests of one export against its files.

    Parameters
    ----------
    reading, book
        Take what a manifest says and what of it does not hold.
    """

    def __init__(self, reading: Reading, book: CoverageBook) -> None:
        self._reading = reading
        self._book = book
        self._found: list[tuple[str, Manifest]] = []

    def read(self, name: str, data: bytes) -> None:
        """Read a manifest; `name` is what sources call it."""
        try:
            self._found.append((name, msgspec.json.decode(data, type=Manifest)))
        except (msgspec.MsgspecError, RecursionError) as error:
            self._reading.not_read(Source(name), f"no manifest of a collection: {error}")

    def finish(self) -> None:
        """Note what the collection left out, and which files are not those that it wrote."""
        for name, manifest in self._found:
            for asked in manifest.accounts:
                if not asked.refused and not asked.regions_known:
                    reason = f"account {asked.account} did not say which other regions are enabled"
                    self._reading.not_read(Source(name), reason)
                self._book.place(asked.account, _GLOBAL)
                for region in (*asked.regions, *asked.not_asked):
                    self._book.mention(asked.account, region)
            if not manifest.complete:
                self._reading.not_read(Source(name), "the collection was not finished, or calls of it failed")
            self._reading.later(partial(_compare, name, manifest))


def _compare(name: str, manifest: Manifest, reading: Reading) -> None:
    """Note files that are missing or differ."""
    root = name.removesuffix(MANIFEST)
    for path, digest in sorted(manifest.files.items()):
        found = reading.digest_of(f"{root}{path}")
        if found is None:
            reading.not_read(Source(f"{root}{path}"), "the collector wrote this file, and it is missing")
        elif found != digest:
            reading.not_read(Source(f"{root}{path}"), "changed since the collector wrote it (SHA-256); read")
