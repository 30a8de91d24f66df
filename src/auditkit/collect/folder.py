"""The folder of an export while it is made: whole files or none, and what an earlier run left."""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from auditkit.collect.files import encoded
from auditkit.errors import CollectError

__all__ = ["Folder"]


class Folder:
    """Writes and reads the files of an export.

    A file is written beside the export and renamed into it, so that no half of one ever stands there.

    Parameters
    ----------
    root
        Folder of the export; made when the first file is written.
    keep
        True where files that stand in it already count as answers.
    """

    def __init__(self, root: Path, *, keep: bool = False) -> None:
        self.root = root
        self._keep = keep
        self._beside = root.with_name(f".{root.name}.partial")

    def kept(self, path: PurePosixPath) -> dict[str, Any] | None:
        """Return the response that an earlier run wrote, ``None`` where there is none that is whole."""
        return self.read(path) if self._keep else None

    def kept_bytes(self, path: PurePosixPath) -> bytes | None:
        """Return the content of a file that an earlier run wrote, ``None`` where there is none."""
        try:
            return (self.root / path).read_bytes() if self._keep else None
        except OSError:
            return None

    def read(self, path: PurePosixPath) -> dict[str, Any] | None:
        """Return the response in a file, ``None`` where there is none that is whole."""
        try:
            response = json.loads((self.root / path).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return response if isinstance(response, dict) else None

    def write_response(self, path: PurePosixPath, response: Mapping[str, Any]) -> None:
        """Write a response."""
        self.write(path, encoded(response))

    def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write a file.

        Raises
        ------
        CollectError
            The file cannot be written.
        """
        target = self.root / path
        half = self._beside / f"{os.getpid()}-{threading.get_ident()}"
        try:
            self._beside.mkdir(parents=True, exist_ok=True)
            half.write_bytes(content)
            target.parent.mkdir(parents=True, exist_ok=True)
            half.replace(target)
        except OSError as error:
            raise CollectError(f"{target}: cannot be written: {error.strerror}") from error

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every file of the export but the manifest, by its path."""
        found = (path for path in self.root.glob("*/**/*") if path.is_file())
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(found)
        }

    def close(self) -> None:
        """Remove what stands beside the export."""
        if self._beside.is_dir():
            for half in self._beside.iterdir():
                half.unlink()
            self._beside.rmdir()
