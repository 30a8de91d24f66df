"""The users and roles of an estate, made ready: indexed, with what belongs to them, and what they may turn into.

A *node* is a principal as it stands, or as it can be made: without its boundary, with every permission written into its
policies, with another group or another version of a policy. Nodes are numbered: principals as they stand from 0, those
without boundary (flag 1) and with every permission (flag 2) at multiples of their number, and the rest behind.
"""

from functools import cached_property
from typing import NamedTuple

import msgspec

from auditkit.policy.escalation.admins import administers
from auditkit.policy.escalation.arns import places
from auditkit.policy.escalation.belongings import Belongings
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.kinds import kind_of
from auditkit.policy.escalation.newcomers import mightiest
from auditkit.policy.escalation.rulings import Ruling
from auditkit.policy.escalation.subjects import Estate
from auditkit.policy.escalation.trusts import Trusts
from auditkit.policy.logic import Truth

__all__ = ["AWAKE", "EDITED", "FEW", "FLAGS", "UNBOUND", "Freed", "World"]

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


class World(Belongings):
    """An estate made ready; see the module.

    Parameters
    ----------
    estate
        What there is.
    """

    def __init__(self, estate: Estate) -> None:
        super().__init__(estate)
        self.trusts = Trusts(self.arns, {arn: one for arn, one in self.identities.items() if ":role/" in arn})
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

    # ------------------------------------------------------------ what they may do

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
    def denied(self) -> int:
        """Users and roles whose own policies, or groups, deny something that techniques ask for."""
        found = 0
        for place in range(self.count):
            documents = self.judge(place).identity
            if any(one.effect == "Deny" for document in documents for one in document.statements):
                found |= 1 << place
        return found
