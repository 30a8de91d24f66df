"""Function URLs: to whom the resource policy of a function opens them.

A URL that was made since October 2025 needs two permissions, ``lambda:InvokeFunctionUrl`` and ``lambda:InvokeFunction``
(with ``lambda:InvokedViaFunctionUrl``); an older one needs the first alone (AWS Lambda developer guide, *Control access
to function URLs*). Accounts that had a URL in a region by then are excepted there for a time, as AWS's notice to them
of October 2025 says, and no export shows whether that holds for their newer URLs too: this is unknown, and not
*closed*. Of a URL in a template nobody knows when it was made; it counts as an older one, which is open to more.
"""

from collections.abc import Mapping

import msgspec

from auditkit.graph._build import Builder
from auditkit.graph._refs import Reference
from auditkit.graph.outsiders import Call, Opening, openings_of_policy, openings_to_organizations
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import EntryKind
from auditkit.inventory import UNSET, PolicyText, Source, UnsetType
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.policy import Truth, principal

__all__ = ["Opened", "needs_both", "open_to"]

_BOTH_SINCE = "2025-10"
_EXCEPTED = "whether lambda:InvokeFunctionUrl alone is enough here, as for older URLs of the account and region"
_ORGANIZATION = "organization:"
_OF_ANYONE = ("cloudfront.amazonaws.com",)
"""Services that call URLs for whoever has set them up."""


class Opened(msgspec.Struct, frozen=True):
    """To whom a URL is open.

    Attributes
    ----------
    entry
        How the outside gets in, ``None`` where it does not.
    named
        Who outside is let in by name: accounts by their numbers, and organizations.
    conditions, unknown
        Condition keys that it hangs on for anyone, and what is missing to decide it.
    sources
        Statements that decide.
    """

    entry: EntryKind | None
    named: tuple[Opening, ...] = ()
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
    found = _both(policy, target, url, needs_both(build, url))
    for outsider in ("*", *_OF_ANYONE):
        if outsider in found:
            entry = EntryKind.ANONYMOUS if anonymous else EntryKind.AUTHENTICATED
            return _opened(found[outsider], entry, _named(build, found))
    named = _named(build, found)
    by_name = EntryKind.OTHER_ACCOUNT if any(not one.unknown for one in named) else None
    unclear = [] if by_name else [one for one in found.values() if one.unknown]
    if unclear:
        return _opened(unclear[0], by_name, named)
    return Opened(by_name, named, sources=tuple(sorted({source for one in named for source in one.sources})))


def _opened(opening: Opening, entry: EntryKind | None, named: tuple[Opening, ...]) -> Opened:
    return Opened(entry, named, opening.conditions, opening.unknown, opening.sources)


def _named(build: Builder, found: Mapping[str, Opening]) -> tuple[Opening, ...]:
    """Return who is let in by name, as accounts and organizations that are not one's own."""
    own = permissions_of(build.inventory).organization
    named: dict[str, Opening] = {}
    for outsider, one in sorted(found.items()):
        if one.of_service or outsider == "*":
            continue
        who, unknown = outsider, one.unknown
        if outsider.startswith(_ORGANIZATION):
            if outsider == f"{_ORGANIZATION}{own}":
                continue
            unknown = unknown or (f"whose {outsider.replace(':', ' ')} is" if isinstance(own, UnsetType) else "")
        else:
            who = principal(outsider).account
        if who not in named or not named[who].certain:
            named[who] = one._replace(outsider=who, unknown=unknown)
    return tuple(named.values())


def _both(policy: PolicyText, target: str, url: FunctionUrl, both: Truth) -> dict[str, Opening]:
    """Return who outside gets through, by what the policy says of the two permissions, where two are needed."""
    first = _openings(policy, target, url, "lambda:InvokeFunctionUrl")
    if both is Truth.NO:
        return first
    second = _openings(policy, target, url, "lambda:InvokeFunction")
    found: dict[str, Opening] = {}
    for outsider, one in first.items():
        other = second.get(outsider) or (second.get("*") if outsider != "*" else None)
        if other is not None:
            found[outsider] = one._replace(
                conditions=tuple(sorted({*one.conditions, *other.conditions})),
                unknown=", ".join(dict.fromkeys(text for text in (one.unknown, other.unknown) if text)),
                sources=tuple(sorted({*one.sources, *other.sources})),
            )
        elif both is Truth.UNKNOWN:
            found[outsider] = one._replace(unknown=", ".join(text for text in (one.unknown, _EXCEPTED) if text))
    return found


def _openings(policy: PolicyText, target: str, url: FunctionUrl, action: str) -> dict[str, Opening]:
    """Return who outside has one permission when they come by the URL; by name only where requests are signed."""
    nameless = url.auth_type == "NONE"
    given = {"lambda:FunctionUrlAuthType": url.auth_type, "lambda:InvokedViaFunctionUrl": "true"}
    call = Call(action, given, nameless)
    openings = openings_of_policy(
        policy, resource=target, owner=url.account, unsigned=nameless, known=frozenset(), named=not nameless, call=call
    )
    found = {one.outsider: one for one in openings}
    for one in () if nameless else openings_to_organizations(policy, resource=target, owner=url.account, call=call):
        found[f"{_ORGANIZATION}{one.outsider}"] = one
    return found


def needs_both(build: Builder, url: FunctionUrl) -> Truth:
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
