"""Answers: to one question, to several that must all be *yes*, and about many resources at once."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from auditkit.policy.decision import StatementRef
from auditkit.policy.logic import Truth

__all__ = ["DENIED", "Classes", "Ruling", "all_rulings", "bits_of", "ruling_at", "the_same"]


class Ruling(NamedTuple):
    """An answer: whether something is allowed, what it hangs on, and the statements that decided.

    ``by`` are the nodes of those who do it, where it is not the principal alone that is asked about.
    """

    truth: Truth
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    statements: tuple[StatementRef, ...] = ()
    by: tuple[int, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether it is allowed for certain."""
        return self.truth is Truth.YES


DENIED = Ruling(Truth.NO)
_KEPT = 4096
_GRANTED = Ruling(Truth.YES)
Classes = list[tuple[Ruling, int]]
"""Rulings with the resources that each is about, as bits; what is denied is left out."""


def all_rulings(rulings: Iterable[Ruling]) -> Ruling:
    """Return the ruling on several things that are all needed."""
    found = _GRANTED
    for one in rulings:
        if one.truth is Truth.NO:
            return DENIED
        found = Ruling(
            min(found.truth, one.truth),
            tuple(sorted({*found.keys, *one.keys})),
            tuple(sorted({*found.missing, *one.missing})),
            (*found.statements, *(ref for ref in one.statements if ref not in found.statements)),
            tuple(sorted({*found.by, *one.by})),
        )
    return found


@lru_cache(maxsize=_KEPT)
def the_same(bits: int) -> int:
    """Return a set as an object that is the same for the same: of a large account each takes some kilobytes."""
    return bits


def bits_of(classes: Classes) -> tuple[int, int]:
    """Return what is allowed for certain, and what may be."""
    sure = possible = 0
    for ruling, members in classes:
        possible |= members
        if ruling.sure:
            sure |= members
    return the_same(sure), the_same(possible)


def ruling_at(classes: Classes, place: int) -> Ruling:
    """Return the ruling on the one at a place, the first of several."""
    return next((ruling for ruling, members in classes if members >> place & 1), DENIED)
