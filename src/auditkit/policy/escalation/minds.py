"""A principal with its policies, and what is made of these to answer with, for as long as it is asked."""

from collections.abc import Hashable, Iterable
from functools import cached_property, lru_cache

from msgspec import UNSET, UnsetType

from auditkit.policy.conditions import MAX_VALUE, Context
from auditkit.policy.documents import Document, Statement
from auditkit.policy.escalation.examples import Sample
from auditkit.policy.escalation.facts import Facts, Spoken, facts_of
from auditkit.policy.escalation.rulings import Ruling
from auditkit.policy.escalation.signs import Signs
from auditkit.policy.escalation.slimming import actions_of, slim
from auditkit.policy.escalation.subjects import Tags
from auditkit.policy.logic import Truth
from auditkit.policy.matching import match_resource
from auditkit.policy.principals import Principal, PrincipalType, principal
from auditkit.policy.request import Levels, PolicySet
from auditkit.policy.subjects import PrincipalPolicies, audit_context

__all__ = ["ALWAYS", "Mind", "too_long"]

ALWAYS = {"aws:SecureTransport": "true"}
"""Whoever wants to get in can use TLS."""
_FORGOTTEN = frozenset(
    {
        *("identity", "boundary", "scps", "_context", "_base", "_statements"),
        *("_facts", "_some", "_covering", "_named", "_last", "_signs", "_refined"),
    }
)


