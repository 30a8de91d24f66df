"""The statements of many documents in a row, their elements numbered: what is equal is looked at once."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from msgspec import UnsetType
from numpy.typing import NDArray

from auditkit.policy.documents import Document, Statement, Written

__all__ = ["Lines", "is_plain"]

Numbers = NDArray[np.int64]
Element = tuple[str, ...] | UnsetType | None


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
    special
        Places of the statements of each document that mean different things to different requests, or are not
        understood.
    document
        Number of the document of each statement.
    plain
        Whether each statement is none of those.
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
        self.special: list[Sequence[int]] = [
            tuple(one.content.special)
            if one.content
            else tuple(place for place, statement in enumerate(one.statements) if not is_plain(statement))
            for one in self.documents
        ]
        lengths = [len(one) for one in lists]
        self.first = np.cumsum([0, *lengths])
        self.document = np.repeat(np.arange(len(lists)), lengths)
        lines = list(chain.from_iterable(lists))
        special = [
            first + place for first, places in zip(self.first.tolist(), self.special, strict=False) for place in places
        ]
        self.plain = np.ones(len(lines), dtype=bool)
        self.plain[special] = False
        self.allows = np.array([one.effect for one in lines], dtype="U1") == "A"
        self.action, self.actions = _numbered([one.actions for one in lines])
        self.resource, self.resources = _numbered([one.resources for one in lines])

    def resource_of(self, document: int, place: int) -> int:
        """Return the number of the ``Resource`` element of a statement."""
        return int(self.resource[self.first[document] + place])

    @property
    def allowed(self) -> Iterable[str]:
        """The resource patterns of the statements that allow, each once."""
        allows = self.allows.copy()
        for number, document in enumerate(self.documents):
            if not document.content:
                for place, statement in enumerate(document.statements):
                    allows[self.first[number] + place] &= not statement.unclear
        kept = np.unique(self.resource[allows]).tolist()
        elements = (self.resources[number] for number in kept)
        return dict.fromkeys(chain.from_iterable(one for one in elements if isinstance(one, tuple)))


def _numbered(elements: list[Element] | list[str | Element]) -> tuple[Numbers, list[object]]:
    """Return numbers of elements, the same for the same object, and the elements by their numbers."""
    marks = np.fromiter(map(id, elements), dtype=np.int64, count=len(elements))
    _, first, numbers = np.unique(marks, return_index=True, return_inverse=True)
    return numbers.astype(np.int64), [elements[place] for place in first.tolist()]


def is_plain(statement: Statement) -> bool:
    """Whether a statement means the same to every principal and covers its resources for certain."""
    return (
        not statement.unclear
        and not statement.conditions
        and statement.actions is not None
        and statement.resources is not None
        and statement.principals is None
        and statement.not_principals is None
        and not (statement.variables and any("${" in pattern for pattern in statement.resources))
    )
