"""What a principal's own layers say to requests: its policies, boundary and control policies.

The compiled layers tell which statements bear on a request. One without conditions and policy variables then says yes;
any other is matched with the request.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.decision import Block, StatementRef
from auditkit.policy.documents import Document, Statement
from auditkit.policy.evaluator import layers_of_principal
from auditkit.policy.layers import EVERY_WAY, Hit, Layer, match_statement, reference_to
from auditkit.policy.logic import YES, Truth
from auditkit.policy.principals import PrincipalType
from auditkit.policy.relation.asking import Asker, reads_of
from auditkit.policy.request import PolicySet, Request

__all__ = ["Chosen", "Hanging", "Holding"]

Chosen = tuple[tuple[int, int], ...]
"""Statements of a layer: place of the document, and of the statement in it."""
Documents = tuple[Document, ...] | UnsetType | None


class Hanging(NamedTuple):
    """What statements of a principal hang on.

    Attributes
    ----------
    alike
        Whether they say the same of all targets for which they stand, but for the values of condition keys.
    keys
        Condition keys that their conditions read, in lower case.
    """

    alike: bool
    keys: frozenset[str]


class _Held(NamedTuple):
    """A statement of a principal, with what decisions name of it; whether it is plain, and what it reads otherwise."""

    ref: StatementRef
    document: Document
    statement: Statement
    plain: Hit | None
    hanging: Hanging


class _Level(NamedTuple):
    """A layer of a principal, or a level of one: what it is, and its documents."""

    block: Block
    documents: Documents

    @property
    def missing(self) -> bool:
        """Whether anything of it was not seen."""
        given = self.documents
        return given is not None and (isinstance(given, UnsetType) or not all(one.readable for one in given))


class Holding:
    """The layers of a principal.

    Parameters
    ----------
    asker
        The principal.
    """

    def __init__(self, asker: Asker) -> None:
        given = asker.given
        self._given = given
        self._root = asker.who.type is PrincipalType.ROOT
        bounds = (given.boundary,) if isinstance(given.boundary, Document) else given.boundary
        self._levels = [_Level(Block("identity"), given.identity), _Level(Block("boundary"), bounds)]
        if isinstance(given.scps, UnsetType):
            self._levels.append(_Level(Block("scp"), given.scps))
        else:
            self._levels += [_Level(Block("scp", level), some) for level, some in enumerate(given.scps or ())]
        self._of_an_account, self._controlled = asker.who.of_an_account, not asker.who.service_linked
        self._held: dict[tuple[int, int, int], _Held] = {}

    def hanging(self, chosen: tuple[Chosen, ...]) -> Hanging:
        """Return what some statements hang on, those of each layer: identity policies, boundary, control policies."""
        hanging = [held.hanging for number, some in enumerate(chosen) for held in self._statements(number, some)]
        keys = frozenset[str]().union(*(one.keys for one in hanging))
        return Hanging(not self._root and all(one.alike for one in hanging), keys)

    def layers(self, chosen: tuple[Chosen, ...], request: Callable[[], Request]) -> dict[Block, Layer]:
        """Return what the layers say to a request.

        Parameters
        ----------
        chosen
            The statements that bear on it.
        request
            Gives the request, where that is needed.
        """
        if self._root:
            given = self._given
            scps = () if given.scps is None else given.scps
            return layers_of_principal(request(), PolicySet(identity=given.identity, scp=scps))
        if not self._of_an_account:
            return {}
        found: dict[Block, Layer] = {}
        for number, level in enumerate(self._levels):
            if level.documents is not None and (self._controlled or level.block.layer != "scp"):
                some = chosen[number] if number < len(chosen) else ()
                hits = [*self._hits(number, some, request)]
                allows, denies = (
                    tuple(hit for hit in hits if (hit.ref.effect == "Allow") is allowing) for allowing in (True, False)
                )
                found[level.block] = Layer(allows, denies, level.missing)
        return found

    def _hits(self, number: int, chosen: Chosen, request: Callable[[], Request]) -> Iterator[Hit]:
        """Yield the statements of a layer that match, or may match."""
        for held in self._statements(number, chosen):
            if held.plain is not None:
                yield held.plain
                continue
            verdict, named = match_statement(held.statement, request(), held.document.kind, Truth.NO)
            if verdict.truth is not Truth.NO:
                yield Hit(held.ref, verdict, named)

    def _statements(self, number: int, chosen: Chosen) -> Iterator[_Held]:
        block, documents = self._levels[number] if number < len(self._levels) else (None, None)
        if block is None or not isinstance(documents, tuple):
            return
        for index, place in chosen:
            if not documents[index].readable:
                continue  # it may say anything: the layer is missing
            key = number, index, place
            if key not in self._held:
                self._held[key] = _held(documents[index], index, place, block.level)
            yield self._held[key]


def _held(document: Document, index: int, place: int, level: int | None) -> _Held:
    statement = document.statement(place)
    ref = reference_to(document, statement, index=index, level=level)
    reads = reads_of(statement)
    plain = not (statement.unclear or statement.conditions or reads.resources)
    keys = frozenset[str]().union(*(keys for _, keys in reads.conditions))
    return _Held(
        ref, document, statement, Hit(ref, YES, EVERY_WAY) if plain else None, Hanging(not reads.resources, keys)
    )
