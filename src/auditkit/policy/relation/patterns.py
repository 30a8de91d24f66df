"""Resource patterns against many texts at once: each pattern becomes intervals over sorted texts.

A literal is looked up, ``prefix*`` is two bisections. A pattern with wildcards in front (``arn:aws:sqs:*:*:orders-*``)
is held against each head that occurs (partition, service, region, account) and is then, nearly always, a literal or a
prefix as well; what is left is matched text by text, by the same matcher that the evaluator uses or by a shorter way to
the same answer.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditkit.policy.matching import SHORT_API, long_api
from auditkit.policy.relation.texts import Texts
from auditkit.policy.wildcards import Glob, Segments, Variable, Wild, joined, split_colons, tokens

__all__ = ["Intervals", "Patterns", "Ranges", "Tokens", "plain_tokens"]

Tokens = Sequence[str | Wild]
Numbers = NDArray[np.int64]
Intervals = tuple[tuple[int, int], ...]
"""Half-open intervals, in order, without overlap."""

_PARTS = 6
_PARTITION, _SERVICE, _REST = 1, 2, 5
_FEW = 16
"""How many intervals are put in order one by one."""
_PREFIX = re.compile(r"arn:[^:*?]*:([^:*?]*):[^*?]*\*").fullmatch
"""Patterns that end with their only wildcard, behind the service."""
_AROUND = re.compile(r"(arn:[^:*?]*:([^:*?]*):[^:*?]*:[^:*?]*:[^*?]*)\*([^*?]+)").fullmatch
"""Patterns whose only wildcard stands in the last part, with more behind it."""


class Ranges(NamedTuple):
    """Intervals of several owners, one owner after the other; ``counts`` says how many each has."""

    starts: Numbers
    ends: Numbers
    counts: Numbers


def plain_tokens(text: str) -> tuple[str | Wild, ...]:
    """Cut a pattern without policy variables."""
    return tuple(token for token in tokens(text, variables=False) if not isinstance(token, Variable))


class _Service:
    """The texts of one service, of all blocks together."""

    __slots__ = ("_before", "_firsts", "texts")

    def __init__(self, blocks: Sequence[tuple[int, list[str]]]) -> None:
        flat = list(chain.from_iterable(texts for _, texts in blocks))
        order = sorted(range(len(flat)), key=flat.__getitem__)
        self.texts = Texts([flat[place] for place in order])
        block = np.repeat(np.arange(len(blocks)), [len(texts) for _, texts in blocks])[np.array(order, dtype=np.int64)]
        self._firsts = np.array([first for first, _ in blocks], dtype=np.int64)
        self._before = np.zeros((len(blocks), len(flat) + 1), dtype=np.int64)
        np.cumsum(block == np.arange(len(blocks))[:, None], axis=1, out=self._before[:, 1:])

    def places_of(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the intervals over all texts that one range of this service's is."""
        bounds = zip(self._firsts.tolist(), self._before[:, start].tolist(), self._before[:, end].tolist(), strict=True)
        return [(first + low, first + high) for first, low, high in bounds if low < high]

    def places(self, owners: Numbers, starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the intervals over all texts that ranges of this service's are, with their owners."""
        low, high = self._before[:, starts], self._before[:, ends]
        block, which = np.nonzero(low < high)
        firsts = self._firsts[block]
        return owners[which], low[block, which] + firsts, high[block, which] + firsts


class _Found:
    """Gathers intervals of many patterns."""

    def __init__(self) -> None:
        self.owners: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.by_service: dict[str, tuple[list[int], list[int], list[int]]] = {}

    def add(self, owner: int, start: int, end: int) -> None:
        self.owners.append(owner)
        self.starts.append(start)
        self.ends.append(end)

    def of_service(self, service: str) -> tuple[list[int], list[int], list[int]]:
        return self.by_service.setdefault(service, ([], [], []))

    def add_ranges(self, owner: int, service: str, ranges: Iterable[tuple[int, int]]) -> None:
        owners, starts, ends = self.of_service(service)
        for start, end in ranges:
            if start < end:
                owners.append(owner)
                starts.append(start)
                ends.append(end)


class Patterns:
    """Sorted texts, made ready for patterns.

    Parameters
    ----------
    blocks
        Service and sorted texts, one block after the other; places are counted over all of them.
    """

    def __init__(self, blocks: Iterable[tuple[str, list[str]]]) -> None:
        self._blocks: dict[str, list[tuple[int, list[str]]]] = {}
        self._services: dict[str, _Service] = {}
        self._place: dict[str, int] = {}
        self._again: dict[str, list[int]] = {}
        first = 0
        whole = []
        for service, texts in blocks:
            self._blocks.setdefault(service, []).append((first, texts))
            for place, text in enumerate(texts, first):
                if text in self._place:
                    self._again.setdefault(text, []).append(place)
                else:
                    self._place[text] = place
            whole.append((first, first + len(texts)))
            first += len(texts)
        self.size = first
        self._begins = np.zeros(first + 1, dtype=bool)  # an interval does not go on from one block to the next
        self._begins[[start for start, _ in whole]] = True
        self.whole: Intervals = tuple(whole)

    def _service(self, name: str) -> _Service | None:
        if name not in self._services and name in self._blocks:
            self._services[name] = _Service(self._blocks[name])
        return self._services.get(name)

    @cached_property
    def apis(self) -> list[str]:
        """ARNs of all APIs whose paths are among the texts."""
        texts = (text for _, texts in self._blocks.get("execute-api", ()) for text in texts)
        return sorted({text.partition("/")[0] for text in texts if "/" in text})

    def places(self, text: str) -> Sequence[int]:
        """Return where a text stands."""
        place = self._place.get(text)
        return () if place is None else (place, *self._again.get(text, ()))

    def covered(self, text: str) -> Intervals:
        """Return where the texts stand that a resource pattern without policy variables covers."""
        return self._intervals(self._find((text,)))

    def covered_all(self, texts: Sequence[str]) -> Ranges:
        """Return where the texts stand that resource patterns without policy variables cover, for each pattern."""
        return self._gathered(self._find(texts), len(texts))

    def _find(self, texts: Sequence[str]) -> _Found:
        found = _Found()
        prefixes: dict[str, list[tuple[str, int]]] = {}
        place_of = self._place.get
        for owner, text in enumerate(texts):
            if not ("*" in text or "?" in text or text.startswith(SHORT_API)):
                if place_of(text) is not None:
                    self._stand(text, owner, found)
            elif prefix := _PREFIX(text):
                prefixes.setdefault(prefix[1], []).append((text[:-1], owner))
            elif parts := _AROUND(text):
                service = self._service(parts[2])
                if service is not None:
                    found.add_ranges(owner, parts[2], service.texts.around(parts[1], parts[3]))
            else:
                self._cover(text, owner, found)
        for name, wanted in prefixes.items():
            service = self._service(name)
            if service is not None:
                owners, starts, ends = found.of_service(name)
                service.texts.prefixes(wanted, owners, starts, ends)
        return found

    def _stand(self, text: str, owner: int, found: _Found) -> None:
        """Find where a text stands."""
        place = self._place.get(text)
        if place is not None:
            found.add(owner, place, place + 1)
            for other in self._again.get(text, ()):
                found.add(owner, other, other + 1)

    def _cover(self, text: str, owner: int, found: _Found) -> None:
        """Find what a pattern covers that is neither literal nor a prefix."""
        parts = text.split(":", _PARTS - 1)
        if text.startswith(SHORT_API):
            for api in self.apis:
                self._match(plain_tokens(long_api(text, api)), owner, found)
            return
        if len(parts) < _PARTS or _is_wild(parts[_PARTITION]) or _is_wild(parts[_SERVICE]):
            self._match(plain_tokens(text), owner, found)
            return
        service, rest = self._service(parts[_SERVICE]), parts[_REST]
        if service is None:
            return
        stems = None if _is_wild(rest) else service.texts.stems(text[: -len(rest) - 1], rest.count(":"))
        if stems is None:
            found.add_ranges(owner, parts[_SERVICE], service.texts.matching(text, parts))
        else:
            for stem in stems:
                self._stand(f"{stem}:{rest}", owner, found)

    def match(self, pattern: Tokens) -> Intervals:
        """Return where the texts stand that a resource pattern covers.

        Parameters
        ----------
        pattern
            The pattern, cut at its wildcards; policy variables were resolved.
        """
        found = _Found()
        self._match(pattern, 0, found)
        return self._intervals(found)

    def _match(self, pattern: Tokens, owner: int, found: _Found) -> None:
        whole = joined(pattern)
        if whole and all(token is Wild.MANY for token in whole):
            for start, end in self.whole:
                found.add(owner, start, end)
        elif all(isinstance(token, str) for token in whole):
            for place in self.places("".join(str(token) for token in whole)):
                found.add(owner, place, place + 1)
        else:
            parts, matcher = split_colons(whole), Segments(whole)
            for name, service in self._candidates(parts):
                found.add_ranges(owner, name, service.texts.segments(whole, parts, matcher))

    def glob(self, pattern: Tokens) -> Intervals:
        """Return where the texts stand that a pattern covers whose wildcards cross colons."""
        whole = joined(pattern)
        matcher = Glob(whole)
        if matcher.everything:
            return self.whole
        found = _Found()
        for name, service in self._candidates(split_colons(whole)):
            found.add_ranges(0, name, service.texts.scan(whole, matcher))
        return self._intervals(found)

    def _candidates(self, parts: list[list[str | Wild]]) -> list[tuple[str, _Service]]:
        fixed = all(len(part) == 1 and isinstance(part[0], str) for part in parts[_PARTITION : _SERVICE + 1])
        names = [str(parts[_SERVICE][0])] if fixed and len(parts) > _SERVICE + 1 else list(self._blocks)
        return [(name, service) for name in names if (service := self._service(name)) is not None]

    def _gathered(self, found: _Found, count: int) -> Ranges:
        columns = [tuple(np.array(one, dtype=np.int64) for one in (found.owners, found.starts, found.ends))]
        for name, lists in found.by_service.items():
            service = self._service(name)
            assert service is not None
            owners, starts, ends = (np.array(one, dtype=np.int64) for one in lists)
            columns.append(service.places(owners, starts, ends))
        owners, starts, ends = (np.concatenate(column) for column in zip(*columns, strict=True))
        order = np.lexsort((starts, owners))
        owners, starts, ends = owners[order], starts[order], ends[order]
        new = np.ones(len(owners), dtype=bool)
        new[1:] = (owners[1:] != owners[:-1]) | (starts[1:] != ends[:-1]) | self._begins[starts[1:]]
        heads = np.flatnonzero(new)
        last = np.append(heads[1:], len(owners))[: len(heads)] - 1
        return Ranges(starts[heads], ends[last], np.bincount(owners[heads], minlength=count))

    def _intervals(self, found: _Found) -> Intervals:
        """Return the intervals of one owner; by themselves where they are few, which is quicker than by arrays."""
        if len(found.starts) + sum(len(starts) for _, starts, _ in found.by_service.values()) > _FEW:
            ranges = self._gathered(found, 1)
            return tuple(sorted(zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)))
        pairs = list(zip(found.starts, found.ends, strict=True))
        for name, (_, starts, ends) in found.by_service.items():
            service = self._service(name)
            assert service is not None
            for start, end in zip(starts, ends, strict=True):
                pairs += service.places_of(start, end)
        joined_up: list[tuple[int, int]] = []
        for start, end in sorted(pairs):
            if joined_up and joined_up[-1][1] == start and not self._begins[start]:
                joined_up[-1] = joined_up[-1][0], end
            else:
                joined_up.append((start, end))
        return tuple(joined_up)


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text
