"""Words that owners use for the sensitivity of data in tags."""

import re
from functools import cache

from auditkit.facts._table import rows_of

__all__ = ["get_sensitivity_words"]

_SEPARATORS = re.compile(r"[\s_:./-]+")


@cache
def get_sensitivity_words() -> tuple[frozenset[str], dict[str, str]]:
    """Return tag keys, and tag values with their sensitivity (table ``classification``).

    Returns
    -------
    tuple of frozenset and dict
        Both in one spelling: lower case, without spaces and punctuation between words.
    """
    rows = [
        (row["role"], _SEPARATORS.sub("", row["word"]).casefold(), row["sensitivity"])
        for row in rows_of("classification")
    ]
    keys = frozenset(word for role, word, _ in rows if role == "key")
    return keys, {word: sensitivity for role, word, sensitivity in rows if role == "value"}
