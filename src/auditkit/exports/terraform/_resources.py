"""Resources of a Terraform document with all their values, and how they find one another."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from auditkit.exports._answers import Node, Place
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.detect import is_region
from auditkit.exports.terraform._names import naming_of, symbol
from auditkit.exports.terraform._raw import Raw
from auditkit.exports.terraform._secrets import REMOVED, marked
from auditkit.inventory import Source
from auditkit.inventory.arn import UNKNOWN_ACCOUNT, UNKNOWN_REGION, parse_arn, partition_of

__all__ = ["Estate", "Resource"]


class Resource:
    """A resource, every value of which is known as far as it can be.

    Parameters
    ----------
    raw
        The resource as it stands.
    estate
        All resources of the document.
    """

    def __init__(self, raw: Raw, estate: "Estate") -> None:
        self.raw = raw
        self.estate = estate
        self.type = raw.type
        self.address = raw.address
        self.source = raw.source
        self.symbol = symbol(raw.address)
        self._values: dict[str, Any] | None = None
        self._place: Place | None = None
        self._busy = False

    @property
    def node(self) -> Node:
        """All values."""
        if self._values is None:
            if self._busy:  # a resource that refers to itself by way of others
                return self.raw.node
            self._busy = True
            self.estate.complete(self)
            self._busy = False
        return Node(self.raw.node.value if self._values is None else self._values, self.raw.node.source)

    def settle(self, values: dict[str, Any]) -> None:
        """Take the values: all of them, or those that names are made of."""
        self._values = values

    def at(self, *steps: str | int) -> Node | None:
        """Return a value, or ``None`` where there is none."""
        return self.node.at(*steps)

    def first(self, *steps: str | int) -> Node | None:
        """Return the first block of a name."""
        return self.node.first(*steps)

    def text(self, *steps: str | int) -> str:
        """Return a value that is text, ``""`` where there is none; a number as text."""
        found = self.at(*steps)
        if found is None or isinstance(found.value, bool) or not isinstance(found.value, str | int | float):
            return ""
        return str(found.value)

    def flag(self, *steps: str | int) -> bool | None:
        """Return a truth value, ``None`` where there is none."""
        found = self.at(*steps)
        return found.value if found is not None and isinstance(found.value, bool) else None

    def either(self, *names: str) -> Node | None:
        """Return the first of some values that says something."""
        found = (self.at(name) for name in names)
        return next((node for node in found if node is not None and node.value not in ("", [], {})), None)

    def fit(self, service: str, shape: str, /, **renames: str) -> Any:  # noqa: ANN401 -- a tree
        """Return the values in the shape of an API's structure; see :func:`fitted`."""
        tree = fitted(self.node, shape_of(service, shape), renames)
        return tree if isinstance(tree, dict) else {}

    def unknown(self, name: str) -> bool:
        """Return whether a value will be known only when the plan is applied, and cannot be told before."""
        return self.estate.planned and name not in self.node.value

    @property
    def arn(self) -> str:
        """ARN, ``""`` for what has none."""
        return self.text("arn")

    @property
    def id(self) -> str:
        """Id by Terraform."""
        return self.text("id")

    @property
    def place(self) -> Place:
        """Account and region."""
        if self._place is None:
            self._place = self.estate.place_of(self)
        return self._place

    @property
    def tags(self) -> Node | None:
        """Tags, with those that the provider adds."""
        return self.either("tags_all", "tags")

    @property
    def foretellable(self) -> tuple[str, ...]:
        """Attributes that AWS or a generator fills and whose form is known; the first is the name, if it has one."""
        naming = naming_of(self.type)
        named = (naming.name,) if naming.name else ()
        return (*named, *(("arn",) if naming.arn else ()), "id", *naming.others)

    def foretold(self, attribute: str) -> str:
        """Return what an attribute that AWS fills will be, by the table of names; ``""`` where that does not tell."""
        naming, place = naming_of(self.type), self.place
        known = self.raw.node.value
        name = known.get(naming.name) if naming.name else self.symbol
        if not isinstance(name, str):
            prefix = known.get(f"{naming.name}_prefix")
            name = (prefix if isinstance(prefix, str) else "") + self.symbol
        if attribute == naming.name:
            return name
        forms = {"arn": f"arn:{{partition}}:{naming.arn}" if naming.arn else "", "id": naming.id, **naming.others}
        if not forms.get(attribute):
            return ""
        values = _Parts(self, forms, {"name": name, "account": place.account, "region": place.region})
        return forms[attribute].format_map(values)


def _last(text: str) -> str:
    return text.rpartition(":")[2]


def _bus(name: str) -> str:
    name = name.partition(":event-bus/")[2] if name.startswith("arn:") else name
    return "" if name in {"", "default"} else f"{name}/"


_PARTS: dict[str, Callable[[Resource, str], str]] = {
    "balancer": lambda resource, _: resource.text("load_balancer_arn").partition(":loadbalancer/")[2],
    "bare": lambda _, name: name.removeprefix("/"),
    "bus": lambda resource, _: _bus(resource.text("event_bus_name")),
    "function": lambda resource, _: _last(resource.text("function_name")),
    "group": lambda resource, _: resource.text("group_name") or "default",
    "issuer": lambda _, name: name.partition("://")[2] or name,
    "lb": lambda resource, _: {"network": "net", "gateway": "gwy"}.get(resource.text("load_balancer_type"), "app"),
    "listener": lambda resource, _: resource.text("listener_arn").partition(":listener/")[2],
    "partition": lambda resource, _: partition_of(resource.place.region),
    "path": lambda resource, _: resource.text("path") or "/",
    "stream": lambda resource, _: _last(resource.text("stream_arn")),
    "symbol": lambda resource, _: resource.symbol,
    "topic": lambda resource, _: _last(resource.text("topic_arn")),
}


