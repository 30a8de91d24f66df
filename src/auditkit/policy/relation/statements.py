"""Statements compiled: a set of actions, and the points that the statement covers, for certain or perhaps.

What a statement says to one principal hangs on that principal only through the condition keys that it reads. Documents
are compiled once for each set of values that matters, which for nearly all of them is once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.conditions import Context, evaluate_conditions
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
    """What a statement says: numbers of its actions, of its region and of a filter, and a code."""

    action: int
    region: int
    filter: int
    code: int


class _Special(NamedTuple):
    """A statement whose meaning may hang on the context.

    Attributes
    ----------
    number
        Its own number.
    statement, kind
        The statement, and what kind of policy it stands in.
    region
        Number of the region that its ``Resource`` covers.
    reads
        What it reads.
    keys
        The condition keys of principals that it reads, sorted.
    named
        Whether it names principals.
    """

    number: int
    statement: Statement
    kind: PolicyKind
    region: int
    reads: Reads
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
        Of the statements that are not plain, by part; each with its place in the document.
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
        self.rows: dict[int, list[tuple[Row, int]]] = {}
        self._covering = Covering(points, len(lines.resources))
        self.regions = self._covering.regions
        self.filters: list[Places] = [np.ones(0, dtype=bool)]
        self.parts: list[tuple[int, ...]] = [(number,) for number in range(len(lines.documents))]
        self._size = len(lines.documents)
        self._filters: dict[bytes, int] = {}
        self._specials: dict[tuple[int, PolicyKind], _Special] = {}
        self._hanging: dict[int, list[tuple[int, _Special]]] = {}
        self._answers: dict[tuple[object, ...], tuple[Row, ...]] = {}
        self._said: dict[tuple[object, ...], tuple[Row, ...]] = {}
        self._parts: dict[tuple[int, int], int] = {}
        self._compiled: dict[tuple[int, ...], int] = {}
        self._covered: dict[tuple[object, ...], tuple[int, int]] = {}
        special = lines.special.copy()
        self.conditional = self._look_at_conditions(special)
        self._special = self._places_of(special)
        self.alike = {
            id(one): number
            for number, one in enumerate(lines.documents)
            if one.readable and number not in self._special
        }

    def _places_of(self, special: Places) -> dict[int, list[int]]:
        """Return the places of special statements by document."""
        found: dict[int, list[int]] = {}
        every = np.flatnonzero(special[self.lines.statement])
        documents = self.lines.document[every]
        places = every - self.lines.first[documents]
        for document, place in zip(documents.tolist(), places.tolist(), strict=True):
            found.setdefault(document, []).append(place)
        return found

    def document(self, document: Document, asker: Asker) -> int:
        """Return the number of a document, compiled for one principal."""
        number = self.lines.number_of[id(document)]
        hanging = self._hanging.get(number)
        if hanging is None:
            hanging = self._hanging[number] = self._look_at(document, number)
        if not hanging:
            return number
        parts = (number, *[self._part(self._rows_of(special, asker), place) for place, special in hanging])
        found = self._compiled.get(parts)
        if found is None:
            found = self._compiled[parts] = self._document(parts)
        return found

    def hangs_on_asker(self, document: Document) -> bool:
        """Whether a document was compiled that means different things to different principals."""
        return bool(self._hanging.get(self.lines.number_of[id(document)]))

    def unseen(self) -> int:
        """Return the number of a document that nobody has seen: it may allow and deny anything."""
        if () not in self._compiled:
            whole = self._covering.region(self._points.patterns.whole)
            rows = tuple(Row(EVERY_ACTION, whole, 0, code | MAYBE) for code in (ALLOW, DENY))
            self._compiled[()] = self._document((self._part(rows, 0),))
        return self._compiled[()]

    def _document(self, parts: tuple[int, ...]) -> int:
        self.parts.append(parts)
        return len(self.parts) - 1

    def _part(self, rows: tuple[Row, ...], place: int) -> int:
        """Return the number of the part that the rows of a statement in one place make."""
        number = self._parts.get((id(rows), place))
        if number is None:
            number = self._parts[id(rows), place] = self._size
            self.rows[number] = [(row, place) for row in rows]
            self._size += 1
        return number

    @property
    def size(self) -> int:
        """How many parts there are."""
        return self._size

    def _look_at(self, document: Document, number: int) -> list[tuple[int, _Special]]:
        """Compile what means the same to all principals; return what is left, with its places."""
        found: list[tuple[Row, int]] = []
        hanging: list[tuple[int, _Special]] = []
        for place in self._special.get(number, ()):
            special = self._special_of(document, number, place)
            if special.keys or special.named:
                hanging.append((place, special))
            else:
                found += [(row, place) for row in self._rows_of(special, self._askers[0])]
        self.rows[number] = found
        return hanging

    def _special_of(self, document: Document, number: int, place: int) -> _Special:
        one = int(self.lines.statement[self.lines.first[number] + place])
        key = one, document.kind
        if key not in self._specials:
            statement = document.statement(place)
            reads = reads_of(statement)
            self._specials[key] = _Special(
                len(self._specials),
                statement,
                document.kind,
                one,
                reads,
                tuple(sorted(reads.keys & self._known)),
                document.kind in BY_PRINCIPAL and not _names_everyone(statement),
            )
        return self._specials[key]

    def _rows_of(self, special: _Special, asker: Asker) -> tuple[Row, ...]:
        """Return what a statement says to one principal."""
        answers = (special.number, *map(asker.value, special.keys), asker.who if special.named else None)
        found = self._answers.get(answers)
        if found is None:
            signature = special.number, *self._signature(special, asker)
            if signature not in self._said:
                self._said[signature] = tuple(self._rows(special, asker))
            found = self._answers[answers] = self._said[signature]
        return found

    def _look_at_conditions(self, special: Places) -> Numbers:
        """Return rows of the statements that are plain but for conditions, as far as these read nothing of who asks.

        Those that do are marked as special.
        """
        found = [np.zeros((0, 3), dtype=np.int64)]
        for one in self.lines.conditional:
            conditions, variables = one.conditions, one.variables
            keys = frozenset[str]().union(*(keys_of_condition(each, variables=variables) for each in conditions))
            if keys & self._known:
                special[one.statements] = True
                continue
            statements = np.array(one.statements, dtype=np.int64)
            for there, perhaps in self._held(conditions, keys & self._around.keys, variables=variables):
                found.append(np.stack(np.broadcast_arrays(statements, there, perhaps), axis=1))
        return np.concatenate(found)

    def _held(
        self, conditions: tuple[Condition, ...], keys: frozenset[str], *, variables: bool
    ) -> list[tuple[int, int]]:
        """Return filters for where conditions hold, each with whether that is certain."""
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for group in self._around.groups(keys):
            context = self._askers[0].beside(group.known, keys)
            verdict = evaluate_conditions(conditions, context, variables=variables)
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

    def _signature(self, special: _Special, asker: Asker) -> tuple[object, ...]:
        """Return what a statement makes of a principal: equal signatures, equal rows."""
        sure, mixed, keys = self._split(special.reads, asker)
        context = asker.within(special.reads.keys)
        verdict = evaluate_conditions(sure, context, variables=special.statement.variables)
        return verdict, mixed, values_of(context, keys), self._principal(special.statement, special.kind, asker)

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

    def _rows(self, special: _Special, asker: Asker) -> Iterator[Row]:
        """Yield the rows of a statement for one principal."""
        statement, kind = special.statement, special.kind
        unclear = statement.unclear
        if unclear and statement.effect == "Allow":
            return
        code = ALLOW if statement.effect == "Allow" else DENY
        sure, mixed, keys = self._split(special.reads, asker)
        base = all_of(
            [
                UNCLEAR if unclear else YES,
                self._principal(statement, kind, asker),
                evaluate_conditions(sure, asker.within(special.reads.keys), variables=statement.variables),
            ]
        )
        if base.truth is Truth.NO:
            return
        everything = bool(unclear & {"statement", "action"})
        action = EVERY_ACTION if everything else self._masks.number(statement.actions, statement.not_actions)
        perhaps = MAYBE if base.truth is Truth.UNKNOWN else 0
        if not unclear and not mixed and not special.reads.resources and statement.resources is not None:
            yield Row(action, special.region, 0, code | perhaps)
            return
        yes, maybe = self._cover(statement, mixed, keys, asker)
        yield Row(action, yes, 0, code | perhaps)
        yield Row(action, maybe, 0, code | MAYBE)

    def _cover(
        self, statement: Statement, mixed: tuple[Condition, ...], keys: frozenset[str], asker: Asker
    ) -> tuple[int, int]:
        """Return the regions that a statement covers for certain, and perhaps, conditions on the principal left out."""
        resources: Resources = statement.resources, statement.not_resources, statement.variables
        if statement.unclear & {"statement", "resource"}:
            resources = None, None, False
        own = values_of(asker.within(keys), keys)
        key = resources, mixed, own, frozenset(asker.own) & keys
        if key not in self._covered:
            groups = self._around.groups(keys - asker.own.keys())
            patterns, _, variables = resources
            if not mixed and len(groups) == 1 and patterns is not None and len(patterns) == 1:
                context = asker.beside(groups[0].known, keys)
                self._covered[key] = self._covering.one(patterns[0], context, variables=variables)
            else:
                contexts = [(group, asker.beside(group.known, keys)) for group in groups]
                yes, maybe = self._places(resources, mixed, contexts)
                self._covered[key] = self._covering.dense(yes), self._covering.dense(maybe & ~yes)
        return self._covered[key]

    def _places(
        self, resources: Resources, mixed: tuple[Condition, ...], contexts: Iterable[tuple[Group, Context]]
    ) -> tuple[Places, Places]:
        """Return where a statement covers its resources for certain, and at least perhaps, group by group."""
        yes = np.zeros(len(self._points.texts), dtype=bool)
        maybe = yes.copy()
        for group, context in contexts:
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
