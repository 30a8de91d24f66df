"""Techniques of privilege escalation: mechanisms, read from ``data/techniques.toml``.

The table is dated, and in the project's own words; each way names the rows of the public catalogues that it stands for.
"""

from collections.abc import Iterator
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

import msgspec

from auditkit.policy.resources import resource_kind

__all__ = ["Become", "Change", "Effect", "Modify", "Pass", "Technique", "Techniques", "Told", "Way", "techniques"]

Effect = Literal["edit", "unbound", "freed", "tagged", "join", "version", "made", "fresh"]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A set of permissions that a technique can be done with.

    Attributes
    ----------
    id
        Name of the technique in results: the catalogue's where pathfinding.cloud has it.
    permissions
        Actions that are needed, ``iam:PassRole`` apart.
    helps
        Actions that the catalogue lists, and that one can do without.
    call
        Actions that one principal needs, who passes the role or begins; the first where it is empty. All others are
        calls by themselves, which somebody else may make.
    exists
        Kind of a resource that must be there already, ``""`` where nothing must.
    covers
        Further rows of the catalogues.
    waits
        Whether one must wait for something else to happen (a trigger, a new instance).
    """

    id: str
    permissions: tuple[str, ...]
    helps: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    exists: str = ""
    covers: tuple[str, ...] = ()
    waits: bool = False

    @property
    def first(self) -> tuple[str, ...]:
        """Actions that one principal needs."""
        return self.call or self.permissions[:1]

    @property
    def others(self) -> tuple[str, ...]:
        """Actions that somebody else may do."""
        return tuple(action for action in self.permissions if action not in self.first)


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """What all techniques have.

    Attributes
    ----------
    title
        In words.
    attack
        Techniques of MITRE ATT&CK.
    ways
        The fullest first.
    """

    title: str
    attack: tuple[str, ...]
    ways: tuple[Way, ...]


class Pass(Technique, frozen=True, kw_only=True):
    """A role is passed to something that runs in it then.

    Attributes
    ----------
    services
        Service principals of which the role's trust policy must admit one.
    passed_to
        Values of ``iam:PassedToService``; the services where it is empty.
    profile
        Whether the role must be in an instance profile.
    federated
        Whether the service is one of federation (``sts:AssumeRoleWithWebIdentity``).
    closed
        Date since which AWS no longer takes part, ``""`` where it does.
    """

    services: tuple[str, ...]
    passed_to: tuple[str, ...] = ()
    profile: bool = False
    federated: bool = False
    closed: str = ""


class Change(Technique, frozen=True, kw_only=True):
    """Something that runs in a role is changed; ``kind`` is a workload's kind, the rest as in :class:`Pass`."""

    kind: str
    services: tuple[str, ...]
    profile: bool = False


class Become(Technique, frozen=True, kw_only=True):
    """One becomes a user or a role; ``trust`` is ``"rewritten"`` where one writes the role's trust policy oneself."""

    target: Literal["user", "role"]
    trust: Literal["", "rewritten"] = ""


class Modify(Technique, frozen=True, kw_only=True):
    """What a principal may do is changed.

    Attributes
    ----------
    target
        What is changed: a user, a role, a group, a managed policy, or something new of one's own.
    effect
        What comes of it.
    attaches
        Whether a managed policy is attached, so that ``iam:PolicyARN`` counts.
    outside
        Whether it hangs on what no export of an account shows.
    """

    target: Literal["user", "role", "group", "policy", "new"]
    effect: Effect
    attaches: bool = False
    outside: bool = False


class _Combine(msgspec.Struct, frozen=True):
    id: str
    modify: str
    become: tuple[str, ...]


