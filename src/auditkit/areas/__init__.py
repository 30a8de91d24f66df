"""The nine areas of an audit: checks as data, a rule each, and findings with their evidence."""

from auditkit.areas.catalogue import get_check, get_checks
from auditkit.areas.deciding import DECISION_COLUMNS, decisions_frame
from auditkit.areas.disclosure import WHO_USES_COLUMNS, Disclosure
from auditkit.areas.first import FIRST_COLUMNS, top_fixes
from auditkit.areas.flood import (
    WALLET_ACCOUNT_COLUMNS,
    WALLET_COLUMNS,
    WALLET_FUNCTION_COLUMNS,
    Wallet,
    wallet,
)
from auditkit.areas.frame import FINDING_COLUMNS, chosen, finding_columns, findings_frame
from auditkit.areas.gaining import GAIN_COLUMNS, Gain, gains, with_gains
from auditkit.areas.gaps import ASK_COLUMNS, GAP_COLUMNS, gaps_frame, gaps_in_scope, is_answered, to_ask
from auditkit.areas.glance import GLANCE_COLUMNS, Standing, glance
from auditkit.areas.judging import judge
from auditkit.areas.model import AREAS, Area, Check, Finding, Group, Severity, Verdict
from auditkit.areas.owning import (
    DELETABLE_COLUMNS,
    OWNERSHIP_COLUMNS,
    could_be_deleted,
    deletable_frame,
    ownership_cost,
    ownership_frame,
)
from auditkit.areas.patching import PATCHING_COLUMNS, patching_frame
from auditkit.areas.sarif import to_sarif
from auditkit.areas.scene import Scene
from auditkit.areas.scoping import LEFT_OUT_COLUMNS, Scoping, left_out_frame
from auditkit.areas.sheets import (
    LINE_COLUMNS,
    MAY_COLUMNS,
    SUMMARY_COLUMNS,
    WAY_COLUMNS,
    Perimeter,
    Perimeters,
    perimeter,
)
from auditkit.areas.waiving import NO_MATCH, WAIVER_COLUMNS, waived, waivers_frame

__all__ = [
    "AREAS",
    "ASK_COLUMNS",
    "DECISION_COLUMNS",
    "DELETABLE_COLUMNS",
    "FINDING_COLUMNS",
    "FIRST_COLUMNS",
    "GAIN_COLUMNS",
    "GAP_COLUMNS",
    "GLANCE_COLUMNS",
    "LEFT_OUT_COLUMNS",
    "LINE_COLUMNS",
    "MAY_COLUMNS",
    "NO_MATCH",
    "OWNERSHIP_COLUMNS",
    "PATCHING_COLUMNS",
    "SUMMARY_COLUMNS",
    "WAIVER_COLUMNS",
    "WALLET_ACCOUNT_COLUMNS",
    "WALLET_COLUMNS",
    "WALLET_FUNCTION_COLUMNS",
    "WAY_COLUMNS",
    "WHO_USES_COLUMNS",
    "Area",
    "Check",
    "Disclosure",
    "Finding",
    "Gain",
    "Group",
    "Perimeter",
    "Perimeters",
    "Scene",
    "Scoping",
    "Severity",
    "Standing",
    "Verdict",
    "Wallet",
    "chosen",
    "could_be_deleted",
    "decisions_frame",
    "deletable_frame",
    "finding_columns",
    "findings_frame",
    "gains",
    "gaps_frame",
    "gaps_in_scope",
    "get_check",
    "get_checks",
    "glance",
    "is_answered",
    "judge",
    "left_out_frame",
    "ownership_cost",
    "ownership_frame",
    "patching_frame",
    "perimeter",
    "to_ask",
    "to_sarif",
    "top_fixes",
    "waived",
    "waivers_frame",
    "wallet",
    "with_gains",
]
