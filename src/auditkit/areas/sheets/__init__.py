"""Perimeter sheets: every way into a function, and what stands behind it."""

from auditkit.areas.sheets.answers import Line
from auditkit.areas.sheets.columns import LINE_COLUMNS, MAY_COLUMNS, SUMMARY_COLUMNS, WAY_COLUMNS
from auditkit.areas.sheets.sheet import Perimeter, Perimeters, perimeter
from auditkit.areas.sheets.ways import Way

__all__ = [
    "LINE_COLUMNS",
    "MAY_COLUMNS",
    "SUMMARY_COLUMNS",
    "WAY_COLUMNS",
    "Line",
    "Perimeter",
    "Perimeters",
    "Way",
    "perimeter",
]
