"""Dated facts: hops, runtimes, quotas, prices, accounts, claims of tokens, classification; each with its digest."""

from auditkit.facts._table import Table, get_table, get_tables
from auditkit.facts.accounts import KnownAccount, get_known_account
from auditkit.facts.classification import get_sensitivity_words
from auditkit.facts.fixes import FixRule, get_fix_rules
from auditkit.facts.hops import FACTORS, HopFact, get_hop, get_hops
from auditkit.facts.ownership import OwnershipPart, get_ownership_parts
from auditkit.facts.prices import Price, Prices, get_prices
from auditkit.facts.quotas import Quota, get_quota, get_quotas
from auditkit.facts.runtimes import Runtime, get_runtime, get_runtimes
from auditkit.facts.token_claims import TokenClaim, get_token_claims

__all__ = [
    "FACTORS",
    "FixRule",
    "HopFact",
    "KnownAccount",
    "OwnershipPart",
    "Price",
    "Prices",
    "Quota",
    "Runtime",
    "Table",
    "TokenClaim",
    "get_fix_rules",
    "get_hop",
    "get_hops",
    "get_known_account",
    "get_ownership_parts",
    "get_prices",
    "get_quota",
    "get_quotas",
    "get_runtime",
    "get_runtimes",
    "get_sensitivity_words",
    "get_table",
    "get_tables",
    "get_token_claims",
]
