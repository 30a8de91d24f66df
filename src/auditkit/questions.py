"""Questions that auditors ask of permissions, each answered by a table with the statements it rests on."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from auditkit._asked import (
    BY_URL,
    by_url,
    check_action,
    find_principal,
    find_resource,
    hint,
    joined,
    misspelt,
    sources_of,
    target_of,
    tracked,
    unseen_policies,
)
from auditkit.errors import PolicyError
from auditkit.graph import INTERNET, EntryKind, Graph, View, connect
from auditkit.graph.grounds import what_is_missing
from auditkit.graph.permissions import Permissions, permissions_of
from auditkit.inventory import UNSET, Inventory, Kind, UnsetType
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.evidence.last_access import LastAccess, ServiceAccess
from auditkit.policy import Grant, relation
from auditkit.policy import can as decide

__all__ = ["can", "cross_account", "public", "unused", "what_can", "who_can"]

_COLUMNS = ["principal", "target", "resource", "access", "actions", "outcome", "conditions", "missing", "source"]
_CAN = ["principal", "action", "resource", "outcome", "blocked_by", "conditions", "missing", "explanation", "source"]
_UNUSED = ["principal", "service", "actions", "targets", "state", "last_used", "missing", "source"]
_PUBLIC = ["target", "name", "kind", "who", "access", "actions", "cost", "conditions", "missing", "source"]
_NONE_SEEN = "None that was seen."
_LAST_ACCESSED = "iam:GetServiceLastAccessedDetails"


def can(inventory: Inventory, principal: str, action: str, resource: str) -> pd.DataFrame:
    """Return whether a principal may do something to a resource, and why.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    principal
        ARN or name of a role or user of the inventory.
    action
        ``"service:Action"``, in full.
    resource
        ARN, of something in a resource too (``arn:aws:s3:::bucket/key``), or the name of a resource.

    Returns
    -------
    pandas.DataFrame
        One row: ``principal``, ``action``, ``resource``, ``outcome`` (``ALLOW``, ``IMPLICIT_DENY``, ``EXPLICIT_DENY``,
        ``CONDITIONAL``, ``UNKNOWN``), ``blocked_by`` (layers that denied or lacked an Allow), ``conditions`` (keys that
        it hangs on), ``missing`` (layers that were not seen), ``explanation`` and ``source`` (the statements that
        decided, else the records of principal and resource); all str. ``attrs["note"]`` is what speaks against the
        action: it is none that auditkit tracks, and may be misspelt (``""`` for others).

    Raises
    ------
    PolicyError
        If there is no such principal, or the action or the resource is not written in full.
    """
    permissions = permissions_of(inventory)
    check_action(action)
    asker = find_principal(permissions, principal)
    arn = find_resource(permissions, resource)
    targets = {target.arn: target for target in permissions.targets}
    target = target_of(targets, arn)
    if action.lower() == BY_URL:
        target = by_url(inventory, target)
    decision = decide(asker, target, action, resource=arn, key=targets.get(target.key_arn or ""))
    row = (
        asker.arn,
        action,
        arn,
        str(decision.outcome),
        ", ".join(map(str, decision.blocks)),
        ", ".join(decision.keys),
        ", ".join(decision.missing),
        decision.explain(),
        sources_of(inventory, decision.statements, asker.arn, target.arn),
    )
    found = _frame([row], _CAN)
    found.attrs["note"] = misspelt(action)
    return found


def who_can(inventory: Inventory, action: str, resource: str) -> pd.DataFrame:
    """Return who may do something to a resource: principals of the inventory, and outsiders that its policy names.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    action
        ``"service:Action"``, one that auditkit tracks, or ``"*"`` for all of them.
    resource
        ARN or name of a resource of the inventory.

    Returns
    -------
    pandas.DataFrame
        A row for each principal and what it may do: ``principal``, ``target``, ``resource`` (what in the target it is
        about), ``access`` (read, write, delete, permissions, list, tag, invoke, change-code, metadata), ``actions``,
        ``outcome``, ``conditions``, ``missing`` and ``source``; all str, sorted. ``attrs["left_out"]`` is how many
        resource patterns were too many to look for what they name *inside* resources (0 in any real account): what they
        give there may be missing. ``attrs["not_seen"]`` are the policies that the export does not hold, and that the
        answer does not rest on.

    Raises
    ------
    PolicyError
        If there is no such resource, or the action is not tracked.
    """
    permissions = permissions_of(inventory)
    wanted = tracked(permissions, action)
    arn = find_resource(permissions, resource)
    if arn not in permissions.relation.targets:
        raise PolicyError(f"{resource!r} is not in the export, or no policy is about it{hint(permissions, resource)}")
    grants: Iterable[Grant] = permissions.relation.on(arn)
    if wanted == BY_URL:
        asked = [by_url(inventory, one) for one in permissions.targets if one.arn == arn]
        grants = relation(permissions.principals, asked, actions=[wanted])
    found = _told(inventory, (grant for grant in grants if wanted is None or grant.action.lower() == wanted))
    return _bounded(inventory, found, permissions)


def what_can(inventory: Inventory, principal: str) -> pd.DataFrame:
    """Return what a principal may do.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    principal
        ARN or name of a role or user; or an outsider that a resource policy names: an account's number, a service,
        ``"*"`` for anyone.

    Returns
    -------
    pandas.DataFrame
        As of :func:`who_can`.

    Raises
    ------
    PolicyError
        If there is no such principal.
    """
    permissions = permissions_of(inventory)
    outsider = principal in permissions.relation.principals
    name = principal if outsider else find_principal(permissions, principal).arn
    return _bounded(inventory, _told(inventory, permissions.relation.of(name)), permissions)


def public(inventory: Inventory) -> pd.DataFrame:
    """Return what people outside may reach, by resource policies, access lists and open doors together.

    What blocks public access (to buckets) is regarded.

    Returns
    -------
    pandas.DataFrame
        ``target`` and its ``name`` and ``kind``, ``who`` gets there (``"anonymous"``: anyone on the internet;
        ``"authenticated public"``: whoever signs up or has an AWS account; ``"other account"``, ``"AI agent"``),
        ``access`` (of a store, ``""`` for what is called), ``actions``, ``cost`` (steps of an attacker, float64),
        ``conditions``, ``missing`` and ``source``; those whom nothing stops first, then by target.
    """
    graph = connect(inventory)
    rows = []
    edges = graph.out_edges(INTERNET, data=True) if INTERNET in graph else ()
    for _, target, edge in edges:
        if edge["view"] is View.TRUST:
            node = graph.nodes[target]
            who = str(node["entry"] or "")
            told = edge["detail"] or (edge["label"] if edge["label"] != who else "") or str(edge["kind"])
            rows.append(
                (
                    *(target, str(node["label"]), str(node["kind"]), who, str(edge["access"] or ""), told),
                    *(str(edge["cost"]), ", ".join(edge["conditions"]), edge["unknown"] or _behind(graph, target)),
                    joined(edge["sources"]),
                )
            )
    frame = _frame(sorted(rows, key=lambda row: (row[3] != EntryKind.ANONYMOUS, row)), _PUBLIC)
    found = _bounded(inventory, frame.astype({"cost": "float64"}), permissions_of(inventory))
    found.attrs["reason"] = "" if rows else "Nothing that was seen lets anyone in from outside."
    return found


def _behind(graph: Graph, entry: str) -> str:
    """Return what is missing to tell whether an entry that only hands on leads anywhere, ``""`` where one way does."""
    if graph.nodes[entry]["kind"] not in {Kind.FUNCTION_URL, Kind.ROUTE}:
        return ""
    ways = [edge for _, _, edge in graph.out_edges(entry, data=True) if edge["view"] is View.TRUST]
    lacking = sorted({edge["unknown"] for edge in ways})
    return "" if "" in lacking else ", ".join(lacking)


def cross_account(inventory: Inventory) -> pd.DataFrame:
    """Return what principals of one account may do in another: assume roles, and use resources.

    Returns
    -------
    pandas.DataFrame
        As of :func:`who_can`, with ``from_account`` and ``to_account`` first.
    """
    permissions = permissions_of(inventory)
    relation = permissions.relation
    pairs = relation.pairs()
    origin = np.array([_account(name) for name in relation.principals] or [""], dtype=object)[pairs.principal]
    owner = np.array([relation.owner_of(number) for number in range(len(relation.targets))] or [""], dtype=object)
    home = owner[pairs.target]
    chosen = np.flatnonzero((origin != "") & (home != "") & (origin != home))
    frames = []
    for place in chosen.tolist():
        grants = relation.grants_of(int(pairs.principal[place]), int(pairs.target[place]))
        found = _told(inventory, grants)
        found.insert(0, "to_account", home[place])
        found.insert(0, "from_account", origin[place])
        frames.append(found)
    told = pd.concat(frames, ignore_index=True) if frames else _frame([], ["from_account", "to_account", *_COLUMNS])
    return _bounded(inventory, told, permissions)


def unused(inventory: Inventory) -> pd.DataFrame:
    """Return what principals may do and have not done, by IAM's last-accessed data.

    Returns
    -------
    pandas.DataFrame
        A row for each principal and service: ``principal``, ``service``, ``actions`` (granted, and not used),
        ``targets`` (on how many resources; int64), ``state`` (``"unused"``, or ``"unknown"``), ``last_used`` (of the
        service, ``""`` for never), ``missing`` (the call whose answer is lacking) and ``source``; sorted.
    """
    permissions = permissions_of(inventory)
    relation = permissions.relation
    last = {record.principal: record for record in inventory.of(LastAccess)}
    rows = []
    for number, name in enumerate(relation.principals):
        if not permissions.knows(name):
            continue
        granted = _granted(permissions, number)
        for service, actions in sorted(granted.items()):
            rows += list(_not_used(name, service, actions, last.get(name)))
    return _bounded(inventory, _frame(rows, _UNUSED).astype({"targets": "int64"}), permissions)


def _granted(permissions: Permissions, principal: int) -> dict[str, dict[str, int]]:
    """Return the actions that a principal was granted: service -> action -> number of targets."""
    relation = permissions.relation
    pairs = relation.pairs([principal])
    shapes: dict[int, list[int]] = {}
    for place, target in enumerate(pairs.target.tolist()):
        shapes.setdefault(id(relation.actions_of(target)), []).append(place)
    found: dict[str, dict[str, int]] = {}
    for places in shapes.values():
        words = pairs.maybe[places]
        for bit, action in enumerate(relation.actions_of(int(pairs.target[places[0]]))):
            count = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
            if count:
                of_service = found.setdefault(action.name.partition(":")[0], {})
                of_service[action.name] = of_service.get(action.name, 0) + count
    return found


def _not_used(
    principal: str, service: str, granted: dict[str, int], last: LastAccess | None
) -> Iterator[tuple[str, str, str, int, str, str, str, str]]:
    """Yield what of a service a principal has not used, or that it is not known."""

    def row(names: Sequence[str], state: str, used: str, missing: str) -> tuple[str, str, str, int, str, str, str, str]:
        source = "" if last is None else str(last.source)
        targets = max(granted[name] for name in names)
        return principal, service, ", ".join(sorted(names)), targets, state, used, missing, source

    access = None if last is None else last.service(service)
    if last is None or access is None:
        yield row(list(granted), "unknown", "", _LAST_ACCESSED)
    elif access.last_used is None:
        yield row(list(granted), "unused", "", "")
    elif not isinstance(access.actions, UnsetType):
        never = _never(access, granted)
        if never:
            yield row(never, "unused", access.last_used, "")
    else:
        yield row(list(granted), "unknown", access.last_used, f"{_LAST_ACCESSED} by action")


def _never(access: ServiceAccess, granted: Iterable[str]) -> list[str]:
    tracked = {} if access.actions is UNSET else {one.action.lower(): one.last_used for one in access.actions}
    return [name for name in granted if name.lower() in tracked and tracked[name.lower()] is None]


def _account(name: str) -> str:
    """Return the account of a principal as grants name it, ``""`` where it is none's."""
    if name.isdecimal():
        return name
    arn = parse_arn(name)
    return arn.account if arn is not None else ""


