"""Layers of an account: the policies of one kind that bear on a principal, as segments over the points."""

from msgspec import UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.compiled import Compiled
from auditkit.policy.relation.masks import Masks
from auditkit.policy.relation.points import Points
from auditkit.policy.relation.statements import Statements

__all__ = ["Layers"]

Documents = tuple[Document, ...] | UnsetType


class Layers:
    """The layers of an account.

    Parameters
    ----------
    points, masks, statements
        What they are about.
    """

    def __init__(self, points: Points, masks: Masks, statements: Statements) -> None:
        self.points, self.masks, self.statements = points, masks, statements
        self._numbers: dict[tuple[int, ...], int] = {}
        self._shared: dict[int, tuple[Documents, int | None]] = {}

    def number(self, documents: Documents, asker: Asker) -> int:
        """Return the number of the layer that some documents make for a principal."""
        if isinstance(documents, UnsetType):
            key: tuple[int, ...] = (self.statements.unseen(),)
        else:
            alike, number_of = self.statements.alike, self._number_of
            key = tuple([alike[id(one)] if id(one) in alike else number_of(one, asker) for one in documents])
        return self._numbers.setdefault(key, len(self._numbers))

    def _number_of(self, document: Document, asker: Asker) -> int:
        return self.statements.document(document, asker) if document.readable else self.statements.unseen()

    def number_of_shared(self, documents: Documents, asker: Asker) -> int:
        """Return the same; quicker for documents that many principals share."""
        known = self._shared.get(id(documents))
        if known is None:
            number = self.number(documents, asker)
            alike = isinstance(documents, UnsetType) or not any(map(self.statements.hangs_on_asker, documents))
            self._shared[id(documents)] = documents, number if alike else None
            return number
        return self.number(documents, asker) if known[1] is None else known[1]

    def compile(self) -> Compiled:
        """Return all layers that have a number, as arrays."""
        return Compiled(self.statements, self.masks, self.points, list(self._numbers))
