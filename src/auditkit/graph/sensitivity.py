"""Sensitivity of a store: from the case, else from its tags; with the reason."""

import re

from auditkit.case import Case, matches
from auditkit.errors import GraphError
from auditkit.facts import get_sensitivity_words
from auditkit.graph.schema import Sensitivity
from auditkit.inventory.record import Tags, UnsetType

__all__ = ["sensitivity_of"]

_SEPARATORS = re.compile(r"[\s_:./-]+")


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()


def sensitivity_of(resource: str, name: str, tags: Tags | UnsetType, case: Case) -> tuple[Sensitivity, str]:
    """Return the sensitivity of a store and where it comes from.

    Parameters
    ----------
    resource, name
        ARN and name.
    tags
        Its tags; ``UNSET`` where they were not seen.
    case
        Its classification goes before the tags.

    Returns
    -------
    tuple of Sensitivity and str
        *unknown* where nothing says so. Tag keys and values are those of the table ``classification``; of several keys
        that disagree the most sensitive counts.

    Raises
    ------
    GraphError
        If the case names a sensitivity that there is not.
    """
    decided = _by_case(resource, name, case)
    if decided:
        return decided
    if isinstance(tags, UnsetType):
        return Sensitivity.UNKNOWN, "The case does not classify it, and its tags were not seen."
    keys, values = get_sensitivity_words()
    found = [
        (Sensitivity(values[_plain(value)]), key)
        for key, value in sorted(tags.items())
        if _plain(key) in keys and _plain(value) in values
    ]
    if not found:
        return Sensitivity.UNKNOWN, "Neither the case nor a tag classifies it."
    order = list(Sensitivity)
    level, key = max(found, key=lambda pair: order.index(pair[0]))
    return level, f"Tag {key} says {tags[key]}."


def _by_case(resource: str, name: str, case: Case) -> tuple[Sensitivity, str] | None:
    matching = [pattern for pattern in case.classification if matches(pattern, resource, name)]
    if not matching:
        return None
    pattern = max(matching, key=lambda text: (text in {resource, name}, len(text), text))
    word = case.classification[pattern]
    why = f": {case.reasons[pattern]}" if case.reasons.get(pattern) else "."
    try:
        return Sensitivity(word), f"The case classifies {pattern} so{why}"
    except ValueError:
        raise GraphError(f"the case classifies {pattern} as {word!r}; it must be one of the sensitivities") from None
