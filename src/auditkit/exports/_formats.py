"""Formats other than API JSON: which of them a file is, and its reader."""

from collections.abc import Callable, Mapping

from auditkit.exports._coverage import CoverageBook
from auditkit.exports._json import JsonError, parse_json
from auditkit.exports._reading import Reading
from auditkit.exports.config import is_config, read_config
from auditkit.exports.iamcollect import IamCollect
from auditkit.exports.manifest import Manifests, is_manifest
from auditkit.exports.steampipe import read_table, table_of
from auditkit.exports.terraform import is_terraform, read_terraform
from auditkit.inventory import Source

__all__ = ["OtherFormats"]

_Reader = Callable[[object, Source, Reading, CoverageBook], None]
_FORMATS: tuple[tuple[Callable[[Mapping[str, object]], bool], _Reader], ...] = (
    (is_config, read_config),
    (is_terraform, read_terraform),
)


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
        self._iam_collect = IamCollect(reading, book)
        self._manifests = Manifests(reading, book)

    def read(self, path: str, name: str, data: bytes, keys: Mapping[str, object] | None) -> bool:
        """Read a file if it is of a format that is known; return whether it is.

        Parameters
        ----------
        path
            Of the file, below the root of its export.
        name
            What sources call it.
        data
            Content.
        keys
            Its sketch (:func:`~auditkit.exports._json.sketch`), ``None`` where it is no JSON.
        """
        if is_manifest(name):
            self._manifests.read(name, data)
            return True
        if self._iam_collect.read(path, name, data):
            return True
        table = table_of(path, data)
        if table:
            self._table(table, name, data)
            return True
        for known, reader in _FORMATS:
            if keys is not None and known(keys):
                self._whole(name, data, reader)
                return True
        return False

    def _whole(self, name: str, data: bytes, reader: _Reader) -> None:
        """Read a file that is one document."""
        source = Source(name)
        try:
            reader(parse_json(data), source, self._reading, self._book)
        except JsonError as error:
            self._reading.not_read(source, f"not JSON: {error}")

    def _table(self, table: str, name: str, data: bytes) -> None:
        source = Source(name)
        try:
            read_table(table, data, source, self._reading, self._book)
        except JsonError as error:
            self._reading.not_read(source, str(error))

    def finish(self) -> None:
        """Read what had to wait for all files of the export."""
        self._iam_collect.finish()
        self._manifests.finish()
