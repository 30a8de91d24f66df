"""One rule per check, by the check's id."""

from auditkit.areas.answers import Rule
from auditkit.areas.rules import (
    entries,
    flows,
    limits,
    loops,
    patch,
    policies,
    privileges,
    rest,
    roles,
    stores,
    transport,
    wildcards,
)

__all__ = ["RULES"]

RULES: dict[str, Rule] = {
    **patch.RULES,
    **rest.RULES,
    **privileges.RULES,
    **stores.RULES,
    **flows.RULES,
    **transport.RULES,
    **limits.RULES,
    **loops.RULES,
    **entries.RULES,
    **policies.RULES,
    **roles.RULES,
    **wildcards.RULES,
}
"""Rule of each check."""
