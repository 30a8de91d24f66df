"""Formats other than API JSON: which of them a file is, and its reader."""

from auditkit.exports._coverage import CoverageBook
from auditkit.exports._json import JsonError, parse_json, sketch
from auditkit.exports._reading import Reading
from auditkit.exports.manifest import Manifests, is_manifest
from auditkit.exports.terraform import is_terraform, read_terraform
from auditkit.inventory import Source

__all__ = ["OtherFormats"]


class OtherFormats:
    """Reads the files of one export that are no API JSON.

    Parameters
    ----------
    reading, book
        Take what the files say.
    """

    def __init__(self, reading: Reading, book: CoverageBook) -> None:
        self._reading = reading
        self._book = book
        self._manifests = Manifests(reading, book)

    def read(self, name: str, data: bytes) -> bool:
        """Read a file if it is of a format that is known; return whether it is.

        Parameters
        ----------
        name
            What sources call it.
        data
            Content.
        """
        if is_manifest(name):
            self._manifests.read(name, data)
            return True
        try:
            keys = sketch(data)
        except JsonError:
            return False
        if is_terraform(keys):
            self._terraform(name, data)
            return True
        return False

    def _terraform(self, name: str, data: bytes) -> None:
        source = Source(name)
        try:
            read_terraform(parse_json(data), source, self._reading, self._book)
        except JsonError as error:
            self._reading.not_read(source, f"not JSON: {error}")

    def finish(self) -> None:
        """Read what had to wait for all files of the export."""
        self._manifests.finish()
