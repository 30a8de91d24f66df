"""The statements of many documents in a row, their elements numbered: what is equal is looked at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from auditkit._numbers import distinct
from auditkit.policy.documents import Condition, Document, Statement, Written

__all__ = ["Conditional", "Lines"]

Numbers = NDArray[np.int64]
Numbered = TypeVar("Numbered")


class Conditional(NamedTuple):
    """Statements with the same conditions, and whether there are policy variables in these."""

    conditions: tuple[Condition, ...]
    variables: bool
    statements: list[int]


class Lines:
    """The statements of documents, in a row: each line is a statement, and equal ones are mostly the same.

    Parameters
    ----------
    documents
        The documents; each is looked at once, however often it comes.

    Attributes
    ----------
    documents
        The documents, each one once.
    number_of
        The place of a document, by its identity.
    first
        Where the lines of each document begin, and the number of all at the end.
    document, statement
        Numbers of the document and of the statement of each line.
    statements
        The statements, each one once.
    allows, action
        Of each statement: whether it allows, and the number of its ``Action`` in :attr:`actions`.
    actions
        The elements; what is no tuple is not there.
    resources
        ``Resource`` of each statement; what is no tuple is not there.
    conditional
        The statements that are plain but for conditions, those with the same conditions together.
    special
        Whether each statement may mean different things to different principals, or is not understood.
    plain
        Whether each statement is neither of these.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = list({id(one): one for one in documents}.values())
        self.number_of = {id(one): number for number, one in enumerate(self.documents)}
        lists: list[Sequence[Written | Statement]] = [
            one.content.written if one.content else one.statements for one in self.documents
        ]
        lengths = list(map(len, lists))
        self.first = np.cumsum([0, *lengths])
        self.document = np.repeat(np.arange(len(lists)), lengths)
        self.statement, self.statements = _numbered(list(chain.from_iterable(lists)))
        self.allows = np.array([one.effect == "Allow" for one in self.statements], dtype=bool)
        self.action, self.actions = _numbered([one.actions for one in self.statements])
        self.resources = [one.resources for one in self.statements]
        self._simple: dict[tuple[int, bool], bool] = {}
        self._sort()

    def _sort(self) -> None:
        """Tell the statements that are plain from those that are so but for conditions, and from those that are not."""
        conditional: dict[tuple[int, bool], Conditional] = {}
        self.plain = np.ones(len(self.statements), dtype=bool)
        self.special = ~self.plain
        for number, one in enumerate(self.statements):
            if isinstance(one, Statement):
                self.plain[number] = _is_plain(one)
                self.special[number] = not self.plain[number]
                continue
            if one.special is None:
                continue
            self.plain[number] = False
            principals, not_principals, conditions, variables = one.special
            named = principals is not None or not_principals is not None
            if not conditions or named or not self._is_simple(one, variables=variables):
                self.special[number] = True
                continue
            key = id(conditions), variables
            if key not in conditional:
                conditional[key] = Conditional(conditions, variables, [])
            conditional[key].statements.append(number)
        self.conditional = list(conditional.values())

    def _is_simple(self, one: Written, *, variables: bool) -> bool:
        if not isinstance(one.actions, tuple):
            return False
        key = id(one.resources), variables
        if key not in self._simple:
            self._simple[key] = _is_simple(one, variables=variables)
        return self._simple[key]

    @property
    def patterns(self) -> list[str]:
        """All resource patterns, each once."""
        return self._patterns[0]

    @property
    def patterns_of(self) -> tuple[Numbers, Numbers]:
        """Numbers of the patterns of all resources, one after the other, and where those of each begin."""
        return self._patterns[1:]

    @cached_property
    def _patterns(self) -> tuple[list[str], Numbers, Numbers]:
        elements = [one if isinstance(one, tuple) else () for one in self.resources]
        first = np.cumsum([0, *map(len, elements)])
        number_of: defaultdict[str, int] = defaultdict(count().__next__)
        every = map(number_of.__getitem__, chain.from_iterable(elements))
        numbers = np.fromiter(every, dtype=np.int64, count=int(first[-1]))
        return list(number_of), numbers, first

    def allowed(self, documents: Iterable[Document]) -> list[str]:
        """Return the resource patterns of the statements of some documents that allow, each once."""
        chosen = np.zeros(len(self.documents), dtype=bool)
        chosen[[self.number_of[id(one)] for one in documents]] = True
        allows = np.zeros(len(self.statements), dtype=bool)
        allows[self.statement[chosen[self.document]]] = True
        allows &= self.allows
        for number in np.flatnonzero(self.special).tolist():
            one = self.statements[number]
            allows[number] &= not (isinstance(one, Statement) and one.unclear)
        every, numbers, first = self._patterns
        patterns = np.zeros(len(every), dtype=bool)
        patterns[numbers[np.repeat(allows, np.diff(first))]] = True
        return [every[number] for number in np.flatnonzero(patterns).tolist()]

    def with_variables(self) -> list[Document]:
        """Return the documents in which there may be policy variables in resources."""
        marked = np.array(["${" in pattern for pattern in self.patterns], dtype=bool)
        numbers, first = self.patterns_of
        elements = np.zeros(len(self.resources), dtype=bool)
        elements[np.repeat(np.arange(len(self.resources)), np.diff(first))[marked[numbers]]] = True
        lines = elements[self.statement]
        return [self.documents[number] for number in distinct(self.document[lines]).tolist()]


def _numbered(elements: Sequence[Numbered]) -> tuple[Numbers, list[Numbered]]:
    """Return numbers of elements, the same for the same object, and the elements by their numbers, as they come."""
    marks = np.fromiter(map(id, elements), dtype=np.int64, count=len(elements))
    order = np.argsort(marks)
    ordered = marks[order]
    heads = np.flatnonzero(np.diff(ordered, prepend=-1))
    firsts = np.minimum.reduceat(order, heads) if len(heads) else heads
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    numbers = np.empty(len(marks), dtype=np.int64)
    numbers[order] = np.repeat(rank, np.diff(heads, append=len(marks)))
    return numbers, [elements[place] for place in np.sort(firsts).tolist()]


def _is_plain(statement: Statement) -> bool:
    """Whether a statement means the same to every principal and covers its resources for certain."""
    return (
        not statement.unclear
        and not statement.conditions
        and statement.principals is None
        and statement.not_principals is None
        and _is_simple(statement, variables=statement.variables)
    )


def _is_simple(line: Written | Statement, *, variables: bool) -> bool:
    """Whether a statement has ``Action`` and ``Resource``, without policy variables."""
    resources = line.resources
    return (
        isinstance(line.actions, tuple)
        and isinstance(resources, tuple)
        and not (variables and any("${" in pattern for pattern in resources))
    )
