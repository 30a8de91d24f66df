"""Whether a resource policy refuses what comes in clear: for everyone, for every action, for all of the resource.

A statement that denies ``aws:SecureTransport`` = false for some actions, for some principals, under a further
condition, or on a bucket without its objects leaves a way open, and counts for nothing here.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from auditkit.graph._documents import parsed, place
from auditkit.inventory import PolicyText, Source, UnsetType
from auditkit.policy import (
    ANONYMOUS,
    Context,
    Document,
    Outcome,
    PolicyKind,
    PolicySet,
    Request,
    Statement,
    evaluate,
    match_action,
)

__all__ = ["Refusal", "refuses_clear_text"]

_IN_CLEAR = Context({"aws:SecureTransport": "false", "s3:TlsVersion": "0"}, complete=False)
"""What is known of a request in clear. That ``s3:TlsVersion`` then lies below every version is what AWS says of
policies that ask for TLS 1.2 by that key alone (repost.aws, s3-enforce-modern-tls)."""

_WITHOUT = "what comes without TLS (aws:SecureTransport)"
_KEYS = frozenset({"aws:securetransport", "s3:tlsversion"})
_ALL_DATA = {"sns": "sns:Publish"}
"""Topic policies take no wildcards for actions; data comes into a topic by publishing alone (SNS API permissions)."""


class Refusal(NamedTuple):
    """Whether clear text is refused, and why.

    Attributes
    ----------
    refused
        ``None`` where the policy was not seen or could not be understood.
    reason
        One sentence.
    sources
        Statements that decide.
    """

    refused: bool | None
    reason: str
    sources: tuple[Source, ...] = ()


def refuses_clear_text(policy: PolicyText | UnsetType | None, *, service: str, scopes: tuple[str, ...]) -> Refusal:
    """Judge a resource policy.

    Parameters
    ----------
    policy
        UNSET where it was not seen, ``None`` where there is none.
    service
        Prefix of the service's actions: ``"s3"``.
    scopes
        All of the resource: ARNs, and ARNs that end on ``*`` for everything below.
    """
    if isinstance(policy, UnsetType):
        return Refusal(None, f"The resource policy was not seen, so whether it denies {_WITHOUT} is not known.")
    if policy is None:
        return Refusal(refused=False, reason=f"There is no resource policy that denies {_WITHOUT}.")
    document = parsed(policy)
    if not document.readable:
        return Refusal(None, "The resource policy could not be understood.", (policy.source,))
    denials = [statement for statement in document.statements if statement.effect == "Deny" and _about(statement)]
    faults = [(statement, _fault(statement, document, service)) for statement in denials]
    sound = [statement for statement, fault in faults if not fault]
    missing = [scope for scope in scopes if not any(_covers(statement, scope) for statement in sound)]
    if not missing:
        sources = tuple(sorted(place(policy, statement.pointer) for statement in sound))
        return Refusal(refused=True, reason=f"The resource policy denies {_WITHOUT}.", sources=sources)
    sources = tuple(sorted(place(policy, statement.pointer) for statement in denials))
    if any(statement.unclear for statement in document.statements if statement.effect != "Allow"):
        return Refusal(None, "A statement of the resource policy could not be understood.", sources or (policy.source,))
    if not denials:
        return Refusal(False, f"The resource policy does not deny {_WITHOUT}.", (policy.source,))  # noqa: FBT003
    why = next((fault for _, fault in faults if fault), f"it leaves out {_named(missing[0])}")
    return Refusal(False, f"The resource policy denies {_WITHOUT}, but {why}.", sources)  # noqa: FBT003


def _named(scope: str) -> str:
    return "what is in it" if scope.endswith("*") else "the resource itself"


def _about(statement: Statement) -> bool:
    return any(condition.key.lower() in _KEYS for condition in statement.conditions)


def _fault(statement: Statement, document: Document, service: str) -> str:
    """Return why a statement leaves a way open whatever its resources, or ``""``."""
    if statement.unclear:
        return "the statement could not be understood in full"
    if statement.not_principals is not None or not any(named.type == "*" for named in statement.principals or ()):
        return "not for everyone"
    if not _all_actions(statement, service):
        return "not for all actions"
    further = sorted({condition.key for condition in statement.conditions if condition.key.lower() not in _KEYS})
    if further:
        return f"only under a further condition ({', '.join(further)})"
    if statement.not_resources is not None:
        return "not for all resources"
    everywhere = msgspec.structs.replace(statement, index=0, sid=None, resources=("*",), pointer="", source=None)
    if not _denies_clear(everywhere, document.kind, _ALL_DATA.get(service, f"{service}:GetObject")):
        return "its condition does not cover every request in clear"
    return ""


@lru_cache(maxsize=1 << 12)
def _denies_clear(statement: Statement, kind: PolicyKind, action: str) -> bool:
    """Return whether a statement for everyone and everything denies a request in clear; many have the same one."""
    request = Request(principal=ANONYMOUS, action=action, resource="*", context=_IN_CLEAR)
    alone = Document(kind=kind, statements=(statement,))
    return evaluate(request, PolicySet(resource=alone)).outcome is Outcome.EXPLICIT_DENY


def _all_actions(statement: Statement, service: str) -> bool:
    patterns = statement.actions or ()
    if any(pattern.lower().rstrip("*") in {"", f"{service}:"} and pattern.endswith("*") for pattern in patterns):
        return True
    return service in _ALL_DATA and match_action(patterns, _ALL_DATA[service])


def _covers(statement: Statement, scope: str) -> bool:
    """Whether a pattern of a statement covers a whole scope: literally, or by its one wildcard at the end."""
    if statement.resources is None:
        return True
    exact, below = scope, scope.removesuffix("*")
    return any(
        pattern == exact
        or (pattern.endswith("*") and not set("*?$") & set(pattern[:-1]) and below.startswith(pattern[:-1]))
        for pattern in statement.resources
    )
