"""The normalised content of one or more exports."""

from auditkit.inventory.coverage import Call, Coverage, CoverageState
from auditkit.inventory.inventory import Contradiction, Inventory, NotRead
from auditkit.inventory.kinds import EVIDENCE_KINDS, PRINCIPAL_KINDS, STORE_KINDS, Kind
from auditkit.inventory.record import UNSET, PolicyText, Record, Source, UnsetType
from auditkit.inventory.side import SideInput, SideInputs

__all__ = [
    "EVIDENCE_KINDS",
    "PRINCIPAL_KINDS",
    "STORE_KINDS",
    "UNSET",
    "Call",
    "Contradiction",
    "Coverage",
    "CoverageState",
    "Inventory",
    "Kind",
    "NotRead",
    "PolicyText",
    "Record",
    "SideInput",
    "SideInputs",
    "Source",
    "UnsetType",
]
