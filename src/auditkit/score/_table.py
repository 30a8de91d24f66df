"""Tables with the same columns and types whether or not there is anything in them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["table", "table_of_columns"]


def table(
    rows: Sequence[Mapping[str, object]],
    columns: Mapping[str, str],
    *,
    reason: str = "",
    **attributes: object,
) -> pd.DataFrame:
    """Return rows as a table.

    Parameters
    ----------
    rows
        Each holds a value for every column.
    columns
        Names and types, in order: ``str``, ``int64``, ``float64``, ``bool`` or ``object``.
    reason
        Why there are no rows; kept only if there are none.
    **attributes
        Go into ``DataFrame.attrs``.
    """
    kept = {name: [row[name] for row in rows] for name in columns}
    return table_of_columns(kept, columns, reason=reason, **attributes)


def table_of_columns(
    kept: Mapping[str, list[Any]], columns: Mapping[str, str], *, reason: str = "", **attributes: object
) -> pd.DataFrame:
    """Return columns as a table: those that are kept, each with a value for every row; the rest as of :func:`table`."""
    frame = pd.DataFrame(
        {name: pd.Series(kept[name], dtype=dtype) for name, dtype in columns.items()}, columns=list(columns)
    )
    frame.attrs.update(reason=reason if frame.empty else "", **attributes)
    return frame
