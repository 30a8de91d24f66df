"""What a fix is, and how its texts are filled in."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from auditkit.facts import FixRule
from auditkit.graph.schema import Graph
from auditkit.inventory import Source
from auditkit.score.changes import Change, EdgeKey

__all__ = ["Fix", "FixKind", "fix_from_rule", "in_short", "quoted_in_hcl", "words_of"]

_PLACE = re.compile(r"\{([a-z]+)\}")
_DIGITS = 6
_OTHERS = "another statement"
"""What stands for the conditions of other statements."""


class FixKind(StrEnum):
    """What is changed."""

    STATEMENT = "statement"
    SETTING = "setting"
    AUTHORIZER = "authorizer"
    CONDITION = "condition"


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be done, and what becomes of the graph with it.

    Attributes
    ----------
    id
        Short name, the same whenever it is derived from the same graph.
    kind, title
        What is changed, and what it is in one line.
    node
        Id of the node that it is made at.
    effort
        Work that it takes, 1 to 8 (``facts/fixes.toml``).
    change
        What it does to the graph, at the most.
    certain
        What it does for certain, where that is less: what an edge does not tell is which other statements would stand
        in, under their conditions, and by which other ways an administrator can still be made.
    console
        Where it is done in the service's console.
    template
        The same as a part of a CloudFormation template (YAML).
    terraform
        The same for Terraform (HCL).
    caveat
        What to look at before, and who may notice.
    sources
        Where the weakness was read.
    reference
        AWS's documentation.
    """

    id: str
    kind: FixKind
    title: str
    node: str
    effort: int
    change: Change
    certain: Change | None = None
    console: str
    template: str
    terraform: str
    caveat: str = ""
    sources: tuple[Source, ...] = ()
    reference: str = ""


def words_of(graph: Graph, node: str) -> dict[str, str]:
    """Return what texts can say of a node."""
    label = str(graph.nodes[node]["label"] or node)
    service = node.split(":")[2] if node.count(":") > 4 and node.startswith("arn:") else ""  # noqa: PLR2004 -- an ARN
    return {
        "label": label,
        "name": label,
        "arn": node,
        "objects": f"{node}/*",
        "everything": f"{service}:*" if service else "*",
    }


def fix_from_rule(
    rule: FixRule,
    node: str,
    *,
    kind: FixKind,
    words: Mapping[str, str],
    sources: Sequence[Source],
    extra: str = "",
    kept: Collection[EdgeKey] | None = None,
    **change: Any,  # noqa: ANN401 -- fields of a change
) -> Fix:
    """Return a fix: the texts of a rule filled in, and what it changes.

    Parameters
    ----------
    rule, node, kind
        Of the fix.
    words
        What the places in the texts stand for. In templates each is in quotes, but for ``statements`` and ``blocks``,
        which are YAML and HCL already, and ``actions`` and ``principals``, which are strings of JSON.
    sources
        Where the weakness was read.
    extra
        What tells it apart from other fixes of the rule at the node.
    kept
        Of a statement: those of the removed edges that may be there without it as well; the others may be, as far as
        conditions of other statements let them. None where nothing can stand in for what is removed.
    **change
        What becomes of the graph: fields of :class:`~auditkit.score.changes.Change`.
    """
    digest = hashlib.sha256(f"{node}|{extra}".encode()).hexdigest()[:_DIGITS]
    title = _filled(rule.title, words)
    whole = Change(label=title, **change)
    gates = () if kept is None else tuple((edge, _OTHERS) for edge in whole.removes if edge not in kept)
    return Fix(
        id=f"{rule.id}-{digest}",
        kind=kind,
        title=title,
        node=node,
        effort=rule.effort,
        change=whole,
        certain=None if kept is None else msgspec.structs.replace(whole, removes=(), gates=(*whole.gates, *gates)),
        console=_filled(rule.console, words),
        template=_filled(rule.template.strip(), words, quote=json.dumps),
        terraform=_filled(rule.terraform.strip(), _in_hcl(words), quote=quoted_in_hcl),
        caveat=_filled(rule.caveat, words),
        sources=tuple(dict.fromkeys(sources)),
        reference=rule.source,
    )


_QUOTED = frozenset({"statements", "blocks", "actions", "principals"})


def quoted_in_hcl(value: str) -> str:
    """Return text as a string of HCL, in which nothing is evaluated."""
    return _hcl_of_json(json.dumps(value))


def _in_hcl(words: Mapping[str, str]) -> dict[str, str]:
    """Return words whose strings of JSON are strings of HCL."""
    return {name: _hcl_of_json(text) if name in {"actions", "principals"} else text for name, text in words.items()}


_ESCAPE = re.compile(r"\\(ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|ud[89a-f][0-9a-f]{2}|.)")
_TEMPLATE = re.compile(r"(\$+|%+)\{")


def _hcl_of_json(text: str) -> str:
    """Return strings of JSON as those of HCL, which knows fewer escapes and evaluates ``${}`` and ``%{}``."""
    return _TEMPLATE.sub(_literally, _ESCAPE.sub(_escaped, text))


def _literally(begins: re.Match[str]) -> str:
    marks = begins[1]
    return marks + marks + "{" if len(marks) == 1 else marks + r"\u007b"  # how "$$${" is read is not laid down


def _escaped(escape: re.Match[str]) -> str:
    what = escape[1]
    if what.startswith("ud"):
        return str(json.loads(f'"{escape[0]}"')) if what.count("u") > 1 else r"\ufffd"
    return {"b": r"\u0008", "f": r"\u000c"}.get(what, escape[0])


def _filled(text: str, words: Mapping[str, str], *, quote: Callable[[str], str] | None = None) -> str:
    def word(place: re.Match[str]) -> str:
        name = place[1]
        value = words.get(name)
        if value is None:
            return place[0]
        return quote(value) if quote is not None and name not in _QUOTED else value

    return _PLACE.sub(word, text)


def in_short(labels: Sequence[str], *, most: int = 5) -> str:
    """Return a list of names in words, cut off after some."""
    shown = ", ".join(labels[:most])
    return f"{shown} and {len(labels) - most} more" if len(labels) > most else shown
