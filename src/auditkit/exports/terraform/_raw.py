"""The resources of a Terraform document, whichever of its forms was handed over.

Three forms are read: ``terraform show -json`` of a state and of a plan, and a state file as a backend keeps it (version
4). Data sources count as resources: a policy document that is one has its statements there.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from auditkit.exports._answers import Node
from auditkit.inventory import Source

__all__ = ["Raw", "raw_resources"]

_FORMS = (("values", "root_module"), ("planned_values", "root_module"), ("prior_state", "values", "root_module"))
_MAX_MODULES = 20_000


class Raw(msgspec.Struct):
    """A resource as it stands in the document.

    Attributes
    ----------
    node
        Its values.
    source
        Where it stands.
    address
        With the modules it is in, and indexes: ``module.shop["eu"].aws_sqs_queue.orders[0]``.
    module
        Address of the module it is in, ``""`` for the root.
    sensitive
        What Terraform marks as sensitive, in the shape of the values.
    """

    node: Node
    source: Source
    address: str
    module: str
    type: str
    name: str
    index: str | int | None
    managed: bool
    sensitive: Node | None = None


def raw_resources(document: Node) -> Iterator[Raw]:
    """Yield the resources of a document, those that are planned before those that are there."""
    seen: set[str] = set()
    for form in _FORMS:
        for raw in _of_module(document.at(*form)):
            if raw.address in seen or (form[0] == "prior_state" and raw.managed):
                continue
            seen.add(raw.address)
            yield raw
    for change in document.each("resource_changes"):
        deferred = _deferred(change)
        if deferred is not None and deferred.address not in seen:
            seen.add(deferred.address)
            yield deferred
    yield from _of_state_file(document)


def _of_module(root: Node | None) -> Iterator[Raw]:
    waiting = [root] if root is not None else []
    for _ in range(_MAX_MODULES):
        if not waiting:
            return
        module = waiting.pop()
        waiting += module.each("child_modules")
        for item in module.each("resources"):
            found = _raw(item, item.at("values"), module.text("address"))
            if found is not None:
                yield found


def _deferred(change: Node) -> Raw | None:
    """Return a data source that is read only when the plan is applied."""
    if change.text("mode") != "data" or change.at("change", "after") is None:
        return None
    return _raw(change, change.at("change", "after"), change.text("module_address"))


def _of_state_file(document: Node) -> Iterator[Raw]:
    if document.at("version") is None or document.at("values") is not None:
        return
    for item in document.each("resources"):
        module = item.text("module")
        for instance in item.each("instances"):
            key = instance.at("index_key")
            index = key.value if key is not None and isinstance(key.value, str | int) else None
            own = f"{'data.' if item.text('mode') == 'data' else ''}{item.text('type')}.{item.text('name')}"
            address = (f"{module}." if module else "") + own + ("" if index is None else f"[{_shown(index)}]")
            attributes = instance.at("attributes")
            if attributes is not None and isinstance(attributes.value, dict):
                managed = item.text("mode") != "data"
                yield Raw(
                    node=attributes,
                    source=instance.source,
                    address=address,
                    module=module,
                    type=item.text("type"),
                    name=item.text("name"),
                    index=index,
                    managed=managed,
                    sensitive=_marks(instance),
                )


def _marks(instance: Node) -> Node | None:
    """Return what a state file marks as sensitive, in the shape of the values: it lists the ways there."""
    marks: dict[str | int, Any] = {}
    listed = instance.at("sensitive_attributes")
    for path in listed.value if listed is not None and isinstance(listed.value, list) else ():
        holder, steps = marks, [_mark(step) for step in path] if isinstance(path, list) else []
        for step in steps[:-1]:
            inner = holder.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            holder = inner
        else:
            if steps:
                holder[steps[-1]] = True
    return Node(marks, listed.source) if listed is not None and marks else None


def _mark(step: object) -> str | int:
    value = step.get("value") if isinstance(step, dict) else None
    value = value.get("value") if isinstance(value, dict) else value
    return value if isinstance(value, str | int) else ""


def _shown(index: str | int) -> str:
    return f'"{index}"' if isinstance(index, str) else str(index)


def _raw(item: Node, values: Node | None, module: str) -> Raw | None:
    if values is None or not isinstance(values.value, dict) or not item.text("type"):
        return None
    key = item.at("index")
    return Raw(
        node=values,
        source=item.source,
        address=item.text("address") or f"{item.text('type')}.{item.text('name')}",
        module=module,
        type=item.text("type"),
        name=item.text("name"),
        index=key.value if key is not None and isinstance(key.value, str | int) else None,
        managed=item.text("mode") != "data",
        sensitive=item.at("sensitive_values") or item.at("change", "after_sensitive"),
    )
