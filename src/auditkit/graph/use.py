"""When things were last used, and how often functions ran: metrics, logs, traces and last-accessed data together.

What is not listed was not seen to be used, which says nothing where nobody looked.
"""

import msgspec
import pandas as pd

from auditkit.graph.observing import Ends
from auditkit.inventory import Inventory, Source
from auditkit.inventory.evidence.last_access import LastAccess
from auditkit.inventory.evidence.metrics import FunctionMetric
from auditkit.inventory.evidence.observed import ObservedCall
from auditkit.inventory.moments import utc_second
from auditkit.inventory.records.identities import Role

__all__ = ["Use", "use_frame", "use_of"]


class Use(msgspec.Struct):
    """Use of one thing.

    Attributes
    ----------
    last_used
        When it was last seen in use, ``""`` where it was looked for and not seen.
    invocations
        Number of invocations by metrics, of a function; ``None`` where no metric was exported.
    calls
        Number of calls by it and to it in logs and traces.
    seen_by
        What tells of it, sorted: ``"CloudTrail"``, ``"CloudWatch"``, ``"IAM"``, ``"X-Ray"``.
    source
        Where the last use was read.
    """

    last_used: str = ""
    invocations: float | None = None
    calls: int = 0
    seen_by: tuple[str, ...] = ()
    source: Source = Source("")

    def see(self, when: str, by: str, source: Source) -> None:
        """Note that it was used, or with an empty `when` that nobody saw it."""
        self.seen_by = tuple(sorted({*self.seen_by, by}))
        if not self.source.file or when > self.last_used:
            self.source = source
        self.last_used = max(self.last_used, when)


def use_of(inventory: Inventory) -> dict[str, Use]:
    """Return the use of functions, principals and stores.

    Parameters
    ----------
    inventory
        With what side inputs say.

    Returns
    -------
    dict[str, Use]
        By id, sorted. Of what nobody looked for there is no entry.
    """
    found: dict[str, Use] = {}
    for metric in inventory.of(FunctionMetric):
        use = found.setdefault(metric.function, Use())
        use.see(metric.last_used, "CloudWatch", metric.source)
        if metric.metric == "Invocations":
            use.invocations = metric.total
    ends = Ends(inventory)
    for call in inventory.of(ObservedCall):
        target = "" if call.error else ends.target(call)
        for end in {ends.caller(call), target} - {""}:
            use = found.setdefault(end, Use())
            use.see(call.last, str(call.observer), call.source)
            use.calls += call.count
    for access in inventory.of(LastAccess):
        last = max((one.last_used or "" for one in access.services), default="")
        found.setdefault(access.principal, Use()).see(last, "IAM", access.source)
    for role in inventory.of(Role):
        if role.role_last_used is not None:
            when = utc_second(role.role_last_used.last_used_date)
            found.setdefault(role.id, Use()).see(when, "IAM", role.source.at("RoleLastUsed"))
    return dict(sorted(found.items()))


def use_frame(inventory: Inventory) -> pd.DataFrame:
    """Return :func:`use_of` as a table.

    Returns
    -------
    pandas.DataFrame
        One row per thing, sorted by id: ``id``, ``name``, ``last_used`` (ISO 8601, ``""`` for *not seen*),
        ``invocations`` (float, missing where no metric tells), ``calls`` (int), ``seen_by``, ``source``.
    """
    rows = []
    for thing, use in use_of(inventory).items():
        record = inventory.get(thing)
        name = record.name if record is not None else thing.rpartition(":")[2].rpartition("/")[2]
        told = (use.last_used, use.invocations, use.calls, ", ".join(use.seen_by), str(use.source))
        rows.append((thing, name, *told))
    columns = ["id", "name", "last_used", "invocations", "calls", "seen_by", "source"]
    return pd.DataFrame(rows, columns=columns).astype({"invocations": "float64", "calls": "int64"})
