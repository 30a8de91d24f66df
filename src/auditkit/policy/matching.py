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
    "Resolved",
    "covers_everything",
    "has_variables",
    "long_api",
    "match_action",
    "match_arn",
    "match_equal",
    "match_like",
    "match_resource",
    "parse_arn",
    "resolved",
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


class Resolved(NamedTuple):
    """A pattern with the values of its policy variables, which are literal text.

    Attributes
    ----------
    tokens
        Literal text and wildcards; ``*`` in place of a variable that nobody knows.
    keys
        Those variables.
    """

    tokens: list[str | Wild]
    keys: list[str]


def resolved(pattern: str, lookup: Lookup, *, longest: int | None = None, plain: bool = False) -> Resolved | None:
    """Put values in the place of policy variables.

    Parameters
    ----------
    pattern
        A text of a policy that knows variables.
    lookup
        Value of a condition key.
    longest
        Length of the text to be matched (characters).
    plain
        Whether wildcards are literal.

    Returns
    -------
    Resolved or None
        None where nothing matches: a variable has no value, or there is more literal text than the longest can hold.
    """
    fixed: list[str | Wild] = []
    keys: list[str] = []
    length = 0
    for token in tokens(pattern, variables=True):
        part = _value_of(token, lookup) if isinstance(token, Variable) else token
        if part is None:
            return None
        if isinstance(token, Variable) and isinstance(part, Wild):
            keys.append(token.key)
        elif plain and isinstance(part, Wild):
            part = part.value
        fixed.append(part)
        length += len(part) if isinstance(part, str) else 0
        if longest is not None and length > longest:
            return None
    return Resolved(fixed, keys)


def _value_of(variable: Variable, lookup: Lookup) -> str | Wild | None:
    """Return the value of a policy variable: anything where nobody knows it, None where it has none."""
    value = lookup(variable.key)
    if isinstance(value, UnsetType):
        return Wild.MANY
    return variable.default if value is None else value


def _match_resolved(maker: _Maker, pattern: str, text: str, lookup: Lookup) -> Verdict:
    """Match a pattern with policy variables; their values are literal text, and one that is absent matches nothing."""
    found = resolved(pattern, lookup, longest=len(text))
    if found is None:
        return NO
    if not found.keys:
        return YES if maker(joined(found.tokens)).match(text) else NO
    # whatever the unknown values are, no match is possible where a wildcard in their place has none
    return unknown(*found.keys) if Glob(joined(found.tokens)).match(text) else NO


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


def long_api(pattern: str, resource: str) -> str:
    """Return what a pattern that begins with :data:`SHORT_API` stands for in the policy of a resource's API."""
    return f"{resource.partition('/')[0]}/{pattern.removeprefix(SHORT_API)}"


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
        arn = parse_arn(resource)
        if arn is None or arn.service != "execute-api":
            return NO
        pattern = long_api(pattern, resource)
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
    text = text.lower() if ignore_case else text
    found = resolved(value, lookup, longest=len(text), plain=True)
    if found is None:
        return NO
    fixed = found.tokens
    if ignore_case:
        fixed = [token.lower() if isinstance(token, str) else token for token in fixed]
    if not Glob(joined(fixed)).match(text):
        return NO
    return unknown(*found.keys) if found.keys else YES


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
