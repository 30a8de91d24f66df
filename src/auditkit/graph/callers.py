"""How well a resource policy knows the service that calls: pinned to one resource, to an account, or to nobody.

A service principal (``s3.amazonaws.com``) acts for whoever has set it up: a policy that names only the service lets any
account's bucket, rule or topic in. What counts is not how the condition is written but whom it keeps out, so the
policy is asked about requests that ought to be refused.
"""

from typing import NamedTuple

from auditkit.graph._documents import parsed, place
from auditkit.graph.schema import Interval
from auditkit.inventory import PolicyText, Source, UnsetType
from auditkit.inventory.arn import Arn, parse_arn
from auditkit.policy import Decision, Document, PolicySet, Request, evaluate, principal
from auditkit.policy.subjects import audit_context

__all__ = ["Caller", "caller_of"]

_STRANGER = "000000000000"
_OTHER = "some-other-resource"
_BARE = frozenset({"s3", "sqs", "sns", "execute-api"})  # the resource part of their ARNs begins with the name itself


class Caller(NamedTuple):
    """What a resource policy says of a service that calls for one of its resources.

    Attributes
    ----------
    level
        Level of the factor *authentication*: 0 pinned to the resource, 0.25 to its account, 0.5 to neither; bounds
        where the policy was not seen or does not decide.
    reason
        One sentence.
    permitted
        Whether the call is allowed at all; ``None`` where that is not known.
    sources
        Statements that decide.
    """

    level: Interval
    reason: str
    permitted: bool | None
    sources: tuple[Source, ...] = ()


def caller_of(
    policy: PolicyText | UnsetType | None, *, service: str, action: str, target: str, origin: str, account: str
) -> Caller:
    """Judge a call of a service by the policy of what is called.

    Parameters
    ----------
    policy
        Resource policy of the target; UNSET where it was not seen, ``None`` where there is none.
    service
        Service principal: ``"events.amazonaws.com"``.
    action
        What it does: ``"lambda:InvokeFunction"``, ``"sqs:SendMessage"``.
    target
        ARN of what is called, with the qualifier it is called by.
    origin
        ARN of the rule, bucket, topic ... that the service calls for.
    account
        Account of the origin (the ARN of a bucket does not tell it).
    """
    if isinstance(policy, UnsetType):
        return Caller(Interval(0, 0.5), "The resource policy of the target was not seen.", None)
    if policy is None:
        return Caller(
            Interval(0, 0.5), "The target has no resource policy, so the service cannot call it.", permitted=False
        )
    asked = _Question(parsed(policy), service, action, target)
    decision = asked.decide(origin, account)
    sources = tuple(sorted({place(policy, reference.pointer) for reference in decision.statements}))
    if decision.denied:
        return Caller(
            Interval(0, 0.5), "The resource policy of the target does not let the service call it.", permitted=False
        )
    if not decision.allowed:
        hangs = ", ".join(decision.keys + decision.missing) or "what is not seen"
        return Caller(Interval(0, 0.5), f"The resource policy of the target decides by {hangs}.", None, sources)
    level, reason = _pinned(asked, origin, account)
    return Caller(level, reason, permitted=True, sources=sources)


class _Question(NamedTuple):
    policy: Document
    service: str
    action: str
    target: str

    def decide(self, origin: str, account: str) -> Decision:
        who = principal(self.service)
        keys = {"aws:SourceArn": origin, "aws:SecureTransport": "true"}  # AWS uses TLS
        if account:
            keys["aws:SourceAccount"] = account
        context = audit_context(who, self.target, "", keys)
        request = Request(principal=who, action=self.action, resource=self.target, context=context)
        return evaluate(request, PolicySet(resource=self.policy))


def _pinned(asked: _Question, origin: str, account: str) -> tuple[Interval, str]:
    arn = parse_arn(origin)
    if arn is None:
        return Interval(0, 0.5), "What the service calls for is not an ARN."
    if not asked.decide(str(_other(arn, stranger=True)), _STRANGER).denied:
        return Interval.exactly(0.5), "The resource policy lets the service call for any account."
    if not arn.account and not asked.decide(origin, _STRANGER).denied:
        return (
            Interval.exactly(0.25),
            "The resource policy pins the ARN of the source but not its account, and such a name may change hands.",
        )
    if not asked.decide(str(_other(arn)), account).denied:
        return Interval.exactly(
            0.25
        ), "The resource policy pins the account that the service calls for, not the resource."
    return Interval.exactly(0), "The resource policy pins the resource that the service calls for."


def _other(arn: Arn, *, stranger: bool = False) -> Arn:
    """Return the ARN of another resource of the same kind."""
    head, separator, _ = arn.resource.partition("/" if "/" in arn.resource else ":")
    kept = f"{head}{separator}" if separator and arn.service not in _BARE else ""
    account = _STRANGER if stranger and arn.account else arn.account
    return arn._replace(account=account, resource=f"{kept}{_OTHER}")
