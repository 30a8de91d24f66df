"""The simulator: JSON Lines of requests in, JSON Lines of decisions out.

One request a line::

    {"id": "...", "request": {"principal": "<arn>" | {"type": "Anonymous"}, "action": "...", "resource": "...",
     "resource_account": "...", "context": {"key": "value" | ["value", ...]}, "wildcard_only_action": false},
     "policies": {"identity": [doc], "boundary": [doc] | null, "session": doc | null, "resource": doc | null,
                  "scp": [[doc], ...], "rcp": [[doc], ...], "endpoint": [doc] | null}}

and one answer a line, in the same order::

    {"id": "...", "decision": "ALLOW" | "IMPLICIT_DENY" | "EXPLICIT_DENY", "blocked_by": [...], "statements": [...]}

The context is complete: a condition key that is not in it is absent, ``aws:PrincipalArn`` and its like included. A list
in place of a layer that is empty is a layer that allows nothing (``scp`` and ``rcp``: no organization); ``null``, or no
entry, is no such layer. What makes a decision uncertain (a Deny that cannot be understood) never lets a request pass:
it is an ``IMPLICIT_DENY``, with what is wrong in ``problems``.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from auditkit.errors import PolicyError
from auditkit.policy.conditions import Context
from auditkit.policy.decision import Decision, Outcome, StatementRef
from auditkit.policy.documents import Document, PolicyKind
from auditkit.policy.evaluator import evaluate
from auditkit.policy.principals import principal
from auditkit.policy.reading import parse
from auditkit.policy.request import Levels, PolicySet, Request

__all__ = ["simulate", "simulate_lines"]

MAX_LINE = 64 * 1024 * 1024
"""Longest line that is read (bytes)."""

MAX_RESOURCE = 4096
"""Longest resource of a request (characters); AWS's ARNs have at most 2,048."""

_LAYERS = tuple(kind.value for kind in PolicyKind)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise PolicyError(f"request.{name}: expected text")
    if len(value) > MAX_RESOURCE:
        raise PolicyError(f"request.{name}: {len(value)} characters are too many")
    return value


def _request(body: object) -> Request:
    if not isinstance(body, Mapping):
        raise PolicyError("request: expected an object")
    action = _text(body, "action")
    if not all(action.partition(":")):
        raise PolicyError("request.action: expected service:Action")
    context = body.get("context")
    if not isinstance(context, Mapping | None):
        raise PolicyError("request.context: expected an object")
    wildcard_only = body.get("wildcard_only_action") or False
    if not isinstance(wildcard_only, bool):
        raise PolicyError("request.wildcard_only_action: expected true or false")
    resource = "*" if wildcard_only and body.get("resource") is None else _text(body, "resource")
    account = body.get("resource_account")
    if not isinstance(account, str | None):
        raise PolicyError("request.resource_account: expected text")
    who = body.get("principal")
    if not isinstance(who, str | Mapping):
        raise PolicyError("request.principal: expected an ARN or an object")
    return Request(
        principal=principal(who),
        action=action,
        resource=resource,
        resource_account=account or None,
        context=Context(context),
        wildcard_only=wildcard_only,
    )


