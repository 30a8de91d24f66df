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
    if not inventory.not_read:
        return {}
    by_file: dict[str, list[NotRead]] = {}
    for entry in inventory.not_read:
        by_file.setdefault(entry.source.file, []).append(entry)
    found: dict[str, dict[NotRead, None]] = {}
    for record in inventory:
        for source in record.sources:
            for entry in by_file.get(source.file, ()):
                if entry.source.pointer == source.pointer or entry.source.pointer.startswith(f"{source.pointer}/"):
                    found.setdefault(record.id, {})[entry] = None
    return {name: tuple(entries) for name, entries in found.items()}


def unread_places(inventory: Inventory) -> dict[tuple[str, str], tuple[NotRead, ...]]:
    """Return what could not be read at a place or below it, by file and pointer; a file as a whole is no place."""
    found: dict[tuple[str, str], list[NotRead]] = {}
    for entry in inventory.not_read:
        pointer = entry.source.pointer
        while pointer:
            found.setdefault((entry.source.file, pointer), []).append(entry)
            pointer = pointer.rpartition("/")[0]
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
