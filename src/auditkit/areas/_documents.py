"""Policy documents by where they stand."""

from collections.abc import Iterable

from auditkit.inventory import Source

__all__ = ["NO_DOCUMENTS", "Documents"]


class Documents:
    """Some documents; tells what stands in one of them.

    Parameters
    ----------
    sources
        Where they stand.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._known = {(source.file, source.pointer) for source in sources}

    def hold(self, sources: Iterable[Source]) -> bool:
        """Return whether any of some places lies in a document (:meth:`~auditkit.inventory.Source.lies_in`)."""
        return bool(self._known) and any(map(self._holds, sources))

    def _holds(self, source: Source) -> bool:
        file, pointer = source.file, source.pointer
        while (file, pointer) not in self._known:
            if not pointer:
                return False
            pointer = pointer.rpartition("/")[0]
        return True


NO_DOCUMENTS = Documents(())
