"""How one principal takes away what keeps its permissions from it: policies that deny, and tags that it lacks.

A Deny binds only while it stands. Who may delete, detach or overwrite the policy that it stands in, or leave the group,
is free of it, and so is who gives itself the tags that policies want. What a policy allows goes with it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UnsetType

from auditkit.policy.documents import Document
from auditkit.policy.escalation.attaching import POLICY
from auditkit.policy.escalation.belongings import TAG, tags_in
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.kinds import adds
from auditkit.policy.escalation.moves import Move, single
from auditkit.policy.escalation.rulings import DENIED, Ruling, all_rulings, ruling_at
from auditkit.policy.escalation.subjects import GroupPolicies, Identity
from auditkit.policy.escalation.techniques import Modify, Way, techniques
from auditkit.policy.escalation.world import EDITED, FLAGS, UNBOUND, Freed

if TYPE_CHECKING:
    from auditkit.policy.escalation.steps import Steps

__all__ = ["Freeing"]

_VALUES, _CHOICES = 4, 16
_LEAVING = "iam:RemoveUserFromGroup"


class _Held(NamedTuple):
    """One way that a principal has a policy: of its own or of a group, inline or managed."""

    of: str
    inline: bool


class _Denying(NamedTuple):
    """A policy that denies something, and all the ways that the principal has it."""

    document: Document
    held: tuple[_Held, ...]


class _Taking(NamedTuple):
    """How a policy is taken away: by which ways, and what goes with it."""

    ways: tuple[Way, ...]
    ruling: Ruling
    gone: tuple[Document, ...]


class Freeing:
    """The steps by which one principal frees itself, or another.

    Parameters
    ----------
    steps
        The steps of its node.
    place
        Of the other; its own if it is not given.
    """

    def __init__(self, steps: "Steps", place: int | None = None) -> None:
        self._steps, self._world, self._judge = steps, steps.world, steps.judge
        self._place = steps.place if place is None else place
        self._target: Judge = steps.judge if place is None else steps.world.judge(place)
        own = self._world.freed.get(steps.node) or Freed(flags=steps.flags)
        self._state = own if place is None else Freed()

    def moves(self, edits: Iterable[Move], unbinds: Iterable[Move]) -> Iterator[Move]:
        """Yield the steps, and from a principal that is free already those that it does to itself."""
        steps, world = self._steps, self._world
        if not steps.me or not (steps.node < FLAGS * world.count or steps.node in world.freed):
            return
        yield from self.freed()
        yield from self._tagging()
        if steps.node in world.freed:
            for flag, moves in ((EDITED, edits), (UNBOUND, unbinds)):
                for move in moves:
                    if move.possible & steps.me and not self._state.flags & flag:
                        node = self._node(self._changed(flag), self._state._replace(flags=self._state.flags | flag))
                        yield single(move.id, move.permissions, node, move.explain(steps.place))

    def freed(self) -> Iterator[Move]:
        """Yield the steps by which policies that deny are gone."""
        found = self._denying()
        yield from self._removing(found)
        yield from self._overwriting(found)

    def _changed(self, flag: int) -> Judge:
        if flag == EDITED:
            return self._judge.edited()
        return Judge(msgspec.structs.replace(self._judge.policies, boundary=None), self._judge.tags)

    def _node(self, judge: Judge, state: Freed) -> int:
        """Return the node of the principal as it is then."""
        world, place = self._world, self._place
        node = world.make(("freed", place, state), judge, world.name(place), place)
        world.freed[node] = state
        return node

    # ------------------------------------------------------------ policies that deny

    def _denying(self) -> list[_Denying]:
        """Return the policies of whom it frees that deny something that techniques ask for."""
        given = self._target.policies.identity
        if isinstance(given, UnsetType):
            return []
        readable = [document for document in given if document.readable]
        return [
            _Denying(document, held)
            for document, slim in zip(readable, self._target.identity, strict=True)
            if any(one.effect == "Deny" for one in slim.statements) and (held := tuple(self._held(document)))
        ]

    def _held(self, document: Document) -> Iterator[_Held]:
        """Yield the ways that the principal has a policy."""
        me = self._world.identity(self._world.arns.list[self._place])
        groups = [group for group in self._world.estate.groups if group.arn in me.groups]
        managed = document.name.startswith("arn:")
        of_groups = [group.arn for group in groups if _has(group, document, managed=managed)]
        if managed and document.name in me.attached:
            yield _Held(me.arn, inline=False)
        elif not managed and not of_groups:
            yield _Held(me.arn, inline=True)
        yield from (_Held(arn, inline=not managed) for arn in of_groups)

    def _removing(self, found: list[_Denying]) -> Iterator[Move]:
        """Yield the steps of taking policies away: all that can be at once, and those alone that allow nothing."""
        takings = [taking for one in found if (taking := self._taking(one)) is not None]
        for chosen in dict.fromkeys(
            (
                tuple(takings),
                tuple(one for one in takings if not _allows(one.gone)),
                tuple(one for one in takings if one.ruling.sure),
            )
        ):
            gone = tuple(document for one in chosen for document in one.gone)
            judge = self._target.without(*gone)
            if chosen and adds(judge, to=self._target):
                ways = tuple(dict.fromkeys(way for one in chosen for way in one.ways))
                node = self._node(judge, self._state._replace(gone=self._state.gone | set(map(_key, gone))))
                permissions = tuple(dict.fromkeys(action for way in ways for action in way.permissions))
                name = "+".join(dict.fromkeys(way.id for way in ways))
                yield single(name, permissions, node, all_rulings(one.ruling for one in chosen))

    def _taking(self, one: _Denying) -> _Taking | None:
        """Return how a policy is taken away wherever the principal has it from; None where it is not."""
        ways: list[Way] = []
        rulings: list[Ruling] = []
        gone = [one.document]
        for held in one.held:
            options = [(way, ruling) for way, ruling in self._options(one.document, held) if ruling.truth]
            if not options:
                return None
            way, ruling = max(options, key=lambda option: option[1].truth)
            ways.append(way)
            rulings.append(ruling)
            if way.permissions == (_LEAVING,):
                gone += self._of_group(held.of)
        return _Taking(tuple(ways), all_rulings(rulings), tuple({id(document): document for document in gone}.values()))

    def _of_group(self, arn: str) -> Iterator[Document]:
        """Yield what the principal has by way of a group alone."""
        given = self._target.policies.identity
        for document in () if isinstance(given, UnsetType) else given:
            held = tuple(self._held(document))
            if held and all(one.of == arn for one in held):
                yield document

    def _options(self, document: Document, held: _Held) -> Iterator[tuple[Way, Ruling]]:
        for technique, way in self._ways("freed"):
            if _target(held) == technique.target and (
                technique.attaches is not held.inline or way.permissions == (_LEAVING,)
            ):
                attached = document.name if technique.attaches else ""
                yield way, self._rule(technique, way, held.of, attached)

    def _rule(self, technique: Modify, way: Way, arn: str, attached: str = "") -> Ruling:
        """Decide about a change of the principal itself, or of a group or policy that it has."""
        world = self._world
        arns = {"group": world.groups, "policy": world.policies}.get(technique.target, world.arns)
        if arn not in arns.place:
            return DENIED
        classes = self._judge.rule_many(
            way.permissions[0],
            arns,
            1 << arns.place[arn],
            values={POLICY: attached} if attached else {},
            values_of=world.bound if arns is world.arns else None,
        )
        return ruling_at(classes, arns.place[arn])

    def _overwriting(self, found: list[_Denying]) -> Iterator[Move]:
        """Yield the steps of writing other policies, which allow everything, in the place of those that deny."""
        for technique, way in self._ways("edit") if found else ():
            for arn, gone in self._written_over(technique, found).items():
                ruling = self._rule(technique, way, arn)
                if ruling.truth:
                    judge = self._target.without(*gone)
                    judge = judge if self._state.flags & EDITED else judge.edited()
                    flags = self._state.flags | EDITED
                    node = self._node(
                        judge, self._state._replace(flags=flags, gone=self._state.gone | set(map(_key, gone)))
                    )
                    yield single(way.id, way.permissions, node, ruling)

    def _written_over(self, technique: Modify, found: list[_Denying]) -> dict[str, list[Document]]:
        """Return the policies that a technique can overwrite, by what it acts on."""
        over: dict[str, list[Document]] = {}
        for one in found if not technique.attaches else ():
            if technique.target == "policy" and not one.held[0].inline:
                over.setdefault(one.document.name, []).append(one.document)
            elif technique.target == _target(one.held[0]) and one.held[0].inline and len(one.held) == 1:
                over.setdefault(one.held[0].of, []).append(one.document)
        return over

    def _ways(self, effect: str) -> Iterator[tuple[Modify, Way]]:
        for technique in techniques().modifies:
            for way in technique.ways if technique.effect == effect else ():
                if self._judge.holds(*way.permissions):
                    yield technique, way

    # ------------------------------------------------------------ tags

    def _tagging(self) -> Iterator[Move]:
        """Yield the steps of giving oneself the tags that policies of one's own, and trust policies, want."""
        me = self._world.identity(self._world.arns.list[self._steps.place])
        tags = self._judge.tags
        if isinstance(tags, UnsetType):
            return
        for technique, way in self._ways("tagged"):
            if technique.target == ("role" if self._judge.is_role else "user"):
                for chosen in self._choices(me, dict(tags)):
                    asked = {f"aws:requesttag/{key}": value for key, value in chosen.items()}
                    classes = self._judge.rule_many(
                        way.permissions[0],
                        self._world.arns,
                        self._steps.me,
                        values={**asked, "aws:tagkeys": tuple(chosen)},
                        values_of=self._world.bound,
                    )
                    ruling = ruling_at(classes, self._steps.place)
                    if ruling.truth:
                        judge = _tagged(self._judge, {**tags, **chosen})
                        node = self._node(judge, self._state._replace(tags=tuple(sorted({**tags, **chosen}.items()))))
                        yield single(way.id, way.permissions, node, ruling)

    def _choices(self, me: Identity, tags: dict[str, str]) -> Iterator[dict[str, str]]:
        """Yield tags to give oneself, other than those that one has."""
        wanted: dict[str, dict[str, None]] = {}
        bounds = self._judge.boundary
        documents = [*self._judge.identity, *([bounds] if isinstance(bounds, Document) else [])]
        documents += [document for level in self._judge.scps for document in level]
        statements = [statement for document in documents for statement in document.statements]
        account = me.policies.account
        trusted = self._world.trusted_tags.get(account, ())
        for key, value in (*tags_in(statements), *trusted, *self._world.tags_like(account, statements)):
            if tags.get(key) != value and len(wanted.setdefault(key, {})) < _VALUES:
                wanted[key][value] = None
        lists = {key: [*values] for key, values in sorted(wanted.items())}
        together = ({key: values[min(at, len(values) - 1)] for key, values in lists.items()} for at in range(_VALUES))
        alone = ({key: value} for key, values in lists.items() for value in values)
        found = {tuple(chosen.items()): chosen for chosen in chain(together, alone) if chosen}
        yield from islice(found.values(), _CHOICES)


def _key(document: Document) -> tuple[str, str]:
    """Return what tells a policy from others of the same principal."""
    return document.name, str(document.source)


def _target(held: _Held) -> str:
    """Return what a technique acts on that takes a policy away: a user, a role or a group."""
    kind = held.of.rpartition(":")[2].partition("/")[0]
    return kind if kind in {"role", "group"} else "user"


def _has(group: GroupPolicies, document: Document, *, managed: bool) -> bool:
    """Return whether a policy of a member is one of a group's."""
    if managed:
        return document.name in group.attached
    return any(_key(one) == _key(document) for one in group.documents)


def _allows(documents: Iterable[Document]) -> bool:
    return any(one.effect == "Allow" for document in documents for one in document.statements)


def _tagged(judge: Judge, tags: dict[str, str]) -> Judge:
    """Return the same principal with other tags."""
    context = {key: value for key, value in judge.policies.context.items() if not key.lower().startswith(TAG)}
    return Judge(msgspec.structs.replace(judge.policies, context=context), tags)
