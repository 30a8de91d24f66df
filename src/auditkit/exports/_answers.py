"""API responses put together from another format, each field of which still knows where it was read.

A reader of such a format builds the response that the API would have given, as a *tree*: plain objects and lists, whose
leaves are either plain values or :class:`Node` (a value with its source). :meth:`Answers.give` hands it to the handler
that reads the API's own responses, so that records, and with them the graph, are the same whatever was handed over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from auditkit.exports._coverage import CoverageBook, resource_name
from auditkit.exports._nodes import Node
from auditkit.exports._reading import Reading, Response
from auditkit.exports.calls import ApiCall, call_named
from auditkit.exports.secrets import reduced
from auditkit.exports.services import HANDLERS
from auditkit.inventory import Call, CoverageState, PolicyText, Record, Source
from auditkit.inventory.record import UNSET

__all__ = ["Answers", "Node", "Place", "Tree"]

R = TypeVar("R", bound=Record)

_MARK = "\x00"
_GLOBAL = "global"


class Tree(dict[str, Any]):
    """An object of a response, and where it was read; a plain one stands where the one around it does.

    Parameters
    ----------
    source
        Its place; ``None`` for that of the object around it.
    members
        Its members.
    """

    __slots__ = ("source",)

    def __init__(self, source: Source | None, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(members or {})
        self.source = source


class Place(NamedTuple):
    """Account and region of a response; ``""`` where they are not known."""

    account: str = ""
    region: str = ""


class _Moved(NamedTuple):
    """Where a part of a response was read; ``whole`` where it stands there as it is, with all below it."""

    source: Source
    whole: bool


_Places = dict[tuple[str, ...], _Moved]


def _settled(tree: Any, around: Source, places: _Places, steps: tuple[str, ...]) -> Any:  # noqa: ANN401 -- any JSON value
    """Return a tree as plain values, and note the place of each part."""
    if isinstance(tree, Node):
        places[steps] = _Moved(tree.source, whole=True)
        return tree.value
    if isinstance(tree, dict):
        around = (tree.source if isinstance(tree, Tree) else None) or around
        places[steps] = _Moved(around, whole=False)
        return {
            key: _settled(item, around, places, (*steps, str(key))) for key, item in tree.items() if item is not None
        }
    if isinstance(tree, list | tuple):
        places[steps] = _Moved(around, whole=False)
        return [_settled(item, around, places, (*steps, str(index))) for index, item in enumerate(tree)]
    return tree


class Answers:
    """Hands responses to the handlers.

    Parameters
    ----------
    reading, book
        Take what the responses say.
    detail
        What an incomplete call of the format says of itself in the coverage.
    locate
        From a place as nodes name it to one that the export has, where these may differ.
    foreign
        Whether the format's names are not the API's, so that an object has no places of its own below it.
    """

    def __init__(
        self,
        reading: Reading,
        book: CoverageBook,
        detail: str,
        *,
        locate: Callable[[Source], Source] | None = None,
        foreign: bool = False,
    ) -> None:
        self._foreign = foreign
        self.reading = reading
        self._book = book
        self._detail = detail
        self._locate = locate or _as_it_is

    def give(
        self,
        call: str,
        tree: Mapping[str, Any],
        *arguments: str,
        place: Place,
        source: Source,
        complete: bool = True,
        unseen: Iterable[str] = (),
        counts: bool = True,
        assumed: bool = False,
    ) -> None:
        """Hand over one response.

        Parameters
        ----------
        call
            ``"service.Operation"``, by botocore's names.
        tree
            The response; ``None`` stands for a key that is not there.
        *arguments
            What the call was made for.
        place
            Account and region.
        source
            Where the response as a whole was read; counts for every part that has no place of its own.
        complete
            False where there may be more than the format shows.
        unseen
            Attributes of the record that the format says nothing of, although the API's response would.
        counts
            False for a response that leaves the coverage as it is.
        assumed
            True for what the format takes for granted without a word: it gives way to what is read elsewhere, and
            leaves the coverage as it is.
        """
        service, _, operation = call.partition(".")
        known = call_named(service, operation)
        region = _GLOBAL if known is not None and known.everywhere else place.region
        places: _Places = {}
        payload: dict[str, Any] = _settled(tree if isinstance(tree, Tree) else dict(tree), source, places, ())
        response = Response(
            service=service,
            operation=operation,
            account=place.account,
            region=region,
            arguments=arguments,
            payload=reduced(service, operation, payload),
            source=Source(source.file + _MARK),
        )
        HANDLERS[service, operation](response, _Relocating(self, places, frozenset(unseen), assumed=assumed))
        if assumed or not counts or known is None:
            return
        self._book.respond(place.account, region, known, arguments, payload)
        self._listed(known, place, source)
        seen = Call(
            place.account,
            region,
            service,
            operation,
            resource_name(arguments),
            CoverageState.PRESENT if payload else CoverageState.EMPTY,
            complete,
            "" if complete else self._detail,
            self._locate(source),
        )
        self._book.see(seen)

    def _listed(self, call: ApiCall, place: Place, source: Source) -> None:
        """Note that the listing which a call is made after was seen in part: it names what the call is about."""
        origins = {(one.service, one.operation) for one in call.arguments}
        listings = [known for origin in origins if (known := call_named(*origin)) is not None]
        if len(origins) == len(listings) == 1 and not listings[0].arguments:
            self.partly(f"{listings[0].service}.{listings[0].operation}", place, source)

    def placed(self, found: _Moved, *steps: str) -> Source:
        """Return the place in the export of what stands below a part of a response."""
        if found.whole:
            return self._locate(found.source.at(*steps))
        source = found.source
        return self._locate(Source(source.file, source.pointer, leaf=True) if self._foreign else source)

    def partly(self, call: str, place: Place, source: Source) -> None:
        """Note that a listing was seen in part: the format shows some of what the call would, and never all."""
        service, _, operation = call.partition(".")
        known = call_named(service, operation)
        assert known is not None, call
        region = _GLOBAL if known.everywhere else place.region
        self._book.see(
            Call(
                place.account,
                region,
                service,
                operation,
                state=CoverageState.PRESENT,
                complete=False,
                detail=self._detail,
                source=self._locate(source),
            )
        )


class _Relocating(Reading):
    """A reading that puts places in the export for those in the response, which are all that a handler can name."""

    def __init__(self, answers: Answers, places: _Places, unseen: frozenset[str], *, assumed: bool) -> None:
        super().__init__()
        self._assumed = assumed
        self._answers = answers
        self._under = answers.reading
        self._places = places
        self._unseen = unseen

    def add(self, record: Record) -> None:
        for name in self._unseen & set(record.__struct_fields__):
            setattr(record, name, UNSET)
        self._under.add(self._moved(record))

    def enrich(
        self, cls: type[Record], key: str, source: Source, *, account: str = "", region: str = "", **fields: object
    ) -> None:
        moved = {name: self._moved(value) for name, value in fields.items() if name not in self._unseen}
        take = self._under.assume if self._assumed else self._under.enrich
        take(cls, key, self._moved(source), account=account, region=region, **moved)

    def later(self, step: Callable[[Reading], None]) -> None:
        self._under.later(lambda _: step(self))

    def find(self, cls: type[R], key: str = "", *, account: str = "", region: str = "") -> tuple[R, ...]:
        return self._under.find(cls, key, account=account, region=region)

    def not_read(self, source: Source, reason: str, *, whether: bool = False) -> None:
        self._under.not_read(self._moved(source), reason, whether=whether)

    def _moved(self, value: Any) -> Any:  # noqa: ANN401 -- anything that a field of a record may hold
        if isinstance(value, Source):
            return self._source(value)
        if isinstance(value, PolicyText):
            return self._policy(value)
        if isinstance(value, tuple):
            return tuple(self._moved(item) for item in value)
        if isinstance(value, dict):
            return {key: self._moved(item) for key, item in value.items()}
        if isinstance(value, msgspec.Struct):
            changed = {
                name: moved
                for name in value.__struct_fields__
                if (moved := self._moved(part := getattr(value, name))) is not part
            }
            return msgspec.structs.replace(value, **changed) if changed else value
        return value

    def _policy(self, policy: PolicyText) -> PolicyText:
        """Return a policy at its place, and where its statements stand if they stand apart."""
        source, listed = self._source(policy.source), policy.document.get("Statement")
        count = len(listed) if isinstance(listed, list) else 0
        places = tuple(self._source(policy.source.at("Statement", index)) for index in range(count))
        apart = any(place != source.at("Statement", index) for index, place in enumerate(places))
        return PolicyText(policy.kept, source, policy.name, places if apart else ())

    def _source(self, source: Source) -> Source:
        if not source.file.endswith(_MARK):
            return source
        steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in source.pointer.split("/")[1:])
        for length in range(len(steps), -1, -1):
            found = self._places.get(steps[:length])
            if found is not None:
                return self._answers.placed(found, *steps[length:])
        return self._answers.placed(self._places[()])


def _as_it_is(source: Source) -> Source:
    return source
