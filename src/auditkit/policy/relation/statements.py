"""Statements compiled: a set of actions, and the points that the statement covers, for certain or perhaps.

What a statement says to one principal hangs on that principal only through the condition keys that it reads. Documents
are compiled once for each set of values that matters, which for nearly all of them is once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.conditions import evaluate_conditions
from auditkit.policy.documents import Condition, Document, Named, PolicyKind, Statement
from auditkit.policy.layers import BY_PRINCIPAL, match_principal
from auditkit.policy.logic import UNCLEAR, YES, Truth, Verdict, all_of
from auditkit.policy.relation.asking import Asker, Reads, keys_of_condition, reads_of, values_of
from auditkit.policy.relation.covering import Covering, Places, Resources
from auditkit.policy.relation.lines import Lines
from auditkit.policy.relation.masks import EVERY_ACTION, Masks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.surroundings import Group, Surroundings

__all__ = ["ALLOW", "DENY", "MAYBE", "Row", "Statements"]

ALLOW, DENY, MAYBE = 0, 2, 1
"""Codes of rows: an effect, and :data:`MAYBE` added where it is not certain."""

Numbers = NDArray[np.int64]


class Row(NamedTuple):
    """What a statement says: numbers of its actions, of its region and of a filter, a code, and its place."""

    action: int
    region: int
    filter: int
    code: int
    place: int


class _Special(NamedTuple):
    """A statement whose meaning may hang on the context, with its place."""

    place: int
    statement: Statement
    reads: Reads


class _Needs(NamedTuple):
    """What a document asks of principals.

    Attributes
    ----------
    special
        The statements that hang on who asks.
    keys
        The condition keys of principals that these read, sorted.
    named
        Whether they name principals.
    """

    special: list[_Special]
    keys: tuple[str, ...]
    named: bool


class Statements:
    """The statements of an account, compiled into rows.

    A document consists of parts: the statements that mean the same to all principals, and those that hang on who asks,
    for each answer that there is.

    Parameters
    ----------
    points, masks, surroundings
        What they are about.
    lines
        The statements of all documents.
    askers
        The principals.

    Attributes
    ----------
    conditional
        Rows of the statements that are plain but for conditions: statement, filter, and :data:`MAYBE` or 0, a column
        each.
    rows
        Of the statements that are not plain, by part.
    regions
        Further regions, after those of the lines' resources.
    filters
        Where the statements of a filter hold; the first one is everywhere.
    parts
        Numbers of the parts of each compiled document; the first parts, and compiled documents, are those of ``lines``.
    alike
        Numbers of the documents that mean the same to all principals, by identity, as far as that shows at first sight.
    """

    def __init__(
        self, points: Points, masks: Masks, surroundings: Surroundings, lines: Lines, askers: Sequence[Asker]
    ) -> None:
        self._points, self._masks, self._around, self.lines = points, masks, surroundings, lines
        self._askers = askers
        self._known = frozenset[str]().union(*(asker.known for asker in askers))
        self.rows: dict[int, list[Row]] = {}
        self._covering = Covering(points, len(lines.resources))
        self.regions = self._covering.regions
        self.filters: list[Places] = [np.ones(0, dtype=bool)]
        self.parts: list[tuple[int, ...]] = [(number,) for number in range(len(lines.documents))]
        self._size = len(lines.documents)
        self._filters: dict[bytes, int] = {}
        self._needs: dict[int, _Needs | None] = {}
        self._answers: dict[tuple[object, ...], int] = {}
        self._compiled: dict[tuple[object, ...], int] = {}
        self._covered: dict[tuple[object, ...], tuple[int, int]] = {}
        self._special = [list(places) for places in lines.special]
        self.conditional = self._look_at_conditions()
        plain = zip(lines.documents, self._special, strict=True)
        self.alike = {id(one): number for number, (one, special) in enumerate(plain) if one.readable and not special}

    def document(self, document: Document, asker: Asker) -> int:
        """Return the number of a document, compiled for one principal."""
        number = self.lines.number_of[id(document)]
        if number not in self._needs:
            self._needs[number] = self._look_at(document, number)
        needs = self._needs[number]
        if needs is None:
            return number
        answers = (number, *(asker.value(key) for key in needs.keys), asker.who if needs.named else None)
        found = self._answers.get(answers)
        if found is None:
            signature = (number, *(self._signature(special, document.kind, asker) for special in needs.special))
            if signature not in self._compiled:
                rows = [row for special in needs.special for row in self._rows(special, number, asker)]
                self._compiled[signature] = self._document((number, self._part(rows)))
            found = self._answers[answers] = self._compiled[signature]
        return found

    def hangs_on_asker(self, document: Document) -> bool:
        """Whether a document was compiled that means different things to different principals."""
        return self._needs.get(self.lines.number_of[id(document)]) is not None

    def unseen(self) -> int:
        """Return the number of a document that nobody has seen: it may allow and deny anything."""
        if () not in self._compiled:
            whole = self._covering.region(self._points.patterns.whole)
            rows = [Row(EVERY_ACTION, whole, 0, code | MAYBE, 0) for code in (ALLOW, DENY)]
            self._compiled[()] = self._document((self._part(rows),))
        return self._compiled[()]

    def _document(self, parts: tuple[int, ...]) -> int:
        self.parts.append(parts)
        return len(self.parts) - 1

    def _part(self, rows: list[Row]) -> int:
        self.rows[self._size] = rows
        self._size += 1
        return self._size - 1

    @property
    def size(self) -> int:
        """How many parts there are."""
        return self._size

    def _look_at(self, document: Document, number: int) -> _Needs | None:
        """Compile what means the same to all principals; return what is left."""
        rows: list[Row] = []
        special: list[_Special] = []
        keys: set[str] = set()
        named = False
        for place in self._special[number]:
            statement = document.statement(place)
            one = _Special(place, statement, reads_of(statement))
            read = one.reads.keys & self._known
            by_name = document.kind in BY_PRINCIPAL and not _names_everyone(statement)
            if read or by_name:
                special.append(one)
                keys |= read
                named = named or by_name
            else:
                rows += self._rows(one, number, self._askers[0])
        self.rows[number] = rows
        return _Needs(special, tuple(sorted(keys)), named) if special else None

    def _look_at_conditions(self) -> Numbers:
        """Return rows of the statements that are plain but for conditions, as far as these read nothing of who asks."""
        found = [np.zeros((0, 3), dtype=np.int64)]
        hanging: list[int] = []
        for one in self.lines.conditional:
            conditions, variables = one.conditions, one.variables
            keys = frozenset[str]().union(*(keys_of_condition(each, variables=variables) for each in conditions))
            if keys & self._known:
                hanging += one.lines
                continue
            lines = np.array(one.lines, dtype=np.int64)
            for there, perhaps in self._held(conditions, keys & self._around.keys, variables=variables):
                found.append(np.stack(np.broadcast_arrays(lines, there, perhaps), axis=1))
        for line in sorted(hanging):
            number = int(self.lines.document[line])
            self._special[number].append(line - int(self.lines.first[number]))
        return np.concatenate(found)

    def _held(
        self, conditions: tuple[Condition, ...], keys: frozenset[str], *, variables: bool
    ) -> list[tuple[int, int]]:
        """Return filters for where conditions hold, each with whether that is certain."""
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for group in self._around.groups(keys):
            verdict = evaluate_conditions(conditions, self._askers[0].beside(group.known), variables=variables)
            if verdict.truth is Truth.YES:
                yes |= group.points
            elif verdict.truth is Truth.UNKNOWN:
                maybe |= group.points
        found = ((self._filter(yes), 0), (self._filter(maybe), MAYBE))
        return [(there, perhaps) for there, perhaps in found if there is not None]

    def _filter(self, places: Places) -> int | None:
        """Return the number of a filter, None where it lets nothing through."""
        if not places.any():
            return None
        key = np.packbits(places).tobytes()
        if key not in self._filters:
            self._filters[key] = 0 if places.all() else len(self.filters)
            if not places.all():
                self.filters.append(places)
        return self._filters[key]

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

    def _rows(self, special: _Special, number: int, asker: Asker) -> Iterator[Row]:
        """Yield the rows of a statement for one principal."""
        place, statement, kind = special.place, special.statement, self.lines.documents[number].kind
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
        perhaps = MAYBE if base.truth is Truth.UNKNOWN else 0
        if not unclear and not mixed and not special.reads.resources and statement.resources is not None:
            yield Row(action, self.lines.resource_of(number, place), 0, code | perhaps, place)
            return
        yes, maybe = self._cover(statement, mixed, keys, asker)
        yield Row(action, yes, 0, code | perhaps, place)
        yield Row(action, maybe, 0, code | MAYBE, place)

    def _cover(
        self, statement: Statement, mixed: tuple[Condition, ...], keys: frozenset[str], asker: Asker
    ) -> tuple[int, int]:
        """Return the regions that a statement covers for certain, and perhaps, conditions on the principal left out."""
        resources: Resources = statement.resources, statement.not_resources, statement.variables
        if statement.unclear & {"statement", "resource"}:
            resources = None, None, False
        own = values_of(asker.context, keys)
        key = resources, mixed, own, frozenset(asker.own) & keys
        if key not in self._covered:
            groups = self._around.groups(keys - asker.own.keys())
            patterns, _, variables = resources
            if not mixed and len(groups) == 1 and patterns is not None and len(patterns) == 1:
                context = asker.beside(groups[0].known)
                self._covered[key] = self._covering.one(patterns[0], context, variables=variables)
            else:
                yes, maybe = self._places(resources, mixed, groups, asker)
                self._covered[key] = self._covering.dense(yes), self._covering.dense(maybe & ~yes)
        return self._covered[key]

    def _places(
        self, resources: Resources, mixed: tuple[Condition, ...], groups: Iterable[Group], asker: Asker
    ) -> tuple[Places, Places]:
        """Return where a statement covers its resources for certain, and at least perhaps, group by group."""
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for group in groups:
            context = asker.beside(group.known)
            verdict = evaluate_conditions(mixed, context, variables=resources[2])
            if verdict.truth is Truth.NO:
                continue
            sure, perhaps = self._covering.resources(resources, context)
            if verdict.truth is Truth.YES:
                yes |= sure & group.points
            maybe |= perhaps & group.points
        return yes, maybe


def _names_everyone(statement: Statement) -> bool:
    """Whether a statement is about every principal alike."""
    if statement.unclear & {"principal", "statement"}:
        return True  # what is not understood is counted by itself
    return statement.principals == (Named("*", "*"),)
