"""What the evaluator answers, and how it explains itself."""

from enum import StrEnum
from html import escape
from typing import Any

import msgspec

from auditkit.policy.documents import Effect, PolicyKind

__all__ = ["Block", "Decision", "Outcome", "StatementRef"]


class Outcome(StrEnum):
    """The answer to a request."""

    ALLOW = "ALLOW"
    IMPLICIT_DENY = "IMPLICIT_DENY"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    CONDITIONAL = "CONDITIONAL"
    """It hangs on condition keys that are not known."""
    UNKNOWN = "UNKNOWN"
    """It hangs on a layer that was not available, or on a policy that could not be understood."""


def _plain(text: str) -> str:
    """Return a text that cannot drive a terminal: what is not printable is written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class StatementRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which statement of which policy.

    Attributes
    ----------
    policy
        Kind of the policy.
    level
        Of an organization's policies: level from the root, from 0; None otherwise.
    index, statement
        Position of the document in its layer (in its level), and of the statement in the document, from 0.
    sid, effect
        Of the statement.
    name, source
        Of the document, as given to :func:`auditkit.policy.parse`.
    pointer
        JSON pointer of the statement in its document.
    of_key
        Whether it decided about the key that the data is encrypted with, not about the data.
    """

    policy: PolicyKind
    level: int | None = None
    index: int = 0
    statement: int = 0
    sid: str | None = None
    effect: Effect = ""
    name: str = ""
    source: Any = None
    pointer: str = ""
    of_key: bool = False

    def __str__(self) -> str:
        """Return one line that a person can find the statement by."""
        where = f" level {self.level}" if self.level is not None else ""
        sid = f" ({self.sid})" if self.sid else ""
        named = f" {self.name}" if self.name else f" policy {self.index}"
        source = f" in {self.source}" if self.source is not None else ""
        return _plain(f"{self.effect or '?'} statement {self.statement}{sid} of {self.policy}{where}{named}{source}")


class Block(msgspec.Struct, frozen=True, order=True):
    """A layer that stood in the way; for an organization's policies with the level, from the root."""

    layer: str
    level: int | None = None

    def __str__(self) -> str:
        """Return the layer, with its level where it has one."""
        return self.layer if self.level is None else f"{self.layer} (level {self.level})"


_SENTENCES = {
    Outcome.ALLOW: "Allowed.",
    Outcome.IMPLICIT_DENY: "Denied: nothing allows it in every layer that must.",
    Outcome.EXPLICIT_DENY: "Denied by an explicit Deny.",
    Outcome.CONDITIONAL: "Allowed or denied, depending on condition keys that are not known.",
    Outcome.UNKNOWN: "Not known: something that decides it is missing or cannot be understood.",
}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request.

    Attributes
    ----------
    outcome
        The answer.
    blocks
        Layers that denied, or that lacked an Allow; empty unless it is denied.
    statements
        Statements that decided: those that allowed, those that denied, or, where it is undecided, those it hangs on.
    keys
        Condition keys that it hangs on, sorted.
    missing
        Layers it hangs on that were not available or not understood, sorted.
    rule
        The rule above policies that decided it, ``""`` where policies did.
    """

    outcome: Outcome
    blocks: tuple[Block, ...] = ()
    statements: tuple[StatementRef, ...] = ()
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    rule: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it is allowed for certain."""
        return self.outcome is Outcome.ALLOW

    @property
    def denied(self) -> bool:
        """Whether it is denied for certain."""
        return self.outcome in {Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY}

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """Names of the layers that denied or lacked an Allow, without their levels."""
        return tuple(dict.fromkeys(block.layer for block in self.blocks))

    def _lines(self) -> list[tuple[str, list[str]]]:
        lines = [
            ("rule above policies", [self.rule] if self.rule else []),
            ("blocked by", [str(block) for block in self.blocks]),
            ("statements", [str(ref) for ref in self.statements]),
            ("depends on", [_plain(key) for key in self.keys]),
            ("missing", list(self.missing)),
        ]
        return [(title, entries) for title, entries in lines if entries]

    def explain(self) -> str:
        """Return the decision in words: the answer, what blocked it, which statements decided, what it hangs on."""
        parts = [f"{self.outcome}: {_SENTENCES[self.outcome]}"]
        for title, entries in self._lines():
            parts.append(f"  {title}:")
            parts += [f"    - {entry}" for entry in entries]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        body = "".join(
            f"<dt>{escape(title)}</dt>" + "".join(f"<dd>{escape(entry)}</dd>" for entry in entries)
            for title, entries in self._lines()
        )
        said = f"<strong>{self.outcome}</strong> {escape(_SENTENCES[self.outcome])}<dl>{body}</dl>"
        return f'<div class="tex2jax_ignore mathjax_ignore">{said}</div>'
