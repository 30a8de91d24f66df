"""What outsiders can make themselves look like, to meet the conditions of a policy that lets anyone in.

Who has an account of AWS chooses the names and tags of its principals, whether it is in an organization, and from which
of its own networks it calls. Who has a topic, a bucket or a rule of their own has the service call for it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, product

from auditkit.policy import Condition, Document, parse_arn

__all__ = ["STRANGER", "disguises", "of_services", "services_behind"]

STRANGER = "000000000000"
"""Account of somebody who is nobody here."""
_TRIED = 32
_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_AT_WILL = frozenset({"aws:username", "aws:principaltype"})
_OF_ENDPOINTS = frozenset({"aws:vpceaccount", "aws:vpceorgid"})
_PRINCIPAL = re.compile(rf"arn:aws:iam::{STRANGER}:(role|user)/[^:]+")
_ANY_NETWORK = frozenset({"*", "vpc-*", "vpce-*"})
_OF_SERVICES = frozenset(
    {
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    }
)
"""Keys that are there where a service calls, and for it alone."""
_CALLS_AS = {"execute-api": "apigateway"}
"""Service in ARNs -> service that calls, where these differ."""
_ANY_SERVICE = "sns.amazonaws.com"
"""Stands for any service where a policy does not say which."""


def disguises(document: Document) -> list[dict[str, object]]:
    """Return what a principal of an account of one's own can look like: condition key -> value, ``None`` for none."""
    wanted: dict[str, dict[object, None]] = {}
    for condition in (one for statement in document.statements for one in statement.conditions):
        if condition.key.lower() in _ORGANIZATION:  # it need not be in one, which a Deny may overlook
            wanted.setdefault(condition.key.lower(), {})[None] = None
    for condition in _conditions(document):
        key = condition.key.lower()
        for value in condition.values if not condition.operator.negated else ():
            for looks in _looks(key, value):
                wanted.setdefault(key, {})[looks] = None
    choices = product(*([(key, value) for value in values] for key, values in sorted(wanted.items())))
    return [dict(chosen) for chosen in islice(choices, _TRIED) if chosen]


def _looks(key: str, value: str) -> Iterator[str]:
    if key.startswith("aws:principaltag/") or key in _AT_WILL or (key in _OF_ENDPOINTS and "*" in value):
        if value != "Anonymous":
            yield _filled(value)
    elif key in {"aws:principalarn", "aws:sourcevpcarn"}:
        yield from _arns_like(value, of_principal=key == "aws:principalarn")
    elif key == "aws:multifactorauthpresent":
        yield "true"
    elif key == "aws:vpcsourceip":  # addresses of one's own network are as one likes
        yield value.partition("/")[0]
    elif key in {"aws:sourcevpc", "aws:sourcevpce"}:
        if value in _ANY_NETWORK:
            yield _filled(value)
        elif value.lower() == "false":  # Null: there has to be one
            yield "vpc-x"


def _arns_like(pattern: str, *, of_principal: bool) -> Iterator[str]:
    """Yield ARNs of an account of one's own that a pattern may cover."""
    arn = parse_arn(pattern)
    if arn is not None and "*" in arn.account:
        yield _filled(pattern.replace(f":{arn.account}:", f":{STRANGER}:", 1))
    elif arn is None and of_principal:  # an asterisk of StringLike may stand for more than one part
        for part in ("", ":", ":role/", ":user/") if "*" in pattern else ():
            made = _filled(pattern.replace("*", f"arn:aws:iam::{STRANGER}{part}", 1))
            if _PRINCIPAL.fullmatch(made):
                yield made


def services_behind(document: Document) -> list[str]:
    """Return the services that get in where a policy lets anyone in: by conditions on for whom a service calls."""
    found: set[str] = set()
    for statement in document.statements:
        if statement.effect == "Allow" and any(named.type == "*" for named in statement.principals or ()):
            for condition in statement.conditions:
                found.update(_services(condition))
    return sorted(found)


def _services(condition: Condition) -> Iterator[str]:
    key = condition.key.lower()
    if key not in _OF_SERVICES or condition.operator.negated:
        return
    for value in condition.values:
        if key == "aws:sourcearn":
            service = value.split(":")[2] if value.count(":") > 1 else ""
            service = _CALLS_AS.get(service, service)
            yield f"{service}.amazonaws.com" if service and not set(service) & set("*?$") else _ANY_SERVICE
        elif key.startswith("aws:principalservicename"):
            yield value if not set(value) & set("*?$") else _ANY_SERVICE
        else:
            yield _ANY_SERVICE


def of_services(document: Document, service: str) -> list[dict[str, object]]:
    """Return for what of an account of one's own a service can be made to call: its ARN, as conditions ask for it."""
    arns: dict[str, None] = {}
    for condition in _conditions(document):
        if condition.key.lower() == "aws:sourcearn" and not condition.operator.negated:
            arns.update(dict.fromkeys(one for value in condition.values for one in _sources(value, service)))
    return [{"aws:sourcearn": arn} for arn in islice(arns, _TRIED)]


def _sources(pattern: str, service: str) -> Iterator[str]:
    """Yield an ARN of somebody else's that a pattern covers; none for one that names an account or a bucket."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 -- an asterisk that stands for the rest of the ARN
        parts = [*parts, *["*"] * (6 - len(parts))] if pattern.endswith("*") else []
    if not parts or "${" in pattern:
        return
    name, region, account, resource = parts[2], parts[3], parts[4], parts[5]
    name = service.partition(".")[0] if set(name) & {"*", "?"} else name
    if name == "s3" and not account:
        if "*" in resource or "?" in resource:
            yield f"arn:aws:s3:::{_filled(resource)}"
    elif "*" in account or "?" in account:
        place = "eu-west-1" if set(region) & {"*", "?"} else region  # of a service that is in none there is none
        yield f"arn:aws:{name}:{place}:{STRANGER}:{_filled(resource)}"


def _conditions(document: Document) -> Iterable[Condition]:
    return (one for statement in document.statements if statement.effect == "Allow" for one in statement.conditions)


def _filled(pattern: str) -> str:
    return pattern.replace("*", "x").replace("?", "x")
