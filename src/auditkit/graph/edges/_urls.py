"""Function URLs: to whom the resource policy of a function opens them.

A URL that was made since October 2025 needs two permissions, ``lambda:InvokeFunctionUrl`` and ``lambda:InvokeFunction``
(with ``lambda:InvokedViaFunctionUrl``); an older one needs the first alone (AWS Lambda developer guide, *Control access
to function URLs*). Accounts that had a URL in a region by then are excepted there for a time, as AWS's notice to them
of October 2025 says, and no export shows whether that holds for their newer URLs too: this is unknown, and not
*closed*. Of a URL in a template nobody knows when it was made; it counts as an older one, which is open to more.
"""

import re

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph._refs import Reference
from auditkit.graph.grounds import statement_sources
from auditkit.graph.schema import EntryKind
from auditkit.inventory import UNSET, PolicyText, Source, UnsetType
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.policy import (
    ANONYMOUS,
    Context,
    Decision,
    Document,
    Outcome,
    PolicyKind,
    PolicySet,
    Principal,
    Request,
    Truth,
    evaluate,
    parse,
    parse_arn,
    principal,
)

__all__ = ["Opened", "open_to"]

_BOTH_SINCE = "2025-10"
_EXCEPTED = "whether lambda:InvokeFunctionUrl alone is enough here, as for older URLs of the account and region"
_ACCOUNT = re.compile(r"\d{12}")
_FULL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
_STRANGER = "arn:aws:iam::000000000000:user/anyone"


class Opened(msgspec.Struct, frozen=True):
    """To whom a URL is open.

    Attributes
    ----------
    entry
        How the outside gets in, ``None`` where it does not.
    accounts
        Other accounts that are let in.
    conditions, unknown
        Condition keys that it hangs on, and what is missing to decide it.
    sources
        Statements that decide.
    """

    entry: EntryKind | None
    accounts: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    unknown: str = ""
    sources: tuple[Source, ...] = ()


def open_to(build: Builder, url: FunctionUrl, function: Reference) -> Opened:
    """Return to whom a function URL is open.

    Where the policy was not seen the URL counts as open to whom it might be: to anyone without authentication, to
    nobody outside with it.
    """
    anonymous = url.auth_type == "NONE"
    target = url.function_arn if function.qualifier else function.id
    record = build.inventory.get(target)
    policy: PolicyText | UnsetType | None = getattr(record, "policy", UNSET)
    if isinstance(policy, UnsetType):
        return Opened(EntryKind.ANONYMOUS if anonymous else None, unknown="the resource policy of the function")
    if policy is None:
        return Opened(None)
    document = parse(policy.written, kind=PolicyKind.RESOURCE, source=policy.source)
    asked = _Question(document, target, url, both=_needs_both(build, url))
    if anonymous:
        return _opened(asked.decide(ANONYMOUS), EntryKind.ANONYMOUS)
    stranger = _opened(asked.decide(principal(_STRANGER)), EntryKind.AUTHENTICATED)
    if stranger.entry is not None:
        return stranger
    accounts = [account for account in _accounts(document) if account != url.account]
    for account in accounts:
        found = _opened(asked.decide(principal(f"arn:aws:iam::{account}:user/anyone")), EntryKind.OTHER_ACCOUNT)
        if found.entry is not None:
            return msgspec.structs.replace(found, accounts=tuple(accounts))
    return Opened(None)


class _Question(msgspec.Struct):
    policy: Document
    target: str
    url: FunctionUrl
    both: Truth

    def decide(self, who: Principal) -> Decision:
        """Return whether a caller gets through: the stricter of the two decisions, where two are needed."""
        first = self._one(who, "lambda:InvokeFunctionUrl")
        second = self._one(who, "lambda:InvokeFunction")
        if not first.denied and second.denied and self.both is not Truth.YES:
            return (
                first if self.both is Truth.NO else msgspec.structs.replace(first, missing=(*first.missing, _EXCEPTED))
            )
        order = (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY, Outcome.UNKNOWN, Outcome.CONDITIONAL, Outcome.ALLOW)
        weaker, other = sorted((first, second), key=lambda decision: order.index(decision.outcome))
        return msgspec.structs.replace(weaker, statements=weaker.statements + other.statements)

    def _one(self, who: Principal, action: str) -> Decision:
        context = {"lambda:FunctionUrlAuthType": self.url.auth_type, "lambda:InvokedViaFunctionUrl": "true"}
        request = Request(
            principal=who,
            action=action,
            resource=self.target,
            resource_account=self.url.account or None,
            context=Context(context, complete=False),
        )
        return evaluate(request, PolicySet(identity=(_FULL,), resource=self.policy))


def _needs_both(build: Builder, url: FunctionUrl) -> Truth:
    """Return whether a URL needs both permissions; unknown where its account had an older one in the region."""
    if not _made_since(url):
        return Truth.NO
    place = url.account, url.region
    older = (one for one in build.inventory.of(FunctionUrl) if (one.account, one.region) == place and _known_older(one))
    return Truth.UNKNOWN if any(older) else Truth.YES


def _made_since(url: FunctionUrl) -> bool:
    """Whether a URL is known to have been made since both permissions are needed."""
    made = url.creation_time or ""
    return made[:4].isdigit() and made[:7] >= _BOTH_SINCE


def _known_older(url: FunctionUrl) -> bool:
    return (url.creation_time or "")[:4].isdigit() and not _made_since(url)


def _opened(decision: Decision, entry: EntryKind) -> Opened:
    if decision.denied:
        return Opened(None)
    return Opened(
        entry,
        conditions=decision.keys,
        unknown=", ".join(decision.missing),
        sources=statement_sources(decision.statements),
    )


def _accounts(policy: Document) -> list[str]:
    """Return the accounts that the statements of a policy name, sorted."""
    found = {
        principal(named.value).account
        for statement in policy.statements
        if statement.effect == "Allow" and not statement.unclear
        for named in statement.principals or ()
        if named.type == "AWS" and (_ACCOUNT.fullmatch(named.value) or parse_arn(named.value))
    }
    return sorted(found - {""})
