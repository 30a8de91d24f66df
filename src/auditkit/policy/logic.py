"""Three-valued logic: yes, no, or unknown, and what an unknown hangs on (Kleene's strong logic)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

__all__ = ["NO", "UNCLEAR", "YES", "Truth", "Verdict", "all_of", "any_of", "negate", "unknown"]


class Truth(IntEnum):
    """Truth value; *and* is the minimum, *or* the maximum."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Verdict(NamedTuple):
    """A truth value with what it hangs on.

    Attributes
    ----------
    truth
        Yes, no or unknown.
    keys
        Condition keys that would decide it; empty unless it is unknown.
    unclear
        Whether it is unknown because something in a policy could not be understood.
    """

    truth: Truth
    keys: frozenset[str] = frozenset()
    unclear: bool = False


YES = Verdict(Truth.YES)
NO = Verdict(Truth.NO)
UNCLEAR = Verdict(Truth.UNKNOWN, unclear=True)


def unknown(*keys: str) -> Verdict:
    """Return the verdict that hangs on the condition keys given."""
    return Verdict(Truth.UNKNOWN, frozenset(keys))


def _merge(open_questions: list[Verdict]) -> Verdict:
    keys = frozenset[str]().union(*(verdict.keys for verdict in open_questions))
    return Verdict(Truth.UNKNOWN, keys, any(verdict.unclear for verdict in open_questions))


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the conjunction; stops at the first *no*."""
    open_questions = []
    for verdict in verdicts:
        if verdict.truth is Truth.NO:
            return NO
        if verdict.truth is Truth.UNKNOWN:
            open_questions.append(verdict)
    return _merge(open_questions) if open_questions else YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the disjunction; stops at the first *yes*."""
    open_questions = []
    for verdict in verdicts:
        if verdict.truth is Truth.YES:
            return YES
        if verdict.truth is Truth.UNKNOWN:
            open_questions.append(verdict)
    return _merge(open_questions) if open_questions else NO


def negate(verdict: Verdict) -> Verdict:
    """Return the opposite; an unknown stays one."""
    if verdict.truth is Truth.UNKNOWN:
        return verdict
    return NO if verdict.truth is Truth.YES else YES
