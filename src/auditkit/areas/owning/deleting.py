"""What could be deleted, and who would notice: yes, no, or unknown with what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
import pandas as pd

from auditkit.areas.owning.mentions import mentions_of
from auditkit.areas.owning.noticing import Noticed, noticed_by
from auditkit.areas.owning.trails import days_watched
from auditkit.areas.recording import LOGGED
from auditkit.areas.rules.sprawl import callers_of, unseen_triggers, window_lacks
from auditkit.areas.scene import Api, Scene
from auditkit.graph.schema import EdgeKind, Evidence, View
from auditkit.graph.use import Use, use_of
from auditkit.inventory import Kind, Record, UnsetType
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.moments import utc_second
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.keys import Secret

__all__ = ["DELETABLE_COLUMNS", "Deletable", "deletable", "deletable_frame"]

DELETABLE_COLUMNS = {
    "kind": "kind",
    "label": "name",
    "answer": "could be deleted",
    "why": "why",
    "missing": "not decided without",
    "triggers": "triggers",
    "callers": "callers",
    "readers": "readers",
    "alarms": "alarms",
    "owners": "owners",
}
"""Columns of :func:`deletable_frame` that a person reads first, with their headings."""

YES, NO, UNKNOWN = "yes", "no", "unknown"
_LONG = 90
"""Days without a change or a use after which something counts as left behind."""
_SERVICE_LINKED = "/aws-service-role/"
_LOGS = "/aws/lambda/"
_RANK = {YES: 0, UNKNOWN: 1, NO: 2}
_STORES = frozenset({*LOGGED, Kind.SECRET, Kind.DELIVERY_STREAM, Kind.LOG_GROUP, Kind.FILE_SYSTEM, Kind.CACHE})
_STORES |= {Kind.DATABASE, Kind.SEARCH_DOMAIN}
_USES = (EdgeKind.READS, EdgeKind.WRITES, EdgeKind.DELIVERS, EdgeKind.CALLS, EdgeKind.REPLICATES)


class _Around(NamedTuple):
    """What is looked at: the scene, what was used, which records name what, and the functions that there are."""

    scene: Scene
    use: Mapping[str, Use]
    named: Mapping[str, frozenset[str]]
    functions: frozenset[tuple[str, str, str]]


class Deletable(msgspec.Struct, frozen=True, kw_only=True):
    """Whether something could be deleted.

    Attributes
    ----------
    record
        The function, store, role or API.
    answer
        ``"yes"``: it was looked at whether it is used, and it is not. ``"no"``: it is used, or too new to tell.
        ``"unknown"``: what would show its use was not seen.
    why
        The reason, in a sentence.
    sign
        Whether something speaks for deleting it.
    missing
        What the export lacks, where the answer is unknown.
    """

    record: Record
    answer: str
    why: str
    sign: bool = False
    missing: tuple[str, ...] = ()


def deletable(scene: Scene) -> Iterator[Deletable]:
    """Yield functions, stores, roles and APIs in scope, with whether each could be deleted."""
    names = frozenset((one.name, one.account, one.region) for one in scene.functions)
    around = _Around(scene, use_of(scene.inventory), mentions_of(scene.inventory), names)
    judged = {one.record.id: one for one in _functions(scene, around.use)}
    found = [*judged.values(), *_stores(around), *_roles(around), *_apis(scene, judged)]
    yield from (one for one in found if not scene.scoping.why_out(one.record.id))


def deletable_frame(scene: Scene, *, everything: bool = False) -> pd.DataFrame:
    """Return what could be deleted, and who would notice.

    Nothing is called deletable whose use was not seen: that asks for metrics of a function and all its triggers, for
    CloudTrail's data events of a store, for the last use of a role or a secret.

    Parameters
    ----------
    scene
        Inventory, graph, audit date and case.
    everything
        Also what nothing speaks for deleting.

    Returns
    -------
    pandas.DataFrame
        One row each, *yes* before *unknown* before *no*: ``id``, ``kind``, ``label``, ``account``, ``region``,
        ``answer``, ``why``, ``missing``, and who would notice as tuples of labels: ``triggers``, ``upstream`` (what
        sets those off), ``callers``, ``readers`` (of it, and of what it writes), ``alarms``, ``owners``; ``source``.
    """
    found = [one for one in deletable(scene) if everything or one.answer == YES or (one.sign and one.answer == UNKNOWN)]
    found.sort(key=lambda one: (_RANK[one.answer], not one.sign, one.record.kind, one.record.name, one.record.id))
    rows = [_row(scene, one) for one in found]
    names = ["id", "kind", "label", "account", "region", "answer", "why", "missing"]
    frame = pd.DataFrame(rows, columns=[*names, *Noticed.__struct_fields__, "source"])
    frame.attrs["reason"] = "" if rows else "Nothing that was seen speaks for deleting anything."
    return frame


def _row(scene: Scene, one: Deletable) -> dict[str, object]:
    record = one.record
    noticed = noticed_by(scene, record.id) if record.id in scene.graph else Noticed()
    return {
        "id": record.id,
        "kind": str(record.kind),
        "label": record.name or record.id,
        "account": record.account,
        "region": record.region,
        "answer": one.answer,
        "why": one.why,
        "missing": one.missing,
        **msgspec.structs.asdict(noticed),
        "source": str(record.source),
    }


# ---------------------------------------------------------------- functions


def _functions(scene: Scene, use: Mapping[str, Use]) -> Iterator[Deletable]:
    counted = {one.function: one for one in scene.inventory.of(FunctionMetric) if one.metric == "Invocations"}
    for function in scene.functions:
        lacks = window_lacks(scene, counted.get(function.id))
        yield _function(scene, function, use.get(function.id), lacks)


def _function(scene: Scene, function: Function, use: Use | None, window: list[str]) -> Deletable:
    age, callers = scene.age(function.last_modified), callers_of(scene, function.id)
    counted = use is not None and use.invocations is not None
    calls = (use.invocations or use.calls) if use is not None else 0
    unseen = unseen_triggers(scene, function)
    by = f"{len(callers)} triggers and callers" if callers else "nothing that was seen"
    if calls:
        return Deletable(record=function, answer=NO, why=f"it ran {calls:g} times in the time that was exported")
    if age is not None and age <= _LONG:
        return Deletable(record=function, answer=NO, why=f"it was changed {age} days ago: too new to tell")
    lacks = [*window, *unseen, *([] if age is not None else ["the audit date and LastModified"])]
    if any(scene.nodes[caller].region == "global" for caller in callers):
        lacks.append("Invocations in the regions where CloudFront runs it")
    if counted and not lacks:
        said = f"it did not run in the time that was exported, was changed {age} days ago, and {by} sets it off"
        return Deletable(record=function, answer=YES, why=said, sign=True)
    said = f"{by} sets it off" + (", and it did not run in the time that was exported" if counted else "")
    return Deletable(record=function, answer=UNKNOWN, why=said, sign=counted or not callers, missing=tuple(lacks))


# ------------------------------------------------------------------- stores


def _stores(around: _Around) -> Iterator[Deletable]:
    scene = around.scene
    for record in scene.inventory:
        if record.kind in _STORES and record.id in scene.graph and record.account in {*scene.own_accounts, ""}:
            yield _store(around, record)


def _store(around: _Around, record: Record) -> Deletable:
    scene, use = around.scene, around.use.get(record.id)
    edges = (
        *scene.into(record.id, *_USES, permitted=False),
        *scene.out_of(record.id, *_USES, permitted=False),
    )
    users = {other for other, edge in edges if _is_use(edge)} | around.named.get(record.id, frozenset())
    if use is not None and use.calls:
        return Deletable(record=record, answer=NO, why=f"logs and traces saw {use.calls} calls to it")
    if users:
        return Deletable(
            record=record,
            answer=UNKNOWN,
            why=f"{len(users)} things that were seen are set up to use it",
            missing=(_use_of(record),),
        )
    if isinstance(record, Secret):
        return _secret(scene, record)
    gone = _log_of_nothing(around, record)
    said = f"{gone}, and nothing that was seen uses it" if gone else "nothing that was seen uses it"
    days = days_watched(scene, record)
    if days is not None and days >= _LONG:
        said = f"{said}: CloudTrail's data events of {days} days show no use"
        return Deletable(record=record, answer=YES, why=said, sign=True)
    return Deletable(record=record, answer=UNKNOWN, why=said, sign=True, missing=(_use_of(record),))


def _is_use(edge: object) -> bool:
    return getattr(edge, "view", None) is View.DATA and getattr(edge, "evidence", None) is not Evidence.PERMITTED


def _use_of(record: Record) -> str:
    if record.kind in LOGGED:
        return f"CloudTrail's data events of 90 days ({LOGGED[record.kind][0]}), and a trail that records all of them"
    return f"metrics of {record.kind}s"


def _secret(scene: Scene, secret: Secret) -> Deletable:
    if not scene.seen("secretsmanager.ListSecrets", secret):
        return Deletable(
            record=secret, answer=UNKNOWN, why="nothing that was seen uses it", sign=True,
            missing=("secretsmanager:ListSecrets (LastAccessedDate)",),
        )  # fmt: skip
    read = scene.age(utc_second(secret.last_accessed_date) if secret.last_accessed_date is not None else None)
    changed = scene.age(utc_second(secret.last_changed_date) if secret.last_changed_date is not None else None)
    if read is not None and read <= _LONG:
        return Deletable(record=secret, answer=NO, why=f"it was read {read} days ago")
    if scene.date is None or changed is None:
        return Deletable(record=secret, answer=UNKNOWN, why="nothing that was seen uses it", sign=True,
                         missing=("the audit date and LastChangedDate",))  # fmt: skip
    if changed <= _LONG:
        return Deletable(record=secret, answer=NO, why=f"it was changed {changed} days ago: too new to tell")
    said = f"it was last read {read} days ago" if read is not None else "it was never read"
    return Deletable(record=secret, answer=YES, why=f"{said}, and nothing that was seen uses it", sign=True)


def _log_of_nothing(around: _Around, record: Record) -> str:
    """Return in words that a log group's function is gone, ``""`` where it is not, or functions were not seen."""
    name = record.name or record.id.rpartition(":log-group:")[2]
    if record.kind is not Kind.LOG_GROUP or not name.startswith(_LOGS):
        return ""
    function = name.removeprefix(_LOGS)
    there = (function, record.account, record.region) in around.functions
    return "" if there or not around.scene.seen("lambda.ListFunctions", record) else f"its function {function} is gone"


