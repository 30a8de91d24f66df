"""What the resources of stacks are really called, where an export has that beside the templates.

The answers of ``DescribeStackResources`` and ``ListStackResources`` say it, and so do the tags that CloudFormation
gives to what it makes. With them a template's resources are those that other files of the export describe.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from auditkit.exports._json import JsonError, parse_json
from auditkit.inventory import Record
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.record import UnsetType

__all__ = ["Deployed", "deployed_in", "deployed_of", "tagged"]

_LISTS = ("StackResources", "StackResourceSummaries")
_ENOUGH = 0.8
"""Share of a template's logical ids that a stack must have to be that template's, where the names differ."""


class Deployed(msgspec.Struct):
    """A stack as it was deployed.

    Attributes
    ----------
    name, account, region, arn
        Of the stack; ``""`` where that is not known.
    resources
        Logical id -> physical id, or ARN.
    """

    name: str = ""
    account: str = ""
    region: str = ""
    resources: dict[str, str] = {}
    arn: str = ""


class _Item(msgspec.Struct, rename="pascal"):
    logical_resource_id: str
    physical_resource_id: str = ""
    stack_id: str = ""
    stack_name: str = ""


def deployed_in(data: bytes, keys: Mapping[str, object] | None) -> Deployed | None:
    """Return the stack whose resources a file lists, ``None`` for any other file.

    Parameters
    ----------
    data
        Its content.
    keys
        Its sketch (:func:`~auditkit.exports._json.sketch`), ``None`` where it is no JSON.
    """
    try:
        key = next((name for name in _LISTS if name in (keys or ())), None)
        listed = parse_json(data).get(key) if key else None
        items = msgspec.convert(listed, list[_Item]) if listed else []
    except (JsonError, msgspec.ValidationError, AttributeError):
        return None
    if not items:
        return None
    stack = parse_arn(items[0].stack_id)
    found = Deployed(items[0].stack_name, *((stack.account, stack.region) if stack else ("", "")))
    found.name = found.name or (stack.resource.split("/")[1] if stack and "/" in stack.resource else "")
    found.arn = items[0].stack_id if stack else ""
    found.resources = {
        item.logical_resource_id: item.physical_resource_id for item in items if item.physical_resource_id
    }
    return found


def tagged(records: Iterable[Record]) -> list[Deployed]:
    """Return the stacks that the tags of records name, with what of them was read."""
    found: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for record in records:
        tags: Mapping[str, Any] = {} if isinstance(record.tags, UnsetType) else record.tags
        stack, logical = tags.get("aws:cloudformation:stack-name"), tags.get("aws:cloudformation:logical-id")
        if stack and logical and record.id.startswith("arn:"):
            found[stack, record.account, record.region][logical] = record.id
    return [Deployed(*key, resources) for key, resources in sorted(found.items())]


def deployed_of(name: str, logical: set[str], known: Iterable[Deployed]) -> Deployed | None:
    """Return the stack of a template: the one of its name, else the one that has most of its resources."""
    stacks = list(known)
    named = [stack for stack in stacks if stack.name == name and logical & stack.resources.keys()]
    if named:
        return _together(named)
    alike = [stack for stack in stacks if logical and len(logical & stack.resources.keys()) >= _ENOUGH * len(logical)]
    return alike[0] if len(alike) == 1 else None


def _together(stacks: list[Deployed]) -> Deployed:
    """Return one stack from what a list of its resources and their tags say; regions of global services count last."""
    ordered = sorted(stacks, key=lambda stack: (stack.region in {"", "global"}, not stack.account))
    resources: dict[str, str] = {}
    for stack in ordered:
        resources = {**stack.resources, **resources}
    return msgspec.structs.replace(ordered[0], resources=resources)
