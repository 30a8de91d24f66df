"""What principals of an inventory may do to its targets: the policy engine asked by all policies of the inventory."""

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from auditkit.graph.policies import QUALIFIED, Policies
from auditkit.inventory import Inventory
from auditkit.inventory.records.identities import Role, User
from auditkit.policy import Answer, Grant, Relation, grants_of_answers, relation, tracked_actions

__all__ = ["Permissions", "Scope", "permissions_of"]

_PAIRS = 1 << 16


class Scope(NamedTuple):
    """Targets that a principal may do the same to.

    Attributes
    ----------
    principal
        Who may.
    targets
        The targets.
    answers
        What it may do to the first of them, for the same reasons as to all.
    """

    principal: str
    targets: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The answers as grants on the first target."""
        return tuple(grants_of_answers(self.principal, self.targets[0], self.answers))


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

    @cached_property
    def _qualified(self) -> frozenset[int]:
        """Numbers of the targets that are versions or aliases of another: edges to that one say so, each for itself."""
        records = ((number, self._inventory.get(arn)) for number, arn in enumerate(self._without_iam.targets))
        return frozenset(number for number, record in records if record is not None and record.kind in QUALIFIED)

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
        by_principal = found.pairs()
        counts = np.bincount(by_principal.principal, minlength=len(found.principals))
        for number, name in enumerate(found.principals):
            wide: list[tuple[int, ...]] = []
            if counts[number] > fan_out and self.knows(name):
                alone = [tuple(one for one in scope if one not in self._qualified) for scope in found.scopes(number)]
                wide = [scope for scope in alone if len(scope) > fan_out]
            together = {target for scope in wide for target in scope}
            for target, answers in found.answers(number, without=together):
                yield Scope(name, (found.targets[target],), answers)
            for scope in wide:
                targets = tuple(found.targets[target] for target in scope)
                yield Scope(name, targets, found.answers_on(number, scope[0]))

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
