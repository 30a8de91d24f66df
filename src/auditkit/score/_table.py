"""Tables with the same columns and types whether or not there is anything in them."""

from collections.abc import Mapping, Sequence

import pandas as pd

__all__ = ["table"]


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
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=dtype) for name, dtype in columns.items()},
        columns=list(columns),
    )
    frame.attrs.update(reason="" if rows else reason, **attributes)
    return frame
