"""What a load costs: units of each service by the price table."""

import math
from collections.abc import Callable

import msgspec

from auditkit.areas.flood import limits
from auditkit.areas.flood.bounds import Bound, Side, exactly, times
from auditkit.areas.flood.flow import Load
from auditkit.areas.scene import Scene
from auditkit.facts import Price, Prices, get_quota
from auditkit.graph.schema import EdgeKind
from auditkit.inventory import Kind, Record
from auditkit.inventory.records.apis import RestMethod
from auditkit.inventory.records.apis_v2 import ApiRoute, WebSocketApi
from auditkit.inventory.records.functions import Function
from auditkit.inventory.records.messaging import Queue, QueueAttributes
from auditkit.inventory.records.statemachines import StateMachine
from auditkit.inventory.records.streams import Stream
from auditkit.inventory.records.tables import Table

__all__ = ["Bill", "Cost", "Notes"]

_CHUNK = 64.0
_PAYLOAD_UNIT = 25.0
_READ_UNIT = 4.0
_HTTP_CHUNK = 512.0
_FRAME_CHUNK = 32.0
_KB = 1024.0
_ONE = exactly(1)
_NO_PRICE = {
    Kind.LOG_GROUP: "what logs take in",
    Kind.DELIVERY_STREAM: "what delivery streams take in",
    Kind.GRAPHQL_API: "requests to GraphQL APIs",
    Kind.AGENT: "what agents' models use up",
    Kind.IOT_RULE: "IoT messages and rules",
    Kind.USER_POOL: "users of user pools",
    Kind.TARGET_GROUP: "capacity units of load balancers",
    Kind.THIRD_PARTY: "what third parties charge",
    Kind.SEARCH_DOMAIN: "search domains",
    Kind.SECRET: "calls to Secrets Manager",
    Kind.KEY: "calls to KMS",
    Kind.KAFKA_CLUSTER: "Kafka clusters",
}
"""What is paid for by use, and has no price in the table."""


class Cost(msgspec.Struct, frozen=True):
    """US dollars an hour: for running code, for requests and events, for data sent out."""

    compute: float = 0.0
    requests: float = 0.0
    data_out: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.compute + self.requests + self.data_out

    def __add__(self, other: "Cost") -> "Cost":
        """Return the sum, part by part."""
        return Cost(self.compute + other.compute, self.requests + other.requests, self.data_out + other.data_out)


class Notes(msgspec.Struct):
    """What a figure hangs on: what is missing or in no export, what is assumed, and what it leaves out."""

    missing: set[str] = msgspec.field(default_factory=set)
    sizes: set[str] = msgspec.field(default_factory=set)
    assumed: set[str] = msgspec.field(default_factory=set)
    uncounted: set[str] = msgspec.field(default_factory=set)

    def of(self, bound: Bound) -> None:
        """Note what a limit hangs on."""
        self.missing.update(bound.missing)
        self.sizes.update(bound.sizes)
        self.assumed.update(bound.assumed)


