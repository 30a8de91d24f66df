"""Owning functions: what each costs its owner time and again, what could be deleted, and who would notice."""

from collections.abc import Iterable

import pandas as pd

from auditkit.areas.judging import judge
from auditkit.areas.model import Finding
from auditkit.areas.owning.deleting import DELETABLE_COLUMNS, Deletable, deletable, deletable_frame
from auditkit.areas.owning.index import OWNERSHIP_COLUMNS, ownership_frame
from auditkit.areas.owning.noticing import Noticed, noticed_by
from auditkit.areas.scene import Scene
from auditkit.case import Case, CaseFile, decisions_of
from auditkit.graph.connect import connect
from auditkit.graph.schema import Graph
from auditkit.inventory import Inventory

__all__ = [
    "DELETABLE_COLUMNS",
    "OWNERSHIP_COLUMNS",
    "Deletable",
    "Noticed",
    "could_be_deleted",
    "deletable",
    "deletable_frame",
    "noticed_by",
    "ownership_cost",
    "ownership_frame",
]


def ownership_cost(
    inventory: Inventory,
    *,
    graph: Graph | None = None,
    date: str = "",
    case: Case | CaseFile | None = None,
    findings: Iterable[Finding] | None = None,
) -> pd.DataFrame:
    """Return what each function costs its owner, an index from 0 to 100 (:func:`~auditkit.areas.ownership_frame`).

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    graph
        The inventory's graph; connected by default.
    date
        Audit date, ``YYYY-MM-DD``: without it what hangs on ages is not known.
    case
        Decisions of the audit, or their file.
    findings
        Of :func:`auditkit.areas.judge`; the check of known vulnerabilities is asked by default.
    """
    scene = _scene(inventory, graph, date, case)
    return ownership_frame(scene, judge(scene, checks=["deps.known-vuln"]) if findings is None else findings)


def could_be_deleted(
    inventory: Inventory,
    *,
    graph: Graph | None = None,
    date: str = "",
    case: Case | CaseFile | None = None,
    everything: bool = False,
) -> pd.DataFrame:
    """Return what could be deleted and who would notice (:func:`~auditkit.areas.deletable_frame`).

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    graph
        The inventory's graph; connected by default.
    date
        Audit date, ``YYYY-MM-DD``: without it nothing is called deletable for its age.
    case
        Decisions of the audit, or their file.
    everything
        Also what nothing speaks for deleting.
    """
    return deletable_frame(_scene(inventory, graph, date, case), everything=everything)


def _scene(inventory: Inventory, graph: Graph | None, date: str, case: Case | CaseFile | None) -> Scene:
    decided = decisions_of(case) if case is not None else None
    connected = graph if graph is not None else connect(inventory, case=decided)
    return Scene(inventory, connected, date=date, case=decided)
