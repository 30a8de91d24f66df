"""Conditions of a statement against the context of a request, in three values.

A context is *complete* (a simulated request: a key that is not in it is absent) or *open* (an audit: a key that is not
in it is unknown, unless it is known to be absent).
"""

from collections.abc import Iterable, Mapping

from msgspec import UNSET, UnsetType

from auditkit.errors import PolicyError
from auditkit.policy.documents import Condition
from auditkit.policy.logic import NO, YES, Verdict, all_of, any_of, negate, unknown
from auditkit.policy.matching import match_arn, match_equal, match_like
from auditkit.policy.operators import compare, scalar_text
from auditkit.policy.wildcards import Variable, tokens

__all__ = ["MAX_VALUE", "Context", "evaluate_conditions"]

MAX_VALUE = 16_384
"""Longest value of a condition key that is looked at (characters)."""


def _text(value: object, key: str) -> str:
    text = scalar_text(value)
    if text is None:
        raise PolicyError(
            f"context key {key[:80]!r}: a value is text, a number or a boolean, not {type(value).__name__}"
        )
    if len(text) > MAX_VALUE:
        raise PolicyError(f"context key {key[:80]!r}: a value of {len(text)} characters is too long")
    return text


class Context:
    """The condition keys of a request; names ignore case.

    Parameters
    ----------
    values
        Key -> value or list of values; None says that the key is absent, and is no value in a list.
    complete
        Whether a key that is not given is absent (True) or unknown (False).

    Raises
    ------
    PolicyError
        A value is neither text, number, boolean nor a list of these, or it is too long.
    """

    __slots__ = ("_values", "complete")

    def __init__(self, values: Mapping[str, object] | None = None, *, complete: bool = True) -> None:
        self.complete = complete
        self._values: dict[str, tuple[str, ...] | None] = {}
        for key, value in (values or {}).items():
            if value is None:
                self._values[key.lower()] = None
            elif isinstance(value, list | tuple | set | frozenset):
                self._values[key.lower()] = tuple(_text(one, key) for one in value if one is not None)
            else:
                self._values[key.lower()] = (_text(value, key),)

    def get(self, key: str) -> tuple[str, ...] | UnsetType | None:
        """Return the values of a key, None where it is absent, ``UNSET`` where nobody knows."""
        return self._values.get(key.lower(), None if self.complete else UNSET)

    def variable(self, key: str) -> str | UnsetType | None:
        """Return the value of a key for a policy variable; a key with several values has none."""
        values = self.get(key)
        if isinstance(values, UnsetType):
            return UNSET
        return values[0] if values is not None and len(values) == 1 else None

    def __repr__(self) -> str:
        """Return the keys and how the rest is taken."""
        return f"Context({self._values!r}, complete={self.complete})"


def _matches(
    condition: Condition, requested: str, written: str, context: Context, *, variables: bool
) -> Verdict | None:
    """Compare one value with one; None where a value is invalid."""
    operator = condition.operator
    lookup = context.variable
    match operator.family:
        case "string":
            return match_equal(written, requested, variables=variables, lookup=lookup, ignore_case=operator.ignore_case)
        case "like":
            return match_like(written, requested, variables=variables, lookup=lookup)
        case "arn":
            return match_arn(written, requested, variables=variables, lookup=lookup)
        case "bool" if variables and "${" in written:
            return match_equal(written, requested, variables=True, lookup=lookup, ignore_case=True)
        case _:
            holds = compare(operator, requested, written)
            return None if holds is None else (YES if holds else NO)


def _one_value(condition: Condition, requested: str, context: Context, *, variables: bool) -> Verdict:
    """Compare one value of the request with all of the policy's: any of them, or none if negated."""
    found = []
    for written in condition.values:
        verdict = _matches(condition, requested, written, context, variables=variables)
        if verdict is None:
            if condition.operator.negated:
                return NO
            continue
        found.append(verdict)
    matched = any_of(found)
    return negate(matched) if condition.operator.negated else matched


def _presence(condition: Condition, values: tuple[str, ...] | UnsetType | None) -> Verdict:
    wanted = {value.strip().lower() for value in condition.values}
    if wanted == {"true", "false"}:
        return YES
    if isinstance(values, UnsetType):
        return unknown(condition.key)
    return YES if ("true" if not values else "false") in wanted else NO


def _matches_nothing(condition: Condition, context: Context) -> bool:
    """Whether the condition fails whatever the key is: each of the policy's values has a variable without a value."""
    operator = condition.operator
    if operator.negated or operator.if_exists or operator.quantifier == "ForAllValues":
        return False  # these hold where the key is absent
    if operator.family not in {"string", "like", "arn", "bool"}:
        return False
    return all(
        any(
            isinstance(token, Variable) and token.default is None and context.variable(token.key) is None
            for token in tokens(value, variables=True)
        )
        for value in condition.values
    )


def _evaluate(condition: Condition, context: Context, *, variables: bool) -> Verdict:
    operator = condition.operator
    values = context.get(condition.key)
    if operator.family == "null":
        return _presence(condition, values)
    if isinstance(values, UnsetType):
        return NO if variables and _matches_nothing(condition, context) else unknown(condition.key)
    if values is None and operator.if_exists:
        return YES
    if operator.quantifier:
        values = () if values is None or not any(values) else values  # one empty string is an empty set
        if not values:
            return YES if operator.quantifier == "ForAllValues" else NO
        each = (_one_value(condition, value, context, variables=variables) for value in values)
        return all_of(each) if operator.quantifier == "ForAllValues" else any_of(each)
    if not values:
        return YES if operator.negated or operator.if_exists else NO
    if len(values) > 1:
        return NO
    return _one_value(condition, values[0], context, variables=variables)


def evaluate_conditions(conditions: Iterable[Condition], context: Context, *, variables: bool) -> Verdict:
    """Evaluate a ``Condition`` element: all of its lines must hold.

    Parameters
    ----------
    conditions
        The lines.
    context
        The request's condition keys.
    variables
        Whether the policy's version knows policy variables.

    Returns
    -------
    Verdict
        With the keys it hangs on, where it cannot be decided.
    """
    return all_of(_evaluate(condition, context, variables=variables) for condition in conditions)
