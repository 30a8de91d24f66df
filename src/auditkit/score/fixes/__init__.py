"""Fixes: what can be done, what each would gain, and in which order to do it."""

from auditkit.score.fixes.deriving import derive_fixes
from auditkit.score.fixes.model import Fix, FixKind
from auditkit.score.fixes.ranking import fixes, portfolio

__all__ = ["Fix", "FixKind", "derive_fixes", "fixes", "portfolio"]
