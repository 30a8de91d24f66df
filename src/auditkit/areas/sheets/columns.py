"""Columns of the sheets' tables."""

__all__ = ["LINE_COLUMNS", "MAY_COLUMNS", "SUMMARY_COLUMNS", "SUMMARY_NAMES", "WAY_COLUMNS"]

LINE_COLUMNS = {
    "part": "part",
    "what": "what",
    "answer": "answer",
    "detail": "detail",
    "missing": "not decided without",
    "source": "source",
}
"""Columns of the lines of a sheet that people read, with their headings."""

WAY_COLUMNS = {
    "kind": "way in",
    "label": "from",
    "who": "who",
    "authenticated": "authenticated",
    "authentication": "how",
    "validated": "checked",
    "validation": "how it is checked",
    "configured": "set up",
    "enabled": "on",
    "conditions": "only if",
    "source": "source",
}
"""Columns of the ways in that people read, with their headings."""

MAY_COLUMNS = {
    "label": "store",
    "kind": "kind",
    "sensitivity": "sensitivity",
    "access": "may",
    "given": "given",
    "used": "seen to use it",
    "source": "source",
}
"""Columns of what a role may do that people read, with their headings."""

SUMMARY_COLUMNS = {
    "label": "function",
    "ways": "ways in",
    "outside": "from outside",
    "open": "without authentication",
    "unsure": "not known whether with",
    "unchecked": "unchecked input",
    "admin": "role leads to an administrator",
    "direct": "invoked directly",
    "changed": "changed by others",
    "secrets": "secrets in variables",
    "findings": "findings",
    "worst": "worst",
    "unknown": "not known",
}
"""Columns of the table of all sheets that people read, with their headings."""

SUMMARY_NAMES = ("function", *SUMMARY_COLUMNS)
