"""Values of another format, brought into the shape that the API's own response has.

Formats that describe AWS's resources mostly use AWS's words in another spelling: ``function_name``, ``functionName``.
What a response looks like is told by botocore's service models, so a value is fitted member by member, by names that
are the same but for case, separators and a plural. What the shape does not have is left out.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from auditkit.exports._answers import Node, Tree

__all__ = ["fitted", "shape_of", "squashed"]

_ALIKE = {"integer": int, "long": int}


@cache
def shape_of(service: str, shape: str) -> StructureShape:
    """Return a structure of a service's model, by its name (``"FunctionConfiguration"``).

    Raises
    ------
    LookupError
        The model has none of that name.
    """
    found = _model(service).shape_for(shape)
    if not isinstance(found, StructureShape):
        raise LookupError(f"{service}.{shape} is no structure")  # noqa: TRY004 -- a name, not a type, is wrong
    return found


@cache
def _model(service: str) -> ServiceModel:
    try:
        return ServiceModel(Loader().load_service_model(service, "service-2"))
    except BotoCoreError as error:
        raise LookupError(service) from error


def squashed(name: str) -> str:
    """Return a name without case and separators."""
    return name.replace("_", "").replace("-", "").lower()


@cache
def _members(shape: StructureShape) -> Mapping[str, tuple[str, Shape]]:
    """Return the members of a structure by squashed name; a list also by its singular."""
    found: dict[str, tuple[str, Shape]] = {}
    for name, member in shape.members.items():
        if isinstance(member, ListShape):
            for ending, singular in (("ies", "y"), ("s", ""), ("List", "")):
                if name.endswith(ending):
                    found.setdefault(squashed(name.removesuffix(ending) + singular), (name, member))
    for name, member in shape.members.items():
        found[squashed(name)] = (name, member)
    return found


def fitted(node: Node | None, shape: Shape, renames: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- a tree
    """Return a value as a tree of a shape, ``None`` where there is none.

    Parameters
    ----------
    node
        The value: an object, or a list of one (as Terraform writes a block), for a structure.
    shape
        Shape of the API's model.
    renames
        Names of the format -> member, for what is called otherwise; of the outermost structure.
    """
    if node is None or node.value is None:
        return None
    if isinstance(shape, StructureShape):
        return _structure(node, shape, renames or {})
    if isinstance(shape, ListShape):
        return _list(node, shape)
    if isinstance(shape, MapShape):
        inner = shape.value
        if isinstance(node.value, dict) and isinstance(inner, StructureShape | ListShape):
            return {str(key): fitted(node.at(key), inner) for key in node.value}
        return node
    return _scalar(node, shape)


def _structure(node: Node, shape: StructureShape, renames: Mapping[str, str]) -> Any:  # noqa: ANN401 -- a tree
    block = node.first()
    if block is None or not isinstance(block.value, dict):
        return None if node.value == [] else node  # what has another shape is left for the handler to complain of
    members = _members(shape)
    tree = Tree(block.source)
    for key in block.value:
        renamed = renames.get(key)
        if renamed == "":
            continue
        name, member = members.get(squashed(renamed or key), ("", None))
        if member is None:
            continue
        found = fitted(block.at(key), member)
        if found is not None and (name not in tree or squashed(name) == squashed(key)):
            tree[name] = found
    return tree


def _list(node: Node, shape: ListShape) -> Any:  # noqa: ANN401 -- a tree
    if isinstance(node.value, dict):
        wrapped = _unwrapped(node)
        return _list(wrapped, shape) if wrapped is not None else [fitted(node, shape.member)]
    if isinstance(node.value, str) and shape.member.type_name == "string":
        return [node]  # one text for a list of texts
    if not isinstance(node.value, list):
        return node
    items = [fitted(node.at(index), shape.member) for index in range(len(node.value))]
    return [item for item in items if item is not None]


def _unwrapped(node: Node) -> Node | None:
    """Return the list within ``{"Quantity": 1, "Items": [...]}``, which CloudFront writes, and others keep."""
    return node.at("Items") or node.at("items")


def _scalar(node: Node, shape: Shape) -> Node | None:
    value = node.value
    kind = shape.type_name
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and kind in _ALIKE:
        return Node(int(value), node.source)
    if kind == "string" and isinstance(value, bool):
        return Node(str(value).lower(), node.source)
    if kind == "string" and isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return Node(str(int(value) if whole else value), node.source)
    if kind in _ALIKE and value == "":
        return None
    return node
