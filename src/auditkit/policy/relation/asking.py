"""What a statement asks of principals and targets: the condition keys it reads, and whose they are."""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from msgspec import UnsetType

from auditkit.policy.conditions import Context
from auditkit.policy.documents import Condition, Statement
from auditkit.policy.principals import Principal, PrincipalType, principal
from auditkit.policy.subjects import PrincipalPolicies, known_of_principal, known_of_resource
from auditkit.policy.wildcards import Variable, tokens

__all__ = ["Asker", "Reads", "keys_of_condition", "reads_of", "target_context", "values_of"]

Values = tuple[str, ...] | UnsetType | None
_KEPT, _SHORT = 4096, 256
_PLAIN = frozenset({PrincipalType.USER, PrincipalType.ROLE})


class Asker:
    """A principal with its policies and with what is known of it.

    Parameters
    ----------
    given
        The principal with its policies.
    who
        The principal; made from the ARN if it is not given.
    only
        Numbers of the targets that it is asked about; None for all.
    """

    def __init__(
        self, given: PrincipalPolicies, who: Principal | None = None, only: frozenset[int] | None = None
    ) -> None:
        self.given = given
        self.who = who or principal(given.arn)
        self.only = only
        self.alike = self.who.type in _PLAIN and only is None
        """Whether it is one of many that most policies of targets do not tell apart."""

    @cached_property
    def own(self) -> dict[str, Any]:
        """Condition keys that were given; they win over all others."""
        return {_in_lower(key): value for key, value in self.given.context.items()}

    @cached_property
    def derived(self) -> dict[str, Any]:
        """Condition keys that follow from who it is; what a target says of a key wins over them."""
        return {_LOWER[key]: value for key, value in known_of_principal(self.who).items()}

    @cached_property
    def known(self) -> frozenset[str]:
        """The condition keys that anything is known of without a target."""
        return _known(tuple(self.given.context), self.who.type, self.who.of_an_account)

    def value(self, key: str) -> tuple[Values, bool]:
        """Return what is known of a condition key without a target, and whether it was given."""
        return self.within((key,)).get(key), key in self.own

    def within(self, keys: Iterable[str]) -> Context:
        """Return what is known of some keys, in lower case, without a target."""
        return self.beside({}, keys)

    def beside(self, target: Mapping[str, Any], keys: Iterable[str] | None = None) -> Context:
        """Return what is known together with what is known of a target.

        Parameters
        ----------
        target
            What is known of the target; keys in lower case.
        keys
            The keys that matter, in lower case; None for all.
        """
        if keys is None:
            return Context({**self.derived, **target, **self.own}, complete=False)
        known = {}
        for key in keys:
            for values in (self.own, target, self.derived):
                if key in values:
                    known[key] = values[key]
                    break
        return Context(known, complete=False)


class _Lower(dict[str, str]):
    """Keys in lower case, remembered."""

    def __missing__(self, key: str) -> str:
        if len(self) >= _KEPT:
            self.clear()
        self[key] = key.lower()
        return self[key]


_LOWER = _Lower()


@lru_cache(maxsize=1024)
def _lower(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)


def _in_lower(key: str) -> str:
    """Return a key in lower case, the same text each time unless it is long."""
    return _LOWER[key] if len(key) <= _SHORT else key.lower()


@lru_cache(maxsize=1024)
def _known(given: tuple[str, ...], kind: PrincipalType, of_an_account: bool) -> frozenset[str]:  # noqa: FBT001 -- as above
    """Return the keys that were given or follow from who asks."""
    return _lower(given) | _derived(kind, of_an_account)


@lru_cache(maxsize=64)
def _derived(kind: PrincipalType, of_an_account: bool) -> frozenset[str]:  # noqa: FBT001 -- a key of the cache
    """Return the keys that follow from who asks: they are the same for all principals of a kind."""
    assert Principal(type=kind, id="").of_an_account == of_an_account
    return _lower(tuple(known_of_principal(Principal(type=kind, id=""))))


def target_context(arn: str, owner: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a target, keys in lower case."""
    known = {_LOWER[key]: value for key, value in known_of_resource(arn, owner).items()}
    for key, value in context.items():
        known[_in_lower(key)] = value
    return known


def _variables(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(
        token.key.lower()
        for text in texts
        if "${" in text
        for token in tokens(text, variables=True)
        if isinstance(token, Variable)
    )


@lru_cache(maxsize=16_384)
def keys_of_condition(condition: Condition, *, variables: bool) -> frozenset[str]:
    """Return the keys that a condition reads, in lower case."""
    keys = frozenset({condition.key.lower()})
    return keys | _variables(condition.values) if variables else keys


class Reads(NamedTuple):
    """What a statement reads of the context.

    Attributes
    ----------
    conditions
        Its conditions, each with its keys.
    resources
        Keys of the policy variables in its resources.
    """

    conditions: tuple[tuple[Condition, frozenset[str]], ...]
    resources: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """All of the keys."""
        return self.resources.union(*(keys for _, keys in self.conditions))


def reads_of(statement: Statement) -> Reads:
    """Return what a statement reads."""
    resources: frozenset[str] = frozenset()
    if statement.variables and not statement.unclear & {"statement", "resource"}:
        resources = _variables((*(statement.resources or ()), *(statement.not_resources or ())))
    conditions = () if statement.unclear & {"statement", "condition"} else statement.conditions
    return Reads(tuple((one, keys_of_condition(one, variables=statement.variables)) for one in conditions), resources)


def values_of(context: Context, keys: Iterable[str]) -> tuple[tuple[str, Values], ...]:
    """Return the values of some keys, fit for a key of a dictionary."""
    return tuple((key, context.get(key)) for key in sorted(keys))
