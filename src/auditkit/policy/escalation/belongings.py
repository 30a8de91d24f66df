"""What belongs to whom in an estate: policies, groups, workloads, boundaries, tags, as bits over users and roles."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import UnsetType

from auditkit.policy.documents import Document, Statement
from auditkit.policy.escalation.admins import administers
from auditkit.policy.escalation.arns import Arns, places
from auditkit.policy.escalation.facts import RESOURCE_TAGS
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.rulings import DENIED, Ruling
from auditkit.policy.escalation.slimming import actions_of
from auditkit.policy.escalation.subjects import Estate, Identity, PolicyVersion, Workload
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.logic import Truth
from auditkit.policy.principals import principal
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["TAG", "Belongings", "tags_in"]

_RUNNING = frozenset({"lambda:invokefunction"})
TAG = "aws:principaltag/"
_LIKE = re.compile(r"\$\{aws:PrincipalTag/(?P<key>[^},]+)\}", re.IGNORECASE)


class Belongings:
    """What belongs to the users and roles of an estate.

    Parameters
    ----------
    estate
        What there is.
    """

    def __init__(self, estate: Estate) -> None:
        usable = {one.arn: one for one in estate.identities if not principal(one.arn).service_linked}
        self.estate = estate
        self.identities = dict(sorted(usable.items()))
        self.arns = Arns(self.identities, lambda arn: self.identities[arn].tags)
        self.count = len(self.arns.list)
        self.roles = self.arns.bits(arn for arn in self.identities if ":role/" in arn)
        self.users = self.arns.all & ~self.roles
        self._roles_of: dict[tuple[int, int], tuple[int, bool]] = {}

    def identity(self, arn: str) -> Identity:
        """Return a user or role."""
        return self.identities[arn]

    def bound(self, arn: str) -> dict[str, str | None]:
        """Return the condition key that tells the permissions boundary of a user or role."""
        return {"iam:permissionsboundary": self.identities[arn].boundary_arn or None}

    @cached_property
    def by_account(self) -> dict[str, int]:
        """Users and roles of each account, as bits."""
        found: dict[str, list[str]] = {}
        for arn, one in self.identities.items():
            found.setdefault(one.policies.account, []).append(arn)
        return {account: self.arns.bits(arns) for account, arns in found.items()}

    @cached_property
    def bounded(self) -> int:
        """Those that have a boundary."""
        return self.arns.bits(arn for arn, one in self.identities.items() if one.policies.boundary is not None)

    @cached_property
    def groups(self) -> Arns:
        """ARNs of all groups."""
        return Arns(group.arn for group in self.estate.groups)

    @cached_property
    def members(self) -> dict[str, int]:
        """Users of each group."""
        return self._holders({arn: one.groups for arn, one in self.identities.items()})

    @cached_property
    def documents(self) -> dict[str, tuple[Document, ...]]:
        """Policies of each group."""
        return {group.arn: group.documents for group in self.estate.groups}

    @cached_property
    def powerful(self) -> frozenset[str]:
        """Groups that may make an administrator of a user."""
        whose = {arn: principal(arn) for arn in self.documents}
        return frozenset(
            arn
            for arn, docs in self.documents.items()
            if self._makes_admin(whose[arn].account, whose[arn].partition, docs)
        )

    @cached_property
    def policies(self) -> Arns:
        """ARNs of the customers' own managed policies."""
        tags = {policy.arn: policy.tags for policy in self.estate.policies}
        return Arns(tags, tags.__getitem__)

    @cached_property
    def holders(self) -> dict[str, int]:
        """Users and roles that each managed policy is attached to, by way of a group as well."""
        by_group = {group.arn: group.attached for group in self.estate.groups}
        attached = {
            arn: (*one.attached, *(policy for group in one.groups for policy in by_group.get(group, ())))
            for arn, one in self.identities.items()
        }
        return self._holders(attached)

    @cached_property
    def bounds(self) -> dict[str, int]:
        """Users and roles that each managed policy bounds."""
        return self._holders({arn: (one.boundary_arn,) for arn, one in self.identities.items()})

    def _holders(self, things: Mapping[str, Iterable[str]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for arn, held in things.items():
            for thing in held:
                found[thing] = found.get(thing, 0) | 1 << self.arns.place[arn]
        return found

    @cached_property
    def workloads(self) -> dict[tuple[str, str], Arns]:
        """Workloads by account and kind."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.estate.workloads:
            found.setdefault((one.account, one.kind), []).append(one.arn)
        tags = {one.arn: one.tags for one in self.estate.workloads}
        return {key: Arns(arns, tags.__getitem__) for key, arns in found.items()}

    def existing(self, account: str, kind: str, needed: Ruling) -> Ruling:
        """Return a ruling with what must be there already, ``""`` for nothing: a workload of a kind in an account."""
        if not kind or needed.truth is Truth.NO or (account, kind) in self.workloads:
            return needed
        if (account, kind) in self.estate.seen:
            return DENIED
        return needed._replace(truth=Truth.UNKNOWN, missing=(*needed.missing, f"whether there is: {kind}"))

    @cached_property
    def handed_out(self) -> dict[str, tuple[Workload, ...]]:
        """Workloads of each kind whose own policies let somebody do more than run them."""
        found: dict[str, list[Workload]] = {}
        for one in self.estate.workloads:
            statements = one.policy.statements if isinstance(one.policy, Document) else ()
            if any(statement.effect == "Allow" and actions_of(statement) - _RUNNING for statement in statements):
                found.setdefault(one.kind, []).append(one)
        return {kind: tuple(of) for kind, of in found.items()}

    def roles_of(self, workloads: Arns, members: int) -> tuple[int, bool]:
        """Return the roles of some workloads, as bits, and whether all of these were seen."""
        key = id(workloads), members
        if key not in self._roles_of:
            roles, all_seen = 0, True
            for place in places(members):
                role = self.runs_as[workloads.list[place]]
                roles |= role or 0
                all_seen = all_seen and role is not None
            self._roles_of[key] = roles, all_seen
        return self._roles_of[key]

    @cached_property
    def runs_as(self) -> dict[str, int | None]:
        """Role of each workload, as a bit: 0 where it has none, None where that was not seen."""
        return {
            one.arn: None if isinstance(one.role_arn, UnsetType) else self.arns.bits((one.role_arn or "",))
            for one in self.estate.workloads
        }

    @cached_property
    def profiled(self) -> int:
        """Roles that are in an instance profile."""
        return self.arns.bits(arn for arn, one in self.identities.items() if one.profiles)

    @cached_property
    def bare(self) -> int:
        """Roles of which it is known that no instance profile holds them."""
        return self.arns.bits(arn for arn, one in self.identities.items() if one.profiles == ())

    @cached_property
    def attachable(self) -> dict[str, tuple[str, ...]]:
        """Customer-managed policies of each account that make an administrator of whoever has them."""
        found: dict[str, list[str]] = {}
        for policy in sorted(self.estate.policies, key=lambda one: one.arn):
            who = principal(policy.arn)
            documents = tuple(one.document for one in policy.versions if one.id == policy.default)
            if documents and self._makes_admin(who.account, who.partition, documents):
                found.setdefault(who.account, []).append(policy.arn)
        return {account: tuple(arns) for account, arns in found.items()}

    @cached_property
    def lesser(self) -> dict[str, tuple[tuple[str, Document], ...]]:
        """Customer-managed policies of each account that make no administrator, and allow what a technique needs."""
        found: dict[str, list[tuple[str, Document]]] = {}
        for policy in sorted(self.estate.policies, key=lambda one: one.arn):
            who = principal(policy.arn)
            for version in policy.versions:
                judge = _anybody(who.account, who.partition, (version.document,))
                denies = any(statement.effect != "Allow" for statement in version.document.statements)
                if version.id != policy.default or denies or policy.arn in self.attachable.get(who.account, ()):
                    continue
                if judge.granted & techniques().actions:
                    found.setdefault(who.account, []).append((policy.arn, version.document))
        return {account: tuple(policies) for account, policies in found.items()}

    def tags_like(self, account: str, statements: Iterable[Statement]) -> Iterator[tuple[str, str]]:
        """Yield the tags that others of an account have where statements want a principal to be tagged like them."""
        for statement in statements:
            for condition in statement.conditions:
                named = [found["key"] for value in condition.values if (found := _LIKE.fullmatch(value))]
                prefix, _, name = condition.key.partition("/")
                if named and f"{prefix.lower()}/" in RESOURCE_TAGS:
                    values = self._tag_values.get((account, name.lower()), ())
                    yield from ((key, value) for key in named for value in values)

    @cached_property
    def _tag_values(self) -> dict[tuple[str, str], dict[str, None]]:
        """Values of each tag that users and roles of an account have."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for one in self.identities.values():
            for key, value in () if isinstance(one.tags, UnsetType) else one.tags.items():
                found.setdefault((one.policies.account, key.lower()), {})[value] = None
        return found

    @cached_property
    def trusted_tags(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Tags that trust policies of each account want of who assumes its roles: keys with values."""
        found: dict[str, dict[tuple[str, str], None]] = {}
        for one in self.identities.values():
            trust = one.policies.trust
            if isinstance(trust, Document):
                found.setdefault(one.policies.account, {}).update(dict.fromkeys(tags_in(trust.statements)))
        return {account: tuple(tags) for account, tags in found.items()}

    @cached_property
    def dormant(self) -> dict[str, tuple[PolicyVersion, ...]]:
        """Versions of managed policies that do not count, and would make an administrator of whoever has the policy."""
        found = {}
        for policy in self.estate.policies:
            who = principal(policy.arn)
            asleep = [one for one in policy.versions if one.id != policy.default]
            strong = [one for one in asleep if self._makes_admin(who.account, who.partition, (one.document,))]
            if strong:
                found[policy.arn] = tuple(strong)
        return found

    def _makes_admin(self, account: str, partition: str, documents: tuple[Document, ...]) -> bool:
        return administers(_anybody(account, partition, documents)).truth is not Truth.NO


def tags_in(statements: Iterable[Statement]) -> list[tuple[str, str]]:
    """Return the tags that statements want of a principal, or want it to have lest they deny: keys with values."""
    return [
        (condition.key[len(TAG) :], value.replace("*", "x").replace("?", "x"))
        for statement in statements
        for condition in statement.conditions
        if condition.key.lower().startswith(TAG)
        for value in condition.values
        if "${" not in value
    ]


def _anybody(account: str, partition: str, documents: tuple[Document, ...]) -> Judge:
    """Return a user who has some policies, and nothing else."""
    arn = f"arn:{partition}:iam::{account}:user/xxx"
    return Judge(PrincipalPolicies(arn=arn, account=account, identity=documents, scps=None))
