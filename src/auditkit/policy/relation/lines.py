"""The statements of many documents in a row, their elements numbered: what is equal is looked at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.documents import Condition, Document, Statement, Written
from auditkit.policy.relation.kernel import distinct

__all__ = ["Conditional", "Lines"]

Numbers = NDArray[np.int64]


class Conditional(NamedTuple):
    """Statements with the same conditions, and whether there are policy variables in these."""

    conditions: tuple[Condition, ...]
    variables: bool
    lines: list[int]


class Lines:
    """The statements of documents, in a row.

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
        Where the statements of each document begin, and the number of all at the end.
    conditional
        The statements that are plain but for conditions, those with the same conditions together.
    special
        Places of the statements of each document that may mean different things to different principals, or are not
        understood.
    document
        Number of the document of each statement.
    plain
        Whether each statement is neither of these.
    allows
        Whether each statement allows.
    action, resource
        Numbers of each statement's ``Action`` and ``Resource`` in :attr:`actions` and :attr:`resources`.
    actions, resources
        The elements; what is no tuple is not there. Equal ones may come more than once.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = list({id(one): one for one in documents}.values())
        self.number_of = {id(one): number for number, one in enumerate(self.documents)}
        lists: list[Sequence[Written | Statement]] = [
            one.content.written if one.content else one.statements for one in self.documents
        ]
        lengths = [len(one) for one in lists]
        self.first = np.cumsum([0, *lengths])
        self.document = np.repeat(np.arange(len(lists)), lengths)
        lines = list(chain.from_iterable(lists))
        self.allows = np.array([one.effect == "Allow" for one in lines], dtype=bool)
        self.action, self.actions = _numbered([one.actions for one in lines])
        self.resource, self.resources = _numbered([one.resources for one in lines])
        self._conditional: dict[tuple[int, bool], Conditional] = {}
        self._simple: dict[tuple[int, bool], bool] = {}
        firsts = self.first[:-1].tolist()
        self.special = [self._sort(one, first) for one, first in zip(self.documents, firsts, strict=True)]
        self.conditional = list(self._conditional.values())
        self.plain = np.ones(len(lines), dtype=bool)
        self.plain[[line for one in self.conditional for line in one.lines]] = False
        sorted_out = zip(firsts, self.special, strict=True)
        self.plain[[first + place for first, places in sorted_out for place in places]] = False

    def _sort(self, document: Document, first: int) -> list[int]:
        """Put aside the statements of a document that are plain but for conditions; return those that are special."""
        content = document.content
        if content is None:
            return [place for place, statement in enumerate(document.statements) if not _is_plain(statement)]
        special = []
        written, variables = content.written, content.variables
        for place, (principals, not_principals, conditions) in content.special.items():
            named = principals is not None or not_principals is not None
            if not conditions or named or not self._is_simple(written[place], variables=variables):
                special.append(place)
                continue
            found = self._conditional.get((id(conditions), variables))
            if found is None:
                found = self._conditional[id(conditions), variables] = Conditional(conditions, variables, [])
            found.lines.append(first + place)
        return special

    def _is_simple(self, line: Written, *, variables: bool) -> bool:
        if not isinstance(line.actions, tuple):
            return False
        key = id(line.resources), variables
        if key not in self._simple:
            self._simple[key] = _is_simple(line, variables=variables)
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

    def resource_of(self, document: int, place: int) -> int:
        """Return the number of the ``Resource`` element of a statement."""
        return int(self.resource[self.first[document] + place])

    def allowed(self, documents: Iterable[Document]) -> list[str]:
        """Return the resource patterns of the statements of some documents that allow, each once."""
        chosen = np.zeros(len(self.documents), dtype=bool)
        chosen[[self.number_of[id(one)] for one in documents]] = True
        allows = self.allows & chosen[self.document]
        for number, document in enumerate(self.documents):
            for place, statement in enumerate(() if document.content else document.statements):
                allows[self.first[number] + place] &= not statement.unclear
        every, numbers, first = self._patterns
        kept = np.zeros(len(self.resources), dtype=bool)
        kept[self.resource[allows]] = True
        patterns = np.zeros(len(every), dtype=bool)
        patterns[numbers[np.repeat(kept, np.diff(first))]] = True
        return [every[number] for number in np.flatnonzero(patterns).tolist()]

    def with_variables(self) -> list[Document]:
        """Return the documents in which there may be policy variables in resources."""
        marked = np.array(["${" in pattern for pattern in self.patterns], dtype=bool)
        numbers, first = self.patterns_of
        elements = np.zeros(len(self.resources), dtype=bool)
        elements[np.repeat(np.arange(len(self.resources)), np.diff(first))[marked[numbers]]] = True
        return [self.documents[number] for number in distinct(self.document[elements[self.resource]]).tolist()]


def _numbered(elements: Sequence[object]) -> tuple[Numbers, list[object]]:
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