class _Parts(dict[str, str]):
    """Parts of a name, put together when they are asked for."""

    def __init__(self, resource: Resource, forms: Mapping[str, str], known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._resource = resource
        self._forms = forms

    def __missing__(self, key: str) -> str:
        if key in _PARTS:
            return _PARTS[key](self._resource, self["name"])
        known = self._resource.raw.node.value.get(key)
        if isinstance(known, str) and known:
            return known
        return self._forms[key].format_map(self) if self._forms.get(key) else self._resource.symbol


class Estate:
    """All resources of a document.

    Parameters
    ----------
    document
        The document.
    raws
        Its resources.
    """

    planned = False
    """Whether resources are yet to be made, so that a value which is absent is not known."""

    def __init__(self, document: Node, raws: list[Raw]) -> None:
        self.document = document
        self.resources = [Resource(raw, self) for raw in raws]
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            self._by_type[resource.type if resource.raw.managed else f"data.{resource.type}"].append(resource)
        self._account, self._region = _usual_place(raws)
        self._keys: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, Resource]] = {}
        self._asked: set[str] = {"aws_secretsmanager_secret_version"}  # nothing but a secret

    def of(self, *types: str) -> list[Resource]:
        """Return the resources of some types, in order of the types; ``data.`` stands before those of data sources."""
        self._asked.update(types)
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    def left(self) -> list[list[Resource]]:
        """Return the resources of AWS, by type, that nobody has asked for."""
        return [
            resources
            for kind, resources in sorted(self._by_type.items())
            if kind.startswith("aws_") and kind not in self._asked
        ]

    def complete(self, resource: Resource) -> None:
        """Settle the values of a resource."""
        resource.settle(resource.raw.node.value)

    def environment(self, resource: Resource, variables: Node | None) -> Any:  # noqa: ANN401 -- a tree
        """Return environment variables; of one that holds a secret, no more than that it does."""
        if variables is None or not isinstance(variables.value, dict):
            return variables
        marks: object = resource.raw.sensitive.value if resource.raw.sensitive is not None else None
        for step in ("environment", 0, "variables"):
            marks = marked(marks, step)
        kept: dict[str, Any] = {}
        for key, value in variables.value.items():
            secret = isinstance(value, str) and (marked(marks, key) is True or REMOVED in value)
            kept[key] = {"length": len(value), "secret": True, "reason": "sensitive in Terraform"} if secret else value
        return kept

    def configured(self, resource: Resource, attribute: str) -> bool:  # noqa: ARG002 -- a plan looks at the configuration
        """Return whether a value that is not known was asked for."""
        return False

    def referred(self, resource: Resource, attribute: str) -> list[str]:  # noqa: ARG002 -- as above
        """Return the texts that an attribute which is not known is made of."""
        return []

    def groups(self, attribute: str, *types: str) -> dict[tuple[Place, str], list[Resource]]:
        """Return resources by place and by what an attribute of them names."""
        groups: dict[tuple[Place, str], list[Resource]] = {}
        for resource in self.of(*types):
            key = resource.text(attribute)
            if key:
                groups.setdefault((resource.place, key), []).append(resource)
        return groups

    def named(self, value: str, types: tuple[str, ...], attributes: tuple[str, ...]) -> Resource | None:
        """Return the resource of some types one of whose attributes has a value."""
        if (types, attributes) not in self._keys:
            keys: dict[str, Resource] = {}
            for resource in self.of(*types):
                for attribute in attributes:
                    keys.setdefault(resource.text(attribute), resource)
            self._keys[types, attributes] = keys
        return self._keys[types, attributes].get(value) if value else None

    def locate(self, source: Source) -> Source:
        """Return the place that the document has for one that a node names."""
        return source

    def place_of(self, resource: Resource) -> Place:
        """Return account and region of a resource, of its ARN where that says them."""
        values = resource.raw.node.value
        arn = parse_arn(values.get("arn"))
        account = arn.account if arn is not None and arn.account.isdigit() else self._account
        own = values.get("region")
        region = arn.region if arn is not None else ""
        if not region and isinstance(own, str) and is_region(own):
            region = own
        return Place(account, region or self.region_of(resource) or self._region)

    def region_of(self, resource: Resource) -> str:  # noqa: ARG002 -- a plan looks at the resource's provider
        """Return the region of a resource's provider, ``""`` where that is not known."""
        return ""


def _usual_place(raws: list[Raw]) -> tuple[str, str]:
    """Return the account and the region that most resources are in."""
    accounts: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for raw in raws:
        values = raw.node.value
        arn = parse_arn(values.get("arn"))
        if arn is not None and arn.account.isdigit() and raw.managed:
            accounts[arn.account] += 1
            regions[arn.region] += 1
        owner, name = values.get("account_id"), values.get("name") or values.get("region")
        if raw.type == "aws_caller_identity" and isinstance(owner, str) and owner.isdigit():
            accounts[owner] += len(raws)
        if raw.type == "aws_region" and isinstance(name, str) and is_region(name):
            regions[name] += len(raws)
    regions.pop("", None)
    return _first(accounts) or UNKNOWN_ACCOUNT, _first(regions) or UNKNOWN_REGION


def _first(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name), default="")
