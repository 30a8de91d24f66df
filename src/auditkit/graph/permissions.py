"""What principals of an inventory may do to its targets: the policy engine asked by all policies of the inventory."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from auditkit.graph._refs import reference
from auditkit.graph.policies import QUALIFIED, Policies
from auditkit.inventory import Inventory
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.identities import Role, User
from auditkit.policy import Answer, Grant, Relation, grants_of_answers, relation, tracked_actions

__all__ = ["Permissions", "Scope", "permissions_of"]

_PAIRS = 1 << 16


class Scope(NamedTuple):
    """Targets that a principal may do the same to.

    Attributes
    ----------
    principal, target
        Who may, and to what: the first of the targets.
    targets
        Numbers of the targets: places in the targets of the relation.
    answers
        What it may do to the first of them, for the same reasons as to all.
    """

    principal: str
    target: str
    targets: Sequence[int] | NDArray[np.int64]
    answers: tuple[Answer, ...]

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The answers as grants on the first target."""
        return tuple(grants_of_answers(self.principal, self.target, self.answers))


class Permissions(Policies):
    """What principals may do to targets, by an inventory.

    Parameters
    ----------
    inventory
        With the policies as far as they were exported.
    """

    @cached_property
    def relation(self) -> Relation:
        """Who may do what to which target, by all tracked actions."""
        return relation(self.principals, self.targets)

    @cached_property
    def _without_iam(self) -> Relation:
        """The same, of roles only that of assuming them."""
        actions = [action.name for action in tracked_actions().values() if not action.name.startswith("iam:")]
        return relation(self.principals, self.targets, actions=actions)

    def rest(self) -> None:
        """Forget what :meth:`scopes` and :meth:`of` are told from; it is worked out anew when more is asked for."""
        for name in ("_without_iam", "_qualified", "_sorts", "_of"):
            self.__dict__.pop(name, None)

    @property
    def targets_of_scopes(self) -> tuple[str, ...]:
        """ARNs of the targets that scopes tell by number."""
        return self._without_iam.targets

    @cached_property
    def _qualified(self) -> NDArray[np.bool_]:
        """Whether each target is a version or alias of another: edges to that one say so, each for itself."""
        records = (self._inventory.get(arn) for arn in self._without_iam.targets)
        return np.array([record is not None and record.kind in QUALIFIED for record in records], dtype=bool)

    def of(self, principal: str, target: str) -> tuple[Grant, ...]:
        """Return what a principal may do to a target; of roles only whether it may assume them."""
        return self._of(principal, target)

    @cached_property
    def _of(self) -> Callable[[str, str], tuple[Grant, ...]]:
        return lru_cache(maxsize=_PAIRS)(self._without_iam.between)

    def scopes(self, fan_out: int) -> Iterator[Scope]:
        """Yield what principals may do: the principal, targets that it may do the same to, and the grants on the first.

        Parameters
        ----------
        fan_out
            Most targets that stand alone; of those that it may do the same to, more than these stand together.
        """
        found = self._without_iam
        for number, name in enumerate(found.principals):
            wide = self._wide(number, fan_out) if self.knows(name) and found.count(number) > fan_out else []
            together = np.zeros(len(found.targets), dtype=bool)
            for scope in wide:
                together[scope] = True
            for targets, answers in found.answers(number, without=together):
                some = Scope(name, found.targets[targets[0]], targets, answers)
                yield from self._by_sort(some) if self.knows(name) else self.each(some)
            for scope in wide:
                first = int(scope[0])
                yield Scope(name, found.targets[first], scope, found.answers_on(number, first))

    def each(self, scope: Scope) -> Iterator[Scope]:
        """Yield the targets of a scope one by one."""
        return (self._on(scope, [number]) for number in scope.targets)

    def _by_sort(self, scope: Scope) -> Iterator[Scope]:
        """Yield a scope in parts whose targets are of one sort: their edges are the same."""
        parts: dict[object, list[int]] = {}
        for number in scope.targets:
            parts.setdefault(self._sorts[number], []).append(number)
        return (self._on(scope, targets) for targets in parts.values())

    def _on(self, scope: Scope, targets: list[int]) -> Scope:
        """Return the scope that some of its targets are."""
        target = self.targets_of_scopes[targets[0]]
        answers = (one._replace(resource=target + one.resource[len(scope.target) :]) for one in scope.answers)
        return Scope(scope.principal, target, targets, tuple(answers))

    @cached_property
    def _sorts(self) -> list[object]:
        """What edges to targets hang on besides grants: service, account, kind; versions are each by themselves."""
        arns = map(parse_arn, self.targets_of_scopes)
        return [
            target if qualified else (arn and arn.service, arn and arn.account, reference(target).kind)
            for target, arn, qualified in zip(self.targets_of_scopes, arns, self._qualified.tolist(), strict=True)
        ]

    def _wide(self, principal: int, fan_out: int) -> list[NDArray[np.int64]]:
        """Return the scopes of a principal with more targets than may stand alone."""
        scopes = (scope[~self._qualified[scope]] for scope in self._without_iam.scopes(principal))
        return [scope for scope in scopes if len(scope) > fan_out]

    def knows(self, principal: str) -> bool:
        """Return whether the policies of a principal were exported, as far as they are its own."""
        record = self._inventory.get(principal)
        return isinstance(record, Role | User)


_KNOWN: WeakKeyDictionary[Inventory, Permissions] = WeakKeyDictionary()


def permissions_of(inventory: Inventory) -> Permissions:
    """Return the permissions of an inventory, worked out once."""
    if inventory not in _KNOWN:
        _KNOWN[inventory] = Permissions(inventory)
    return _KNOWN[inventory]
