"""Handing over answers for things that know their place and their source: rows, items, resources."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from auditkit.exports._answers import Answers, Place
from auditkit.inventory import Source

__all__ = ["Located", "Out"]


class Located(Protocol):
    """A thing of an export: where it is in AWS, and where it was read."""

    @property
    def place(self) -> Place:
        """Account and region."""

    @property
    def source(self) -> Source:
        """Place in the export."""


class Out:
    """Hands over answers.

    Parameters
    ----------
    answers
        Takes them.
    """

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def give(
        self,
        thing: Located,
        call: str,
        tree: Mapping[str, Any],
        *arguments: str,
        complete: bool = True,
        unseen: Iterable[str] = (),
        assumed: bool = False,
    ) -> None:
        """Hand over the response of a call for a thing; see :meth:`Answers.give`."""
        self.answers.give(
            call,
            tree,
            *arguments,
            place=thing.place,
            source=thing.source,
            complete=complete,
            unseen=unseen,
            assumed=assumed,
        )

    def partly(self, thing: Located, *calls: str) -> None:
        """Note that listings show what the format holds, and perhaps not all."""
        for call in calls:
            self.answers.partly(call, thing.place, thing.source)
