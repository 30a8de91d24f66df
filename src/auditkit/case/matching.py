"""How a pattern of the case is held against names."""

import re
from fnmatch import translate
from functools import lru_cache

__all__ = ["matches"]


@lru_cache(maxsize=1 << 15)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def matches(pattern: str, *names: str) -> bool:
    """Return whether one of some names is matched.

    Parameters
    ----------
    pattern
        A name as it stands, or with ``*`` (any text) and ``?`` (one character). Case counts; brackets mean themselves.
    *names
        ARN, label: whatever the thing is called. ``""`` is matched by nothing.
    """
    if "*" not in pattern and "?" not in pattern:
        return bool(pattern) and pattern in names
    return any(name and _compiled(pattern).match(name) is not None for name in names)
