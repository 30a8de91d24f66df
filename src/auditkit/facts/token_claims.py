"""Claims of identity providers' tokens that a trust policy can ask for, and what each names."""

from functools import cache

import msgspec

from auditkit.facts._table import rows_of

__all__ = ["TokenClaim", "get_token_claims"]


class TokenClaim(msgspec.Struct, frozen=True):
    """A claim of the tokens of an identity provider that anyone may have an account with.

    Attributes
    ----------
    provider, claim
        Host of the provider, and name of the claim.
    names
        ``"caller"``: whose the token is. ``"application"``: which application it was issued for, to whomever.
        ``"code"``: what runs, whoever set it off.
    kind
        Whether a value begins with a word for the kind of what it names, and a colon.
    ends
        What comes after the name of the owner in a value; ``""`` where a value is one name.
    source
        Where the provider or AWS documents it.
    """

    provider: str
    claim: str
    names: str
    kind: bool
    ends: str
    source: str


@cache
def _claims() -> dict[str, dict[str, TokenClaim]]:
    found: dict[str, dict[str, TokenClaim]] = {}
    for row in rows_of("token_claims"):
        claim = TokenClaim(
            row["provider"], row["claim"], row["names"], row["kind"] == "yes", row["ends"], row["source"]
        )
        found.setdefault(claim.provider, {})[claim.claim] = claim
    return found


def get_token_claims(provider: str) -> dict[str, TokenClaim]:
    """Return the claims of a provider that name something, by claim (table ``token_claims``).

    Of a provider that is in no table, ``sub`` alone: who has accounts with it is not known.
    """
    default = {"sub": TokenClaim(provider, "sub", "caller", kind=False, ends="", source="OpenID Connect Core 1.0, 2")}
    return _claims().get(provider.lower(), default)
