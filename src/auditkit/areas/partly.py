"""What of records could not be read: nothing passes on them."""

from auditkit.inventory import Inventory, NotRead

__all__ = ["partly_read"]


def partly_read(inventory: Inventory) -> dict[str, tuple[NotRead, ...]]:
    """Return what could not be read of each record, by its id; records that were read whole are not in it."""
    if not inventory.not_read:
        return {}
    by_file: dict[str, list[NotRead]] = {}
    for entry in inventory.not_read:
        by_file.setdefault(entry.source.file, []).append(entry)
    found: dict[str, dict[NotRead, None]] = {}
    for record in inventory:
        for source in record.sources:
            for entry in by_file.get(source.file, ()):
                if entry.source.pointer.startswith(f"{source.pointer}/"):
                    found.setdefault(record.id, {})[entry] = None
    return {name: tuple(entries) for name, entries in found.items()}
