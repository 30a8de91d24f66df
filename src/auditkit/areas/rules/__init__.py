"""One rule per check, by the check's id."""

from auditkit.areas.answers import Rule
from auditkit.areas.rules import entries, patch, policies

__all__ = ["RULES"]

RULES: dict[str, Rule] = {**patch.RULES, **entries.RULES, **policies.RULES}
"""Rule of each check."""
