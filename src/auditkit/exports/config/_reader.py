"""From what AWS Config recorded to an inventory."""

from collections.abc import Mapping

from auditkit.exports._answers import Answers, Node
from auditkit.exports._coverage import CoverageBook
from auditkit.exports._out import Out
from auditkit.exports._reading import Reading
from auditkit.exports.config._items import Item, items_of
from auditkit.exports.config._kinds import told
from auditkit.exports.config._services import GROUPS, SPECIAL
from auditkit.inventory import Source

__all__ = ["is_config", "read_config"]

_DETAIL = "Config shows what its recorder records, and no more"
_SHOWN = 80


def is_config(keys: Mapping[str, object]) -> bool:
    """Return whether a document with these keys is of AWS Config.

    Parameters
    ----------
    keys
        Its top-level keys; of lists the first item.
    """
    for name in ("configurationItems", "baseConfigurationItems"):
        if isinstance(keys.get(name), list):
            return True
    results = keys.get("Results")
    return isinstance(results, list) and "QueryInfo" in keys


def read_config(document: object, source: Source, reading: Reading, book: CoverageBook) -> None:
    """Read a snapshot, a history or the results of a query.

    Parameters
    ----------
    document
        Content of the file.
    source
        The file.
    reading, book
        Take what it says.
    """
    node = Node(document, source)
    if node.text("NextToken") or node.text("nextToken"):
        reading.not_read(source, "a next page is named and missing")
    items, out = items_of(node, reading), Out(Answers(reading, book, _DETAIL, foreign=True))
    left: dict[str, list[Item]] = {}
    for item in items:
        known = told(item, out)
        if item.type in SPECIAL:
            SPECIAL[item.type](item, out)
        elif not known and item.type not in GROUPS:
            left.setdefault(item.type, []).append(item)
    for kind, group in GROUPS.items():
        group([item for item in items if item.type == kind], out)
    for kind, others in sorted(left.items()):
        reading.not_read(others[0].source, f"items of type {kind[:_SHOWN]} are not read ({len(others)} here)")
