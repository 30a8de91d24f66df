"""The estimate as tables: by entry, by function, by account."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec
import pandas as pd

from auditkit.areas.flood import limits
from auditkit.areas.flood.bill import Bill, Cost, Notes
from auditkit.areas.flood.bounds import Bound, Side
from auditkit.areas.flood.columns import ACCOUNT_NAMES, ASSUMPTIONS, ENTRY_NAMES, FUNCTION_NAMES, PARTS
from auditkit.areas.flood.flow import Flow, Load
from auditkit.areas.scene import Scene
from auditkit.errors import AuditkitError
from auditkit.facts import Price, Prices, get_prices, get_quota
from auditkit.graph.connect import connect
from auditkit.graph.schema import Graph
from auditkit.inventory import Inventory, Source
from auditkit.inventory.records.functions import Function

__all__ = ["Wallet", "wallet"]


class Wallet:
    """What floods can cost, worked out once for an account.

    Every limit is a pair of bounds, low and high, the same where the export tells it. All is reckoned twice, with every
    low and with every high end, so that the true upper bound lies between the two, whatever the unknown limits are.

    A flooded entry takes as many events an hour as the throttles of its stages let in, else those of the account
    (APIs) or of the distribution (CloudFront), else any number. Events go on along triggers, writes and calls that are
    configured, observed or referenced, and switched on. Of a function with reserved or account concurrency ``C``,
    timeout ``T`` (seconds), memory ``M`` and paid storage ``D`` (GB), which gets ``Nᵢ`` events an hour by way *i* that
    keeps ``Cᵢ`` executions busy at most (maximum concurrency of an event source mapping, shards of a stream)::

        executions at once  A = min(C, Σᵢ min(Cᵢ, Nᵢ·T / 3600))
        invocations         I = min(10·C·3600, Σᵢ min(Nᵢ, 10·Cᵢ·3600))
        USD an hour           = 3600·A·(M·p_GB-s + D·p_storage) + I·p_request

    ``Nᵢ`` counts retries: of asynchronous events (at most 3), of queues (as often as the visibility timeout and the
    redrive policy allow in an hour), of streams. Batches lower nothing, as one may hold a single event. Every other
    node costs its events times the units of one event (low: one, high: of the largest that the service takes) times the
    unit's price; answers of the entry are sent out at no size (low) or the largest (high). Where events come round in a
    loop, the high end runs every function of it at its concurrency; the low end goes round once.

    Parameters
    ----------
    scene
        Inventory and graph.
    prices
        Prices; the package's own by default (table ``prices``).
    handed_on
        Events that an invocation hands on along each of its edges: the code decides, an export does not tell.
    """

    def __init__(self, scene: Scene, *, prices: Prices | None = None, handed_on: float = 1.0) -> None:
        if not (math.isfinite(handed_on) and handed_on >= 0):
            raise AuditkitError(f"events handed on by an invocation are a number from 0, not {handed_on!r}")
        self._scene = scene
        self._prices = prices if prices is not None else get_prices()
        self._bill = Bill(scene, self._prices)
        self._flow = Flow(scene, handed_on=handed_on)
        self._handed_on = handed_on

    @cached_property
    def _entries(self) -> list[str]:
        """Entries in the accounts of the export that are in scope, sorted."""
        nodes = self._scene.graph.nodes
        own = {"account", "VPC"}
        found = [one for one in nodes if nodes[one]["entry"] is not None and nodes[one]["boundary"].kind in own]
        return sorted(one for one in found if not self._scene.scoping.why_out(one))

    # ------------------------------------------------------------------ entries

    @cached_property
    def entries(self) -> pd.DataFrame:
        """What flooding each entry costs, dearest at the low end first.

        ====================  ======  ==============================================================================
        node, label, kind     str     the entry
        account, region       str
        entry                 str     who gets in
        rate_low, rate_high   float   requests or events an hour that it takes
        low, high             float   US dollars an hour; infinite where nothing limits it
        compute_*, ...        float   of these: running code, requests and events, data sent out
        limited               bool    whether `high` is finite
        functions             object  tuple of str: ids of the functions that run
        capped_by             object  tuple of str: the limits that hold
        loops                 bool    whether events come round again
        missing, sizes        object  tuple of str: what the export lacks, and what no export tells
        assumed               object  tuple of str: what stands in for what is missing
        uncounted             object  tuple of str: what is paid for as well, and not counted
        sources               object  tuple of Source: where the limits were read
        ====================  ======  ==============================================================================
        """
        rows = [self._entry(node) for node in self._entries]
        rows.sort(key=lambda row: (-_number(row["low"]), -_number(row["high"]), str(row["node"])))
        return self._frame(rows, "No entry leads in from outside, as far as was seen.", [*ENTRY_NAMES])

    def _entry(self, node: str) -> dict[str, object]:
        notes, attributes = Notes(), self._scene.graph.nodes[node]
        loads = {side: self._flow.loads(node, side) for side in Side}
        costs = {side: self._cost(node, loads[side], side, notes) for side in Side}
        if (
            costs[Side.HIGH].total == 0 and notes.uncounted and loads[Side.HIGH][node].events > 0
        ):  # nothing of it is counted
            costs[Side.HIGH] = Cost(requests=math.inf)
        reached = sorted(loads[Side.HIGH])
        bounds = [bound for one in reached for bound in self._flow.bounds(one)]
        for bound in bounds:
            notes.of(bound)
        return {
            "node": node,
            "label": str(attributes["label"]),
            "kind": str(attributes["kind"]),
            "account": attributes["account"],
            "region": attributes["region"],
            "entry": str(attributes["entry"]),
            "rate_low": loads[Side.LOW][node].events,
            "rate_high": loads[Side.HIGH][node].events,
            **_costs(costs),
            "limited": math.isfinite(costs[Side.HIGH].total),
            "functions": tuple(one for one in reached if self._function(one) is not None),
            "capped_by": tuple(self._stops(node, loads[Side.HIGH])),
            "loops": self._flow.loops(reached),
            **_noted(notes),
            "sources": _sources(bounds),
        }

    def _cost(self, entry: str, loads: dict[str, Load], side: Side, notes: Notes) -> Cost:
        cost = self._bill.data_out(entry, loads[entry], side, notes)
        for node in sorted(loads):
            cost += self._bill.of(node, loads[node], side, notes)
        return cost

    def _stops(self, entry: str, loads: dict[str, Load]) -> Iterator[str]:
        """Yield the limits that hold when an entry is flooded: its own, then those of the functions that it fills."""
        if self._function(entry) is None:
            yield from (bound.says for bound in self._flow.bounds(entry) if bound.says)
        full: dict[str, list[str]] = {}
        for node in sorted(loads):
            function = self._function(node)
            if function is not None and loads[node].full:
                full.setdefault(limits.concurrency(self._scene, function).says, []).append(function.name)
        for says, names in full.items():
            yield says if names[0] in says else f"{says} ({names[0] if len(names) == 1 else f'{len(names)} functions'})"

    # ---------------------------------------------------------------- functions

    @cached_property
    def _inside(self) -> list[Function]:
        """Functions that are in scope, sorted."""
        return [one for one in self._scene.functions if not self._scene.scoping.why_out(one.id)]

    @cached_property
    def functions(self) -> pd.DataFrame:
        """What each function costs an hour that runs as often as it may, whatever sets it off, dearest first.

        Columns are ``node``, ``label``, ``account``, ``region``, ``at_once_low``, ``at_once_high`` (executions),
        ``memory_mb``, ``timeout_s``, ``architecture``, ``low``, ``high`` (US dollars an hour of running code and of
        requests), ``standing`` (provisioned concurrency, paid whether or not it runs), ``capped_by``, ``entries``
        (number of entries that reach it), ``missing``, ``sizes``, ``assumed``, ``uncounted``, ``sources``.
        """
        reaching: dict[str, int] = defaultdict(int)
        for functions in self.entries["functions"]:
            for function in functions:
                reaching[function] += 1
        rows = [self._full(function, reaching[function.id]) for function in self._inside]
        rows.sort(key=lambda row: (-_number(row["low"]), -_number(row["high"]), str(row["node"])))
        return self._frame(rows, "The export shows no function.", [*FUNCTION_NAMES])

    def _full(self, function: Function, entries: int) -> dict[str, object]:
        notes, most = Notes(), limits.concurrency(self._scene, function)
        notes.of(most)
        costs = {side: self._bill.function(function, self._at_cap(most, side), side, notes) for side in Side}
        return {
            "node": function.id,
            "label": function.name,
            "account": function.account,
            "region": function.region,
            "at_once_low": most.low,
            "at_once_high": most.high,
            "memory_mb": function.memory_size,
            "timeout_s": function.timeout,
            "architecture": limits.architecture(function),
            "low": costs[Side.LOW].total,
            "high": costs[Side.HIGH].total,
            "standing": self._bill.provisioned(function, notes),
            "capped_by": most.says,
            "entries": entries,
            **_noted(notes),
            "sources": _sources([most, limits.memory(function), limits.timeout(function)]),
        }

    @staticmethod
    def _at_cap(most: Bound, side: Side) -> Load:
        each = get_quota("executions per environment").value * limits.HOUR
        return Load(most.at(side) * each, most.at(side), full=True)

    # ----------------------------------------------------------------- accounts

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """What all entries together cost an hour, by account and region.

        Only accounts and regions that an entry or a function is in that is in scope. All functions of an account share
        its concurrency: what is reserved runs the functions that reserve it, the rest runs the dearest of the others
        that those entries set off, in scope or not: the account pays for all. Columns are ``account``, ``region``,
        ``at_once`` (executions, high end), ``functions`` (number of those that outsiders set off), ``low``, ``high``,
        ``compute_low`` ... as by entry, ``standing``, ``missing``, ``sizes``, ``assumed``, ``uncounted``.
        """
        places = {(function.account, function.region) for function in self._scene.functions}
        kept = {(function.account, function.region) for function in self._inside}
        kept |= {place for place in places - kept if any(self._is_here(str(one), *place) for one in self._entries)}
        rows = [self._account(account, region) for account, region in sorted(kept)]
        return self._frame(rows, "The export shows no function.", [*ACCOUNT_NAMES])

    def _account(self, account: str, region: str) -> dict[str, object]:
        notes, entries = Notes(), self.entries
        inside = [self._is_here(str(node), account, region) for node in entries["node"]]
        here = entries[pd.Series(inside, index=entries.index, dtype=bool)]
        exposed = {one for functions in entries["functions"] for one in functions}
        functions = [one for one in self._scene.functions if (one.account, one.region) == (account, region)]
        at_risk = [one for one in functions if one.id in exposed]
        pool = limits.account_concurrency(self._scene, account, region)
        notes.of(pool)
        costs = {
            side: Cost(
                self._pool(at_risk, pool, side, notes),
                float(here[f"requests_{side.name.lower()}"].sum()),
                float(here[f"data_out_{side.name.lower()}"].sum()),
            )
            for side in Side
        }
        for name, noted in _noted(notes).items():
            getattr(notes, name).update(noted, *(text for text in here[name]))
        reserved = sum(one.reserved_concurrency or 0 for one in functions if isinstance(one.reserved_concurrency, int))
        return {
            "account": account,
            "region": region,
            "at_once": pool.high + reserved,
            "functions": len(at_risk),
            **_costs(costs),
            "standing": sum(self._bill.provisioned(one, notes) for one in functions),
            **_noted(notes),
        }

    def _pool(self, functions: list[Function], pool: Bound, side: Side, notes: Notes) -> float:
        """Return what running code costs an hour when everything that outsiders set off runs as often as it may."""
        own, shared = 0.0, 0.0
        for function in functions:
            each = self._bill.function(function, Load(0, 1), side, notes).compute
            if isinstance(function.reserved_concurrency, int):
                own += function.reserved_concurrency * each
            else:
                shared = max(shared, each)
        return own + shared * pool.at(side)

    def _is_here(self, node: str, account: str, region: str) -> bool:
        """Return whether an entry belongs to an account and region; what is global, to the region of what it runs."""
        attributes = self._scene.graph.nodes[node]
        if attributes["account"] not in {account, ""}:
            return False
        if attributes["region"] == region:
            return True
        return attributes["region"] in {"", "global"} and self._home(node) == region

    def _home(self, node: str) -> str:
        regions = {str(self._scene.nodes[one].region) for one in self._flow.reached(node)} - {"", "global"}
        own = sorted({function.region for function in self._scene.functions})
        return min(regions & set(own), default=own[0] if own else "")

    @cached_property
    def prices(self) -> pd.DataFrame:
        """The prices: ``item``, ``region``, ``usd`` for a ``unit``, ``note``, ``as_of``, ``source``, ``confidence``.

        ``price`` is the same as text, with all its digits.
        """
        rows = [msgspec.structs.astuple(price) for price in self._prices]
        frame = pd.DataFrame(rows, columns=[*Price.__struct_fields__])
        return frame.assign(price=[f"{usd:.12f}".rstrip("0").rstrip(".") for usd in frame["usd"]])

    def _function(self, node: str) -> Function | None:
        record = self._scene.inventory.get(node)
        return record if isinstance(record, Function) else None

    def _frame(self, rows: list[dict[str, object]], reason: str, columns: list[str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=columns)
        handed = (
            f"An invocation hands on {self._handed_on:g} event{'' if self._handed_on == 1 else 's'} along each of its "
            "edges; its code may hand on more."
        )
        frame.attrs["reason"] = "" if rows else reason
        stands_in = sorted({text for row in rows for text in _texts(row["assumed"])})
        frame.attrs["assumptions"] = (*ASSUMPTIONS, handed, *(f"Assumed: {text}." for text in stands_in))
        return frame


def wallet(
    inventory: Inventory,
    graph: Graph | None = None,
    *,
    by: str = "entry",
    prices: Prices | None = None,
    handed_on: float = 1.0,
) -> pd.DataFrame:
    """Return what floods can cost an hour, as bounds of an upper bound in US dollars; :class:`Wallet` has the formula.

    Parameters
    ----------
    inventory
        Records of one or more accounts.
    graph
        Its graph; connected from the inventory by default.
    by
        ``"entry"``, ``"function"`` or ``"account"``.
    prices
        Prices; the package's own by default (table ``prices``, with source and date of each).
    handed_on
        Events that an invocation hands on along each of its edges: the code decides, an export does not tell.

    Returns
    -------
    pandas.DataFrame
        :attr:`Wallet.entries`, :attr:`Wallet.functions` or :attr:`Wallet.accounts`; ``attrs["assumptions"]`` says what
        all figures rest on.

    Raises
    ------
    AuditkitError
        `by` is none of these, or `handed_on` is no number from 0.
    """
    found = Wallet(
        Scene(inventory, graph if graph is not None else connect(inventory)), prices=prices, handed_on=handed_on
    )
    tables = {"entry": lambda: found.entries, "function": lambda: found.functions, "account": lambda: found.accounts}
    if by not in tables:
        raise AuditkitError(f"a wallet is reckoned by entry, function or account, not by {by!r}")
    return tables[by]()


def _costs(costs: dict[Side, Cost]) -> dict[str, float]:
    ends = {"low": costs[Side.LOW], "high": costs[Side.HIGH]}
    found = {end: cost.total for end, cost in ends.items()}
    return found | {f"{part}_{end}": getattr(cost, part) for part in PARTS for end, cost in ends.items()}


def _noted(notes: Notes) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(texts)) for name, texts in msgspec.structs.asdict(notes).items()}


def _sources(bounds: Iterable[Bound]) -> tuple[Source, ...]:
    return tuple(sorted({source for bound in bounds for source in bound.sources}))


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


def _number(value: object) -> float:
    assert isinstance(value, float)
    return value
