"""Threat modelling and audit of AWS serverless accounts.

Where does data travel, who can touch it on the way, and if this function is taken over, what else falls? auditkit reads
what a client handed over (:func:`read`), connects it to a graph (:func:`connect`), and scores it::

    import auditkit as ak

    inventory = ak.read("client-export/")
    graph = ak.connect(inventory)
    ak.transit(graph)         # riskiest data-in-transit paths
    ak.blast_radius(graph)    # what falls with each function
    ak.plot_dataflow(graph)   # the picture

:class:`Audit` holds all of it together, each part computed once. Names are imported when first used, so that the policy
engine alone does not wait for matplotlib.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditkit import samples
    from auditkit._output import progress
    from auditkit.advisories import read_advisories
    from auditkit.areas import could_be_deleted, ownership_cost, perimeter, wallet
    from auditkit.audit import Audit
    from auditkit.case import CaseFile, open_case
    from auditkit.cases import new_case
    from auditkit.draw import (
        plot_blast_radius,
        plot_dataflow,
        plot_glance,
        plot_matrix,
        plot_overview,
        plot_path,
        plot_wallet,
        plot_witness,
    )
    from auditkit.errors import AuditkitError, CaseError, DrawError, ExportError, GraphError, PolicyError, ScoreError
    from auditkit.exports import read
    from auditkit.graph import connect, data_view, escalation_steps, escalations, expand, trust_view
    from auditkit.inventory import Inventory, Kind
    from auditkit.questions import can, cross_account, public, unused, what_can, who_can
    from auditkit.report import report_from_audit, write_report
    from auditkit.scanning import scan_code
    from auditkit.score import (
        Compact,
        blast_radius,
        blast_radius_detail,
        choke_points,
        derive_fixes,
        exposure,
        fixes,
        hops,
        matrix,
        portfolio,
        stability,
        transit,
        ways_in,
        whatif,
    )
    from auditkit.tables import show
    from auditkit.trying import try_policy
    from auditkit.widgets import explore_blast, explore_fixes, explore_transit

__version__ = version("auditkit")

__all__ = [
    "Audit",
    "AuditkitError",
    "CaseError",
    "CaseFile",
    "Compact",
    "DrawError",
    "ExportError",
    "GraphError",
    "Inventory",
    "Kind",
    "PolicyError",
    "ScoreError",
    "blast_radius",
    "blast_radius_detail",
    "can",
    "choke_points",
    "connect",
    "could_be_deleted",
    "cross_account",
    "data_view",
    "derive_fixes",
    "escalation_steps",
    "escalations",
    "expand",
    "explore_blast",
    "explore_fixes",
    "explore_transit",
    "exposure",
    "fixes",
    "hops",
    "matrix",
    "new_case",
    "open_case",
    "ownership_cost",
    "perimeter",
    "plot_blast_radius",
    "plot_dataflow",
    "plot_glance",
    "plot_matrix",
    "plot_overview",
    "plot_path",
    "plot_wallet",
    "plot_witness",
    "portfolio",
    "progress",
    "public",
    "read",
    "read_advisories",
    "report_from_audit",
    "samples",
    "scan_code",
    "show",
    "stability",
    "transit",
    "trust_view",
    "try_policy",
    "unused",
    "wallet",
    "ways_in",
    "what_can",
    "whatif",
    "who_can",
    "write_report",
]

_HOMES = {
    "_output": ("progress",),
    "advisories": ("read_advisories",),
    "areas": ("could_be_deleted", "ownership_cost", "perimeter", "wallet"),
    "audit": ("Audit",),
    "case": ("CaseFile", "open_case"),
    "cases": ("new_case",),
    "draw": (
        "plot_blast_radius",
        "plot_dataflow",
        "plot_glance",
        "plot_matrix",
        "plot_overview",
        "plot_path",
        "plot_wallet",
        "plot_witness",
    ),
    "errors": ("AuditkitError", "CaseError", "DrawError", "ExportError", "GraphError", "PolicyError", "ScoreError"),
    "exports": ("read",),
    "graph": ("connect", "data_view", "escalation_steps", "escalations", "expand", "trust_view"),
    "inventory": ("Inventory", "Kind"),
    "questions": ("can", "cross_account", "public", "unused", "what_can", "who_can"),
    "report": ("report_from_audit", "write_report"),
    "scanning": ("scan_code",),
    "score": (
        *("Compact", "blast_radius", "blast_radius_detail", "choke_points", "derive_fixes", "exposure", "fixes"),
        *("hops", "matrix", "portfolio", "stability", "transit", "ways_in", "whatif"),
    ),
    "tables": ("show",),
    "trying": ("try_policy",),
    "widgets": ("explore_blast", "explore_fixes", "explore_transit"),
}
_HOME_OF = {name: f"auditkit.{home}" for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any of the names above
    if name == "samples":
        return import_module("auditkit.samples")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'auditkit' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