# ---------------------------------------------------------------- tables


def _told(inventory: Inventory, grants: Iterable[Grant]) -> pd.DataFrame:
    """Return grants as a table: what is alike but for the action stands in one row."""
    rows: dict[tuple[str, ...], set[str]] = {}
    for grant in grants:
        missing = what_is_missing(grant).words
        key = (grant.principal, grant.target, grant.resource, grant.access, str(grant.outcome), ", ".join(grant.keys))
        source = sources_of(inventory, grant.statements, grant.principal, grant.target)
        rows.setdefault((*key, missing, source), set()).add(grant.action)
    told = [(*key[:4], ", ".join(sorted(actions)), *key[4:]) for key, actions in rows.items()]
    return _frame(sorted(told), _COLUMNS)


def _bounded(inventory: Inventory, frame: pd.DataFrame, permissions: Permissions) -> pd.DataFrame:
    """Say with a table what it does not rest on: policies that were not seen, patterns that were not followed."""
    frame.attrs["left_out"] = permissions.relation.left_out
    frame.attrs["not_seen"] = unseen_policies(inventory, permissions)
    frame.attrs["reason"] = _NONE_SEEN if frame.empty else ""
    return frame


def _frame(rows: Sequence[Sequence[object]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame([list(map(str, row)) for row in rows], columns=columns)
    return frame.astype("str")
