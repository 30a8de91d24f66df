"""The relation: who may do what to which target, kept compact and written out on demand."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.policy.relation.account import Account, policies_of
from auditkit.policy.relation.alike import Alike, by_target
from auditkit.policy.relation.answers import Answer, grants_of_answers
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.bearing import Bearing
from auditkit.policy.relation.explaining import Explaining
from auditkit.policy.relation.lines import Lines
from auditkit.policy.relation.naming import named_within
from auditkit.policy.relation.outsiders import outsiders
from auditkit.policy.relation.points import Points, made_targets
from auditkit.policy.relation.scopes import Scopes
from auditkit.policy.relation.settling import Pairs, Settling, joined
from auditkit.policy.relation.shapes import Shape
from auditkit.policy.relation.speaking import At
from auditkit.policy.resources import TrackedAction, tracked_actions
from auditkit.policy.subjects import Grant, PrincipalPolicies, TargetPolicies

__all__ = ["PairMasks", "Relation", "compile_relation"]

Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]
_Row = tuple[At, int, int, int]
"""A point, with masks of what is allowed: for certain, by the principal's own policies, and at least perhaps."""


class PairMasks(NamedTuple):
    """Pairs of principals and targets, sorted by target and principal.

    Attributes
    ----------
    principal, target
        Numbers: places in :attr:`Relation.principals` and :attr:`Relation.targets`.
    sure, maybe
        Masks of the actions that are allowed for certain, and at least perhaps, by :meth:`Relation.actions_of`.
    """

    principal: Numbers
    target: Numbers
    sure: Words
    maybe: Words