class Bill:
    """Prices what nodes get.

    Parameters
    ----------
    scene
        Inventory and graph.
    prices
        Price table.
    """

    def __init__(self, scene: Scene, prices: Prices) -> None:
        self._scene = scene
        self._prices = prices

    def of(self, node: str, load: Load, side: Side, notes: Notes) -> Cost:
        """Return what a node's load costs an hour, at one end of all bounds."""
        record = self._scene.inventory.get(node)
        if isinstance(record, Function):
            return self.function(record, load, side, notes) + self._reads(record, load, side, notes)
        kind: Kind = self._scene.nodes[node].kind
        region = str(self._scene.nodes[node].region)
        if kind in _NO_PRICE:
            notes.uncounted.add(_NO_PRICE[kind])
        item, units = self._item(kind, record, node, notes)
        if not item:
            return Cost()
        notes.of(units)
        bought = times(load.events, units.at(side))
        return Cost(requests=times(self._at_most(bought, item, record, side, notes), self.usd(item, region, notes)))

    @staticmethod
    def _at_most(units: float, item: str, record: Record | None, side: Side, notes: Notes) -> float:
        """Return the units an hour that a service sells at most."""
        if item == "Step Functions transition":
            most = limits.transitions()
        elif item in {"DynamoDB write", "DynamoDB read"}:
            most = limits.table_units(record, item)
        else:
            return units
        if units > most.at(side):
            notes.of(most)
        return min(units, most.at(side))

    def function(self, function: Function, load: Load, side: Side, notes: Notes) -> Cost:
        """Return what a function costs an hour: GB-seconds of memory and storage, and requests."""
        region = function.region
        request = times(load.events, self.usd("lambda request", region, notes))
        if function.capacity_provider_config is not None:
            notes.uncounted.add("instances that functions run on")
            return Cost(requests=request)
        if function.snap_start is not None and function.snap_start.apply_on == "PublishedVersions":
            notes.uncounted.add("snapshots of SnapStart")
        memory, storage = limits.memory(function), limits.storage(function)
        notes.of(memory)
        second = times(memory.at(side), self.usd(f"lambda duration {limits.architecture(function)}", region, notes))
        second += times(storage.at(side), self.usd("lambda ephemeral storage", region, notes))
        return Cost(compute=times(load.at_once * limits.HOUR, second), requests=request)

    def provisioned(self, function: Function, notes: Notes) -> float:
        """Return what provisioned concurrency costs an hour, whether or not anything runs."""
        if not isinstance(function.provisioned_concurrency, tuple):
            notes.missing.add(f"lambda:ListProvisionedConcurrencyConfigs of {function.name}")
            return 0.0
        kept = sum(one.requested_provisioned_concurrent_executions or 0 for one in function.provisioned_concurrency)
        usd = self.usd(f"lambda provisioned {limits.architecture(function)}", function.region, notes) if kept else 0.0
        return times(kept * limits.memory(function).high * limits.HOUR, usd)

    def data_out(self, entry: str, load: Load, side: Side, notes: Notes) -> Cost:
        """Return what the answers of an entry cost that leave AWS, from nothing to the largest that are allowed."""
        kind: Kind = self._scene.nodes[entry].kind
        region = str(self._scene.nodes[entry].region)
        if kind is Kind.ROUTE and region == "global":
            notes.sizes.add("how large answers are")
            most = get_quota("distribution data").value / 8 * limits.HOUR
            return _only_high(side, times(most, self.usd("CloudFront data out", region, notes)))
        largest = self._largest_answer(entry, kind)
        if largest is None:
            notes.uncounted.add("data sent out")
            return Cost()
        if largest == 0:
            return Cost()
        notes.sizes.add("how large answers are")
        return _only_high(side, times(times(load.events, largest), self.usd("data out", region, notes)))

    def _largest_answer(self, entry: str, kind: Kind) -> float | None:
        """Return the largest answer in GB; ``None`` where nothing says it."""
        if isinstance(self._scene.inventory.get(entry), (RestMethod, ApiRoute)):
            return get_quota("API payload").value / _KB
        if kind is Kind.FUNCTION_URL:
            return get_quota("synchronous payload").value / _KB
        if kind is Kind.BUCKET:
            return math.inf
        return 0.0 if kind in {Kind.QUEUE, Kind.TOPIC, Kind.EVENT_BUS, Kind.FUNCTION, Kind.STREAM} else None

    # --------------------------------------------------------------- services

    def _item(self, kind: Kind, record: Record | None, node: str, notes: Notes) -> tuple[str, Bound]:
        """Return what one event at a node buys, and how many units of it; ``""`` for nothing."""
        by_kind: dict[Kind, Callable[[], tuple[str, Bound]]] = {
            Kind.ROUTE: lambda: self._route(record, node),
            Kind.QUEUE: lambda: self._queue(record, node),
            Kind.TOPIC: lambda: ("SNS publish", _sized("topic message", 1, _CHUNK)),
            Kind.EVENT_BUS: lambda: ("EventBridge event", _sized("bus event", _KB, _CHUNK)),
            Kind.PIPE: lambda: ("EventBridge pipe request", _sized("bus event", _KB, _CHUNK)),
            Kind.API_DESTINATION: lambda: ("EventBridge API destination", _sized("bus event", _KB, _CHUNK)),
            Kind.STATE_MACHINE: lambda: _machine(record, notes),
            Kind.TABLE: lambda: ("DynamoDB write", _table(record, node)),
            Kind.BUCKET: lambda: ("S3 write", _ONE),
            Kind.STREAM: lambda: _stream(record, notes),
        }
        return by_kind[kind]() if kind in by_kind else ("", _ONE)

    def _route(self, record: Record | None, node: str) -> tuple[str, Bound]:
        if isinstance(record, RestMethod):
            return "REST API request", _ONE
        if isinstance(record, ApiRoute):
            if isinstance(self._scene.inventory.get(record.api), WebSocketApi):
                return "WebSocket message", _sized("WebSocket frame", 1, _FRAME_CHUNK)
            return "HTTP API request", _sized("API payload", _KB, _HTTP_CHUNK)
        return ("CloudFront request", _ONE) if self._scene.nodes[node].region == "global" else ("", _ONE)

    def _queue(self, record: Record | None, node: str) -> tuple[str, Bound]:
        """Return the requests that one message makes: sent once, received and deleted as often as it comes back."""
        attributes = record.attributes if isinstance(record, Queue) else None
        fifo = isinstance(attributes, QueueAttributes) and attributes.fifo_queue is True
        size = get_quota("queue message").value * _KB
        if isinstance(attributes, QueueAttributes) and isinstance(attributes.maximum_message_size, int):
            size = attributes.maximum_message_size / _KB
        often = [
            limits.receives(self._scene, mapping)
            for mappings in self._scene.mappings.values()
            for mapping in mappings
            if mapping.event_source_arn == node and mapping.enabled
        ]
        low, high = (1 + 2 * sum(one.low for one in often), 1 + 2 * sum(one.high for one in often)) if often else (1, 3)
        missing = tuple(text for one in often for text in one.missing)
        most = high * math.ceil(size / _CHUNK)
        bound = Bound(low=low, high=most, missing=missing, sizes=("how large messages are",))
        return f"SQS {'FIFO' if fifo else 'standard'} request", bound

    def _reads(self, function: Function, load: Load, side: Side, notes: Notes) -> Cost:
        """Return what a function's reads cost: one of each store that it reads, for each invocation."""
        usd = 0.0
        for store in sorted({store for store, _ in self._scene.into(function.id, EdgeKind.READS, permitted=False)}):
            kind: Kind = self._scene.nodes[store].kind
            region = str(self._scene.nodes[store].region)
            if kind in _NO_PRICE:
                notes.uncounted.add(_NO_PRICE[kind])
            if kind is Kind.TABLE:
                table = self._scene.inventory.get(store)
                units = _read(table, store)
                notes.of(units)
                bought = self._at_most(times(load.events, units.at(side)), "DynamoDB read", table, side, notes)
                usd += times(bought, self.usd("DynamoDB read", region, notes))
            elif kind is Kind.BUCKET:
                usd += times(load.events, self.usd("S3 read", region, notes))
        return Cost(requests=usd)

    def usd(self, item: str, region: str, notes: Notes) -> float:
        """Return the price of a unit; where it is of another region or not known, that is noted."""
        price: Price | None = self._prices.of(item, region)
        if price is None:
            notes.uncounted.add(f"{item}: no price")
            return 0.0
        if region not in {price.region, "global", ""}:
            notes.assumed.add(f"prices of {price.region} where the table has none of {region}")
        return price.usd


