"""Statements compiled: a set of actions, and the points that the statement covers, for certain or perhaps.

What a statement says to one principal hangs on that principal only through the condition keys that it reads. Documents
are compiled once for each set of values that matters, which for nearly all of them is once.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.conditions import Context, evaluate_conditions
from auditkit.policy.documents import Condition, Document, PolicyKind, Statement
from auditkit.policy.layers import match_principal
from auditkit.policy.logic import UNCLEAR, YES, Truth, Verdict, all_of
from auditkit.policy.matching import SHORT_API, long_api, resolvable
from auditkit.policy.relation.asking import Asker, Reads, reads_of, values_of
from auditkit.policy.relation.masks import EVERY_ACTION, Masks
from auditkit.policy.relation.patterns import Intervals
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.surroundings import Surroundings
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["ALLOW", "DENY", "MAYBE", "Statements"]

ALLOW, DENY, MAYBE = 0, 2, 1
"""Codes of rows: an effect, and :data:`MAYBE` added where it is not certain."""

Places = NDArray[np.bool_]
_Resources = tuple[tuple[str, ...] | None, tuple[str, ...] | None, bool]


class _Special(NamedTuple):
    """A statement whose meaning may hang on the context."""

    statement: Statement
    reads: Reads


class Statements:
    """The statements of an account, compiled into rows.

    Parameters
    ----------
    points, masks, surroundings
        What they are about.

    Attributes
    ----------
    action, region, code, place
        Of each row: the set of actions, the region, the code, and the statement's place in its document.
    regions
        The regions, as intervals over the points.
    ends
        Where the rows of each compiled document end; they begin where those of the one before end.
    """

    def __init__(self, points: Points, masks: Masks, surroundings: Surroundings) -> None:
        self._points, self._masks, self._around = points, masks, surroundings
        self.action: list[int] = []
        self.region: list[int] = []
        self.code: list[int] = []
        self.place: list[int] = []
        self.ends: list[int] = []
        self.regions: list[Intervals] = []
        self._patterns: dict[str, int] = {}
        self._dense: dict[bytes, int] = {}
        self._specials: dict[int, tuple[Document, list[_Special]]] = {}
        self._compiled: dict[tuple[object, ...], int] = {}
        self._covered: dict[tuple[object, ...], tuple[int, int]] = {}

    def document(self, document: Document, asker: Asker) -> int:
        """Return the number of a document, compiled for one principal."""
        if id(document) not in self._specials:
            specials = [_Special(one, reads_of(one)) for one in document.statements if not _plain(one)]
            self._specials[id(document)] = document, specials
        specials = self._specials[id(document)][1]
        signature = (id(document), *(self._signature(special, document.kind, asker) for special in specials))
        number = self._compiled.get(signature)
        if number is None:
            self._compile(document, specials, asker)
            number = self._compiled[signature] = len(self.ends) - 1
        return number

    def unseen(self) -> int:
        """Return the number of a document that nobody has seen: it may allow and deny anything."""
        if ("unseen",) not in self._compiled:
            whole = self._new_region(self._points.patterns.whole)
            self._row(EVERY_ACTION, whole, ALLOW | MAYBE, 0)
            self._row(EVERY_ACTION, whole, DENY | MAYBE, 0)
            self.ends.append(len(self.action))
            self._compiled["unseen",] = len(self.ends) - 1
        return self._compiled["unseen",]

    def _compile(self, document: Document, specials: Sequence[_Special], asker: Asker) -> None:
        special = {one.statement.index: one for one in specials}
        for statement in document.statements:
            if statement.index in special:
                self._add_special(special[statement.index], document.kind, asker)
            else:
                code = ALLOW if statement.effect == "Allow" else DENY
                self._add(statement, code)
        self.ends.append(len(self.action))

    def _add(self, statement: Statement, code: int) -> None:
        """Add the rows of a statement that covers its resources for certain, or all of them perhaps."""
        action = self._masks.number(statement.actions, statement.not_actions)
        for pattern in statement.resources or ():
            region = self._patterns.get(pattern)
            if region is None:
                region = self._patterns[pattern] = self._new_region(self._match(pattern))
            self._row(action, region, code, statement.index)

    def _row(self, action: int, region: int, code: int, place: int) -> None:
        self.action.append(action)
        self.region.append(region)
        self.code.append(code)
        self.place.append(place)

    def _new_region(self, intervals: Intervals) -> int:
        self.regions.append(intervals)
        return len(self.regions) - 1

    def _match(self, pattern: str) -> Intervals:
        if pattern.startswith(SHORT_API):
            pattern = long_api(pattern)
        return self._points.patterns.covered(pattern)

    # ------------------------------------------------------------ statements that hang on the context

    def _signature(self, special: _Special, kind: PolicyKind, asker: Asker) -> tuple[object, ...]:
        """Return what a statement makes of a principal: equal signatures, equal rows."""
        sure, mixed, keys = self._split(special.reads, asker)
        verdict = evaluate_conditions(sure, asker.context, variables=special.statement.variables)
        return verdict, mixed, values_of(asker.context, keys), self._principal(special.statement, kind, asker)

    def _split(self, reads: Reads, asker: Asker) -> tuple[tuple[Condition, ...], tuple[Condition, ...], frozenset[str]]:
        """Return the conditions on the principal alone, those on targets too, and the keys that the latter read."""
        of_targets = self._around.keys - asker.own.keys()
        sure = tuple(one for one, keys in reads.conditions if not keys & of_targets)
        mixed = tuple((one, keys) for one, keys in reads.conditions if keys & of_targets)
        keys = reads.resources.union(*(keys for _, keys in mixed))
        return sure, tuple(one for one, _ in mixed), keys

    @staticmethod
    def _principal(statement: Statement, kind: PolicyKind, asker: Asker) -> Verdict:
        if "principal" in statement.unclear or "statement" in statement.unclear:
            return YES  # what is not understood is counted by itself
        return match_principal(statement, asker.who, kind, Truth.NO)[0]

    def _add_special(self, special: _Special, kind: PolicyKind, asker: Asker) -> None:
        statement = special.statement
        unclear = statement.unclear
        if unclear and statement.effect == "Allow":
            return
        code = ALLOW if statement.effect == "Allow" else DENY
        sure, mixed, keys = self._split(special.reads, asker)
        base = all_of(
            [
                UNCLEAR if unclear else YES,
                self._principal(statement, kind, asker),
                evaluate_conditions(sure, asker.context, variables=statement.variables),
            ]
        )
        if base.truth is Truth.NO:
            return
        everything = bool(unclear & {"statement", "action"})
        action = EVERY_ACTION if everything else self._masks.number(statement.actions, statement.not_actions)
        certain = base.truth is Truth.YES
        if not unclear and not mixed and not special.reads.resources and statement.resources is not None:
            self._add(statement, code if certain else code | MAYBE)
            return
        yes, maybe = self._cover(statement, mixed, keys, asker)
        self._row(action, yes, code if certain else code | MAYBE, statement.index)
        self._row(action, maybe, code | MAYBE, statement.index)

    def _cover(
        self, statement: Statement, mixed: tuple[Condition, ...], keys: frozenset[str], asker: Asker
    ) -> tuple[int, int]:
        """Return the regions that a statement covers for certain, and perhaps, conditions on the principal left out."""
        resources: _Resources = statement.resources, statement.not_resources, statement.variables
        if statement.unclear & {"statement", "resource"}:
            resources = None, None, False
        own = values_of(asker.context, keys)
        key = resources, mixed, own, frozenset(asker.own) & keys
        if key not in self._covered:
            yes = np.zeros(len(self._points.texts), dtype=bool)
            maybe = yes.copy()
            for group in self._around.groups(keys - asker.own.keys()):
                context = asker.beside(group.known)
                verdict = evaluate_conditions(mixed, context, variables=statement.variables)
                if verdict.truth is Truth.NO:
                    continue
                sure, perhaps = self._resources(resources, context)
                if verdict.truth is Truth.YES:
                    yes |= sure & group.points
                maybe |= perhaps & group.points
            self._covered[key] = self._dense_region(yes), self._dense_region(maybe & ~yes)
        return self._covered[key]

    def _resources(self, resources: _Resources, context: Context) -> tuple[Places, Places]:
        """Return where a statement's resources are covered for certain, and at least perhaps."""
        patterns, excepted, variables = resources
        everywhere = np.ones(len(self._points.texts), dtype=bool)
        if patterns is not None:
            return self._any(patterns, context, variables=variables)
        if excepted is None:
            return everywhere, everywhere
        usable = [resolvable(one, context.variable) for one in excepted if variables and "${" in one]
        verdict = all_of(usable)
        yes, maybe = self._any(excepted, context, variables=variables)
        if verdict.truth is Truth.NO:
            return ~everywhere, ~everywhere
        return (~maybe if verdict.truth is Truth.YES else ~everywhere), ~yes

    def _any(self, patterns: Iterable[str], context: Context, *, variables: bool) -> tuple[Places, Places]:
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for pattern in patterns:
            intervals, truth = self._resolved(pattern, context, variables=variables)
            for start, end in intervals:
                maybe[start:end] = True
                if truth is Truth.YES:
                    yes[start:end] = True
        return yes, maybe

    def _resolved(self, pattern: str, context: Context, *, variables: bool) -> tuple[Intervals, Truth]:
        """Return what a pattern covers once its variables have their values."""
        if pattern.startswith(SHORT_API):
            pattern = long_api(pattern)
        if not (variables and "${" in pattern):
            return self._points.patterns.covered(pattern), Truth.YES
        found: list[str | Wild] = []
        unknown = False
        for token in tokens(pattern, variables=True):
            if not isinstance(token, Variable):
                found.append(token)
                continue
            value = context.variable(token.key)
            if isinstance(value, UnsetType):
                unknown = True
                found.append(Wild.MANY)
            elif value is None and token.default is None:
                return (), Truth.NO
            else:
                found.append(value if value is not None else token.default or "")
        if unknown:
            return self._points.patterns.glob(found), Truth.UNKNOWN
        return self._points.patterns.match(found), Truth.YES

    def _dense_region(self, places: Places) -> int:
        key = np.packbits(places).tobytes()
        if key not in self._dense:
            edge = np.zeros(len(places) + 1, dtype=bool)
            edge[1:-1] = places[1:] != places[:-1]
            edge[[block.start for block in self._points.blocks]] = True
            edge[-1] = True
            starts = np.flatnonzero(edge[:-1])
            ends = np.flatnonzero(edge[1:]) + 1
            kept = places[starts]
            pairs = zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
            self._dense[key] = self._new_region(tuple(pairs))
        return self._dense[key]


def _plain(statement: Statement) -> bool:
    """Whether a statement means the same to every principal and covers its resources for certain."""
    return (
        not statement.unclear
        and not statement.conditions
        and statement.resources is not None
        and statement.principals is None
        and statement.not_principals is None
        and not (statement.variables and any("${" in pattern for pattern in statement.resources))
    )
