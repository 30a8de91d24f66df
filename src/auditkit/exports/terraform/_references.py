"""References of a plan's expressions: what they say, and which of what they may stand for is meant."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditkit.exports._answers import Node
from auditkit.exports._shapes import squashed
from auditkit.exports.terraform._resources import Resource
from auditkit.inventory import Source

__all__ = [
    "DOCUMENTS",
    "Key",
    "Reference",
    "below",
    "guess",
    "indexed",
    "mismatches",
    "modules_of",
    "output_for",
    "paired",
    "plural",
    "reference_of",
    "references_in",
    "steps_of",
    "suits",
]

_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(?:"((?:[^"\\]|\\.)*)"|(\d{1,9}))\]')
_MOST = 200
DOCUMENTS = frozenset(
    {
        "access_policies",
        "assume_role_policy",
        "body",
        "definition",
        "event_pattern",
        "filter_policy",
        "json",
        "override_json",
        "override_policy_documents",
        "policy",
        "policy_document",
        "redrive_allow_policy",
        "redrive_policy",
        "rule_json",
        "source_json",
        "source_policy_documents",
    }
)


class Key(str):
    """A step in brackets and quotes: an instance of a resource or module, or a key of a map."""

    __slots__ = ()


class Reference(NamedTuple):
    """A reference of an expression, in its parts: ``aws_sqs_queue.q[0].arn`` is type, name, key and rest."""

    kind: str
    name: str
    key: str | int | None
    rest: tuple[str | int, ...]


def modules_of(address: str) -> Iterator[tuple[str, bool, str]]:
    """Yield name, whether it has an index, and whole address of each module of an address."""
    end = 0
    for match in re.finditer(r'module\.([^.\["]+)(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?(?:\.|$)', address):
        if match.start() != end:
            return
        end = match.end()
        yield match[1], match[2] is not None, address[: match.end()].rstrip(".")


def references_in(expression: Node) -> list[str]:
    """Return the references of an expression without those that only lead up to others (``a.b`` before ``a.b.c``)."""
    found = expression.at("references")
    texts = [item for item in found.value if isinstance(item, str)] if found and isinstance(found.value, list) else []
    return [
        text
        for text in dict.fromkeys(texts[:_MOST])
        if not any(other != text and other.startswith((f"{text}.", f"{text}[")) for other in texts[:_MOST])
    ]


def steps_of(text: str) -> tuple[str | int, ...]:
    """Return the steps of a reference: ``a.b["c"][0].d``."""
    steps: list[str | int] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return ()
        end = match.end()
        steps.append(int(match[3]) if match[3] is not None else match[1] if match[1] is not None else Key(match[2]))
    return tuple(steps) if end == len(text) else ()


def reference_of(steps: tuple[str | int, ...]) -> Reference:
    data = steps[0] == "data"
    own = steps[1:] if data else steps
    kind, name = (str(own[0]) if own else ""), (str(own[1]) if len(own) > 1 else "")
    rest = own[2:]
    key = rest[0] if rest and isinstance(rest[0], int | Key) else None
    return Reference(f"data.{kind}" if data else kind, name, key, rest[1:] if key is not None else rest)


def below(values: list[Any], rest: tuple[str | int, ...]) -> list[Any]:
    """Return what stands below values; a value that is known by what it refers to alone counts for all below it."""
    found = []
    for value in values:
        inner: Any = value
        for step in rest:
            below = Node(inner, Source("")).at(step)
            if below is None:
                break
            inner = below.value
        found.append(inner)
    return found


def paired(keys: set[str], told: dict[str, str]) -> dict[str, str]:
    """Return the key of each reference, where there is one for each; nothing where that is not sure."""
    if len(keys) == len(told) == 1:
        return {next(iter(told)): next(iter(keys))}
    paired = {}
    for text in told:
        named = [key for key in keys if squashed(key) in squashed(text)]
        if named:
            paired[text] = max(named, key=len)
    return paired if len(paired) == len(told) == len(set(paired.values())) else {}


def plural(name: str) -> bool:
    return name in {"identifiers", "layers", "resources", "subnets", "values"} or name.endswith(
        ("_ids", "_arns", "_documents", "_groups", "groups")
    )


def suits(value: object, hint: str) -> bool:
    """Return whether a value is of the kind that an attribute's name asks for."""
    if not isinstance(value, str):
        return isinstance(value, list) and plural(hint)
    if hint in DOCUMENTS:
        return value.lstrip().startswith("{")
    if hint.endswith(("arn", "arns", "resources", "uri", "identifiers")) or hint in {"role", "policy_arn"}:
        return value.startswith("arn:") or hint == "role"
    return True


_ARNS = frozenset(
    {
        ("aws_codebuild_project", "service_role"),
        ("aws_lambda_function", "layers"),
        ("aws_lambda_function", "role"),
        ("aws_lambda_function_event_invoke_config", "destination"),
        ("aws_lb_target_group_attachment", "target_id"),
        ("aws_pipes_pipe", "source"),
        ("aws_pipes_pipe", "target"),
        ("aws_sns_topic_subscription", "endpoint"),
    }
)
"""Attributes of resources that hold ARNs and are not called so."""


def guess(hint: str, target: Resource, of: str) -> str:
    """Return the attribute that a reference without one, in a resource of a type, most likely means."""
    if hint.endswith("url"):
        return "url"
    if hint.endswith(("arn", "arns", "resources", "uri")) or (of, hint) in _ARNS:
        return "arn"
    return "id" if "id" in target.node.value else "name"


def indexed(address: str, index: str | int | None) -> str:
    """Return the address of an instance."""
    if index is None:
        return address
    return f"{address}[{index}]" if isinstance(index, int) else f'{address}["{index}"]'


def output_for(hint: str, outputs: Node | None) -> str:
    """Return the output that a reference to a module without one most likely means; ``""`` where none is likely."""
    names = [str(name) for name in outputs.value] if outputs is not None and isinstance(outputs.value, dict) else []
    wanted = "arn" if hint == "resources" else hint  # of a statement
    likely = sorted(name for name in names if name.endswith(wanted) or wanted.endswith(name))
    return likely[0] if len(likely) == 1 else ""


def mismatches(item: object, expression: Node) -> int:
    """Return how many constants of a block's expression are not those of a block."""
    if not isinstance(item, dict) or not isinstance(expression.value, dict):
        return 0
    count = 0
    for key, value in expression.value.items():
        if isinstance(value, dict) and "constant_value" in value:
            count += item.get(key) != value["constant_value"]
    return count
