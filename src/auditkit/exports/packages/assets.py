"""Folders of code that the AWS CDK writes beside its templates (``cdk.out/asset.<fingerprint>``)."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from auditkit.exports._reading import Reading
from auditkit.exports.archive import ExportFile
from auditkit.inventory import Source

__all__ = ["Claims", "Folder", "Folders"]

Claims = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
"""Export and path of an asset -> the resources whose code it is: file of the template, and logical id."""

_INNER = re.compile(r"(?P<folder>asset\.[^/]+)/(?P<member>.+)", re.DOTALL)
_OWN = ("manifest.json", "cdk.out")


class Folder(NamedTuple):
    """A folder of code.

    Attributes
    ----------
    path, source
        The folder, below the root of its export and as sources name it.
    members
        Its files, with their paths in it.
    owners
        The resources whose code it is: file of the template, and logical id.
    """

    path: str
    source: Source
    members: tuple[ExportFile, ...]
    owners: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the folder's name, which holds the CDK's fingerprint of what is in it, in base64."""
        name = self.path.rpartition("/")[2]
        return base64.b64encode(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()).decode("ascii")

    @property
    def size(self) -> int:
        """Size of its files in bytes."""
        return sum(member.size for member in self.members)


class Folders:
    """Takes down the files of assets, unread.

    Parameters
    ----------
    reading
        Takes the digests of files that are read, and a note of assets that are nobody's code.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._roots: dict[str, tuple[str, ...]] = {}
        self._files: dict[tuple[str, str], list[tuple[ExportFile, str, str]]] = {}

    def expect(self, label: str, files: Iterable[ExportFile]) -> None:
        """Note where in an export the CDK has written."""
        paths = {file.path for file in files}
        roots = (path.removesuffix(_OWN[0]) for path in paths if path.rpartition("/")[2] == _OWN[0])
        self._roots[label] = tuple(sorted(root for root in roots if f"{root}{_OWN[1]}" in paths))

    def take(self, label: str, file: ExportFile, name: str) -> bool:
        """Take a file if it stands in the folder of an asset, and return whether it does."""
        for root in self._roots.get(label, ()):
            match = _INNER.fullmatch(file.path.removeprefix(root)) if file.path.startswith(root) else None
            if match:
                inside = self._files.setdefault((label, root + match["folder"]), [])
                inside.append((file, name, match["member"]))
                return True
        return False

    def claimed(self, claims: Claims) -> Iterator[Folder]:
        """Yield the folders that are code of functions or layers; of the others one note is made."""
        others = [key for key in sorted(self._files) if key not in claims]
        if others:
            _, name, _ = self._files[others[0]][0]
            reason = "assets of the CDK, this one and others, are not read: they are no code of a function or a layer"
            self._reading.not_read(Source(name), reason)
        for label, path in sorted(self._files.keys() & claims.keys()):
            files = self._files[label, path]
            _, name, member = files[0]
            source = Source(name.removesuffix(f"/{member}"))
            members = tuple(self._member(*file) for file in files)
            yield Folder(path, source, members, claims[label, path])

    def _member(self, file: ExportFile, name: str, member: str) -> ExportFile:
        def read() -> bytes:
            data = file.read()
            self._reading.digest(name, hashlib.sha256(data).hexdigest())
            return data

        return ExportFile(member, file.size, read, file.open)
