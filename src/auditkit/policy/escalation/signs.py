"""What tells resources apart to the policies of a principal, but for which of alike statements it is.

Statements in the same layer, of the same effect and under the same conditions decide alike. So it is enough to know
of a resource which of such groups have a statement that covers it: what is decided about one resource is decided about
all others of the same sign.
"""

from collections.abc import Hashable, Iterable

from auditkit.policy.documents import Statement
from auditkit.policy.escalation.facts import REGION, Spoken
from auditkit.policy.layers import match_resources
from auditkit.policy.logic import Truth
from auditkit.policy.matching import Lookup, parse_arn
from auditkit.policy.resources import resource_kind

__all__ = ["Signs"]


class Signs:
    """The signs of resources, by what policies say of one action.

    Parameters
    ----------
    spoken
        The statements about it.
    keys
        Condition keys that they name, in lower case.
    lookup
        Values of policy variables.
    """

    def __init__(self, spoken: Iterable[Spoken], keys: frozenset[str], lookup: Lookup) -> None:
        groups: dict[Hashable, list[Statement]] = {}
        for layer, _, statement, _ in spoken:
            like = layer, statement.effect, statement.unclear, statement.variables, statement.conditions
            groups.setdefault(like, []).append(statement)
        self._groups = [*groups.values()]
        self._lookup = lookup
        self._regional = REGION in keys
        self._apart = any(map(_has_variables, (statement for group in self._groups for statement in group)))
        self._known: dict[str, Hashable] = {}

    def of(self, resource: str) -> Hashable:
        """Return the sign of a resource; its own, where patterns have variables."""
        if self._apart:
            return resource
        if resource not in self._known:
            self._known[resource] = self._sign(resource)
        return self._known[resource]

    def _sign(self, resource: str) -> Hashable:
        arn = parse_arn(resource) if self._regional else None
        covered = [
            any(match_resources(one, resource, self._lookup).truth is Truth.YES for one in group)
            for group in self._groups
        ]
        return resource_kind(resource), arn and arn.region, *covered


def _has_variables(statement: Statement) -> bool:
    named = (*(statement.resources or ()), *(statement.not_resources or ()))
    return statement.variables and any("${" in pattern for pattern in named)
