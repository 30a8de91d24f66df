"""The bytes of files as streams: counted, digested, expanded within bounds."""

import hashlib
import io
import zipfile
import zlib
from typing import IO, Protocol

from auditkit.errors import ExportError

__all__ = ["BROKEN", "RATIO_COUNTS_FROM", "Readable", "Stream", "expanded", "reason_of"]

RATIO_COUNTS_FROM = 1 << 20
"""What expands to less than this, in bytes, is no bomb."""

_GZIP = 31  # window bits by which zlib knows the format
_PIECE = 1 << 18
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
"""What zipfile raises on broken, encrypted or unsupported entries (RuntimeError: encrypted; ValueError: bad fields)."""


class Readable(Protocol):
    """What gives bytes, and in the end none."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them, but at least one before the end."""
        ...


class Stream(io.RawIOBase):
    """The bytes of a file, counted and digested as they pass.

    Reading raises :class:`~auditkit.errors.ExportError` where that is impossible.

    Parameters
    ----------
    under
        Where they come from; closed with this one.
    limit
        Most bytes.
    """

    def __init__(self, under: IO[bytes], limit: int) -> None:
        self._under = under
        self._limit = limit
        self._sha256 = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        try:
            data = self._under.read(size)
        except BROKEN as error:
            raise ExportError(f"cannot be read: {reason_of(error)}") from error
        self._sha256.update(data)
        self.count += len(data)
        if self.count > self._limit:
            raise ExportError("larger than it says")
        return data

    def sha256(self) -> str:
        """Return the SHA-256 of the whole file; what nobody has read is read now."""
        while self.read(1 << 20):
            pass
        return self._sha256.hexdigest()

    def close(self) -> None:
        """Close what the bytes come from."""
        self._under.close()
        super().close()


class _Expanding:
    """What a gzip file holds, as long as it expands within bounds."""

    def __init__(self, packed: Stream, ratio: float) -> None:
        self._packed = packed
        self._ratio = ratio
        self._member = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self._count = 0

    def read(self, size: int, /) -> bytes:
        data = b""
        while not data:
            if self._member.eof:  # another one may follow, or zeros
                self._waiting = self._member.unused_data.lstrip(b"\x00") or self._packed.read(_PIECE).lstrip(b"\x00")
                if not self._waiting:
                    return b""
                self._member = zlib.decompressobj(_GZIP)
            piece = self._waiting or self._packed.read(_PIECE)
            if not piece:
                raise ExportError("cannot be unpacked: it breaks off")
            try:
                data = self._member.decompress(piece, size)
            except zlib.error as error:
                raise ExportError(f"cannot be unpacked: {reason_of(error)}") from error
            self._waiting = self._member.unconsumed_tail
        self._count += len(data)
        if self._count > RATIO_COUNTS_FROM and self._count > self._ratio * self._packed.count:
            raise ExportError(f"expands more than {self._ratio:g} times")
        return data


def expanded(packed: Stream, ratio: float) -> Readable:
    """Return what a gzip file holds, as a stream that raises :class:`~auditkit.errors.ExportError` beyond bounds."""
    return _Expanding(packed, ratio)


def reason_of(error: Exception) -> str:
    """Return what is wrong with a packed file, in words."""
    return "its check sum is wrong" if "CRC" in str(error) else f"damaged or unsupported ({type(error).__name__})"
