"""The statements of many documents in a row, their elements numbered: what is equal is looked at once."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.documents import Condition, Document, Statement, Written

__all__ = ["Lines"]

Numbers = NDArray[np.int64]


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
        The statements that are plain but for conditions: the statement, the conditions, and whether there are policy
        variables in these.
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
        self.special: list[list[int]] = []
        self.conditional: list[tuple[int, tuple[Condition, ...], bool]] = []
        for number, first in enumerate(self.first[:-1].tolist()):
            self.special.append(self._sort(self.documents[number], first))
        self.plain = np.ones(len(lines), dtype=bool)
        self.plain[[line for line, _, _ in self.conditional]] = False
        self.plain[
            [int(self.first[number]) + place for number, places in enumerate(self.special) for place in places]
        ] = False

    def _sort(self, document: Document, first: int) -> list[int]:
        """Put aside the statements of a document that are plain but for conditions; return those that are special."""
        content = document.content
        if content is None:
            return [place for place, statement in enumerate(document.statements) if not _is_plain(statement)]
        special = []
        for place, one in content.special.items():
            named = one.principals is not None or one.not_principals is not None
            if one.conditions and not named and _is_simple(content.written[place], variables=content.variables):
                self.conditional.append((first + place, one.conditions, content.variables))
            else:
                special.append(place)
        return special

    @cached_property
    def patterns(self) -> list[str]:
        """All resource patterns, each once."""
        return list(self._pattern_numbers)

    @cached_property
    def _pattern_numbers(self) -> dict[str, int]:
        every = chain.from_iterable(one for one in self.resources if isinstance(one, tuple))
        return {pattern: number for number, pattern in enumerate(dict.fromkeys(every))}

    @cached_property
    def patterns_of(self) -> tuple[Numbers, Numbers]:
        """Numbers of the patterns of all resources, one after the other, and where those of each begin."""
        elements = [one if isinstance(one, tuple) else () for one in self.resources]
        first = np.cumsum([0, *map(len, elements)])
        number = self._pattern_numbers.__getitem__
        return np.fromiter(map(number, chain.from_iterable(elements)), dtype=np.int64, count=int(first[-1])), first

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
        numbers, first = self.patterns_of
        kept = np.zeros(len(self.resources), dtype=bool)
        kept[self.resource[allows]] = True
        patterns = np.zeros(len(self.patterns), dtype=bool)
        patterns[numbers[np.repeat(kept, np.diff(first))]] = True
        return [self.patterns[number] for number in np.flatnonzero(patterns).tolist()]


def _numbered(elements: Sequence[object]) -> tuple[Numbers, list[object]]:
    """Return numbers of elements, the same for the same object, and the elements by their numbers."""
    marks = np.fromiter(map(id, elements), dtype=np.int64, count=len(elements))
    order = np.argsort(marks)
    ordered = marks[order]
    new = np.ones(len(marks), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    numbers = np.empty(len(marks), dtype=np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers, [elements[place] for place in order[new].tolist()]


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
