"""Dated facts: kinds of hops, runtimes, quotas, weights. Each table carries its date, its source and its digest."""

from auditkit.facts._table import Table, get_table, get_tables
from auditkit.facts.classification import get_sensitivity_words
from auditkit.facts.hops import FACTORS, HopFact, get_hop, get_hops

__all__ = [
    "FACTORS",
    "HopFact",
    "Table",
    "get_hop",
    "get_hops",
    "get_sensitivity_words",
    "get_table",
    "get_tables",
]
