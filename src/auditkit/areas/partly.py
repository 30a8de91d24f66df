"""What of records could not be read, or not understood: nothing passes on them."""

from collections.abc import Iterable

from auditkit.graph._documents import place
from auditkit.inventory import Inventory, NotRead, PolicyText, UnsetType
from auditkit.policy import PrincipalPolicies

__all__ = ["not_understood", "partly_read", "unread_places"]


def partly_read(inventory: Inventory) -> dict[str, tuple[NotRead, ...]]:
    """Return what could not be read of each record, by its id; records that were read whole are not in it.

    What a macro makes of one resource stands in one place: what could not be read there counts for all of it.
    """
    places = unread_places(inventory)
    found: dict[str, dict[NotRead, None]] = {}
    for record in inventory if places else ():
        for source in record.sources:
            for entry in places.get((source.file, source.pointer), ()):
                found.setdefault(record.id, {})[entry] = None
    return {name: tuple(entries) for name, entries in found.items()}


def unread_places(inventory: Inventory) -> dict[tuple[str, str], tuple[NotRead, ...]]:
    """Return what could not be read at a place or below it, by file and pointer."""
    found: dict[tuple[str, str], list[NotRead]] = {}
    for entry in inventory.not_read:
        pointer = entry.source.pointer
        found.setdefault((entry.source.file, pointer), []).append(entry)
        while pointer:
            pointer = pointer.rpartition("/")[0]
            found.setdefault((entry.source.file, pointer), []).append(entry)
    return {place: tuple(entries) for place, entries in found.items()}


def not_understood(principals: Iterable[PrincipalPolicies]) -> dict[str, tuple[NotRead, ...]]:
    """Return the statements of principals that allow something, nobody knows what, by the ARN of who has them."""
    found: dict[str, tuple[NotRead, ...]] = {}
    for one in principals:
        documents = () if isinstance(one.identity, UnsetType) else one.identity
        found[one.arn] = tuple(
            NotRead(place(document.source, statement.pointer), "a statement that allows could not be understood")
            for document in documents
            if document.problems and isinstance(document.source, PolicyText)
            for statement in document.statements
            if statement.unclear and statement.effect == "Allow"
        )
    return {arn: entries for arn, entries in found.items() if entries}
