"""Whose tokens a role's trust policy takes: identity providers that anyone may have an account with, and one's own."""

import re
from collections.abc import Iterable, Iterator, Mapping

from auditkit.areas.answers import Answer, failed, some, unknown, warned
from auditkit.areas.model import Severity
from auditkit.facts import TokenClaim, get_token_claims
from auditkit.graph._documents import parsed, place
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.records.identities import Role
from auditkit.policy import Condition, Statement, match_action

__all__ = ["critical", "federations"]

_IDENTITY_POOLS = "cognito-identity.amazonaws.com"
_SAML, _WEB = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"
_NOBODY = re.compile(r"(?:system:serviceaccount:|[\w-]+[:|])?[*?:]*")
"""Values of a subject that name nobody: anything at all, or a word for a kind and anything."""


def critical(role: Role, said: str, sources: tuple[Source, ...], place: str) -> Answer:
    """Return a FAIL that is critical whatever the role reaches."""
    return failed(role, said, at=sources, place=place, severity=Severity.CRITICAL, weighed="open to anyone outside")


def federations(role: Role, policy: PolicyText) -> Iterator[Answer]:
    """Yield what is wrong with the trust in identity providers: whose tokens are taken that name nobody."""
    statements = parsed(policy).statements
    denies = [one for one in statements if one.effect == "Deny"]
    for statement in statements:
        if statement.effect == "Allow":
            at = place(policy, statement.pointer)
            for named in statement.principals or ():
                if named.type == "Federated":
                    yield from _federation(role, named.value, statement, denies, at)


def _is_about(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return match_action(statement.actions, action)
    return not match_action(statement.not_actions or (), action)


def _federation(
    role: Role, named: str, statement: Statement, denies: Iterable[Statement], at: Source
) -> Iterator[Answer]:
    provider = named.partition("oidc-provider/")[2] or named
    asked = [condition for condition in statement.conditions if not condition.operator.negated]
    if ":saml-provider/" in named:
        if _is_about(statement, _SAML) and not any(one.key.lower().startswith("saml:") for one in asked):
            said = f"any assertion of {provider} is taken: no condition on SAML:aud"
            yield warned(role, said, at=at, place=provider)
        return
    if not _is_about(statement, _WEB):
        return
    found = _of_pools(role, asked, at) if named == _IDENTITY_POOLS else _of_tokens(role, provider, asked, at)
    if found is not None:
        keys = {one.key.lower() for deny in denies if _is_about(deny, _WEB) for one in deny.conditions}
        left = any(key.startswith(f"{provider.lower()}:") for key in keys)
        yield unknown(role, "whom a Deny on claims of the token leaves", at=at, place=provider) if left else found


def _of_pools(role: Role, asked: list[Condition], at: Source) -> Answer | None:
    pools = [one for one in asked if one.key.lower() == f"{_IDENTITY_POOLS}:aud"]
    if any(all(re.split(r"[*?]", value)[0].partition(":")[2] for value in _patterns(one)) for one in pools):
        return None
    return critical(role, "identities of any identity pool, of any account, may assume it", (at,), _IDENTITY_POOLS)


def _of_tokens(role: Role, provider: str, asked: list[Condition], at: Source) -> Answer | None:
    """Return what is wrong with conditions on tokens, of which the narrowest counts, by its widest value."""
    claims = get_token_claims(provider)
    on = {id(one): claims.get(one.key.lower().removeprefix(f"{provider.lower()}:")) for one in asked}
    on_caller = [(one, claim) for one in asked if (claim := on[id(one)]) is not None and claim.names == "caller"]
    if any(_told(one, claim) for one, claim in on_caller):
        return None
    begun = [
        start
        for one, claim in on_caller
        if (starts := [*_starts(one)]) and all(_names(claim, value) for value in _patterns(one))
        for start in starts
        if claim.ends and claim.ends not in _owner(claim, start)
    ]
    if begun:
        ends = next(claim.ends for _, claim in on_caller if claim.ends)
        said = f"tokens are taken of every owner whose name begins as in {some(begun)}: a {ends} is missing"
        return warned(role, said, at=at, place=provider)
    others = [(one, claim) for one in asked if (claim := on[id(one)]) is not None and claim.names != "caller"]
    if pinned := [one for one, claim in others if _told(one, claim)]:
        values = some(f"{one.key} {value}" for one in pinned for value in one.values)
        return warned(role, f"tokens of anyone are taken that are for {values}", at=at, place=provider)
    return critical(role, _anyone(provider, claims, on_caller), (at,), provider)


def _anyone(provider: str, claims: Mapping[str, TokenClaim], on_caller: list[tuple[Condition, TokenClaim]]) -> str:
    name = next(claim for claim, about in claims.items() if about.names == "caller")
    if not on_caller:
        return f"any token of {provider} is taken: no condition on its {name}"
    values = some(value for one, _ in on_caller for value in one.values)
    return f"any token of {provider} is taken: its {on_caller[0][1].claim} may be {values}"


def _told(condition: Condition, claim: TokenClaim) -> bool:
    """Return whether a condition names somebody by all of its values; one that is IfExists may be absent."""
    if condition.operator.if_exists and claim.claim != "sub":
        return False
    return all(
        _names(claim, value) and (not claim.ends or claim.ends in _owner(claim, _start(value)))
        for value in _patterns(condition)
    )


def _patterns(condition: Condition) -> Iterator[str]:
    """Yield the values that stand for many; that there has to be a sub says nothing of it."""
    if condition.operator.family == "null":
        yield "*"
    elif condition.operator.family == "like":
        yield from (value for value in condition.values if set(value) & {"*", "?"})


def _starts(condition: Condition) -> Iterator[str]:
    yield from map(_start, _patterns(condition))


def _start(value: str) -> str:
    return re.split(r"[*?]", value)[0]


def _owner(claim: TokenClaim, start: str) -> str:
    """Return what a pattern begins with, without the word for the kind."""
    return start.partition(":")[2] if claim.kind else start


def _names(claim: TokenClaim, value: str) -> bool:
    """Return whether a value that stands for many names somebody."""
    start = _start(value)
    if claim.kind or claim.ends:
        return bool(_owner(claim, start))
    return bool(start) and not _NOBODY.fullmatch(value)