class Relation:
    """Who may do what to which target; made by :func:`auditkit.policy.relation`.

    It yields :class:`~auditkit.policy.Grant` in a fixed order: target, principal, action. Grants are made when they are
    asked for; what is kept are intervals over sorted targets.

    Parameters
    ----------
    account
        The compiled account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._settling = Settling(account)
        self._bearing = Bearing(account.compiled, account.segments)
        self._explaining = Explaining(account, self._bearing)
        self._actions: dict[tuple[int, int], tuple[TrackedAction, ...]] = {}
        self.principals = tuple(asker.given.arn for asker in account.askers)
        """Names of the principals: those that were given, then those that the policies of targets name."""
        self.targets = tuple(target.given.arn for target in account.points.targets)
        """ARNs of the targets, sorted, and of the keys in use behind them."""

    @property
    def left_out(self) -> int:
        """How many patterns were too many to look for what they name *inside* targets; 0 in any real account.

        What they give on the targets themselves, and on all that lies in these, is in the relation all the same.
        """
        return self._account.points.left_out

    def actions_of(self, target: int) -> tuple[TrackedAction, ...]:
        """Return the actions that the bits of masks on a target stand for, from the lowest."""
        return self._account.points.targets[target].shape.actions

    def owner_of(self, target: int) -> str:
        """Return the account of a target by its number, ``""`` where it is not known."""
        return self._account.points.targets[target].owner

    @property
    def tracked(self) -> Mapping[str, TrackedAction]:
        """The actions that can be asked about, by their names in lower case."""
        return tracked_actions()

    def shape_of(self, target: int) -> Shape:
        """Return what is asked about a target, by its number."""
        return self._account.points.targets[target].shape

    # ------------------------------------------------------------ masks

    def pairs(self, principals: Iterable[int] | None = None) -> PairMasks:
        """Return all pairs of which anything may be allowed.

        Parameters
        ----------
        principals
            Numbers of principals; None for all.
        """
        return self._masks(self._settling.pairs(principals))

    def _masks(self, pieces: Iterable[Pairs]) -> PairMasks:
        keys: list[Numbers] = []
        sure: list[Words] = []
        maybe: list[Words] = []
        for pairs in pieces:
            if len(pairs.asker):
                target = self._account.points.target_of[pairs.point]
                key, heads, order = _runs(target * len(self.principals) + self._rank[pairs.asker])
                keys.append(key[heads])
                sure.append(np.bitwise_or.reduceat(pairs.sure[order], heads))
                maybe.append(np.bitwise_or.reduceat(pairs.maybe[order], heads))
        if not keys:
            none, no_word = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
            return PairMasks(none, none, no_word, no_word)
        every = np.concatenate(keys)
        order = np.argsort(every, kind="stable")
        targets, ranks = np.divmod(every[order], len(self.principals))
        return PairMasks(self._by_rank[ranks], targets, np.concatenate(sure)[order], np.concatenate(maybe)[order])

    @cached_property
    def _by_rank(self) -> Numbers:
        """Numbers of principals in the order of their names."""
        return np.array(sorted(range(len(self.principals)), key=self.principals.__getitem__), dtype=np.int64)

    @cached_property
    def _rank(self) -> Numbers:
        rank = np.empty(len(self.principals), dtype=np.int64)
        rank[self._by_rank] = np.arange(len(self.principals))
        return rank

    # ------------------------------------------------------------ grants

    def __iter__(self) -> Iterator[Grant]:
        """Yield the grants in order."""
        return self._grants(self._settling.pairs())

    def put_together(self) -> int:
        """Put the compiled rows of all layers together once more, for measuring; return how many segments there are."""
        return len(self._account.compiled.segments().start)

    def __len__(self) -> int:
        """Return the number of grants."""
        return sum(int(np.bitwise_count(self._masks([pairs]).maybe).sum()) for pairs in self._settling.pairs())

    def of(self, principal_: str) -> tuple[Grant, ...]:
        """Return what a principal may do."""
        number = self.number_of(principal_)
        return tuple(self._grants(self._settling.pairs([number]))) if number >= 0 else ()

    def on(self, target: str) -> tuple[Grant, ...]:
        """Return who may do something to a target."""
        numbers = self._target_numbers.get(target, ())
        points = [point for number in numbers for point in self._account.points.points_of(number)]
        return tuple(self._grants([self._settling.at(range(len(self.principals)), points)]))

    def between(self, principal_: str, target: str) -> tuple[Grant, ...]:
        """Return what a principal may do to a target."""
        number = self.number_of(principal_)
        askers = [number] if number >= 0 else []
        points = [p for number in self._target_numbers.get(target, ()) for p in self._account.points.points_of(number)]
        return tuple(self._grants([self._settling.at(askers, points)]))

    def answers(
        self, principal_: int, *, without: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[list[int], tuple[Answer, ...]]]:
        """Yield what a principal may do: numbers of targets of one kind, and the answers about the first of them.

        Of the others the same is decided, by the very same statements, about the same places in them.

        Parameters
        ----------
        principal_
            Its number.
        without
            Whether each target is left out.
        """
        pairs = self._of_one(principal_)
        if without is not None:
            pairs = pairs.where(~without[self._account.points.target_of[pairs.point]])
        same = by_target(self._account, pairs.point, self._alike.numbers(principal_, pairs))
        first = np.isin(self._account.points.target_of[pairs.point], [int(one[0]) for one in same])
        for targets, (_, _, rows) in zip(same, self._rows([pairs.where(first)]), strict=True):
            yield targets.tolist(), tuple(self._of_pair(principal_, int(targets[0]), rows))

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self._account, self._settling, self._bearing, self._explaining)

    def count(self, principal_: int) -> int:
        """Return how many targets there are that a principal may do anything to, by its number."""
        reached = np.zeros(len(self.targets), dtype=bool)
        reached[self._account.points.target_of[self._of_one(principal_).point]] = True
        return int(reached.sum())

    @cached_property
    def _of_one(self) -> Callable[[int], Pairs]:
        return lru_cache(maxsize=1)(lambda principal_: joined(self._settling.pairs([principal_])))

    def answers_on(self, principal_: int, target: int) -> tuple[Answer, ...]:
        """Return what a principal may do to a target, by their numbers."""
        points = self._account.points.points_of(target)
        found = self._answers([self._settling.at([principal_], points)])
        return next((answers for _, _, answers in found), ())

    def grants_of(self, principal_: int, target: int) -> tuple[Grant, ...]:
        """Return what a principal may do to a target, by their numbers."""
        points = self._account.points.points_of(target)
        return tuple(self._grants([self._settling.at([principal_], points)]))

    def number_of(self, principal_: str) -> int:
        """Return the number of a principal, -1 where there is none of this name."""
        return self._numbers.get(principal_, -1)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.principals)}

    @cached_property
    def _target_numbers(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, target in enumerate(self._account.points.targets):
            found.setdefault(target.given.arn, []).append(number)
        return found

    def scopes(self, principal_: int) -> list[Numbers]:
        """Return the targets of a principal, by their numbers; those stand together to which it may do the same.

        The same statements bear on all targets of one scope, to the same effect, so that what is true of the first is
        true of all; where a grant hangs on conditions, they are told as those of the first.
        """
        return self._scopes.of(principal_, self._of_one(principal_))

    @cached_property
    def _scopes(self) -> Scopes:
        return Scopes(self._account, self._settling, self._bearing)

    def to_parquet(self, filepath: str | os.PathLike[str]) -> Path:
        """Write all grants to a Parquet file (:func:`auditkit.policy.relation.writing.write_parquet`)."""
        # pyarrow is slow to import, and only needed here
        path: Path = import_module("auditkit.policy.relation.writing").write_parquet(self, filepath)
        return path

    def _grants(self, pieces: Iterable[Pairs]) -> Iterator[Grant]:
        """Yield the grants of pairs, sorted."""
        for asker, target, answers in self._answers(pieces):
            yield from grants_of_answers(self.principals[asker], self.targets[target], answers)

    def _answers(self, pieces: Iterable[Pairs]) -> Iterator[tuple[int, int, tuple[Answer, ...]]]:
        """Yield principals and targets, sorted by target and principal, with the answers about the two."""
        for asker, target, rows in self._rows(pieces):
            yield asker, target, tuple(self._of_pair(asker, target, rows))

    def _rows(self, pieces: Iterable[Pairs]) -> Iterator[tuple[int, int, list[_Row]]]:
        """Yield principals and targets, sorted by target and principal, with what is allowed at the target's points."""
        pairs = joined(pieces)
        target = self._account.points.target_of[pairs.point]
        order = np.lexsort((self._account.place_rank[pairs.point], self._rank[pairs.asker], target))
        asker, point, sure, maybe = pairs.asker[order], pairs.point[order], pairs.sure[order], pairs.maybe[order]
        found_at: dict[int, At] = {}
        for one in distinct(asker).tolist():
            mine = np.flatnonzero(asker == one)
            found_at.update(zip(mine.tolist(), self._explaining.at(one, point[mine]), strict=True))
        places = (found_at[place] for place in range(len(point)))
        own = (maybe & self._settling.given(asker, point)).tolist()
        rows = zip(target[order].tolist(), asker.tolist(), places, sure.tolist(), own, maybe.tolist(), strict=True)
        for (number, one), group in groupby(rows, key=itemgetter(0, 1)):
            yield one, number, [row[2:] for row in group]

    def _of_pair(self, asker: int, target: int, rows: list[_Row]) -> Iterator[Answer]:
        """Yield what one principal may do to one target, at the first of the most permissive points for each action.

        Of what is not sure, what its own policies allow comes before what only others may allow: seen or not.
        """
        left = -1
        shape = self._account.points.targets[target].shape
        for level in range(3):
            for at, *words in rows:
                word = words[level] & left
                left &= ~word
                for mask, decision in self._explaining.decide(asker, at, word) if word else ():
                    yield Answer(self._named(shape, mask), self._account.points.texts[at.point], decision)

    def _named(self, shape: Shape, mask: int) -> tuple[TrackedAction, ...]:
        """Return the actions of a mask, the very same ones for the same mask."""
        key = id(shape), mask
        if key not in self._actions:
            self._actions[key] = tuple(action for bit, action in enumerate(shape.actions) if mask >> bit & 1)
        return self._actions[key]


