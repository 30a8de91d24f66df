"""Whether conditions that an export cannot decide can be met at all, and whether an attacker can meet them at will.

An undecided answer hangs on condition keys. Where every condition on a key compares with values that are written
down, it is enough to try those values, one that is none of them, and no value: if nothing of that allows, nothing does
(two conditions that contradict each other), and if all of it allows, everything does. Some keys are parameters of the
attacker's own request; where one choice of them allows, the answer is yes. Time does not run backwards: no request
comes before the date of the table of techniques.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from itertools import chain, islice, product

import msgspec

from auditkit.policy.documents import Condition
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.logic import Truth
from auditkit.policy.matching import Lookup
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["Value", "refined"]

Value = str | tuple[str, ...] | None

_AT_WILL = ("aws:requestedregion", "aws:tokenissuetime", "sts:rolesessionname")
"""Keys, or beginnings of keys, whose values are parameters of the request that anyone may choose."""

_TAGGING = ("aws:requesttag/", "aws:tagkeys")
"""The same, of requests that make something and may give it tags."""

_MAKING = ("create", "register", "request", "run")
"""Beginnings of the names of such requests."""

_TRIED = 256
_KEYS = 4
_VALUES = 24
_OTHER = "none-of-these"
_CLOCKS = frozenset({"aws:currenttime", "aws:epochtime"})  # always there
_SINCE = _CLOCKS | {"aws:tokenissuetime"}  # a new session can be had at any time
_OTHER_ADDRESSES = ("203.0.113.77", "2001:db8::77")
_EXACT = frozenset({"string", "bool", "null", "numeric", "ip"})


def refined(
    settle: Callable[[Mapping[str, Value]], Truth],
    conditions: Iterable[Condition],
    keys: Iterable[str],
    *,
    action: str,
    lookup: Lookup | None = None,
) -> Truth:
    """Return what is left of an undecided answer: no, unknown or yes.

    Parameters
    ----------
    settle
        The answer where these values of condition keys are given; None is *no value*.
    conditions
        Every condition that bears on the answer.
    keys
        The keys that it hangs on.
    action
        What is asked for.
    lookup
        Values of policy variables, which the attacker can choose a parameter by.
    """
    if lookup is not None:
        conditions = [_resolved(condition, lookup) for condition in conditions]
    by_key: dict[str, list[Condition]] = {key.lower(): [] for key in keys}
    for condition in conditions:
        if condition.key.lower() in by_key:
            by_key[condition.key.lower()].append(condition)
    if not by_key or len(by_key) > _KEYS:
        return Truth.UNKNOWN
    makes = action.partition(":")[2].lower().startswith(_MAKING)
    chosen = [key for key in sorted(by_key) if key.startswith((*_AT_WILL, *(_TAGGING if makes else ())))]
    if chosen and any(settle(values) is Truth.YES for values in _assignments(by_key, chosen)):
        return Truth.YES
    if not all(found and all(map(_exact, found)) for found in by_key.values()):
        return Truth.UNKNOWN
    count = 1
    for key, found_of in by_key.items():
        count *= len(_values(key, found_of))
    if count > _TRIED:
        return Truth.UNKNOWN
    return _common(map(settle, chain(_extremes(by_key), _assignments(by_key, list(by_key)))))


def _common(truths: Iterator[Truth]) -> Truth:
    """Return what some answers have in common: unknown as soon as two of them differ."""
    first = next(truths)
    return first if first is not Truth.UNKNOWN and all(truth is first for truth in truths) else Truth.UNKNOWN


def _resolved(condition: Condition, lookup: Lookup) -> Condition:
    """Return a condition on a parameter of the request with the policy variables that are known."""
    chosen = condition.key.lower().startswith(_AT_WILL) and condition.operator.family in {"string", "like"}
    if not chosen or not any("${" in value for value in condition.values):
        return condition
    values = tuple(_text(value, lookup) for value in condition.values)
    return msgspec.structs.replace(condition, values=values)


def _text(value: str, lookup: Lookup) -> str:
    """Return a value with its variables filled in, as far as they are known."""
    text = []
    for token in tokens(value, variables=True):
        if isinstance(token, Variable):
            found = lookup(token.key)
            text.append(found if isinstance(found, str) else token.default or "")
        else:
            text.append(token.value if isinstance(token, Wild) else token)
    return "".join(text)


def _assignments(by_key: Mapping[str, list[Condition]], keys: list[str]) -> Iterator[dict[str, Value]]:
    choices = [_values(key, by_key[key]) for key in keys]
    return (dict(zip(keys, values, strict=True)) for values in islice(product(*choices), _TRIED))


def _extremes(by_key: Mapping[str, list[Condition]]) -> Iterator[dict[str, Value]]:
    """Yield two of the assignments, between which most answers differ: all conditions are met, and none is."""
    for met in (True, False):
        chosen = {key: _telling(conditions[0], met=met) for key, conditions in by_key.items()}
        choices = {key: _values(key, conditions) for key, conditions in by_key.items()}
        yield {key: value if value in choices[key] else choices[key][0] for key, value in chosen.items()}


def _telling(condition: Condition, *, met: bool) -> Value:
    """Return a value of a key that meets a condition, or does not, as far as that is told by its first value."""
    family, written = condition.operator.family, condition.values[0] if condition.values else ""
    wanted = met is not condition.operator.negated
    if family == "bool":
        return "true" if (written.lower() == "true") is wanted else "false"
    if wanted:
        return next(_near(family, written), None)
    return _OTHER_ADDRESSES[":" not in written] if family == "ip" else _OTHER


def _exact(condition: Condition) -> bool:
    """Whether it is enough to try the values written down."""
    operator = condition.operator
    if operator.quantifier or len(condition.values) > _VALUES or any("${" in value for value in condition.values):
        return False
    if operator.family in {"like", "arn"}:
        return not any("*" in value or "?" in value for value in condition.values)
    if operator.family == "date":
        return all(_moment(value) is not None for value in condition.values)
    return operator.family in _EXACT


def _values(key: str, conditions: list[Condition]) -> list[Value]:
    """Return the values to try, in a fixed order; no value is the last, where there may be none."""
    found: dict[Value, None] = {}
    for condition in conditions:
        for value in condition.values[:_VALUES]:
            found.update(dict.fromkeys(_near(condition.operator.family, value)))
        if condition.operator.quantifier and condition.values:
            found[condition.values] = None
        if condition.operator.family == "date":
            found[techniques().as_of] = None
        else:
            found.update(dict.fromkeys(_OTHER_ADDRESSES if condition.operator.family == "ip" else (_OTHER,)))
    if key in _SINCE:
        found = {value: None for value in found if isinstance(value, str) and not _past(value)}
    found.pop(None, None)
    return [*found] if key in _CLOCKS and found else [*found, None]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _past(text: str) -> bool:
    moment, now = _moment(text), _moment(techniques().as_of)
    return moment is not None and now is not None and moment < now


def _near(family: str, value: str) -> Iterator[str]:
    """Yield a value that a written one matches, and those beside it."""
    match family:
        case "bool":
            yield from ("true", "false")
        case "numeric":
            yield value
            try:
                number = int(value)
            except ValueError:
                return
            yield from (str(number - 1), str(number + 1))
        case "date":
            yield value
            moment = _moment(value)
            if moment is not None and MINYEAR < moment.year < MAXYEAR:
                yield from ((moment + timedelta(seconds=step)).isoformat() for step in (-1, 1))
        case "ip":
            try:
                network = ipaddress.ip_network(value, strict=False)
                yield from (str(network.network_address), str(network.broadcast_address))
            except ValueError:
                return
        case "null":
            return
        case _:
            yield value.replace("*", "-").replace("?", "-")