# -------------------------------------------------------------------- roles


def _roles(around: _Around) -> Iterator[Deletable]:
    scene, use = around.scene, around.use
    roles = scene.inventory.of(Role)
    told = {role.account for role in roles if role.id in use and use[role.id].last_used}
    for role in roles:
        if role.account in scene.own_accounts and not (role.path or "").startswith(_SERVICE_LINKED):
            yield _role(around, role, use.get(role.id) if role.account in told else None)


def _role(around: _Around, role: Role, use: Use | None) -> Deletable:
    """Judge a role; where no role of an account was ever used, RoleLastUsed was not told rather than empty."""
    scene, named = around.scene, around.named
    runs = sorted({origin for origin, _ in scene.into(role.id, EdgeKind.RUNS_AS)})
    if runs:
        return Deletable(record=role, answer=NO, why=f"{scene.label(runs[0])} runs as it" + _more(len(runs) - 1))
    others = sorted(named.get(role.id, frozenset()))
    if others:
        record = scene.inventory.get(others[0])
        name = record.name if record is not None and record.name else others[0]
        return Deletable(record=role, answer=NO, why=f"{name} is set up with it" + _more(len(others) - 1))
    if role.instance_profiles:
        return Deletable(record=role, answer=NO, why="an instance profile holds it")
    nobody = "nothing that was seen runs as it"
    if use is None or "IAM" not in use.seen_by:
        return Deletable(record=role, answer=UNKNOWN, why=nobody, sign=True, missing=("iam:GetRole (RoleLastUsed)",))
    used, made = scene.age(use.last_used or None), scene.age(role.create_date)
    if used is not None and used <= _LONG:
        return Deletable(record=role, answer=NO, why=f"it was used {used} days ago")
    if made is None or (used is None and use.last_used):
        return Deletable(record=role, answer=UNKNOWN, why=nobody, sign=True, missing=("the audit date and CreateDate",))
    if made <= _LONG:
        return Deletable(record=role, answer=NO, why=f"it was made {made} days ago: too new to tell")
    said = f"it was last used {used} days ago" if used is not None else "it was not used in the 400 days that IAM keeps"
    return Deletable(record=role, answer=YES, why=f"{said}, and {nobody}", sign=True)