class _Policies:
    """Reads the ``policies`` of one line, gathering what is wrong with them."""

    def __init__(self, body: object) -> None:
        if not isinstance(body, Mapping | None):
            raise PolicyError("policies: expected an object")
        self.body: Mapping[str, Any] = body or {}
        self.problems: list[dict[str, str]] = []
        for name in self.body:
            if name not in _LAYERS:
                raise PolicyError(f"policies: no layer is called {str(name)[:60]!r}")

    def document(self, value: object, kind: PolicyKind, place: str) -> Document:
        document = parse(value, kind=kind, source=place)
        for problem in document.problems:
            entry = {"code": problem.code, "message": problem.message, "pointer": f"/policies/{place}{problem.pointer}"}
            self.problems.append(entry)
        return document

    def documents(self, value: object, kind: PolicyKind, place: str) -> tuple[Document, ...]:
        if not isinstance(value, list | tuple):
            return (self.document(value, kind, place),)
        return tuple(self.document(one, kind, f"{place}/{i}") for i, one in enumerate(value))

    def optional(self, kind: PolicyKind) -> tuple[Document, ...] | None:
        value = self.body.get(kind)
        return None if value is None else self.documents(value, kind, kind)

    def single(self, kind: PolicyKind) -> Document | None:
        found = self.optional(kind)
        if found is not None and len(found) > 1:
            raise PolicyError(f"policies.{kind}: expected one document")
        return found[0] if found else None

    def levels(self, kind: PolicyKind) -> Levels:
        value = self.body.get(kind)
        if not isinstance(value, list | tuple | None):
            raise PolicyError(f"policies.{kind}: expected a list of levels")
        for level in value or ():
            if not isinstance(level, list | tuple):
                raise PolicyError(f"policies.{kind}: a level is a list of documents")
        return tuple(self.documents(level, kind, f"{kind}/{i}") for i, level in enumerate(value or ()))

    def read(self) -> PolicySet:
        return PolicySet(
            identity=self.optional(PolicyKind.IDENTITY) or (),
            boundary=self.optional(PolicyKind.BOUNDARY),
            session=self.optional(PolicyKind.SESSION),
            resource=self.single(PolicyKind.RESOURCE),
            scp=self.levels(PolicyKind.SCP),
            rcp=self.levels(PolicyKind.RCP),
            endpoint=self.optional(PolicyKind.ENDPOINT),
        )


def _statement(ref: StatementRef) -> dict[str, Any]:
    level = {} if ref.level is None else {"level": ref.level}
    return {
        "policy": ref.policy.value,
        **level,
        "index": ref.index,
        "statement": ref.statement,
        "sid": ref.sid,
        "effect": ref.effect,
    }


def _answer(decision: Decision, problems: list[dict[str, str]]) -> dict[str, Any]:
    certain = decision.allowed or decision.denied
    answer: dict[str, Any] = {
        "decision": (decision.outcome if certain else Outcome.IMPLICIT_DENY).value,
        "blocked_by": list(decision.blocked_by if certain else decision.missing),
        "statements": [_statement(ref) for ref in decision.statements],
    }
    if decision.rule:
        answer["rule"] = decision.rule
    if problems:
        answer["problems"] = problems
    return answer


def _decide(entry: object) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise PolicyError("expected an object")
    policies = _Policies(entry.get("policies"))
    decision = evaluate(_request(entry.get("request")), policies.read())
    return _answer(decision, policies.problems)


def _simulate(entry: object) -> dict[str, Any]:
    identity = entry.get("id") if isinstance(entry, Mapping) else None
    identity = identity if isinstance(identity, str | int | float | None) else None
    try:
        return {"id": identity, **_decide(entry)}
    except PolicyError as error:
        return {"id": identity, "error": str(error)}


def _simulate_line(line: str | bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        return {"id": None, "error": f"{len(line)} characters are too many"}
    try:
        entry = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return {"id": None, "error": f"not JSON: {str(error)[:200]}"}
    return _simulate(entry)


def simulate(requests: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Decide requests, one after the other.

    Parameters
    ----------
    requests
        Objects of the form of this module's docstring.

    Yields
    ------
    dict
        For each its decision, in order; for one that cannot be understood ``{"id": ..., "error": ...}``.
    """
    for entry in requests:
        yield _simulate(entry)


def simulate_lines(lines: Iterable[str | bytes]) -> Iterator[str]:
    """Decide requests given as JSON Lines.

    Parameters
    ----------
    lines
        One request a line; blank lines are passed over.

    Yields
    ------
    str
        One JSON text for each line, in order, without a line break; for a line that cannot be read one with ``error``,
        which names the line.
    """
    encode = msgspec.json.Encoder().encode
    for number, line in enumerate(lines, start=1):
        if number == 1:
            line = line.removeprefix("\ufeff") if isinstance(line, str) else line.removeprefix(BOM_UTF8)  # noqa: PLW2901
        if not line.strip():
            continue
        answer = _simulate_line(line)
        if "error" in answer:
            answer["error"] = f"line {number}: {answer['error']}"
        yield encode(answer).decode()