def _only_high(side: Side, usd: float) -> Cost:
    return Cost(data_out=usd if side is Side.HIGH else 0.0)


def _sized(quota: str, kilobytes: float, chunk: float) -> Bound:
    """Return how many chunks an event is billed for: one, up to the largest event that the service takes."""
    most = math.ceil(get_quota(quota).value * kilobytes / chunk)
    return Bound(low=1, high=most, sizes=("how large events are",))


def _machine(record: Record | None, notes: Notes) -> tuple[str, Bound]:
    if isinstance(record, StateMachine) and record.type == "EXPRESS":
        notes.uncounted.add("duration of express executions")
        return "Step Functions express request", _ONE
    calls = record.calls if isinstance(record, StateMachine) else None
    fewest = max(len(calls), 1) if isinstance(calls, tuple) and not any("/" in one.state for one in calls) else 1
    most = get_quota("state machine history").value / 2  # a state is entered and left
    return "Step Functions transition", Bound(
        low=1, high=max(most, fewest), sizes=("how many states an execution goes through",)
    )


def _table(record: Record | None, node: str) -> Bound:
    """Return the write request units of one write: of the smallest item, up to the largest with all its indexes."""
    indexes = 0
    if isinstance(record, Table):
        indexes = len(record.global_secondary_indexes) + len(record.local_secondary_indexes)
    most = get_quota("item").value * (1 + 2 * indexes)
    return _on_demand(record, node, 1, most, "how large items are")


def _read(record: Record | None, node: str) -> Bound:
    """Return the read request units of one read: of a small item, eventually consistent, up to a full query."""
    return _on_demand(record, node, 0.5, get_quota("query").value * _KB / _READ_UNIT, "how much is read")


def _on_demand(record: Record | None, node: str, low: float, high: float, sizes: str) -> Bound:
    mode = record.billing_mode_summary if isinstance(record, Table) else None
    if mode is not None and mode.billing_mode == "PROVISIONED":
        return exactly(0)
    if mode is not None and mode.billing_mode == "PAY_PER_REQUEST":
        return Bound(low=low, high=high, sizes=(sizes,))
    name = node.rpartition("/")[2]
    return Bound(low=0, high=high, missing=(f"BillingModeSummary of {name}",), sizes=(sizes,))


def _stream(record: Record | None, notes: Notes) -> tuple[str, Bound]:
    mode = record.stream_mode_details if isinstance(record, Stream) else None
    if mode is None or mode.stream_mode != "PROVISIONED":
        notes.uncounted.add("what streams on demand take in")
        return "", _ONE
    most = math.ceil(get_quota("stream record").value * _KB / _PAYLOAD_UNIT)
    return "Kinesis payload unit", Bound(low=1, high=most, sizes=("how large records are",))
