"""JSON arrays of any size, in batches: what is held is one block and the items decoded from it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Generic, TypeVar

import msgspec
import numpy as np

from auditkit.exports._bytes import Readable
from auditkit.exports._json import JsonError

__all__ = ["Batch", "array_batches", "line_batches"]

T = TypeVar("T")

BLOCK = 2 << 20
LARGEST = 64 << 20
"""Largest item, in bytes."""

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_NEXT = re.compile(rb'\}\s*,\s*\{\s*"[^"\\]*"')
_SPACE = b" \t\r\n,"
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1


class Batch(msgspec.Struct, Generic[T]):
    """Items that follow on one another.

    Attributes
    ----------
    first
        Index of the first one in the array.
    items
        The items; ``None`` in the place of one that has the wrong shape.
    faults
        What is wrong, by index.
    """

    first: int
    items: list[T | None]
    faults: dict[int, str]


def array_batches(stream: Readable, head: bytes, item: type[T], guess: bytes = b"") -> Iterator[Batch[T]]:
    """Yield the items of an array.

    Parameters
    ----------
    stream
        Stands somewhere within the array.
    head
        What was read of the array already, without its opening bracket.
    item
        Type of the items.
    guess
        What probably stands between two items, from the end of the one on; where it does not, that is found out.

    Raises
    ------
    JsonError
        The text ends within the array or is not JSON; the items before that were given.
    """
    decoder, index = _Items(item), 0
    buffer, separator, ended = head, guess, False
    while True:
        cut = buffer.rfind(separator) + 1 if separator else 0
        batch = decoder.batch(index, buffer[:cut]) if cut else None
        if batch is None:
            ends, stop = _ends(buffer)
            found = _NEXT.match(buffer, ends[0]) if len(ends) > 1 else None
            separator = found.group() if found else b""
            cut = ends[-1] + 1 if ends else 0
            batch = decoder.batch(index, buffer[:cut])
            if batch is None:
                parts = [buffer[start:end] for start, end in pairwise([0, *(end + 1 for end in ends)])]
                batch = decoder.each(index, [part.strip(_SPACE) for part in parts])
            closed = stop is not None
            if closed and buffer[cut:stop].strip(_SPACE):
                raise JsonError(f"not JSON after item {index + len(batch.items)}")
        else:
            closed = False
        if batch.items:
            yield batch
        index += len(batch.items)
        buffer = buffer[cut:]
        if closed:
            return
        if len(buffer) > LARGEST:
            raise JsonError(f"item {index} is larger than {LARGEST:,} bytes")
        if ended and not cut:
            raise JsonError(f"truncated after item {index}")
        block = b"" if ended else stream.read(BLOCK)
        ended = ended or not block
        buffer = buffer + block if buffer else block


def line_batches(stream: Readable, head: bytes, item: type[T]) -> Iterator[Batch[T]]:
    """Yield the items of a text that has one on each line; parameters as of :func:`array_batches`, which see."""
    decoder, index, buffer, ended = _Items(item), 0, head, False
    while True:
        cut = len(buffer) if ended else buffer.rfind(b"\n") + 1
        lines = [line for line in buffer[:cut].split(b"\n") if line.strip()]
        if lines:
            yield decoder.each(index, lines)
            index += len(lines)
        if ended:
            return
        buffer = buffer[cut:]
        if len(buffer) > LARGEST:
            raise JsonError(f"line {index + 1} is longer than {LARGEST:,} bytes")
        block = stream.read(BLOCK)
        ended = not block
        buffer = buffer + block if buffer else block


class _Items(Generic[T]):
    """Decodes items: all at once, and one by one where one of them is not as it should be."""

    def __init__(self, item: type[T]) -> None:
        self._one = msgspec.json.Decoder(item)
        self._all = msgspec.json.Decoder(list[item])  # type: ignore[valid-type]
        self._raw = msgspec.json.Decoder(list[msgspec.Raw])

    def batch(self, first: int, text: bytes) -> Batch[T] | None:
        """Return the items of a part of an array, ``None`` where it does not consist of whole items."""
        whole = b"[" + text.strip(_SPACE) + b"]"
        try:
            return Batch(first, list(self._all.decode(whole)), {})
        except (msgspec.ValidationError, UnicodeDecodeError):
            pass
        except (msgspec.DecodeError, RecursionError):
            return None
        try:
            return self.each(first, [bytes(raw) for raw in self._raw.decode(whole)])
        except (msgspec.DecodeError, RecursionError):
            return None

    def each(self, first: int, texts: list[bytes]) -> Batch[T]:
        batch: Batch[T] = Batch(first, [], {})
        for index, text in enumerate(texts, first):
            try:
                batch.items.append(self._one.decode(text))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                batch.items.append(None)
                batch.faults[index] = _fault(error)
        return batch


def _fault(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"wrong shape: {error}"
    return "not valid UTF-8" if isinstance(error, UnicodeDecodeError) else "not JSON, or nested too deeply"


def _ends(text: bytes) -> tuple[list[int], int | None]:
    """Return where the items of a part of an array end, and where the array itself does."""
    bytes_ = np.frombuffer(_ESCAPE.sub(b"__", text), dtype=np.uint8)
    if not bytes_.size:
        return [], None
    within = np.bitwise_xor.accumulate((bytes_ == ord('"')).view(np.uint8))
    steps = _STEPS[bytes_] * (1 - within.view(np.int8))
    depth = np.cumsum(steps, dtype=np.int32)
    closing = np.flatnonzero(depth < 0)
    stop = int(closing[0]) if closing.size else None
    ends = np.flatnonzero((depth[:stop] == 0) & (steps[:stop] == -1))
    return ends.tolist(), stop
