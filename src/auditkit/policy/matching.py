"""What patterns mean where: in actions, in resources, in conditions on text and on ARNs; and ARNs themselves."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.logic import NO, YES, Verdict, unknown
from auditkit.policy.wildcards import Glob, Segments, SixParts, Variable, Wild, joined, split_colons, tokens

__all__ = [
    "ANY_ARN",
    "MAX_PATTERN",
    "SHORT_API",
    "Arn",
    "Lookup",
    "covers_everything",
    "has_variables",
    "long_api",
    "match_action",
    "match_arn",
    "match_equal",
    "match_like",
    "match_resource",
    "parse_arn",
    "resource_fault",
]

MAX_PATTERN = 32_768
"""Longest text of a policy that is looked at (characters): the largest policy AWS stores is a key policy of 32 KB."""

ANY_ARN = "*"
_ARN_PARTS = 6
_SERVICE = 2
SHORT_API = "execute-api:/"
"""How the resource of an API is written short, in the policy of the API itself."""

Lookup = Callable[[str], str | UnsetType | None]
"""Value of a condition key for a policy variable: text, ``None`` where it is absent, ``UNSET`` where nobody knows."""


class Arn(NamedTuple):
    """The parts of an ARN; ``resource`` is all after the fifth colon."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    """Return the parts of an ARN, or None where the text is none."""
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn":
        return None
    return tuple.__new__(Arn, parts[1:])


def has_variables(text: str) -> bool:
    """Whether a policy of version 2012-10-17 has a policy variable in this text."""
    return "${" in text and any(isinstance(token, Variable) for token in tokens(text, variables=True))


_Matcher = Glob | Segments | SixParts
_Maker = Callable[[Iterable[str | Wild]], _Matcher]


_KEPT = 512
"""Longest pattern whose compiled form is kept (characters), so that hostile ones cannot fill the memory."""


def _compiled(maker: _Maker, text: str, *, variables: bool) -> _Matcher | None:
    """Return the matcher of a pattern, None where it has policy variables and must be resolved first."""
    return _kept(maker, text, variables) if len(text) <= _KEPT else _compile(maker, text, variables)


@lru_cache(maxsize=65_536)
def _kept(maker: _Maker, text: str, variables: bool) -> _Matcher | None:  # noqa: FBT001 -- a key of the cache
    return _compile(maker, text, variables)


def _compile(maker: _Maker, text: str, variables: bool) -> _Matcher | None:  # noqa: FBT001
    fixed: list[str | Wild] = []
    for token in tokens(text, variables=variables):
        if isinstance(token, Variable):
            return None
        fixed.append(token)
    return maker(fixed)


def _match(maker: _Maker, pattern: str, text: str, *, variables: bool, lookup: Lookup) -> Verdict:
    matcher = _compiled(maker, pattern, variables=variables and "${" in pattern)
    if matcher is None:
        return _match_resolved(maker, pattern, text, lookup)
    return YES if matcher.match(text) else NO


def _match_resolved(maker: _Maker, pattern: str, text: str, lookup: Lookup) -> Verdict:
    """Match a pattern with policy variables; their values are literal text, and one that is absent matches nothing."""
    fixed: list[str | Wild] = []
    keys: list[str] = []
    for token in tokens(pattern, variables=True):
        if not isinstance(token, Variable):
            fixed.append(token)
            continue
        value = lookup(token.key)
        if isinstance(value, UnsetType):
            keys.append(token.key)
            fixed.append(Wild.MANY)
        elif value is None and token.default is None:
            return NO
        else:
            fixed.append(value if value is not None else token.default or "")
    if not keys:
        return YES if maker(joined(fixed)).match(text) else NO
    # whatever the unknown values are, no match is possible where a wildcard in their place has none
    return unknown(*keys) if Glob(joined(fixed)).match(text) else NO


def covers_everything(pattern: str) -> bool:
    """Whether a pattern is nothing but ``*``."""
    return bool(pattern) and not pattern.strip("*")


def match_action(patterns: Iterable[str], action: str) -> bool:
    """Whether any of the patterns covers an action; case is ignored.

    Parameters
    ----------
    patterns
        Patterns such as ``"s3:Get*"`` or ``"*"``.
    action
        ``"service:Action"``.
    """
    action = action.lower()
    for pattern in patterns:
        matcher = _compiled(Glob, pattern.lower(), variables=False)
        if matcher is not None and matcher.match(action):
            return True
    return False


def long_api(pattern: str) -> str:
    """Return what a pattern that begins with :data:`SHORT_API` stands for."""
    return f"arn:*:execute-api:*:*:*/{pattern.removeprefix(SHORT_API)}"


def match_resource(pattern: str, resource: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match one pattern of a ``Resource`` element; case counts.

    Parameters
    ----------
    pattern
        ``"*"`` or an ARN pattern.
    resource
        ARN of the request, or ``"*"``.
    variables
        Whether the policy's version knows policy variables.
    lookup
        Value of a condition key.
    """
    if covers_everything(pattern):
        return YES
    if pattern.startswith(SHORT_API):
        pattern = long_api(pattern)
    return _match(Segments, pattern, resource, variables=variables, lookup=lookup)


def match_arn(pattern: str, text: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match a value of an ARN operator: the six parts each for itself; a text that is no ARN never matches."""
    return _match(SixParts, pattern, text, variables=variables, lookup=lookup)


def match_like(pattern: str, text: str, *, variables: bool, lookup: Lookup) -> Verdict:
    """Match a value of ``StringLike``: wildcards cover anything."""
    return _match(Glob, pattern, text, variables=variables, lookup=lookup)


def match_equal(value: str, text: str, *, variables: bool, lookup: Lookup, ignore_case: bool = False) -> Verdict:
    """Match a value of ``StringEquals``: wildcards are literal, policy variables are resolved."""
    if not (variables and "${" in value):
        return YES if (value.lower() == text.lower() if ignore_case else value == text) else NO
    fixed: list[str | Wild] = []
    keys: list[str] = []
    for token in tokens(value, variables=True):
        if isinstance(token, str):
            fixed.append(token)
        elif isinstance(token, Wild):
            fixed.append(token.value)
        else:
            found = lookup(token.key)
            if isinstance(found, UnsetType):
                keys.append(token.key)
                fixed.append(Wild.MANY)
            elif found is None and token.default is None:
                return NO
            else:
                fixed.append(found if found is not None else token.default or "")
    if ignore_case:
        fixed = [token.lower() if isinstance(token, str) else token for token in fixed]
        text = text.lower()
    if not Glob(joined(fixed)).match(text):
        return NO
    return unknown(*keys) if keys else YES


_SOUND = re.compile(r"arn:[^:$]*:[^:*?$]*:[^:$]*:[^:$]*:[^$]*")
"""Patterns that have all six parts, a plain service and no policy variables."""


def resource_fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern of a ``Resource`` element, None where nothing is."""
    if _SOUND.fullmatch(pattern) or covers_everything(pattern) or pattern.startswith(SHORT_API):
        return None
    if not pattern.startswith("arn:"):
        return "is neither * nor an ARN"
    parts = split_colons(
        Wild.MANY if isinstance(token, Variable) else token for token in tokens(pattern, variables=True)
    )
    open_ended = len(parts) > _SERVICE + 1 and parts[-1][-1:] == [Wild.MANY]
    if len(parts) < _ARN_PARTS and not open_ended:
        return "has fewer than the six parts of an ARN"
    if any(isinstance(token, Wild) for token in parts[_SERVICE]):
        return "has a wildcard in the service segment"
    return None
