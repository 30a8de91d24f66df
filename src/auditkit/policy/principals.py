"""Who makes a request, and whether a resource policy names them."""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntFlag, StrEnum

import msgspec

from auditkit.errors import PolicyError
from auditkit.policy.documents import Condition, Named
from auditkit.policy.matching import parse_arn

__all__ = [
    "ANONYMOUS",
    "NamedAs",
    "Principal",
    "PrincipalType",
    "accounts_let_in",
    "anyone_of",
    "is_excepted",
    "named_as",
    "names_within",
    "principal",
]

_MAX_PRINCIPAL = 2048
_ACCOUNT_DIGITS = 12
_CLOUDFRONT = "cloudfront"
"""What stands for the account in the ARN of an origin access identity, which is a canonical user and no IAM user."""


class PrincipalType(StrEnum):
    """Type of the principal of a request."""

    ACCOUNT = "account"
    """Somebody in an account, it is not known who: what a resource policy is about that names an account."""
    ROOT = "root user"
    USER = "user"
    ROLE = "role"
    SESSION = "role session"
    FEDERATED_USER = "federated user"
    SERVICE = "service"
    FEDERATION = "federation"
    CANONICAL_USER = "canonical user"
    ANONYMOUS = "anonymous"
    OTHER = "other"


_OF_AN_ACCOUNT = frozenset(
    {
        PrincipalType.ACCOUNT,
        PrincipalType.ROOT,
        PrincipalType.USER,
        PrincipalType.ROLE,
        PrincipalType.SESSION,
        PrincipalType.FEDERATED_USER,
        PrincipalType.OTHER,
    }
)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The principal of a request.

    Attributes
    ----------
    type
        What it is.
    id
        ARN; the name of a service, federation or canonical user; ``"*"`` for the anonymous.
    account
        Twelve digits, ``""`` where it belongs to none.
    partition
        ``"aws"`` and the like, ``""`` where it has none.
    name
        Name of the user or role (without its path), also of the role behind a session.
    """

    type: PrincipalType
    id: str
    account: str = ""
    partition: str = ""
    name: str = ""

    @property
    def of_an_account(self) -> bool:
        """Whether identity policies, boundaries and service control policies can apply to it."""
        return self.type in _OF_AN_ACCOUNT

    @property
    def service_linked(self) -> bool:
        """Whether it is a service-linked role, or a session of one."""
        if self.type is PrincipalType.ROLE:
            return ":role/aws-service-role/" in self.id
        return self.type is PrincipalType.SESSION and self.name.startswith("AWSServiceRoleFor")


ANONYMOUS = Principal(type=PrincipalType.ANONYMOUS, id="*")


class NamedAs(IntFlag):
    """How a resource policy names the principal of a request; one statement may name it in several ways."""

    NOT = 0
    ACCOUNT = 1
    """By its account: delegates to the account, is not a grant (unless it is the account's root user)."""
    ROLE = 2
    """By the role, or by the ARN of whoever is behind a session: a role's, or the user's who federated."""
    USER = 4
    SESSION = 8
    """By the session's own ARN: a role session or a federated user."""
    ANYONE = 16
    SERVICE = 32
    FEDERATION = 64
    ROOT = 128


def _from_arn(text: str) -> Principal | None:
    arn = parse_arn(text)
    if arn is None:
        return None
    kind, _, rest = arn.resource.partition("/")
    if arn.account == _CLOUDFRONT:
        return Principal(type=PrincipalType.CANONICAL_USER, id=text, partition=arn.partition, name=rest)
    made = PrincipalType.OTHER
    name = rest.rpartition("/")[2]
    if arn.service == "iam":
        if arn.resource == "root":
            made, name = PrincipalType.ROOT, "root"
        elif kind in {"oidc-provider", "saml-provider"}:
            made, name = PrincipalType.FEDERATION, rest
        elif kind in {"user", "role"} and name:
            made = PrincipalType(kind)
    elif arn.service == "sts":
        if kind == "assumed-role" and rest:
            made, name = PrincipalType.SESSION, rest.partition("/")[0]
        elif kind == "federated-user" and rest:
            made, name = PrincipalType.FEDERATED_USER, rest
    return Principal(type=made, id=text, account=arn.account, partition=arn.partition, name=name)


def _from_object(value: Mapping[str, object]) -> Principal:
    kind = value.get("type", value.get("Type"))
    if isinstance(kind, str) and kind.lower() == "anonymous":
        return ANONYMOUS
    entries = dict(value)
    if isinstance(kind, str):
        others = [entry for name, entry in value.items() if name.lower() != "type"]
        entries = {kind: others[0]} if len(others) == 1 else {}
    for name, entry in entries.items():
        if not isinstance(entry, str) or not entry:
            continue
        match name.lower():
            case "aws" | "arn" | "iam":
                return principal(entry)
            case "service":
                return Principal(type=PrincipalType.SERVICE, id=entry)
            case "federated" | "federation":
                return Principal(type=PrincipalType.FEDERATION, id=entry)
            case "canonicaluser":
                return Principal(type=PrincipalType.CANONICAL_USER, id=entry)
    raise PolicyError("principal: an object is {'type': 'Anonymous'} or one of AWS, Service, Federated, CanonicalUser")


def principal(value: str | Mapping[str, object]) -> Principal:
    """Return the principal that a text or an object stands for.

    Parameters
    ----------
    value
        An ARN, an account (its root user), the name of a service, ``"*"`` (anonymous), ``{"type": "Anonymous"}``,
        ``{"Service": name}``, ``{"Federated": provider}``, ``{"AWS": ARN}``, ``{"CanonicalUser": id}``, or the same as
        ``{"type": ..., "id": ...}``.

    Raises
    ------
    PolicyError
        It is none of these.
    """
    if isinstance(value, Mapping):
        return _from_object(value)
    if not value or len(value) > _MAX_PRINCIPAL:
        raise PolicyError("principal: expected an ARN, a service, or an object with a type")
    if value == "*" or value.lower() == "anonymous":
        return ANONYMOUS
    if len(value) == _ACCOUNT_DIGITS and value.isdecimal():
        return Principal(
            type=PrincipalType.ROOT, id=f"arn:aws:iam::{value}:root", account=value, partition="aws", name="root"
        )
    if found := _from_arn(value):
        return found
    if "." in value and ":" not in value and "/" not in value:
        return Principal(type=PrincipalType.SERVICE, id=value)
    raise PolicyError(f"principal: {value[:200]!r} is neither an ARN nor the name of a service")


def anyone_of(account: str) -> Principal:
    """Return the principal that stands for somebody in an account, not known who."""
    return Principal(type=PrincipalType.ACCOUNT, id=account, account=account)


def _account_of(entry: str) -> str | None:
    """Return the account that an entry of type AWS names as a whole."""
    if len(entry) == _ACCOUNT_DIGITS and entry.isdecimal():
        return entry
    arn = parse_arn(entry)
    return arn.account if arn is not None and arn.service == "iam" and arn.resource == "root" else None


_BEHIND = {PrincipalType.SESSION: "role/", PrincipalType.FEDERATED_USER: "user/"}


def _behind(who: Principal, entry: str) -> bool:
    """Whether an entry is the ARN of the role or user that a session is of; a session's ARN lacks the path of it.

    A federated user bears the name of the user who federated (IAM User Guide, AWS STS federated user principals).
    """
    arn = parse_arn(entry) if who.type in _BEHIND else None
    return (
        arn is not None
        and arn.service == "iam"
        and arn.account == who.account
        and arn.partition == who.partition
        and arn.resource.startswith(_BEHIND[who.type])
        and arn.resource.rpartition("/")[2] == who.name
    )


def _as_aws(who: Principal, entry: str) -> NamedAs:
    if (account := _account_of(entry)) is not None:
        if account != who.account:
            return NamedAs.NOT
        return NamedAs.ROOT | NamedAs.ACCOUNT if who.type is PrincipalType.ROOT else NamedAs.ACCOUNT
    if entry == who.id:
        match who.type:
            case PrincipalType.ROLE:
                return NamedAs.ROLE
            case PrincipalType.SESSION | PrincipalType.FEDERATED_USER:
                return NamedAs.SESSION
            case _:
                return NamedAs.USER
    if _behind(who, entry):
        return NamedAs.ROLE
    return NamedAs.NOT


def _one(who: Principal, named: Named) -> NamedAs:
    match named.type:
        case "*":
            return NamedAs.ANYONE
        case "AWS":
            known = who.of_an_account or who.type is PrincipalType.CANONICAL_USER
            return _as_aws(who, named.value) if known else NamedAs.NOT
        case "Service":
            known = who.type is PrincipalType.SERVICE and named.value in {"*", who.id}
            return NamedAs.SERVICE if known else NamedAs.NOT
        case "Federated":
            # the provider of identity pools, given as bare text, looks like a service
            providers = {PrincipalType.FEDERATION, PrincipalType.SERVICE}
            known = who.type in providers and named.value == who.id
            known = known or (who.type is PrincipalType.FEDERATION and named.value == "*")
            return NamedAs.FEDERATION if known else NamedAs.NOT
        case "CanonicalUser":
            known = who.type is PrincipalType.CANONICAL_USER and named.value == who.id
            return NamedAs.USER if known else NamedAs.NOT
        case _:
            return NamedAs.NOT


def named_as(who: Principal, entries: Iterable[Named]) -> NamedAs:
    """Return every way in which a ``Principal`` element names a principal."""
    ways = NamedAs.NOT
    for named in entries:
        way = _one(who, named)
        if way is not NamedAs.NOT:
            ways |= way
    return ways


def names_within(account: str, entries: Iterable[Named]) -> bool:
    """Whether an element names a principal of an account, and not the account as a whole."""
    arns = (parse_arn(named.value) for named in entries if named.type == "AWS")
    return any(arn is not None and arn.account == account and arn.resource != "root" for arn in arns)


_ACCOUNT_KEYS = frozenset({"aws:principalaccount", "kms:calleraccount"})


def accounts_let_in(entries: Iterable[Named], conditions: Iterable[Condition]) -> Iterator[str]:
    """Yield the accounts that a statement for everyone is narrowed to by conditions on who asks."""
    if all(named.type != "*" for named in entries):
        return
    for condition in conditions:
        key = condition.key.lower()
        if condition.operator.negated or key not in {*_ACCOUNT_KEYS, "aws:principalarn"}:
            continue
        for value in condition.values:
            arn = parse_arn(value)
            account = value if key in _ACCOUNT_KEYS else arn.account if arn else ""
            if len(account) == _ACCOUNT_DIGITS and account.isdecimal():
                yield account


def is_excepted(who: Principal, entries: tuple[Named, ...]) -> bool:
    """Whether a ``NotPrincipal`` element excepts a principal.

    AWS checks the account, then the role, then the session, so all of them are to be listed. An account or a role that
    stands there only to complete a user, a role or a session below it excepts no others of that account or role.
    """
    ways = named_as(who, entries)
    if ways & ~(NamedAs.ACCOUNT | NamedAs.ROLE):
        return True
    if ways & NamedAs.ROLE:
        aws = (entry for named in entries if named.type == "AWS" and (entry := parse_arn(named.value)) is not None)
        sessions = (arn.resource.split("/") for arn in aws if arn.service == "sts" and arn.account == who.account)
        prefix = ["assumed-role", who.name]
        return who.type is PrincipalType.ROLE or not any(parts[:2] == prefix for parts in sessions)
    return bool(ways & NamedAs.ACCOUNT) and not names_within(who.account, entries)
