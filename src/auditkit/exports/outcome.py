"""What became of a call, by its response."""

import re
from collections.abc import Mapping
from typing import Any

from auditkit.exports.calls import ApiCall
from auditkit.inventory import CoverageState

__all__ = ["NOT_AVAILABLE", "outcome"]

NOT_AVAILABLE = "NotAvailableInRegion"
"""Error code that the collector writes where a region does not have the service at all."""

_DENIED = re.compile(
    r"(?i)denied|unauthori[sz]ed|notauthori[sz]ed|forbidden|authori[sz]ationerror|^40[13]$|expiredtoken|invalidclienttoken"
    r"|unrecognizedclient|optinrequired|invalidaccesskey|signaturedoesnotmatch"
)
_LONGEST_CODE = 80


def outcome(payload: Mapping[str, Any], call: ApiCall) -> tuple[CoverageState, str]:
    """Return the state of a call by its response, and the error's code where it failed."""
    error = payload.get("Error")
    if isinstance(error, dict) and "Code" in error and not payload.keys() & set(call.results):
        code = str(error["Code"])[:_LONGEST_CODE]
        if code in call.empty_errors or code == NOT_AVAILABLE:
            return CoverageState.EMPTY, code
        return (CoverageState.DENIED if _DENIED.search(code) else CoverageState.MISSING), code
    if any(payload.get(key) not in (None, "", [], {}) for key in call.results):
        return CoverageState.PRESENT, ""
    return CoverageState.EMPTY, ""