def _runs(key: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return keys sorted, where each new one begins, and the order."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    return ordered, np.flatnonzero(np.diff(ordered, prepend=-1)), order


def compile_relation(
    principals: Iterable[PrincipalPolicies],
    targets: Iterable[TargetPolicies],
    wanted: frozenset[str] | None = None,
) -> Relation:
    """Return the relation between principals and targets; a role with a trust policy is a target as well.

    Parameters
    ----------
    principals, targets
        With their policies.
    wanted
        Names of the actions to look at, in lower case; None for all.
    """
    given = {one.arn: one for one in principals}
    askers = [Asker(one) for _, one in sorted(given.items())]
    made = made_targets(_with_roles(given, targets), wanted)
    lines = Lines(policies_of(askers, made))
    points = Points(made, *named_within(askers, made, lines))
    return Relation(Account(points, [*askers, *outsiders(made, given)], lines))


def _with_roles(given: dict[str, PrincipalPolicies], targets: Iterable[TargetPolicies]) -> Iterator[TargetPolicies]:
    """Yield the targets, and the roles that are none yet with their trust policies."""
    seen = set()
    for target in targets:
        seen.add(target.arn)
        yield target
    for role in given.values():
        if role.trust is not None and role.arn not in seen:
            rcps = None if role.scps is None else UNSET
            yield TargetPolicies(arn=role.arn, account=role.account, resource_policy=role.trust, rcps=rcps)