class _On(msgspec.Struct, frozen=True):
    arn: str
    actions: tuple[str, ...]
    names: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A condition key of some actions that tells which role they are about.

    Attributes
    ----------
    key
        The condition key.
    value
        Whether its value is the ARN of the role, or of an instance profile with the role.
    actions
        Actions that have the key.
    on
        Kind of resource that alone has it, ``""`` where requests have it whatever they are about.
    """

    key: str
    value: Literal["role", "profile"]
    actions: tuple[str, ...]
    on: str = ""


class Techniques(msgspec.Struct, frozen=True, dict=True):
    """All techniques.

    Attributes
    ----------
    as_of
        Date up to which they were checked, ISO 8601.
    becomes, modifies, passes, changes
        By family, in the table's order.
    combines
        Names of a modification and a becoming in one step.
    on
        What actions act on.
    tells
        Condition keys that tell which role an action is about.
    """

    as_of: str
    becomes: tuple[Become, ...] = msgspec.field(name="become")
    modifies: tuple[Modify, ...] = msgspec.field(name="modify")
    passes: tuple[Pass, ...] = msgspec.field(name="pass")
    changes: tuple[Change, ...] = msgspec.field(name="change")
    combines: tuple[_Combine, ...] = msgspec.field(name="combine")
    on: tuple[_On, ...] = ()
    tells: tuple[Told, ...] = ()

    def __iter__(self) -> Iterator[Technique]:
        """Iterate over the techniques of all families."""
        yield from (*self.becomes, *self.modifies, *self.passes, *self.changes)

    @cached_property
    def covers(self) -> dict[str, tuple[str, ...]]:
        """Rows of the catalogues by the way that stands for them."""
        found: dict[str, set[str]] = {combine.id: {combine.id} for combine in self.combines}
        for technique in self:
            for way in technique.ways:
                found.setdefault(way.id, {way.id}).update(way.covers)
        return {way: tuple(sorted(rows)) for way, rows in sorted(found.items())}

    @cached_property
    def actions(self) -> frozenset[str]:
        """Every action that a technique needs, in lower case."""
        found = {"iam:passrole", "sts:assumerole", "iam:addroletoinstanceprofile", "iam:createinstanceprofile"}
        for technique in self:
            for way in technique.ways:
                found.update(action.lower() for action in way.permissions)
        return frozenset(found)

    @cached_property
    def templates(self) -> dict[str, dict[str, str]]:
        """Templates of the ARNs that an action (in lower case) acts on, by kind of resource."""
        found: dict[str, dict[str, str]] = {}
        for entry in self.on:
            for action in entry.actions:
                found.setdefault(action.lower(), {})[resource_kind(entry.arn)] = entry.arn
        return found

    @cached_property
    def named(self) -> dict[str, tuple[str, ...]]:
        """Names of the only resources of a template that serve, where not all of them do."""
        return {entry.arn: entry.names for entry in self.on if entry.names}

    @cached_property
    def told(self) -> dict[str, tuple[Told, ...]]:
        """Condition keys that tell which role an action (in lower case) is about."""
        actions = {action.lower() for tell in self.tells for action in tell.actions}
        return {
            action: tuple(tell for tell in self.tells if action in map(str.lower, tell.actions)) for action in actions
        }

    def groups(self, actions: tuple[str, ...]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Return the resources that actions need: kind, template of the ARN (``""`` for none), and actions on each."""
        if actions not in self._groups:
            found: dict[tuple[str, str], list[str]] = {}
            for action in actions:
                for key in self.templates.get(action.lower(), {"": ""}).items():
                    found.setdefault(key, []).append(action)
            self._groups[actions] = tuple((*key, tuple(of)) for key, of in found.items())
        return self._groups[actions]

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], tuple[tuple[str, str, tuple[str, ...]], ...]]:
        return {}

    @cached_property
    def order(self) -> dict[str, int]:
        """Place of each way in the table: what comes first wins a tie."""
        ways = dict.fromkeys(way.id for technique in self for way in technique.ways)
        return {way: place for place, way in enumerate(ways)}

    @cached_property
    def _of_way(self) -> dict[str, Technique]:
        return {way.id: technique for technique in self for way in technique.ways}

    def combined(self, modify: str, become: str) -> str:
        """Return the id of a modification and a becoming in one step."""
        for combine in self.combines:
            if combine.modify == modify and become in combine.become:
                return combine.id
        return f"{modify}+{become}"

    def parts(self, way: str) -> tuple[str, ...]:
        """Return the ways that one id stands for: two where a modification and a becoming are one step."""
        both = {combine.id: (combine.modify, combine.become[0]) for combine in self.combines}
        return tuple(one for part in way.split("+") for one in both.get(part, (part,)))

    def waits(self, way: str) -> bool:
        """Return whether a way must wait for something else to happen."""
        parts = set(self.parts(way))
        return any(one.waits for technique in self for one in technique.ways if one.id in parts)

    def title(self, way: str) -> str:
        """Return a technique in words; the id itself for one that is not in the table."""
        titles = [self._of_way[part].title for part in self.parts(way) if part in self._of_way]
        return "; ".join([*titles[:1], *(title[:1].lower() + title[1:] for title in titles[1:])]) or way

    def attack(self, way: str) -> tuple[str, ...]:
        """Return the techniques of MITRE ATT&CK behind a way, sorted."""
        parts = [self._of_way[part] for part in self.parts(way) if part in self._of_way]
        return tuple(sorted({name for technique in parts for name in technique.attack}))


@cache
def techniques() -> Techniques:
    """Return the table, read once."""
    text = (files("auditkit.policy") / "data" / "techniques.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=Techniques)
