"""Trust policies: which services a role admits, and whom it lets assume it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import UnsetType

from auditkit.policy.documents import Condition, Document, Named, PolicyKind, Statement
from auditkit.policy.escalation.arns import Arns, places
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.rulings import DENIED, Ruling
from auditkit.policy.escalation.satisfying import refined
from auditkit.policy.escalation.subjects import Identity
from auditkit.policy.evaluator import evaluate
from auditkit.policy.logic import Truth
from auditkit.policy.matching import parse_arn
from auditkit.policy.principals import Principal, principal
from auditkit.policy.request import PolicySet, Request
from auditkit.policy.subjects import audit_context

__all__ = ["Admitted", "Trusts", "naming_only"]

_ASSUME = "sts:AssumeRole"
_SOURCE = "aws:SourceArn"
_MOST = 32
_ARN_PARTS, _OWNER = 6, 4
_REGIONAL = re.compile(r"([a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-[0-9])?\.amazonaws\.com(?:\.cn)?")
_FEDERATED = "sts:AssumeRoleWithWebIdentity"


class Admitted(NamedTuple):
    """Roles that a service may assume.

    Attributes
    ----------
    rulings
        By the role's place.
    sure, possible
        Those for certain, and all, as bits.
    """

    rulings: Mapping[int, Ruling]
    sure: int
    possible: int


class Trusts:
    """The trust policies of all roles.

    Parameters
    ----------
    arns
        ARNs of all users and roles.
    roles
        Roles by ARN.
    """

    def __init__(self, arns: Arns, roles: Mapping[str, Identity]) -> None:
        self._arns = arns
        self._roles = roles
        self._services: dict[tuple[str, bool], Admitted] = {}
        self._admitting: dict[str, list[tuple[int, str]]] = {}
        self._named: dict[str, list[int]] = {}
        self._sessions: dict[tuple[str, str], dict[int, list[Principal]]] = {}
        self._open: list[int] = []
        self._unseen: list[int] = []
        self._kinds: dict[object, int] = {}
        self._kind: dict[int, int] = {}
        for arn, role in roles.items():
            self._index(arns.place[arn], role)

    def _index(self, place: int, role: Identity) -> None:
        trust = role.policies.trust
        if not isinstance(trust, Document):
            if isinstance(trust, UnsetType):
                self._unseen.append(place)
            return
        content = tuple(msgspec.structs.replace(one, index=0, sid=None, pointer="") for one in trust.statements)
        key = (content, role.policies.account, repr(role.rcps) if role.rcps else "")
        self._kind[place] = self._kinds.setdefault(key, len(self._kinds))
        names: dict[Named, None] = {}
        for statement in trust.statements:
            if statement.effect == "Allow" and not statement.unclear:
                names.update(dict.fromkeys(statement.principals or ()))
                if statement.not_principals is not None:
                    self._open.append(place)
        for named in names:
            if named.type == "*":
                self._open.append(place)
            elif named.type == "AWS":
                self._named.setdefault(named.value, []).append(place)
                self._index_session(named.value, place)
            else:
                self._admitting.setdefault(_service(named.value), []).append((place, named.value))

    def _index_session(self, arn: str, place: int) -> None:
        if ":assumed-role/" in arn and parse_arn(arn):
            session = principal(arn)
            trusting = self._sessions.setdefault((session.account, session.name), {})
            trusting.setdefault(place, []).append(session)

    def _sessions_of(self, judge: Judge) -> Mapping[int, list[Principal]]:
        """Return the roles that trust single sessions of a role, and these sessions."""
        return self._sessions.get((judge.account, judge.who.name), {}) if judge.is_role else {}

    # ------------------------------------------------------------ services

    def admitted(self, service: str, *, federated: bool = False) -> Admitted:
        """Return the roles that a service may assume for something in their account.

        Parameters
        ----------
        service
            Service principal: ``"lambda.amazonaws.com"``.
        federated
            Whether it is one of federation.
        """
        key = service, federated
        if key not in self._services:
            others = ((place, service) for place in (*self._open, *self._unseen))
            found: dict[int, Ruling] = {}
            for place, name in sorted({*self._admitting.get(service, ()), *others}):
                ruling = self._admits(place, name, federated=federated)
                if ruling.truth > found.get(place, DENIED).truth:
                    found[place] = ruling
            sure = self._bits([place for place, ruling in found.items() if ruling.sure])
            self._services[key] = Admitted(found, sure, self._bits(list(found)))
        return self._services[key]

    def _admits(self, place: int, service: str, *, federated: bool) -> Ruling:
        role = self._roles[self._arns.list[place]]
        trust = role.policies.trust
        if isinstance(trust, UnsetType):
            return Ruling(Truth.UNKNOWN, missing=("resource",))
        if trust is None:
            return DENIED
        who = principal({"Federated": service} if federated else {"Service": service})
        account = role.policies.account
        known = {"aws:SourceAccount": account}

        def decide(more: Mapping[str, object]) -> Ruling:
            request = Request(
                principal=who,
                action=_FEDERATED if federated else _ASSUME,
                resource=role.arn,
                resource_account=account or None,
                context=audit_context(who, role.arn, account, known, more),
            )
            rcps = role.rcps if isinstance(role.rcps, tuple) else ()
            decision = evaluate(request, PolicySet(resource=trust, rcp=rcps))
            truth = Truth.YES if decision.allowed else Truth.NO if decision.denied else Truth.UNKNOWN
            return Ruling(truth, decision.keys, decision.missing, decision.statements)

        ruling = decide({})
        if ruling.keys:
            conditions = [one for statement in trust.statements for one in statement.conditions]
            sources = _sources(conditions, account)
            answers = {source: decide({_SOURCE: source}) for source in sources} if len(sources) <= _MOST else {}
            if any(answer.sure and sources[source] for source, answer in answers.items()):
                return ruling._replace(truth=Truth.YES, keys=(), missing=())
            if answers and not any(answer.truth for answer in answers.values()):
                return DENIED
            truth = refined(lambda more: decide(more).truth, conditions, ruling.keys, action=_ASSUME)
            return DENIED if truth is Truth.NO else ruling._replace(truth=truth)
        return ruling

    # ------------------------------------------------------------ users and roles

    def naming(self, judge: Judge) -> int:
        """Return the roles whose trust policies name a principal, its account or anyone, as bits."""
        account, partition = judge.account, judge.who.partition or "aws"
        names = (judge.who.id, account, f"arn:{partition}:iam::{account}:root")
        found = [place for name in names for place in self._named.get(name, ())]
        return self._bits((*found, *self._open, *self._unseen, *self._sessions_of(judge)))

    def granting(self, judge: Judge) -> int:
        """Return those that name the principal itself, or anyone: it may need no permission of its own."""
        return self._bits((*self._named.get(judge.who.id, ()), *self._open, *self._sessions_of(judge)))

    def _bits(self, found: Sequence[int]) -> int:
        bits = 0
        for place in set(found):
            bits |= 1 << place
        return bits

    def alike(self, bits: int) -> list[int]:
        """Sort roles into sets whose trust policies say the same."""
        sets: dict[int, int] = {}
        for place in places(bits):
            kind = self._kind.get(place, -1)
            sets[kind] = sets.get(kind, 0) | 1 << place
        return sorted(sets.values(), key=lambda members: members & -members)

    def assume(self, judge: Judge, place: int, *, rewritten: bool = False) -> Ruling:
        """Decide whether a principal may assume a role.

        Parameters
        ----------
        judge
            The principal.
        place
            Of the role.
        rewritten
            Whether the trust policy names just this principal, because it wrote it.
        """
        role = self._roles[self._arns.list[place]]
        trust = naming_only(judge.who.id) if rewritten else role.policies.trust
        rcps = role.rcps if isinstance(role.rcps, tuple) else ()
        owner = role.policies.account

        def decide(session: Principal | None = None) -> Ruling:
            return judge.rule(
                _ASSUME, role.arn, owner=owner, tags=role.tags, resource_policy=trust, rcps=rcps, session=session
            )

        ruling = decide()
        for session in () if ruling.sure or rewritten else self._sessions_of(judge).get(place, ()):
            one = decide(session)
            if one.truth:
                # whoever assumes a role by its ARN names the session; services choose names of their own
                named = (*one.missing, f"a session of the role by the name {session.id.rpartition('/')[2]!r}")
                one = one._replace(truth=Truth.UNKNOWN, missing=named)
                ruling = ruling if ruling.truth else one
        return ruling


def _sources(conditions: Iterable[Condition], account: str) -> dict[str, bool]:
    """Return ARNs of the account that a service may act for, as conditions tell them apart.

    With each, whether it is one that can be made, because its name is open. The last is none that they speak of.
    """
    found = {}
    for pattern in (value for one in conditions if one.key.lower() == _SOURCE.lower() for value in one.values):
        parts = pattern.split(":", _ARN_PARTS - 1)
        parts += ["*"] * (_ARN_PARTS - len(parts))
        if "*" in parts[_OWNER]:
            parts[_OWNER] = account
        if parts[_OWNER] in {account, ""}:  # the ARN of a bucket does not tell its account
            example = ":".join(part.replace("*", "xxx").replace("?", "x") for part in parts)
            found[example] = "*" in parts[-1]
    return found | {f"arn:aws:xxx:xxx:{account}:xxx": False}


def _service(name: str) -> str:
    """Return a service without what its name says of a region or of China: ``states.eu-west-1.amazonaws.com``."""
    return _REGIONAL.sub(r"\1.amazonaws.com", name)


def naming_only(arn: str) -> Document:
    """Return a trust policy that lets one principal assume the role."""
    statement = Statement(
        index=0, effect="Allow", actions=(_ASSUME,), principals=(Named("AWS", arn),), pointer="/Statement"
    )
    return Document(kind=PolicyKind.RESOURCE, statements=(statement,))
