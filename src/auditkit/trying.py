"""A policy tried before it is written: who may do what with it that may not now, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
import pandas as pd

from auditkit._asked import find_principal, find_resource, sources_of
from auditkit.errors import PolicyError
from auditkit.graph.grounds import what_is_missing
from auditkit.graph.permissions import Permissions, permissions_of
from auditkit.inventory import Inventory, Source
from auditkit.policy import Document, Grant, PolicyKind, parse, relation

__all__ = ["try_policy"]

_COLUMNS = [
    "change", "principal", "target", "resource", "access", "actions", "now", "then", "conditions", "missing", "source",
]  # fmt: skip
_ORDER = ("gained", "lost", "changed", "as before")
_NO = "no"


_Key = tuple[str, str, str, str]
"""Principal, target, access, action."""


class _Terms(NamedTuple):
    resource: str
    outcome: str
    conditions: str
    missing: str
    source: str


def try_policy(inventory: Inventory, on: str, policy: object) -> pd.DataFrame:
    """Return what would change if a principal, or a resource, had this policy in place of its own.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    on
        ARN or name of a role or user, whose inline and managed policies the new one would replace (boundaries and
        organization policies stay); or of a resource, whose resource policy it would replace.
    policy
        The document: an object, or JSON text.

    Returns
    -------
    pandas.DataFrame
        A row for each principal, target and access: ``change`` (``"gained"``, ``"lost"``, ``"changed"``: on other
        terms, or only something in the target; ``"as before"``), ``principal``, ``target``, ``resource``, ``access``,
        ``actions``, ``now`` and ``then`` (``ALLOW``, ``CONDITIONAL``, ``UNKNOWN``, or ``no``), and ``conditions``,
        ``missing`` and ``source`` of what holds with the policy, or of what is lost; all str, in that order of changes.
        ``attrs["problems"]`` are what is wrong with the document.

    Raises
    ------
    PolicyError
        If there is no such principal or resource, or the document cannot be read.
    """
    permissions = permissions_of(inventory)
    if any(on in {one.arn, one.arn.rpartition("/")[2]} for one in permissions.principals):
        document = _read(policy, PolicyKind.IDENTITY)
        principal = find_principal(permissions, on).arn
        now, then = permissions.relation.of(principal), _with_identity(permissions, principal, document)
    else:
        document = _read(policy, PolicyKind.RESOURCE)
        resource = find_resource(permissions, on)
        now, then = permissions.relation.on(resource), _with_resource(permissions, resource, document)
    frame = _compared(_terms(inventory, now), _terms(inventory, then))
    frame.attrs["problems"] = tuple(f"{problem.pointer or '/'}: {problem.message}" for problem in document.problems)
    frame.attrs["reason"] = "" if len(frame) else "Nothing is allowed, neither now nor then."
    return frame


def _read(policy: object, kind: PolicyKind) -> Document:
    document = parse(policy, kind=kind, source=Source("the policy tried"), name="the policy tried")
    if not document.readable:
        raise PolicyError(f"the policy cannot be read: {document.problems[0].message}")
    return document


def _with_identity(permissions: Permissions, arn: str, document: Document) -> tuple[Grant, ...]:
    principals = [
        msgspec.structs.replace(one, identity=(document,)) if one.arn == arn else one for one in permissions.principals
    ]
    return tuple(relation(principals, permissions.targets).of(arn))


def _with_resource(permissions: Permissions, arn: str, document: Document) -> tuple[Grant, ...]:
    if arn not in permissions.relation.targets:
        raise PolicyError(f"{arn!r} is not in the export, or no policy is about it")
    targets = [
        msgspec.structs.replace(one, resource_policy=document) if one.arn == arn else one for one in permissions.targets
    ]
    return tuple(relation(permissions.principals, targets).on(arn))


def _terms(inventory: Inventory, grants: Iterable[Grant]) -> dict[_Key, _Terms]:
    """Return on which terms each action is allowed."""
    return {
        (grant.principal, grant.target, str(grant.access), grant.action): _Terms(
            grant.resource,
            str(grant.outcome),
            ", ".join(grant.keys),
            what_is_missing(grant).words,
            sources_of(inventory, grant.statements, grant.principal, grant.target),
        )
        for grant in grants
    }


def _compared(now: Mapping[_Key, _Terms], then: Mapping[_Key, _Terms]) -> pd.DataFrame:
    rows: dict[tuple[str, ...], set[str]] = {}
    for key in now.keys() | then.keys():
        before, after = now.get(key), then.get(key)
        terms = after or before
        assert terms is not None
        principal, target, access, action = key
        told = (_change(before, after), principal, target, terms.resource, access)
        outcomes = (before.outcome if before else _NO, after.outcome if after else _NO)
        rows.setdefault((*told, *outcomes, terms.conditions, terms.missing, terms.source), set()).add(action)
    table = [(*row[:5], ", ".join(sorted(actions)), *row[5:]) for row, actions in rows.items()]
    table.sort(key=lambda row: (_ORDER.index(row[0]), row[1:]))
    return pd.DataFrame(table, columns=_COLUMNS).astype("str")


def _change(before: _Terms | None, after: _Terms | None) -> str:
    if before is None:
        return "gained"
    if after is None:
        return "lost"
    return "as before" if before[:4] == after[:4] else "changed"
