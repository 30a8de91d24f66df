"""A whole collection: accounts one after the other, with a manifest, and going on where an earlier run ended."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path, PurePosixPath
from threading import Event

import boto3
import msgspec

from auditkit.collect.asking import Asker, Made
from auditkit.collect.clients import Clients
from auditkit.collect.extras import Extra, put, questions
from auditkit.collect.folder import Folder
from auditkit.collect.lanes import Lanes
from auditkit.collect.patience import Patience
from auditkit.collect.sessions import Access, Regions, identity, regions_of, sessions
from auditkit.collect.walk import PER_LANE, Walk
from auditkit.errors import CollectError
from auditkit.exports.calls import ApiCall, api_calls, setting_calls, trigger_calls
from auditkit.exports.manifest import MANIFEST, AccountAsked, CallCount, Manifest, NotAnswered, Parameters
from auditkit.exports.outcome import NOT_AVAILABLE
from auditkit.inventory import CoverageState

__all__ = ["Collection", "collect_accounts"]

_TABLES = {Extra.TRIGGERS: "triggers.csv", Extra.SETTINGS: "settings.csv"}
_PARTITION_HOMES = ("us-east-1", "us-gov-west-1", "cn-north-1")
Progress = Callable[[str, int, int], None]


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be collected, and how.

    Attributes
    ----------
    access
        How the accounts are reached.
    regions
        Regions to ask, none for all that are enabled.
    extras
        What to ask for beside the configuration.
    days
        For so many days before the collection started use is asked for.
    workers
        Requests at once.
    again
        Whether what was refused to an earlier run is asked again.
    """

    access: Access = Access()
    regions: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()
    days: int = 90
    workers: int = 8
    again: bool = False


def collect_accounts(
    collection: Collection,
    out: Path,
    *,
    now: Callable[[], str],
    progress: Progress = lambda _task, _done, _total: None,
    patience: Patience | None = None,
    calls: Iterable[ApiCall] | None = None,
) -> Manifest:
    """Ask the accounts of a collection and write the answers, with a manifest, as one API JSON export.

    A folder in which an earlier run was interrupted, or in which calls failed, is completed: what was answered is not
    asked again.

    Parameters
    ----------
    collection
        What to collect.
    out
        Folder of the export: new, empty, or of an incomplete collection with the same parameters.
    now
        Gives date and time in ISO 8601.
    progress
        Takes what is being done, how many calls are done, and how many are known so far.
    patience
        Of each request.
    calls
        Calls to make, a call after the one that gives its argument; by default all of
        :func:`~auditkit.exports.calls.api_calls`, with those of triggers and servers where the collection wants them.

    Raises
    ------
    CollectError
        The folder holds something else; there are no credentials, or they have expired; no account lets anybody in; it
        is not known which regions to ask.
    """
    rarer = trigger_calls() if Extra.TRIGGERS in collection.extras else ()
    servers = setting_calls() if Extra.SETTINGS in collection.extras else ()
    table = (*(api_calls() if calls is None else calls), *rarer, *servers)
    return _Run(collection, out, now, progress, patience=patience, table=table).run()