class Mind:
    """One principal with its policies.

    Parameters
    ----------
    policies
        Its policies.
    tags
        Its tags.
    """

    def __init__(self, policies: PrincipalPolicies, tags: Tags | UnsetType = UNSET) -> None:
        self.policies = policies
        self.tags = tags
        self.who: Principal = principal(policies.arn)
        self.account = policies.account or self.who.account
        self.whole = not isinstance(policies.identity, UnsetType) and all(one.readable for one in policies.identity)

    def rest(self) -> None:
        """Forget what answers are worked out from, as well as answers; all of it is worked out anew when needed."""
        for name in _FORGOTTEN & self.__dict__.keys():
            del self.__dict__[name]

    @cached_property
    def identity(self) -> tuple[Document, ...]:
        """Its own policies, as far as they can be read, cut down to what techniques ask for."""
        given = () if isinstance(self.policies.identity, UnsetType) else self.policies.identity
        return tuple(slim(document) for document in given if document.readable)

    @cached_property
    def boundary(self) -> Document | UnsetType | None:
        """Its permissions boundary, cut down in the same way."""
        given = self.policies.boundary
        return slim(given) if isinstance(given, Document) else given

    @cached_property
    def scps(self) -> Levels:
        """Service control policies, cut down in the same way; none where they were not seen."""
        given = self.policies.scps
        if not isinstance(given, tuple):
            return ()
        return tuple(tuple(slim(document) for document in level) for level in given)

    @cached_property
    def _context(self) -> dict[str, str | None]:
        return {key: value for key, value in self.policies.context.items() if not too_long(value)}

    @cached_property
    def _base(self) -> Context:
        return audit_context(self.who, "", "", ALWAYS, self._context)

    @cached_property
    def _facts(self) -> dict[str, Facts]:
        return {}

    @cached_property
    def _some(self) -> dict[object, Ruling]:
        return {}

    @cached_property
    def _signs(self) -> dict[str, Signs]:
        return {}

    @cached_property
    def _refined(self) -> dict[Hashable, Truth]:
        return {}

    @cached_property
    def _covering(self) -> dict[tuple[str, str], bool]:
        return {}

    @cached_property
    def _named(self) -> dict[tuple[tuple[str, ...], str, str], Sample]:
        return {}

    @property
    def is_role(self) -> bool:
        """Whether it is a role, which acts by its sessions."""
        return self.who.type is PrincipalType.ROLE

    @property
    def understood(self) -> bool:
        """Whether its policies were seen, and what they allow was understood."""
        given = () if isinstance(self.policies.identity, UnsetType) else self.policies.identity
        statements = (one for document in given if document.problems for one in document.statements)
        return self.whole and not any(one.unclear and one.effect == "Allow" for one in statements)

    @cached_property
    def _statements(self) -> dict[str, list[Spoken]]:
        """Statements by action, with where they stand."""
        found: dict[str, list[Spoken]] = {}
        for layer, documents in enumerate(self._layers):
            for place, document in enumerate(documents):
                for statement in document.statements:
                    allows = layer == 0 and statement.effect == "Allow" and not statement.unclear
                    spoken = Spoken(layer, place, statement, allows)
                    for action in actions_of(statement):
                        found.setdefault(action, []).append(spoken)
        return found

    @property
    def _layers(self) -> tuple[tuple[Document, ...], ...]:
        """Identity policies, the boundary, and control policies by level."""
        return self.identity, (self.boundary,) if isinstance(self.boundary, Document) else (), *self.scps

    def _about(self, action: str) -> Facts:
        name = action.lower()
        if name not in self._facts:
            self._facts[name] = facts_of((one.allows, one.statement) for one in self._statements.get(name, ()))
        return self._facts[name]

    @cached_property
    def _last(self) -> tuple[str, PolicySet]:
        return "", PolicySet()

    def _policies(self, action: str) -> PolicySet:
        """Return the policies with nothing but what speaks of an action; kept for the last one that was asked for."""
        name = action.lower()
        if self._last[0] != name:
            by_place: dict[tuple[int, int], list[Statement]] = {}
            for one in self._statements.get(name, ()):
                by_place.setdefault((one.layer, one.document), []).append(one.statement)
            identity, boundary, *scps = (
                tuple(
                    document.with_statements(tuple(by_place.get((layer, place), ())))
                    for place, document in enumerate(documents)
                )
                for layer, documents in enumerate(self._layers)
            )
            bound = boundary if isinstance(self.boundary, Document) else self.boundary
            self._last = name, PolicySet(identity=identity, boundary=bound, scp=tuple(scps))
        return self._last[1]

    def holds(self, *actions: str) -> bool:
        """Whether policies grant all of these actions, each on something."""
        return all(action.lower() in self.granted for action in actions)

    @cached_property
    def granted(self) -> frozenset[str]:
        """Actions, in lower case, that policies grant on something."""
        return _the_same(
            frozenset(name for name, spoken in self._statements.items() if any(one.allows for one in spoken))
        )

    def covers(self, action: str, resource: str) -> bool:
        """Whether any policy that allows an action may cover a resource, whatever else it says."""
        key = action, resource
        if key not in self._covering:
            statements = self._about(action).allows
            open_ended = resource == "*" or any(one.resources is None for one in statements)
            self._covering[key] = bool(statements) if open_ended else self._matches(statements, resource)
        return self._covering[key]

    def _matches(self, statements: Iterable[Statement], resource: str) -> bool:
        lookup = self._base.variable
        return any(
            match_resource(pattern, resource, variables=one.variables, lookup=lookup).truth
            for one in statements
            for pattern in one.resources or ()
        )

    def sign(self, action: str, resource: str) -> Hashable:
        """Return what is the same for resources about which policies say the same of an action."""
        name = action.lower()
        if name not in self._signs:
            self._signs[name] = Signs(self._statements.get(name, ()), self._about(action).keys, self._base.variable)
        return self._signs[name].of(resource)

    def speaks_of_any(self, action: str, beginnings: tuple[str, ...]) -> bool:
        """Whether policies name a condition key about an action that begins in one of some ways (in lower case)."""
        return any(key.startswith(beginnings) for key in self._about(action).keys)

    def speaks_of(self, action: str, key: str) -> bool:
        """Whether policies name a condition key (in lower case) about an action."""
        return key in self._about(action).keys


@lru_cache(maxsize=4096)
def _the_same(names: frozenset[str]) -> frozenset[str]:
    """Return names as an object that is the same for the same."""
    return names


def too_long(value: object) -> bool:
    """Whether a value is longer than conditions look at."""
    return isinstance(value, str) and len(value) > MAX_VALUE
