"""Condition operators: their names, and how one value of a request compares with one value of a policy."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import msgspec

from auditkit.policy.matching import ANY_ARN, parse_arn

__all__ = ["Family", "Operator", "compare", "operator_from_text", "scalar_text", "value_fault"]

Family = Literal["string", "like", "numeric", "date", "bool", "binary", "ip", "arn", "null"]
Relation = Literal["==", "<", "<=", ">", ">="]
Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


class Operator(msgspec.Struct, frozen=True):
    """A condition operator.

    Attributes
    ----------
    family
        What is compared.
    negated
        Whether it holds where the comparison does not (``StringNotEquals``, ``NotIpAddress`` ...).
    relation
        Of numbers and dates: which comparison.
    ignore_case
        Of strings.
    if_exists
        Whether it holds where the key is absent.
    quantifier
        ``ForAllValues``, ``ForAnyValue`` or none.
    """

    family: Family
    negated: bool = False
    relation: Relation = "=="
    ignore_case: bool = False
    if_exists: bool = False
    quantifier: Quantifier = ""


def _table() -> dict[str, Operator]:
    table = {
        "StringEquals": Operator("string"),
        "StringNotEquals": Operator("string", negated=True),
        "StringEqualsIgnoreCase": Operator("string", ignore_case=True),
        "StringNotEqualsIgnoreCase": Operator("string", negated=True, ignore_case=True),
        "StringLike": Operator("like"),
        "StringNotLike": Operator("like", negated=True),
        "Bool": Operator("bool"),
        "BinaryEquals": Operator("binary"),
        "IpAddress": Operator("ip"),
        "NotIpAddress": Operator("ip", negated=True),
        "ArnEquals": Operator("arn"),
        "ArnLike": Operator("arn"),
        "ArnNotEquals": Operator("arn", negated=True),
        "ArnNotLike": Operator("arn", negated=True),
        "Null": Operator("null"),
    }
    relations: dict[str, Relation] = {
        "LessThan": "<",
        "LessThanEquals": "<=",
        "GreaterThan": ">",
        "GreaterThanEquals": ">=",
    }
    families: dict[str, Family] = {"Numeric": "numeric", "Date": "date"}
    for prefix, family in families.items():
        table[f"{prefix}Equals"] = Operator(family)
        table[f"{prefix}NotEquals"] = Operator(family, negated=True)
        for suffix, relation in relations.items():
            table[f"{prefix}{suffix}"] = Operator(family, relation=relation)
    return {name.lower(): operator for name, operator in table.items()}


_OPERATORS = _table()
_QUANTIFIERS: dict[str, Quantifier] = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_NAME_LENGTH = 64


@lru_cache(maxsize=1024)
def operator_from_text(text: str) -> Operator | None:
    """Return the operator of a name such as ``"ForAllValues:StringLikeIfExists"``; None for an unknown one."""
    if len(text) > _NAME_LENGTH:
        return None
    head, colon, tail = text.lower().partition(":")
    quantifier: Quantifier = ""
    if colon:
        if head not in _QUANTIFIERS:
            return None
        quantifier, head = _QUANTIFIERS[head], tail
    if_exists = head.endswith("ifexists")
    operator = _OPERATORS.get(head.removesuffix("ifexists"))
    if operator is None or (if_exists and operator.family == "null"):
        return None
    return msgspec.structs.replace(operator, if_exists=if_exists, quantifier=quantifier)


_MAX_BITS = 1024


def scalar_text(value: object) -> str | None:
    """Return how a policy or a request writes text, a number or a boolean; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or (isinstance(value, int) and value.bit_length() <= _MAX_BITS):
        return str(value)
    return None


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][+-]?[0-9]{1,3})?")


def _number(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_EPOCH = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,9})?")
_YEAR_DIGITS = 4


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _date(text: str) -> Decimal | None:
    """Return seconds since 1970 of a W3C date-time or an epoch number; four digits alone are a year."""
    text = text.strip()
    if match := _DATE.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        try:
            moment = datetime(
                int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
                tzinfo=_zone(zone),
            )  # fmt: skip
        except ValueError:
            return None
        whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        return Decimal(whole) + (Decimal(f"0.{fraction}") if fraction else 0)
    return Decimal(text) if len(text) != _YEAR_DIGITS and _EPOCH.fullmatch(text) else None


def _bool(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _address(text: str) -> Any | None:  # noqa: ANN401 -- an IPv4 or IPv6 address
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _parsed_network(text: str) -> Any | None:  # noqa: ANN401 -- an IPv4 or IPv6 network
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _network(text: str) -> Any | None:  # noqa: ANN401 -- an IPv4 or IPv6 network
    return _parsed_network(text) if len(text) <= _NAME_LENGTH else None


def _arn_pattern(text: str) -> object | None:
    return text if text == ANY_ARN else parse_arn(text)


_POLICY_VALUE: dict[Family, tuple[Callable[[str], object | None], str]] = {
    "numeric": (_number, "is no number"),
    "date": (_date, "is neither an ISO 8601 date nor seconds since 1970"),
    "bool": (_bool, "is neither true nor false"),
    "null": (_bool, "is neither true nor false"),
    "binary": (_binary, "is not base64"),
    "ip": (_network, "is neither an IP address nor a CIDR range"),
    "arn": (_arn_pattern, "is not an ARN"),
}
_WITH_VARIABLES = frozenset[Family]({"string", "like", "arn", "bool"})


def value_fault(operator: Operator, text: str, *, variables: bool) -> str | None:
    """Say what is wrong with a policy's value for an operator, None where nothing is.

    Parameters
    ----------
    operator
        The operator.
    text
        The policy's value.
    variables
        Whether the value has policy variables: then it can only be judged with a request.
    """
    if operator.family not in _POLICY_VALUE or (variables and operator.family in _WITH_VARIABLES):
        return None
    read, message = _POLICY_VALUE[operator.family]
    return message if read(text) is None else None


def _ordered(relation: Relation, left: Decimal, right: Decimal) -> bool:
    if relation == "==":
        return left == right
    if relation in {"<", "<="}:
        return left < right or (relation == "<=" and left == right)
    return left > right or (relation == ">=" and left == right)


def compare(operator: Operator, requested: str, written: str) -> bool | None:
    """Compare a value of the request with a value of the policy, for the families without policy variables.

    Returns
    -------
    bool or None
        Whether the comparison holds, negation left aside; None where either value is invalid.
    """
    family = operator.family
    if family in {"numeric", "date"}:
        read = _number if family == "numeric" else _date
        left, right = read(requested), read(written)
        return None if left is None or right is None else _ordered(operator.relation, left, right)
    if family == "ip":
        address, network = _address(requested), _network(written)
        return None if address is None or network is None else address.version == network.version and address in network
    one, other = (_bool(requested), _bool(written)) if family == "bool" else (_binary(requested), _binary(written))
    return None if one is None or other is None else one == other
