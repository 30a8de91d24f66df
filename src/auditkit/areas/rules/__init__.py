"""One rule per check, by the check's id."""

from auditkit.areas.answers import Rule
from auditkit.areas.rules import (
    application,
    dependencies,
    entries,
    flows,
    limits,
    loops,
    patch,
    persistence,
    policies,
    privileges,
    rest,
    roles,
    scans,
    sprawl,
    stores,
    suppliers,
    transport,
    watching,
    wildcards,
)

__all__ = ["RULES"]

_MODULES = (
    patch,
    limits,
    loops,
    persistence,
    application,
    scans,
    dependencies,
    suppliers,
    rest,
    privileges,
    stores,
    flows,
    transport,
    entries,
    policies,
    roles,
    wildcards,
    sprawl,
    watching,
)

RULES: dict[str, Rule] = {name: rule for module in _MODULES for name, rule in module.RULES.items()}
"""Rule of each check."""
