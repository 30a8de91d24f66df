"""One rule per check, by the check's id; a module per area."""

from auditkit.areas.answers import Rule
from auditkit.areas.rules import patch

__all__ = ["RULES"]

RULES: dict[str, Rule] = {**patch.RULES}
"""Rule of each check."""