class _Run:
    def __init__(
        self,
        collection: Collection,
        out: Path,
        now: Callable[[], str],
        progress: Progress,
        *,
        patience: Patience | None,
        table: tuple[ApiCall, ...],
    ) -> None:
        self._collection = collection
        self._now = now
        self._progress = progress
        self._table = table
        self._stop = Event()
        self._patience = patience or Patience(stop=self._stop)
        access = collection.access
        self._parameters = Parameters(
            regions=collection.regions,
            accounts=access.accounts,
            role=access.role_arn or access.role_name,
            endpoint_url=access.endpoint_url,
            extras=tuple(sorted(collection.extras)),
            days=collection.days if collection.extras else 0,
        )
        earlier = _earlier(out, self._parameters, again=collection.again)
        self._started = earlier.started if earlier else now()
        self._folder = Folder(out, keep=earlier is not None)
        self._accounts: list[AccountAsked] = []
        self._made: list[tuple[str, list[Made]]] = []

    def run(self) -> Manifest:
        """Ask all accounts; whatever ends it, what was done is noted."""
        opened = list(sessions(self._collection.access))
        try:
            self._note(complete=False)
            try:
                for account, session in opened:
                    self._account(account, session, alone=len(opened) == 1)
            except BaseException:
                self._note(complete=False)
                raise
            if all(asked.refused for asked in self._accounts):
                raise CollectError(f"no account lets anybody in: {self._accounts[0].refused}")
            failed = any(call.state is CoverageState.MISSING for _, made in self._made for call in made)
            return self._note(complete=not failed)
        finally:
            self._folder.close()

    def _account(self, expected: str, session: boto3.session.Session, *, alone: bool) -> None:
        asked = self._collection
        home = _home(session, asked.regions)
        clients = Clients(
            session,
            home=home,
            endpoint_url=asked.access.endpoint_url or None,
            connections=asked.workers,
            look_up=True,
        )
        who = identity(clients)
        if "Error" in who:
            if alone:
                raise CollectError(f"AWS refuses the credentials ({who['Error']})")
            self._accounts.append(AccountAsked(account=expected, refused=who["Error"]))
            refusal = {"Error": {"Code": who["Error"], "Message": "the role could not be assumed"}}
            self._folder.write_response(PurePosixPath(expected, "global", "sts-get-caller-identity.json"), refusal)
            return
        account = who["Account"]
        if expected and account != expected:
            raise CollectError(f"the role of account {expected} speaks for account {account}")
        regions = regions_of(clients)
        wanted = asked.regions or regions.enabled
        if not wanted:
            raise CollectError("the account does not say which regions are enabled; name them")
        if off := [region for region in wanted if regions.known and region not in regions.enabled]:
            raise CollectError(f"account {account}: not enabled, or no region: {', '.join(off)}")
        self._accounts.append(_asked(account, who["Arn"], wanted, regions))
        asker = Asker(clients, self._folder, account, patience=self._patience, again=asked.again)
        lanes = Lanes(workers=asked.workers, per_lane=PER_LANE, stop=self._stop)

        def told(done: int, known: int) -> None:
            self._progress(f"collecting {account}", done, known)

        walk = Walk(asker, lanes, regions=wanted, table=self._table, told=told)
        self._made.append((account, walk.made))
        walk.start()
        lanes.run()
        if asked.extras:
            self._beside(asker, lanes, wanted)

    def _beside(self, asker: Asker, lanes: Lanes, regions: Sequence[str]) -> None:
        """Ask what is wanted beside the configuration."""
        end = datetime.fromisoformat(self._started)
        found = list(questions(asker, self._collection.extras, regions, end=end, days=self._collection.days))
        made: list[Made] = []
        self._made.append((asker.account, made))

        def told(call: Made) -> None:
            made.append(call)
            self._progress(f"asking {asker.account} for more", len(made), len(found))

        for number, question in enumerate(found):
            order = (len(self._table), number, 0)
            lanes.add(order, f"{question.call.service} {question.region}", partial(put, asker, order, question), told)
        lanes.run()

    def _note(self, *, complete: bool) -> Manifest:
        """Write the manifest as far as things are."""
        made = [(account, call) for account, calls in self._made for call in sorted(calls)]
        manifest = Manifest(
            version=version("auditkit"),
            table=_digest(["calls.csv", *(_TABLES[one] for one in sorted(self._collection.extras) if one in _TABLES)]),
            complete=complete,
            started=self._started,
            finished=self._now() if complete else "",
            parameters=self._parameters,
            accounts=tuple(self._accounts),
            calls=_counts(made),
            not_answered=tuple(
                sorted(NotAnswered(call.path, call.code, call.state) for _, call in made if _unanswered(call))
            ),
            files=self._folder.digests() if complete or made else {},
        )
        text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2)
        self._folder.write(PurePosixPath(MANIFEST), text + b"\n")
        return manifest


def _digest(tables: Iterable[str]) -> str:
    parts = [files("auditkit.exports").joinpath(name).read_bytes() for name in tables]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _earlier(out: Path, parameters: Parameters, *, again: bool) -> Manifest | None:
    """Return the manifest of an earlier run that may go on, ``None`` where there was none, or it had asked nothing."""
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return None
        found = msgspec.json.decode((out / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise CollectError(f"{out} is not empty and holds no collection; name another folder") from error
    if not found.accounts:
        return None  # nothing had been asked yet
    if found.parameters != parameters:
        raise CollectError(f"{out} was collected with other parameters; name another folder")
    if found.complete and not again:
        raise CollectError(f"{out} holds a complete collection of {found.finished}; name another folder")
    return found


def _home(session: boto3.session.Session, regions: Sequence[str]) -> str:
    """Return the region that calls for a whole account go through."""
    own = session.region_name or ""
    if not regions:
        return own or _PARTITION_HOMES[0]
    return next((region for region in (own, *_PARTITION_HOMES) if region in regions), regions[0])


def _asked(account: str, arn: str, wanted: Sequence[str], regions: Regions) -> AccountAsked:
    return AccountAsked(
        account=account,
        identity=arn,
        regions=tuple(wanted),
        not_asked=tuple(region for region in regions.enabled if region not in wanted),
        not_enabled=regions.not_enabled,
        regions_known=regions.known,
    )


def _unanswered(call: Made) -> bool:
    return call.state in {CoverageState.DENIED, CoverageState.MISSING}


def _counts(made: Sequence[tuple[str, Made]]) -> tuple[CallCount, ...]:
    counts: dict[tuple[str, str, str, str], Counter[str]] = {}
    for account, call in made:
        count = counts.setdefault((account, call.region, call.service, call.operation), Counter())
        if call.code == NOT_AVAILABLE:
            count["not_available"] += 1
        else:
            count[call.state if _unanswered(call) else "answered"] += 1
    return tuple(
        CallCount(
            account=account,
            region=region,
            service=service,
            operation=operation,
            answered=count["answered"],
            refused=count[CoverageState.DENIED],
            failed=count[CoverageState.MISSING],
            not_available=bool(count["not_available"]),
        )
        for (account, region, service, operation), count in sorted(counts.items())
    )
