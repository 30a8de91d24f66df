"""The users and roles of an estate, made ready: indexed, with what belongs to them, and what they may turn into.

A *node* is a principal as it stands, or as it can be made: without its boundary, with every permission written into its
policies, with another group or another version of a policy. Nodes are numbered: principals as they stand from 0, those
without boundary (flag 1) and with every permission (flag 2) at multiples of their number, and the rest behind.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec
from msgspec import UnsetType

from auditkit.policy.documents import Document, Statement
from auditkit.policy.escalation.admins import administers
from auditkit.policy.escalation.arns import Arns, places
from auditkit.policy.escalation.facts import RESOURCE_TAGS
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.kinds import kind_of
from auditkit.policy.escalation.newcomers import mightiest
from auditkit.policy.escalation.rulings import DENIED, Ruling
from auditkit.policy.escalation.slimming import actions_of
from auditkit.policy.escalation.subjects import Estate, Identity, PolicyVersion, Workload
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.escalation.trusts import Trusts
from auditkit.policy.logic import Truth
from auditkit.policy.principals import principal
from auditkit.policy.subjects import PrincipalPolicies

__all__ = ["AWAKE", "EDITED", "FEW", "FLAGS", "TAG", "UNBOUND", "Freed", "World", "tags_in"]

_RUNNING = frozenset({"lambda:invokefunction"})
TAG = "aws:principaltag/"
_LIKE = re.compile(r"\$\{aws:PrincipalTag/(?P<key>[^},]+)\}", re.IGNORECASE)
UNBOUND = 1
EDITED = 2
FLAGS = 4
FEW = 16
"""How many kinds of those who can be changed, and are no administrators then, are gone on from: time is bounded."""
AWAKE = 256
"""How many principals keep what they were asked in mind."""


class Freed(NamedTuple):
    """What a principal has done to itself: flags, policies that are gone, and the tags that it has given itself."""

    flags: int = 0
    gone: frozenset[tuple[str, str]] = frozenset()
    tags: tuple[tuple[str, str], ...] = ()


class World:
    """An estate made ready; see the module.

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
        self._roles_of: dict[tuple[int, int], tuple[int, bool]] = {}
        roles = {arn: one for arn, one in self.identities.items() if ":role/" in arn}
        self.roles = self.arns.bits(roles)
        self.users = self.arns.all & ~self.roles
        self.trusts = Trusts(self.arns, roles)
        self._judges: dict[int, Judge] = {}
        self._awake: dict[int, None] = {}
        self._admins: dict[int, Ruling] = {}
        self._named: dict[int, str] = {}
        self._made: dict[object, int] = {}
        self._checked: dict[int, tuple[int, int]] = {}
        self._kinds: dict[object, int] = {}
        self._kind_of: dict[int, int] = {}
        self._makers: dict[tuple[str, tuple[str, ...]], set[int]] = {}
        self.freed: dict[int, Freed] = {}
        """Nodes of principals that have freed themselves."""
        self.cut = 0
        """Nodes that can change more than were gone on from, as bits."""

    # ------------------------------------------------------------ nodes

    def node(self, place: int, flags: int = 0) -> int:
        """Return the node of a principal with some flags."""
        return flags * self.count + place

    def place(self, node: int) -> int:
        """Return the principal behind a node; -1 for one that is newly made."""
        return node % self.count if node < FLAGS * self.count else self._places[node]

    def flags(self, node: int) -> int:
        """Return the flags of a node."""
        return node // self.count if node < FLAGS * self.count else 0

    @cached_property
    def _places(self) -> dict[int, int]:
        return {}

    def make(self, key: object, judge: Judge, name: str, place: int = -1) -> int:
        """Return the node of a principal that can be made, one for each key.

        Parameters
        ----------
        key
            What makes it this one.
        judge
            The principal.
        name
            What it is called in paths.
        place
            The principal behind it.
        """
        if key not in self._made:
            node = FLAGS * self.count + len(self._made)
            self._made[key] = node
            self._judges[node], self._named[node], self._places[node] = judge, name, place
        return self._made[key]

    def made(self, key: object) -> int:
        """Return the node of a principal that can be made, -1 where it was not made."""
        return self._made.get(key, -1)

    def name(self, node: int) -> str:
        """Return what a node is called in paths: the principal's ARN, or what makes it another one."""
        return self._named.get(node) or self.arns.list[self.place(node)]

    def judge(self, node: int) -> Judge:
        """Return the principal of a node, ready to be asked; those that were asked last know best."""
        self._awake.pop(node, None)
        self._awake[node] = None
        if len(self._awake) > AWAKE:
            first = next(iter(self._awake))
            del self._awake[first]
            self._judges[first].rest()
        if node not in self._judges:
            identity = self.identities[self.arns.list[self.place(node)]]
            policies = identity.policies
            if self.flags(node) & UNBOUND:
                policies = msgspec.structs.replace(policies, boundary=None)
            made = Judge(policies, identity.tags)
            self._judges[node] = made.edited() if self.flags(node) & EDITED else made
        return self._judges[node]

    def admin(self, node: int) -> Ruling:
        """Return whether a node is an administrator."""
        if node not in self._admins:
            self._admins[node] = administers(self.judge(node))
        return self._admins[node]

    @cached_property
    def certain(self) -> bool:
        """Whether anybody could be an administrator for certain, given everything and bound by nothing of its own."""
        kinds: set[object] = set()
        for judge in mightiest(self.identities.values()):
            kind = kind_of(judge, edited=True)
            if kind not in kinds and administers(judge).sure:
                return True
            kinds.add(kind)
        return False

    def admins(self, bits: int, flags: int) -> int:
        """Return which of some principals may be administrators with some flags."""
        checked, found = self._checked.get(flags, (0, 0))
        for place in places(bits & ~checked):
            if self.admin(self.node(place, flags)).truth is not Truth.NO:
                found |= 1 << place
        self._checked[flags] = checked | bits, found
        return found & bits

    def worthwhile(self, node: int, bits: int, flags: int) -> int:
        """Return the administrators among some principals with some flags, and a few others, which may lead further.

        Where there are more than a few, ``node``, which can change them, is one of those that are cut off.
        """
        admins = self.admins(bits, flags)
        others, whole = self.few(bits & ~admins, flags)
        self.cut |= 0 if whole else 1 << node
        return admins | others

    def few(self, bits: int, flags: int) -> tuple[int, bool]:
        """Return one of each kind of some principals with some flags, and whether these are all kinds."""
        found: dict[int, int] = {}
        for place in places(bits):
            found.setdefault(self._kind(self.node(place, flags)), 1 << place)
            if len(found) > FEW:
                break
        return sum(list(found.values())[:FEW]), len(found) <= FEW

    def _kind(self, node: int) -> int:
        """Return a number for all that may do the same: by their own policies, and by trust policies that name them."""
        if node not in self._kind_of:
            judge = self.judge(node)
            kind = kind_of(judge, edited=bool(self.flags(node) & EDITED)), self.trusts.granting(judge)
            self._kind_of[node] = self._kinds.setdefault(kind, len(self._kinds))
        return self._kind_of[node]

    # ------------------------------------------------------------ what belongs to whom

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

    def made_by_others(self, arn: str, account: str, actions: tuple[str, ...]) -> bool:
        """Return whether somebody else of an account, who is no administrator, is granted some actions."""
        key = account, actions
        if key not in self._makers:
            nodes = places(self.by_account.get(account, 0))
            self._makers[key] = {
                node for node in nodes if self.judge(node).holds(*actions) and not self.admin(node).sure
            }
        return bool(self._makers[key] - {self.arns.place.get(arn, -1)})

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

    @cached_property
    def denied(self) -> int:
        """Users and roles whose own policies, or groups, deny something that techniques ask for."""
        found = 0
        for place in range(self.count):
            documents = self.judge(place).identity
            if any(one.effect == "Deny" for document in documents for one in document.statements):
                found |= 1 << place
        return found

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
