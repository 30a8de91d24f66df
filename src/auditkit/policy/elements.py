"""Reading one policy document element by element, and saying plainly what cannot be understood."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from auditkit.policy.documents import Condition, Effect, Named, Part, PolicyKind, Problem, Statement
from auditkit.policy.matching import MAX_PATTERN, covers_everything, has_variables, parse_arn, resource_fault
from auditkit.policy.operators import operator_from_text, scalar_text, value_fault

__all__ = ["MAX_DOCUMENT", "SHORT", "WITH_PRINCIPAL", "Reader", "action_fault", "escape"]

MAX_DOCUMENT = 262_144
"""Most text in one document (characters). AWS stores none larger than 32 KB; beyond this nothing in it is trusted."""
WITH_PRINCIPAL = frozenset({PolicyKind.RESOURCE, PolicyKind.RCP, PolicyKind.ENDPOINT})
"""Kinds of policies whose statements name principals."""
SHORT = 512
"""Longest text that is remembered (characters), so that hostile ones cannot fill the memory."""

_ACCOUNT_DIGITS = 12
_MAX_PRINCIPAL = 2048
_FEW = 64


def escape(step: str | int) -> str:
    """Write a key as a step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


class Reader:
    """Reads one document, gathering problems on the way."""

    def __init__(self, kind: PolicyKind) -> None:
        self.kind = kind
        self.problems: list[Problem] = []
        self.unclear: set[Part] = set()
        self.text = 0

    def note(self, code: str, message: str, pointer: str, part: Part | None = None) -> None:
        """Report a problem; with a part, that part of the statement at hand is not understood."""
        self.problems.append(Problem(code, message, pointer))
        if part is not None:
            self.unclear.add(part)

    def string(self, value: object, pointer: str, part: Part, *, scalars: bool = False) -> str | None:
        """Return a string, counting its length; None (and a problem) where the value is none."""
        value = (scalar_text(value) or value) if scalars else value
        if not isinstance(value, str):
            self.note("not-a-string", f"Expected text here, found {type(value).__name__}.", pointer, part)
            return None
        if len(value) > MAX_PATTERN:
            self.note("too-long", f"Text of {len(value)} characters; no policy of AWS is that long.", pointer, part)
            return None
        self.text += len(value)
        return value

    def strings(self, value: object, pointer: str, part: Part, *, scalars: bool = False) -> tuple[str, ...]:
        """Return a value or a list of values as a tuple."""
        if not isinstance(value, list | tuple):
            found = self.string(value, pointer, part, scalars=scalars)
            return () if found is None else (found,)
        each = (self.string(one, f"{pointer}/{i}", part, scalars=scalars) for i, one in enumerate(value))
        return tuple(one for one in each if one is not None)

    def listed(
        self, body: Mapping[str, Any], name: str, pointer: str, part: Part, check: Callable[[str], str | None]
    ) -> tuple[str, ...] | None:
        """Return the element ``name`` as a tuple of strings, each checked; None where it is absent."""
        if name not in body:
            return None
        if (found := _plain_strings(body[name], check)) is not None:
            self.text += sum(map(len, found))
            return _once(found) if part == "action" and len(found) <= _FEW else found
        pointer = f"{pointer}/{name}"
        values = self.strings(body[name], pointer, part)
        if not values and part not in self.unclear:
            self.note("empty", f"{name} is empty.", pointer, part)
        for value in values:
            if fault := check(value):
                self.note(
                    f"invalid-{part if part != 'resource' else 'arn'}", f"{value[:200]!r} {fault}.", pointer, part
                )
        return values

    def pair(
        self, body: Mapping[str, Any], name: str, pointer: str, part: Part, check: Callable[[str], str | None]
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """Return ``name`` and ``Not<name>``, of which exactly one may stand."""
        found = self.listed(body, name, pointer, part, check)
        opposite = self.listed(body, f"Not{name}", pointer, part, check)
        if found is not None and opposite is not None:
            self.note("both", f"{name} and Not{name} stand side by side.", pointer, part)
        return found, opposite

    def principals(self, value: object, pointer: str) -> tuple[Named, ...]:
        """Return the principals named by a ``Principal`` or ``NotPrincipal`` element."""
        if isinstance(value, str):
            if value == "*":
                return (Named("*", "*"),)
            self.note("invalid-principal", "A Principal is * or an object of types.", pointer, "principal")
            return ()
        if not isinstance(value, Mapping) or not value:
            self.note("invalid-principal", "A Principal is * or an object of types.", pointer, "principal")
            return ()
        found = []
        for kind, entries in value.items():
            if kind not in {"AWS", "Service", "Federated", "CanonicalUser"}:
                self.note(
                    "invalid-principal", f"No type of principal is called {str(kind)[:60]!r}.", pointer, "principal"
                )
                continue
            where = f"{pointer}/{escape(kind)}"
            for entry in self.strings(entries, where, "principal", scalars=True):
                named = "*" if kind == "AWS" and entry == "*" else kind
                if fault := _principal_fault(named, entry):
                    self.note("invalid-principal", f"{entry[:200]!r} {fault}.", where, "principal")
                found.append(Named(named, entry))
        return tuple(found)

    def conditions(self, value: object, pointer: str, *, variables: bool) -> tuple[Condition, ...]:
        """Return the lines of a ``Condition`` element."""
        if not isinstance(value, Mapping):
            self.note("invalid-condition", "A Condition is an object of operators.", pointer, "condition")
            return ()
        found = []
        for name, block in value.items():
            where = f"{pointer}/{escape(name)}"
            operator = operator_from_text(str(name))
            if operator is None:
                self.note(
                    "unknown-operator", f"No condition operator is called {str(name)[:80]!r}.", where, "condition"
                )
                continue
            if not isinstance(block, Mapping):
                self.note("invalid-condition", "An operator has an object of condition keys.", where, "condition")
                continue
            for key, values in block.items():
                at = f"{where}/{escape(key)}"
                texts = self.strings(values, at, "condition", scalars=True)
                self.text += len(str(key))
                for text in texts:
                    if fault := value_fault(operator, text, variables=variables and has_variables(text)):
                        self.note("invalid-value", f"{text[:200]!r} {fault}.", at, "condition")
                found.append(Condition(operator, str(key), texts))
        return tuple(found)

    def effect(self, body: Mapping[str, Any], pointer: str) -> Effect:
        """Return the effect; ``""`` and a problem where there is none."""
        value = body.get("Effect")
        if value == "Allow":
            return "Allow"
        if value == "Deny":
            return "Deny"
        message = "Effect is missing." if value is None else "Effect is neither Allow nor Deny (case counts)."
        self.note("invalid-effect", message, f"{pointer}/Effect" if "Effect" in body else pointer, "effect")
        return ""

    def statement(self, body: object, index: int, pointer: str, *, variables: bool) -> Statement:
        """Return one statement."""
        self.unclear = set()
        if not isinstance(body, Mapping):
            self.note("not-a-statement", "A statement is an object.", pointer, "statement")
            return Statement(index=index, unclear=frozenset(self.unclear), pointer=pointer)
        for name in body:
            if name not in _ELEMENTS:
                self.note("unknown-element", f"No element is called {str(name)[:60]!r}.", pointer, "statement")
        effect = self.effect(body, pointer)
        principals = not_principals = None
        if "Principal" in body:
            principals = self.principals(body["Principal"], f"{pointer}/Principal")
        if "NotPrincipal" in body:
            not_principals = self.principals(body["NotPrincipal"], f"{pointer}/NotPrincipal")
        self.check_principals(effect, principals, not_principals, pointer)
        actions, not_actions = self.pair(body, "Action", pointer, "action", action_fault)
        if actions is None and not_actions is None:
            self.note("missing-action", "Neither Action nor NotAction.", pointer, "action")
        resources, not_resources = self.pair(body, "Resource", pointer, "resource", resource_fault)
        if resources is None and not_resources is None and self.kind is not PolicyKind.RESOURCE:
            self.note("missing-resource", "Neither Resource nor NotResource.", pointer, "resource")
        conditions: tuple[Condition, ...] = ()
        if "Condition" in body:
            conditions = self.conditions(body["Condition"], f"{pointer}/Condition", variables=variables)
        sid = body.get("Sid")
        return Statement(
            index=index,
            sid=None if sid is None else str(sid)[:256],
            effect=effect,
            actions=actions,
            not_actions=not_actions,
            resources=resources,
            not_resources=not_resources,
            principals=principals,
            not_principals=not_principals,
            conditions=conditions,
            variables=variables,
            unclear=frozenset(self.unclear),
            pointer=pointer,
        )

    def check_principals(
        self, effect: Effect, named: tuple[Named, ...] | None, excepted: tuple[Named, ...] | None, pointer: str
    ) -> None:
        """Report what does not go together in a statement's principals."""
        if named is None and excepted is None:
            if self.kind in WITH_PRINCIPAL:
                self.note("missing-principal", "No Principal: the statement is about nobody.", pointer)
            return
        if self.kind not in WITH_PRINCIPAL:
            self.note("unexpected-principal", f"A policy of kind {self.kind} has no Principal.", pointer, "principal")
        elif named is not None and excepted is not None:
            self.note("both", "Principal and NotPrincipal stand side by side.", pointer, "principal")
        elif excepted is not None and effect != "Deny":
            message = "NotPrincipal with Allow is not supported: it would allow everyone else, the anonymous included."
            self.note("notprincipal-allow", message, pointer, "principal")


_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


def _plain_strings(value: object, check: Callable[[str], str | None]) -> tuple[str, ...] | None:
    """Return a value or a list of values as a tuple, where nothing is wrong with any of them; None otherwise."""
    if isinstance(value, str):
        return (value,) if len(value) <= SHORT and check(value) is None else None
    if not isinstance(value, list) or not value:
        return None
    for one in value:
        if not isinstance(one, str) or len(one) > SHORT or check(one) is not None:
            return None
    return tuple(value)


@lru_cache(maxsize=4096)
def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same tuple for equal values: the same few actions stand in thousands of statements."""
    return values


def action_fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern of an ``Action`` element, None where nothing is."""
    if covers_everything(pattern):
        return None
    service, colon, name = pattern.partition(":")
    if not (service and colon and name):
        return "is not of the form service:Action"
    return None


def _principal_fault(kind: str, value: str) -> str | None:
    if value == "*":
        return None
    if not value or len(value) > _MAX_PRINCIPAL:
        return "is empty, or too long"
    if "*" in value or "?" in value:
        return "has a wildcard within; a principal is named in full, or is *"
    if kind == "AWS":
        is_account = len(value) == _ACCOUNT_DIGITS and value.isdecimal()
        if not (is_account or parse_arn(value) or value.isalnum()):  # letters and digits: the id of a deleted principal
            return "is neither an account, an ARN nor a unique id"
    return None
