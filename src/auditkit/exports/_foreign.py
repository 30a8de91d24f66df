"""Folders of a repository that are no part of what it deploys: its history, and packages that it takes from others.

What lies in them may look like an export (packages bring templates of their own along as examples), and is none.
"""

from collections import Counter
from collections.abc import Callable

__all__ = ["ForeignFolders"]

_WHAT = {
    ".git": "the history of a repository",
    ".hg": "the history of a repository",
    ".svn": "the history of a repository",
    ".terraform": "modules and providers that Terraform fetched",
    ".venv": "packages of others",
    "bower_components": "packages of others",
    "node_modules": "packages of others",
    "site-packages": "packages of others",
    "venv": "packages of others",
}


class ForeignFolders:
    """Takes the files of such folders, and tells each folder once."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()

    def take(self, path: str) -> bool:
        """Take a file if it lies in such a folder, and return whether it does.

        Parameters
        ----------
        path
            Path of the file in its export.
        """
        parts = path.split("/")
        end = next((index for index, part in enumerate(parts[:-1], start=1) if part in _WHAT), 0)
        if end:
            self._files["/".join(parts[:end])] += 1
        return end > 0

    def tell(self, note: Callable[[str, str], None]) -> None:
        """Note each folder, with the number of its files."""
        for folder, count in sorted(self._files.items()):
            what = _WHAT[folder.rpartition("/")[2]]
            note(folder, f"{what}: {count:,} {'file' if count == 1 else 'files'}, of which none is read")