def _more(count: int) -> str:
    return f", and {count} more" if count > 0 else ""


# --------------------------------------------------------------------- APIs


def _apis(scene: Scene, functions: dict[str, Deletable]) -> Iterator[Deletable]:
    for api in scene.apis:
        yield _api(scene, api, functions)


def _api(scene: Scene, api: Api, functions: dict[str, Deletable]) -> Deletable:
    service = "apigateway" if str(api.kind) == str(Kind.REST_API) else "apigatewayv2"
    if isinstance(api.stages, UnsetType):
        lacks = f"{service}:GetStages of {api.name}"
        return Deletable(record=api, answer=UNKNOWN, why="whether a stage serves it was not seen", missing=(lacks,))
    if not api.stages:
        return Deletable(record=api, answer=YES, why="no stage serves it: nobody can call it", sign=True)
    routes = scene.routes.get(api.id, ())
    ends = {
        target
        for route in routes
        for target, edge in scene.out_of(route.id, EdgeKind.DELIVERS, EdgeKind.CALLS)
        if _is_use(edge)
    }
    behind = [functions[target] for target in sorted(ends) if target in functions]
    nodes = scene.nodes
    gone = [one for one in ends if not nodes[one].exists and nodes[one].account in scene.own_accounts]
    if ends and len(gone) == len(ends) and scene.seen("lambda.ListFunctions", api):
        return Deletable(record=api, answer=YES, why="all that its routes lead to is gone", sign=True)
    if behind and len(behind) == len(ends) and all(one.answer == YES for one in behind):
        said = f"none of the {len(behind)} functions behind it ran in the time that was exported"
        return Deletable(record=api, answer=YES, why=said, sign=True)
    if any(one.answer == NO and "ran" in one.why for one in behind):
        return Deletable(record=api, answer=NO, why="functions behind it ran")
    missing = ("metrics of the API (Count)", *(text for one in behind for text in one.missing))
    return Deletable(
        record=api, answer=UNKNOWN, why=f"{len(routes)} routes lead to {len(ends)} targets",
        missing=tuple(dict.fromkeys(missing)),
    )  # fmt: skip
