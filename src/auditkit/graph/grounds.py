"""What a grant rests on: where its statements stand, and what of the policies is missing for it."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from auditkit.graph.schema import Limit
from auditkit.inventory import PolicyText, Source
from auditkit.inventory.arn import parse_arn
from auditkit.policy import Grant, Outcome, PolicyKind, StatementRef

__all__ = [
    "LAYERS",
    "LIMITS",
    "Basis",
    "Bearing",
    "Given",
    "Lacking",
    "Places",
    "each_once",
    "is_grounded",
    "lacking",
    "statement_sources",
    "what_is_missing",
    "within_account",
]

LAYERS = {
    "scp": "service control policies",
    "rcp": "resource control policies",
    "identity": "a policy of the principal",
    "boundary": "the permissions boundary",
    "resource": "the resource policy",
    "endpoint": "a VPC endpoint that lets it pass",
}
LIMITS = {
    "scp": Limit.SERVICE_CONTROL,
    "rcp": Limit.RESOURCE_CONTROL,
    "key scp": Limit.SERVICE_CONTROL_OF_KEY,
    "key rcp": Limit.RESOURCE_CONTROL_OF_KEY,
}
"""Layers that can only take away, as the policy engine names them."""
_GRANTING = frozenset({PolicyKind.IDENTITY, PolicyKind.RESOURCE})
_DELEGATING = frozenset({"kms", "iam"})  # services whose resource policy must allow, besides the identity's


def each_once(words: Iterable[str]) -> tuple[str, ...]:
    """Return what is missing, each thing once: edges name several policies together.

    Parameters
    ----------
    words
        What edges say is unknown, or limits them.
    """
    parts = (part for one in words for part in (one.split(", ") if _ALL.issuperset(one.split(", ")) else [one]))
    return tuple(dict.fromkeys(parts))


_ALL = frozenset({*LAYERS.values(), *(f"{layer} of the key" for layer in LAYERS.values()), *Limit, "a policy"})
"""What may be missing of policies, as edges name it."""


class Places:
    """Where statements stand; the same place is the same object."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[object, Source]] = {}

    def of(self, references: Iterable[StatementRef]) -> tuple[Source, ...]:
        """Return where some statements stand, sorted."""
        found = set()
        for reference in references:
            key = id(reference.source), reference.pointer
            known = self._known.get(key)
            if known is not None:
                found.add(known[1])
            elif isinstance(reference.source, Source | PolicyText):
                place = _place(reference.source, reference.pointer)
                self._known[key] = reference.source, place
                found.add(place)
        return tuple(sorted(found))


def statement_sources(references: Iterable[StatementRef]) -> tuple[Source, ...]:
    """Return where the statements stand, sorted."""
    return Places().of(references)


def _place(source: Source | PolicyText, pointer: str) -> Source:
    return source.at(*(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]))


class Lacking(NamedTuple):
    """What of the policies is missing for a grant.

    Attributes
    ----------
    words
        In words; ``""`` where nothing is.
    doubtful
        Whether something that could *grant* is missing.
    limits
        What is missing, where all of it can only take away; empty otherwise.
    """

    words: str
    doubtful: bool
    limits: tuple[Limit, ...]


class Bearing(NamedTuple):
    """What some statements give on a target.

    Attributes
    ----------
    actions
        The actions.
    sources
        Where the statements stand, but for those about the key of the target.
    hangs_on
        Condition keys, what is missing, and the statements about the key.
    """

    actions: frozenset[str]
    sources: frozenset[Source]
    hangs_on: tuple[tuple[str, ...], Lacking, tuple[Source, ...]]

    @property
    def is_certain(self) -> bool:
        """Whether it hangs on nothing but, perhaps, what is allowed on the key."""
        keys, missing, _ = self.hangs_on
        return not keys and not missing.words


class Basis(NamedTuple):
    """What an edge of a policy rests on.

    Attributes
    ----------
    sources
        The sources of the edge.
    by, besides
        What it says, and what is less certain and not said for that.
    """

    sources: tuple[Source, ...]
    by: tuple[Bearing, ...] = ()
    besides: tuple[Bearing, ...] = ()

    def has(self, other: "Basis") -> bool:
        """Return whether all that another one says is given here as well, by the same statements and some more."""
        if len({one.hangs_on for one in other.by}) != 1:
            return False
        every = (*self.by, *self.besides)
        alike = [one for one in every if one.hangs_on == other.by[0].hangs_on]
        given = {action for one in every if one.is_certain or one in alike for action in one.actions}
        stated = {source for one in alike for source in one.sources}
        return all(one.actions <= given and one.sources <= stated for one in other.by)


class Given(Protocol):
    """A decision, or a grant, as far as it matters here."""

    @property
    def outcome(self) -> Outcome:
        """The answer."""

    @property
    def statements(self) -> tuple[StatementRef, ...]:
        """The statements that decided, or that it hangs on."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Layers that it hangs on."""


def what_is_missing(grant: Grant) -> Lacking:
    """Return what of the policies is missing for a grant: :func:`lacking`."""
    return lacking(grant, near=within_account(grant.principal, grant.target))


def within_account(principal: str, target: str) -> bool:
    """Return whether identity policies suffice: within one account, but for services whose resource policy must allow.

    Parameters
    ----------
    principal, target
        ARNs.
    """
    arn, who = parse_arn(target), parse_arn(principal)
    return arn is not None and who is not None and arn.account in {"", who.account} and arn.service not in _DELEGATING


def is_grounded(given: Given) -> bool:
    """Return whether more than a policy of the target's that was not seen may allow it.

    Such a policy might let anybody in; that alone speaks against nobody. A principal's own that was not seen does.
    """
    if given.outcome is not Outcome.UNKNOWN or "identity" in given.missing:
        return True
    return any(one.effect == "Allow" and one.policy in _GRANTING and not one.of_key for one in given.statements)


def lacking(given: Given, *, near: bool) -> Lacking:
    """Return what of the policies is missing for what was decided.

    Policies of the organization, and the resource policy within one account, can only take away from what an identity
    policy of the principal allows. Without them a grant is not certain, but what the principal was given shows its
    purpose. Where a policy that could grant is missing nothing does.

    Parameters
    ----------
    given
        The decision, or a grant.
    near
        Whether identity policies suffice: :func:`within_account`.
    """
    if given.outcome is not Outcome.UNKNOWN:
        return Lacking("", doubtful=False, limits=())
    about = [reference for reference in given.statements if not reference.of_key]
    own = {reference.effect for reference in about if reference.policy is PolicyKind.IDENTITY}
    limits = [
        Limit.DENIALS if name == "resource" and "Allow" in own and near else LIMITS.get(name) for name in given.missing
    ]
    granted = any(reference.effect == "Allow" for reference in about)
    words = [
        limit or f"{LAYERS.get(name.removeprefix('key '), name)}{' of the key' if name.startswith('key ') else ''}"
        for name, limit in zip(given.missing, limits, strict=True)
    ]
    known = tuple(limit for limit in limits if limit)
    harmless = len(known) == len(limits)
    return Lacking(", ".join(words) or "a policy", not (granted and harmless), known if harmless else ())
