"""What is in scope by the case, and what is not, with why.

What is out of scope stays in the graph, because ways through it are real; it gets no findings. What is not known to be
out of scope is in scope.
"""

import re
from collections.abc import Iterator

import pandas as pd

from auditkit.case import Case, Selection, matches
from auditkit.inventory import EVIDENCE_KINDS, Inventory, Record, UnsetType
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.identities import Role
from auditkit.inventory.records.statemachines import StateMachine

__all__ = ["LEFT_OUT_COLUMNS", "Scoping", "left_out_frame"]

LEFT_OUT_COLUMNS = {"label": "resource", "kind": "kind", "account": "account", "region": "region", "why": "why"}
"""Columns of :func:`left_out_frame` that a person reads first, with their headings."""

_STACK = "aws:cloudformation:stack-name"
_PLACE = re.compile(r"(?P<account>[0-9]{12})(?::(?P<region>[a-z0-9-]+))?")
_EVERYWHERE = frozenset({"", "global"})
_MAY_LACK = frozenset({"tags", "stacks"})


class Scoping:
    """Which resources the scope of a case leaves out.

    Parameters
    ----------
    inventory
        What there is.
    case
        Its scope.
    """

    def __init__(self, inventory: Inventory, case: Case) -> None:
        self._inventory = inventory
        self._scope = case.scope
        self._narrows = bool(case.scope)
        self._known: dict[str, str] = {}
        self._runs_as: dict[str, list[Function | StateMachine]] | None = None

    def __bool__(self) -> bool:
        """Return whether the case narrows the scope at all."""
        return self._narrows

    def why_out(self, resource: str) -> str:
        """Return why a resource is out of scope, ``""`` where it is in scope, or not known to be out.

        Parameters
        ----------
        resource
            Id of a record; of an account, or of an account and a region, ``"111122223333:eu-west-1"``.
        """
        if not self._narrows:
            return ""
        if resource not in self._known:
            record = self._inventory.get(resource)
            self._known[resource] = self._of_record(record) if record is not None else self._of_place(resource)
        return self._known[resource]

    def count(self, field: str, pattern: str) -> int:
        """Return how many records a pattern of a selection names; ``field`` is one of those of a selection."""
        records = (record for record in self._inventory if record.kind not in EVIDENCE_KINDS)
        return sum(_fits(field, pattern, self._facts(record).get(field, ())) for record in records)

    def _of_place(self, resource: str) -> str:
        """Return why an account or a region of one is out; of what else the export only mentions, by its name."""
        found = _PLACE.fullmatch(resource)
        facts: dict[str, tuple[str, ...]] = {"resources": (resource,)}
        if found is not None:
            facts = {"accounts": (found["account"],), "regions": _known_region(found["region"] or "")}
        return _named(self._scope.outside, facts) or _not_named(self._scope.inside, facts, ("accounts", "regions"))

    def _of_record(self, record: Record) -> str:
        facts = self._facts(record)
        out = _named(self._scope.outside, facts)
        if out:
            return out
        out = _not_named(self._scope.inside, facts, Selection.__struct_fields__)
        return "" if out and self._is_used_inside(record) else out

    def _is_used_inside(self, record: Record) -> bool:
        """Return whether something in scope runs as a role: then it matters whatever its own tags are."""
        if not isinstance(record, Role):
            return False
        if self._runs_as is None:
            self._runs_as = {}
            for function in self._inventory.of(Function):
                self._runs_as.setdefault(function.role or "", []).append(function)
            for machine in self._inventory.of(StateMachine):
                self._runs_as.setdefault(machine.role_arn or "", []).append(machine)
        return any(not self.why_out(run.id) for run in self._runs_as.get(record.id, ()))

    def _facts(self, record: Record) -> dict[str, tuple[str, ...]]:
        """Return what is known of a record by the fields of a selection; what is not known is not in it."""
        whole = self._whole(record)
        facts = {"resources": tuple(dict.fromkeys((record.id, record.name, whole.id, whole.name)))}
        if record.account:
            facts["accounts"] = (record.account,)
        region = _known_region(record.region)
        if region:
            facts["regions"] = region
        tags = record.tags if not isinstance(record.tags, UnsetType) else whole.tags
        if not isinstance(tags, UnsetType):
            facts["tags"] = tuple(f"{key}={value}" for key, value in sorted(tags.items()))
            facts["stacks"] = (tags[_STACK],) if tags.get(_STACK) else ()
        return facts

    def _whole(self, record: Record) -> Record:
        """Return what a record is a part of: the API of a route, the function of a URL, an alias or a mapping."""
        for field in ("api", "function_arn"):
            named = getattr(record, field, None)
            if isinstance(named, str) and named:
                found = self._inventory.get(named) or self._inventory.get(":".join(named.split(":")[:7]))
                if found is not None:
                    return found
        return record


def _known_region(region: str) -> tuple[str, ...]:
    return () if region in _EVERYWHERE else (region,)


def _named(selection: Selection, facts: dict[str, tuple[str, ...]]) -> str:
    """Return which part of a selection names something, in words."""
    for field in selection.__struct_fields__:
        for pattern in getattr(selection, field):
            if _fits(field, pattern, facts.get(field, ())):
                return f"the case leaves {field} {pattern} out of scope"
    return ""


def _not_named(selection: Selection, facts: dict[str, tuple[str, ...]], fields: tuple[str, ...]) -> str:
    """Return which part of a selection does not name something although it is known, in words."""
    for field in fields:
        patterns = getattr(selection, field)
        known = field in facts and (facts[field] or field in _MAY_LACK)
        if patterns and known and not any(_fits(field, pattern, facts[field]) for pattern in patterns):
            return f"the case limits the scope to {field} {', '.join(patterns)}"
    return ""


def _fits(field: str, pattern: str, names: tuple[str, ...]) -> bool:
    if field == "tags" and "=" not in pattern:
        pattern = f"{pattern}=*"
    return matches(pattern, *names)


def left_out_frame(inventory: Inventory, case: Case | None) -> pd.DataFrame:
    """Return the resources that the scope of a case leaves out.

    Returns
    -------
    pandas.DataFrame
        One row per resource, sorted by kind and id: ``resource``, ``label``, ``kind``, ``account``, ``region``, ``why``
        (str).
    """
    rows = sorted(_left_out(inventory, Scoping(inventory, case or Case())))
    columns = ["kind", "resource", "label", "account", "region", "why"]
    frame = pd.DataFrame(rows, columns=columns, dtype=str)
    frame = frame[["resource", "label", "kind", "account", "region", "why"]]
    frame.attrs["reason"] = "" if rows else "Everything that the export holds is in scope."
    return frame


def _left_out(inventory: Inventory, scoping: Scoping) -> Iterator[tuple[str, ...]]:
    if not scoping:
        return
    for record in inventory:
        why = "" if record.kind in EVIDENCE_KINDS else scoping.why_out(record.id)
        if why:
            yield str(record.kind), record.id, record.name or record.id, record.account, record.region, why
