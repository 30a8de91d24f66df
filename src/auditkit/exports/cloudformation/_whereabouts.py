"""Where stacks are deployed, where nothing beside the templates says it: by the ARNs that the templates write out.

A template is often written for one account and region, which stand in the ARNs of its policies. Without them what a
policy names by its whole ARN would be somebody else's. What belongs to others is told apart: layers, images and
principals may be of any account, certificates and web ACLs of CloudFront are in one region whatever the stack's.
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

__all__ = ["Whereabouts", "whereabouts_of"]

_ARN = re.compile(
    r"arn:(?:aws[a-z-]*|\$\{AWS::Partition\}):(?P<service>[a-z0-9-]+):"
    r"(?P<region>[a-z]{2}(?:-[a-z]+)+-\d|[^:\s]*):(?P<account>\d{12}|[^:\s]*):(?P<resource>[^\s\"']+)"
)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ACCOUNT = re.compile(r"(?!0{8})\d{12}")
_ELSEWHERE = frozenset({"acm", "wafv2", "cloudfront", "iam", "s3", "route53", "organizations"})
"""Services whose ARNs may name a region that is not the stack's."""
_FUNCTIONS = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
_NAMES = re.compile(r"(?:[A-Z][A-Za-z]*)?Name")
_DEEPEST, _MOST = 60, 200_000


class Whereabouts(NamedTuple):
    """Account and region of stacks; ``""`` where the templates write out none, or several."""

    account: str = ""
    region: str = ""


def whereabouts_of(templates: Iterable[dict[str, Any]]) -> Whereabouts:
    """Return where the stacks of some templates are, as far as all of them agree.

    Parameters
    ----------
    templates
        Their contents.

    Returns
    -------
    Whereabouts
        The one region of all ARNs of services that have regions. The one account of the roles of functions, which
        Lambda takes from no other account; without any, the one account of ARNs in policies of principals whose end is
        a wildcard, or a name that a template gives to a resource of its own.
    """
    regions, accounts, names = set[str](), set[str](), set[str]()
    granted: set[tuple[str, str]] = set()
    for template in templates:
        resources = template.get("Resources")
        for resource in resources.values() if isinstance(resources, dict) else ():
            properties = resource.get("Properties") if isinstance(resource, dict) else None
            if not isinstance(properties, dict):
                continue
            names |= {text for key, text in properties.items() if isinstance(text, str) and _NAMES.fullmatch(str(key))}
            if str(resource.get("Type")) in _FUNCTIONS:
                accounts |= {arn["account"] for arn in _ARN.finditer(str(properties.get("Role")))}
            granted |= set(_granted(properties))
            regions |= {arn["region"] for arn in _arns(properties) if arn["service"] not in _ELSEWHERE}
    if not any(map(_ACCOUNT.fullmatch, accounts)):
        accounts = {account for account, end in granted if _is_own(end, names)}
    return Whereabouts(_only(accounts, _ACCOUNT), _only(regions, _REGION))


def _only(found: set[str], form: re.Pattern[str]) -> str:
    """Return the one text that is written out in full."""
    written = {text for text in found if form.fullmatch(text)}
    return written.pop() if len(written) == 1 else ""


def _is_own(end: str, names: set[str]) -> bool:
    return any(fnmatchcase(name, end) for name in names) or end.strip("*") == ""


def _arns(value: object) -> Iterator[re.Match[str]]:
    for text in _texts(value):
        yield from _ARN.finditer(text)


def _granted(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield account and end of each ARN that a statement without a principal is about."""
    for statement in _statements(properties, 0):
        if "Principal" in statement or "NotPrincipal" in statement:
            continue
        for arn in _arns(statement.get("Resource")):
            if arn["service"] != "iam" and ":layer:" not in arn[0]:
                yield arn["account"], re.split(r"[:/]", arn["resource"])[-1]


def _statements(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if "Effect" in value and "Resource" in value:
            yield value
        for item in value.values():
            yield from _statements(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _statements(item, depth + 1)


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    for _ in range(_MOST):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
