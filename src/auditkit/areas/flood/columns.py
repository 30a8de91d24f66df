"""Columns of the tables, and what all figures rest on."""

__all__ = [
    "ACCOUNT_NAMES",
    "ASSUMPTIONS",
    "ENTRY_NAMES",
    "FUNCTION_NAMES",
    "PARTS",
    "WALLET_ACCOUNT_COLUMNS",
    "WALLET_COLUMNS",
    "WALLET_FUNCTION_COLUMNS",
]

WALLET_COLUMNS = {
    "label": "entry",
    "entry": "who",
    "low": "USD an hour, low",
    "high": "USD an hour, high",
    "compute_high": "of it running code",
    "requests_high": "requests and events",
    "data_out_high": "data sent out",
    "capped_by": "what stops it",
    "loops": "goes round",
    "missing": "not known",
    "uncounted": "not counted",
}
"""Columns of the table by entry that people read, with their headings."""

WALLET_FUNCTION_COLUMNS = {
    "label": "function",
    "at_once_low": "at once, low",
    "at_once_high": "at once, high",
    "memory_mb": "MB",
    "timeout_s": "timeout (s)",
    "low": "USD an hour, low",
    "high": "USD an hour, high",
    "standing": "provisioned",
    "capped_by": "what stops it",
    "entries": "entries that reach it",
    "missing": "not known",
}
"""Columns of the table by function that people read, with their headings."""

WALLET_ACCOUNT_COLUMNS = {
    "account": "account",
    "region": "region",
    "at_once": "executions at once",
    "functions": "functions that outsiders set off",
    "compute_low": "running code, low",
    "compute_high": "running code, high",
    "requests_low": "requests and events, low",
    "low": "all, low",
    "high": "all, high",
    "standing": "provisioned",
    "missing": "not known",
}
"""Columns of the table by account that people read, with their headings; US dollars an hour."""

ASSUMPTIONS = (
    "Every execution runs until its timeout, and for requests ends at once: how long code runs is not in an export.",
    "Sizes of events, items and answers are in no export: low, one unit; high, the largest that is allowed.",
    "List prices of the first tier; free tiers, discounts and taxes are left out.",
    "Answers from caches, web ACLs and filters stop nothing.",
)
PARTS = ("compute", "requests", "data_out")


_COSTS = ("low", "high", *(f"{part}_{side}" for part in PARTS for side in ("low", "high")))
_NOTES = ("missing", "sizes", "assumed", "uncounted")
ENTRY_NAMES = (
    *("node", "label", "kind", "account", "region", "entry", "rate_low", "rate_high", *_COSTS),
    *("limited", "functions", "capped_by", "loops", *_NOTES, "sources"),
)
FUNCTION_NAMES = (
    *("node", "label", "account", "region", "at_once_low", "at_once_high", "memory_mb", "timeout_s", "architecture"),
    *("low", "high", "standing", "capped_by", "entries", *_NOTES, "sources"),
)
ACCOUNT_NAMES = ("account", "region", "at_once", "functions", *_COSTS, "standing", *_NOTES)
