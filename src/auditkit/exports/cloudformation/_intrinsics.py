"""Intrinsic functions of CloudFormation, as far as they can be resolved.

Each takes the stack, its argument as the template has it, and where that stands. What cannot be resolved gives a symbol
(:mod:`._values`), never nothing. The functions are described in the *Intrinsic function reference* of the AWS
CloudFormation user guide.
"""

import base64
import ipaddress
import json
import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from auditkit.exports.cloudformation._identity import spelled
from auditkit.exports.cloudformation._values import NOTHING

if TYPE_CHECKING:
    from auditkit.exports.cloudformation._stacks import Stack

__all__ = ["FUNCTIONS", "holds"]

_VARIABLE = re.compile(r"\$\{(!?)([^{}]*)\}")
_MAX_TEXT = 1 << 18
_MAX_BLOCKS = 256
_PAIR = 2
_TRIPLE = 3

Function = Callable[["Stack", Any, str], Any]


def _texts(value: object) -> list[str]:
    return [spelled(item) for item in value] if isinstance(value, list) else []


def _ref(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    return stack.ref(spelled(stack.resolve(argument, pointer)), pointer)


def _get_att(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if isinstance(value, str):
        value = value.split(".", 1)
    name, *attribute = _texts(value) or [""]
    return stack.attribute(name, ".".join(attribute), pointer)


def _sub(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    text, own = argument, {}
    if isinstance(argument, list) and argument:
        text = argument[0]
        given = stack.resolve(argument[1], f"{pointer}/1") if len(argument) > 1 else {}
        own = given if isinstance(given, dict) else {}
    if isinstance(text, dict):  # not allowed, and met
        text = stack.resolve(text, pointer)
    text = spelled(text)

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return f"${{{match[2]}}}"
        name = match[2].strip()
        if name in own:
            return stack.text(own[name])
        resource, dot, attribute = name.partition(".")
        found = stack.attribute(resource, attribute, pointer) if dot else stack.ref(name, pointer)
        return stack.text(found)

    return stack.symbols.fit(_VARIABLE.sub(value, text)[:_MAX_TEXT])


def _join(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if not isinstance(value, list) or len(value) != _PAIR:
        return stack.odd("Fn::Join", pointer)
    parts = value[1] if isinstance(value[1], list) else [value[1]]
    return stack.symbols.fit(spelled(value[0]).join(stack.text(part) for part in parts)[:_MAX_TEXT])


def _select(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if not isinstance(value, list) or len(value) != _PAIR:
        return stack.odd("Fn::Select", pointer)
    index, items = spelled(value[0]), value[1]
    items = items if isinstance(items, list) else [items]
    if index.isdecimal() and len(index) < 6 and int(index) < len(items):  # noqa: PLR2004 -- no list is that long
        return items[int(index)]
    found = next(stack.symbols.within(items), None)
    return found if found is not None else stack.odd("Fn::Select", pointer)


def _split(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if not isinstance(value, list) or len(value) != _PAIR or not spelled(value[0]):
        return stack.odd("Fn::Split", pointer)
    return stack.text(value[1]).split(spelled(value[0]))


def _if(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    if not isinstance(argument, list) or len(argument) != _TRIPLE:
        return stack.odd("Fn::If", pointer)
    decided = stack.condition(spelled(argument[0]))
    if decided is not None:
        index = 1 if decided else 2
        stack.places.pick(pointer, index)
        return stack.resolve(argument[index], f"{pointer}/{index}")
    first, second = (stack.resolve(argument[index], f"{pointer}/{index}") for index in (1, 2))
    if first != second:
        stack.undecided(spelled(argument[0]), pointer)
    vague = next(stack.symbols.within(first), None) is not None
    better = second is not NOTHING and next(stack.symbols.within(second), None) is None
    taken = 2 if first is NOTHING or (vague and better) else 1
    stack.places.pick(pointer, taken)
    return (first, second)[taken - 1]


def _find_in_map(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if not isinstance(value, list) or len(value) < _TRIPLE:
        return stack.odd("Fn::FindInMap", pointer)
    name, first, second = (spelled(item) for item in value[:3])
    found = stack.mapping(name, first, second)
    found = _whichever(stack, name, first, second) if found is None else found
    if found is None and len(value) > _TRIPLE and isinstance(value[3], dict) and "DefaultValue" in value[3]:
        return value[3]["DefaultValue"]
    return stack.symbols.symbol(stack.name, name, first, second) if found is None else found


def _whichever(stack: "Stack", name: str, first: str, second: str) -> Any:  # noqa: ANN401
    """Return the value that a mapping has under every key of those that are not known, ``None`` for several."""
    of_first = stack.section("Mappings").get(name)
    rows = list(of_first) if isinstance(of_first, dict) and stack.symbols.unknown(first) else [first]
    of_second = of_first.get(rows[0]) if isinstance(of_first, dict) and rows else None
    columns = list(of_second) if isinstance(of_second, dict) and stack.symbols.unknown(second) else [second]
    values = [stack.mapping(name, row, column) for row in rows for column in columns]
    return values[0] if values and all(value == values[0] for value in values) else None


def _import_value(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    return stack.imported(stack.text(stack.resolve(argument, pointer)), pointer)


def _base64(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    text = stack.text(stack.resolve(argument, pointer))
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def _cidr(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    block, count, bits = (spelled(item) for item in [*(value if isinstance(value, list) else []), "", "", ""][:3])
    try:
        network = ipaddress.ip_network(block, strict=False)
        prefix = network.max_prefixlen - int(bits or "8")
        found = [str(part) for part in islice(network.subnets(new_prefix=prefix), min(int(count or "1"), _MAX_BLOCKS))]
    except ValueError:
        number = int(count) if count.isdecimal() and len(count) < 4 else 1  # noqa: PLR2004 -- at most 256
        return [stack.symbols.symbol(stack.name, "Cidr", str(index)) for index in range(min(number, _MAX_BLOCKS))]
    return found


def _get_azs(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    region = stack.text(stack.resolve(argument, pointer)) or stack.region
    return [f"{region}{letter}" for letter in "abc"]


def _length(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    return len(value) if isinstance(value, list) else stack.odd("Fn::Length", pointer)


def _to_json_string(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    return json.dumps(None if value is NOTHING else value, separators=(",", ":"))


def _transform(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    name = argument.get("Name") if isinstance(argument, dict) else argument
    stack.note(pointer, f"what the macro {spelled(name)[:80]!a} would give is not known")
    return NOTHING


def _condition_value(stack: "Stack", argument: Any, pointer: str) -> Any:  # noqa: ANN401
    """Return the value of a condition function where a value should be: not allowed, and met."""
    decided = stack.decide(argument, pointer)
    return stack.odd("a condition", pointer) if decided is None else decided


FUNCTIONS: dict[str, Function] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": _transform,
}
"""Function of each name."""


# ---------------------------------------------------------------- conditions


def holds(stack: "Stack", expression: Any, pointer: str) -> bool | None:  # noqa: ANN401
    """Return whether a condition holds, ``None`` where that hangs on what is not known."""
    if isinstance(expression, bool):
        return expression
    if isinstance(expression, str):
        return {"true": True, "false": False}.get(expression.lower())
    if not isinstance(expression, dict) or len(expression) != 1:
        return None
    ((name, argument),) = expression.items()
    place = f"{pointer}/{name}"
    match name:
        case "Condition":
            return stack.condition(spelled(argument))
        case "Fn::Equals":
            return _equals(stack, argument, place)
        case "Fn::Not" | "Fn::And" | "Fn::Or":
            items = argument if isinstance(argument, list) else [argument]
            found = [holds(stack, item, f"{place}/{index}") for index, item in enumerate(items)]
            return _together(name, found)
        case _ if name in FUNCTIONS:
            value = stack.resolve(expression, pointer)
            return holds(stack, value, pointer) if isinstance(value, bool | str) else None
        case _:
            return None


def _together(name: str, found: list[bool | None]) -> bool | None:
    if name == "Fn::Not":
        return None if len(found) != 1 or found[0] is None else not found[0]
    decisive = name == "Fn::Or"
    if decisive in found:
        return decisive
    return None if None in found or not found else not decisive


def _equals(stack: "Stack", argument: Any, pointer: str) -> bool | None:  # noqa: ANN401
    value = stack.resolve(argument, pointer)
    if not isinstance(value, list) or len(value) != _PAIR:
        return None
    first, second = ("" if item is None else spelled(item) or json.dumps(item) if item != "" else "" for item in value)
    if first == second:
        return True
    return None if stack.symbols.unknown(first) or stack.symbols.unknown(second) else False
