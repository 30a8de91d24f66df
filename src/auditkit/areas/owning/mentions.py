"""Which records name what: ARNs in the settings of others, policies left out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from auditkit.inventory import EVIDENCE_KINDS, Inventory, PolicyText, Source
from auditkit.inventory.records.alarms import Dimension
from auditkit.inventory.records.trails import EventSelectors

__all__ = ["mentions_of"]

_NO_USE = (PolicyText, Source, EventSelectors, Dimension)
"""Settings that permit or watch what they name, and do not use it."""


def mentions_of(inventory: Inventory) -> Mapping[str, frozenset[str]]:
    """Return the ids of the records that name an ARN in their settings, by that ARN.

    What policies, trails and alarms name is left out, as it is permitted or watched and not set up, and so are logs,
    traces and other evidence. Of ARNs that end with ``:*``, as log groups', the ARN without it is named too.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for record in inventory:
        if record.kind in EVIDENCE_KINDS:
            continue
        for text in _texts(record):
            if text.startswith("arn:") and text != record.id:
                found[text].add(record.id)
                found[text.removesuffix(":*")].add(record.id)
    return {arn: frozenset(ids - {arn}) for arn, ids in found.items()}


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in a setting, in keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, _NO_USE):
        return
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _texts(getattr(value, field))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
