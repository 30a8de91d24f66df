"""What resource policies let outsiders do: anyone, other accounts, and services that act for anyone.

Decided request by request with the policy engine. Conservative both ways: what a condition narrows in a way that an
export cannot decide is *conditional*, never public; what an outsider can choose freely (a referer, a prefix) narrows
nothing.

Resource control policies, which could forbid what these policies allow, are not taken into account.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from auditkit.errors import PolicyError
from auditkit.graph._disguises import STRANGER, disguises, of_services, services_behind
from auditkit.graph._documents import parsed, place
from auditkit.graph._named import ByAccount
from auditkit.graph._strangers import ADDRESSES, CHOSEN, context_of, plain_context
from auditkit.graph.schema import AccessLevel, Limit
from auditkit.inventory import PolicyText, Source
from auditkit.policy import (
    ANONYMOUS,
    Decision,
    Document,
    Outcome,
    PolicyKind,
    PolicySet,
    Principal,
    PrincipalType,
    Request,
    Statement,
    TrackedAction,
    accounts_let_in,
    actions_on,
    allowed_actions,
    anyone_of,
    evaluate,
    match_action,
    parse,
    parse_arn,
    principal,
    resource_kind,
)

__all__ = ["LEVELS", "Call", "Opening", "openings_of_policy", "openings_to_organizations"]

LEVELS: dict[str, AccessLevel] = {
    "read": AccessLevel.READ,
    "write": AccessLevel.WRITE,
    "delete": AccessLevel.DELETE,
    "permissions": AccessLevel.ADMIN,
    "list": AccessLevel.METADATA,
    "tag": AccessLevel.METADATA,
    "metadata": AccessLevel.METADATA,
}
"""Access of an action of the policy engine -> access level of the graph."""

_EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind=PolicyKind.IDENTITY)
_OF_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_NOT_UNDERSTOOD = "what of the resource policy could not be understood"


class Call(NamedTuple):
    """A call by one way alone: what it does, what is known of requests that come by it, and whether they are signed.

    Attributes
    ----------
    action
        Action; ``""`` for all.
    given
        Condition keys with their values.
    nameless
        Whether nobody is asked for credentials, so that no identity that a caller has counts.
    """

    action: str = ""
    given: Mapping[str, object] = {}
    nameless: bool = False


_ANY_CALL = Call()


class Opening(NamedTuple):
    """What a policy lets one outsider do, at one access level.

    Attributes
    ----------
    outsider
        ``"*"`` (anyone), the ARN of a foreign principal or account, or the name of a service.
    access
        Access level.
    actions
        Actions of that level, sorted.
    conditions
        Condition keys that it hangs on; empty where it is certain.
    unknown
        What could not be understood or was not seen; ``""`` where nothing.
    sources
        Statements that decide.
    limits
        What was not seen, where all of it can only take away.
    signed
        Whether anyone has to have an account of AWS, though the service answers without credentials too.
    """

    outsider: str
    access: AccessLevel
    actions: tuple[str, ...]
    conditions: tuple[str, ...]
    unknown: str
    sources: tuple[Source, ...]
    limits: tuple[Limit, ...] = ()
    signed: bool = False

    @property
    def certain(self) -> bool:
        """Whether nothing is left to decide."""
        return not self.conditions and not self.unknown

    @property
    def of_service(self) -> bool:
        """Whether it is a service that gets in."""
        return _is_service(self.outsider)


def openings_of_policy(
    policy: PolicyText,
    *,
    resource: str,
    owner: str,
    unsigned: bool,
    known: frozenset[str],
    named: bool = True,
    services: bool = True,
    call: Call = _ANY_CALL,
) -> tuple[Opening, ...]:
    """Return what a resource policy lets outsiders do.

    Parameters
    ----------
    policy
        The policy.
    resource, owner
        ARN and account of the resource.
    unsigned
        Whether the service answers requests without credentials; else anyone is whoever has an account of AWS.
    known
        Accounts that are no outsiders.
    named
        Whether outsiders that the policy names count as well; else only what it lets *anyone* do.
    services
        Whether services count among these.
    call
        The way that requests come by.
    """
    document = parsed(policy)
    question = _Question(policy, document, resource, owner, call=call)
    undecided = question.undecided(known | {owner}, named=named)
    found = [one for one in undecided if services or not one.of_service]
    if not document.readable:
        return tuple(found)
    by_account = ByAccount(document)
    for outsider in _outsiders(document, known | {owner}):
        if outsider != "*" and (not named or (not services and _is_service(outsider))):
            continue
        if outsider == "*" and call.nameless:
            found += question.ask("*", ANONYMOUS, anyone=True)
        elif outsider == "*":
            stranger = question.ask("*", principal(f"arn:aws:iam::{STRANGER}:role/anyone"), anyone=True)
            anyone = _for_anyone(question.ask("*", ANONYMOUS, anyone=True), stranger) if unsigned else stranger
            found += [*anyone, *_all_but_some(question, {one.access for one in anyone})]
        else:
            account = _account(outsider)
            asked = question._replace(document=by_account.said_to(account)) if account else question
            found += asked.ask_named(outsider)
    return tuple(found)


def _is_service(outsider: str) -> bool:
    return "." in outsider and ":" not in outsider


_ALL_BUT_SOME = "whom NotPrincipal with Allow lets in: AWS supports it with Deny alone"


def _all_but_some(question: "_Question", told: set[AccessLevel]) -> list[Opening]:
    """Return what anyone may do if Allows for all but some let them in; the evaluator takes these for no Allow."""
    if not any(one.effect == "Allow" and one.not_principals is not None for one in question.document.statements):
        return []
    listed = question.policy.document.get("Statement")
    bodies = [_for_all(one) for one in (listed if isinstance(listed, list) else [listed])]
    document = parse({**question.policy.document, "Statement": bodies}, kind=PolicyKind.RESOURCE)
    asked = question._replace(document=document)
    who = principal(f"arn:aws:iam::{STRANGER}:role/anyone")
    found = [one for one in asked.ask("*", who, anyone=True) if one.access not in told]
    return [one._replace(unknown=_ALL_BUT_SOME, limits=()) for one in found]


def _for_all(body: object) -> object:
    """Return a statement for everyone in place of an Allow for all but some; others as they are."""
    if not isinstance(body, dict) or "NotPrincipal" not in body or body.get("Effect") != "Allow":
        return body
    return {**{name: value for name, value in body.items() if name != "NotPrincipal"}, "Principal": "*"}


def openings_to_organizations(
    policy: PolicyText, *, resource: str, owner: str, call: Call = _ANY_CALL
) -> tuple[Opening, ...]:
    """Return what a resource policy lets everyone of an organization do; ``outsider`` is the id of the organization.

    What it lets anyone do is not among it. ``resource``, ``owner`` and ``call`` are as for :func:`openings_of_policy`.
    """
    document = parsed(policy)
    who = principal(f"arn:aws:iam::{STRANGER}:role/anyone")
    question = _Question(policy, document, resource, owner, call=call)
    anyone = question.ask("*", who, anyone=True) if document.readable else []
    open_to_all = {one.access for one in anyone if one.certain}
    found: list[Opening] = []
    for organization in _organizations(document) if document.readable else ():
        asked = question._replace(organization=organization).ask(organization, who, anyone=True)
        found += [one for one in asked if one.access not in open_to_all]
    return tuple(found)


def _organizations(document: Document) -> list[str]:
    """Return the organizations that Allows for everyone are narrowed to."""
    found: set[str] = set()
    for statement in document.statements:
        if statement.effect == "Allow" and any(named.type == "*" for named in statement.principals or ()):
            for condition in statement.conditions:
                if condition.key.lower() in _OF_ORGANIZATION and not condition.operator.negated:
                    found.update(value.partition("/")[0] for value in condition.values)
    return sorted(value for value in found if value.startswith("o-") and not set(value) & set("*?$"))


def _for_anyone(anonymous: list[Opening], stranger: list[Opening]) -> list[Opening]:
    """Return what anyone may do: without credentials, or else with those of some account of AWS, for sure."""
    open_to_all = {one.access for one in anonymous if one.certain}
    signed = {one.access: one._replace(signed=True) for one in stranger if one.certain}
    kept = [one for one in anonymous if one.certain or one.access not in signed]
    return sorted([*kept, *(one for level, one in signed.items() if level not in open_to_all)], key=_by_access)


def _by_access(opening: Opening) -> AccessLevel:
    return opening.access


def _outsiders(document: Document, known: frozenset[str]) -> tuple[str, ...]:
    """Return everyone outside that a statement allows something: ``*``, foreign principals, services."""
    allows = [statement for statement in document.statements if statement.effect == "Allow"]
    found = {outsider for statement in allows for outsider in _named_outside(statement, known)}
    return tuple(sorted(found.union(services_behind(document) if allows else ())))


def _named_outside(statement: Statement, known: frozenset[str]) -> set[str]:
    found = {"*"} if statement.not_principals is not None else set()
    found.update(set(accounts_let_in(statement.principals or (), statement.conditions)) - known)
    for named in statement.principals or ():
        foreign = named.type == "AWS" and _account(named.value) not in {*known, ""}
        if foreign or named.type in {"*", "Service"}:
            found.add(named.value)
    return found


def _account(text: str) -> str:
    """Return the account of a principal, ``""`` for the unique id of one that has been deleted."""
    try:
        return principal(text).account
    except PolicyError:
        return ""


class _Question(NamedTuple):
    """A policy, what of its resource requests can be about, and the organization of whoever asks."""

    policy: PolicyText
    document: Document
    resource: str
    owner: str
    organization: str = ""
    call: Call = _ANY_CALL

    def ask_named(self, outsider: str) -> list[Opening]:
        """Return what a foreign principal, or a service for anyone, may do."""
        try:
            who = principal(outsider)
        except PolicyError:
            return []
        if who.type is PrincipalType.SERVICE:
            return [opening for opening in self.ask(outsider, who, anyone=True) if opening.certain]
        if who.type is PrincipalType.ROOT:
            who = anyone_of(who.account)  # naming a root user is naming the account: its principals may be let through
        return self.ask(outsider, who, anyone=False)

    def ask(self, outsider: str, who: Principal, *, anyone: bool) -> list[Opening]:
        """Return the openings for a principal, one per access level at which there is any."""
        levels: dict[AccessLevel, list[tuple[str, Decision]]] = {}
        stranger = anyone and who.type is PrincipalType.ROLE
        looks_like = disguises(self.document) if stranger else []
        if anyone and who.type is PrincipalType.SERVICE:
            looks_like = of_services(self.document, who.id)
        foreign = not who.of_an_account or (self.owner and who.account not in {"", self.owner})
        # beyond the owner's account nothing but this policy can allow it
        for action, about in self._requests(allowed=bool(foreign)):
            decision = self._decide(who, action.name, about, anyone=anyone)
            for looks in () if decision.allowed else looks_like:
                other = self._once(who, action.name, about, looks, anyone=True)
                decision = other if other.allowed or decision.denied else decision
            if not decision.denied:
                levels.setdefault(LEVELS.get(action.access, AccessLevel.WRITE), []).append((action.name, decision))
        return [self._opening(outsider, level, found) for level, found in sorted(levels.items())]

    def undecided(self, known: frozenset[str], *, named: bool) -> Iterator[Opening]:
        """Yield what outsiders might do by what of the policy could not be understood."""
        if not self.document.readable:
            yield from self._might("*", None)
        for statement in self.document.statements:
            if statement.unclear and statement.effect != "Deny":
                anyone = {"*"} if statement.unclear & {"statement", "principal"} else set()
                for outsider in sorted(anyone | _named_outside(statement, known)):
                    if named or outsider == "*":
                        yield from self._might(outsider, statement)

    def _might(self, outsider: str, statement: Statement | None) -> Iterator[Opening]:
        """Yield what an outsider might do by a statement, or by a whole policy, that could not be understood."""
        levels: dict[AccessLevel, set[str]] = {}
        about = None if statement is None or "action" in statement.unclear else statement.actions
        for action, _ in self._requests():
            if about is None or match_action(about, action.name):
                levels.setdefault(LEVELS.get(action.access, AccessLevel.WRITE), set()).add(action.name)
        at = self.policy.source if statement is None else place(self.policy, statement.pointer)
        for level, names in sorted(levels.items()):
            yield Opening(outsider, level, tuple(sorted(names)), (), _NOT_UNDERSTOOD, (at,))

    def _requests(self, *, allowed: bool = False) -> Iterator[tuple[TrackedAction, str]]:
        """Yield what can be asked: each tracked action on the resource, and on examples of what is in it.

        With ``allowed`` those alone that an Allow of the policy is about.
        """
        kinds = {self.resource: resource_kind(self.resource)}
        for about in _within(self.resource, self.document):
            kinds[about] = resource_kind(about)
        for about, kind in sorted(kinds.items()):
            for action in allowed_actions(self.document, kind) if allowed else actions_on(kind):
                if self.call.action in {"", action.name}:
                    yield action, about

    def _decide(self, who: Principal, action: str, about: str, *, anyone: bool) -> Decision:
        decision = self._once(who, action, about, {}, anyone=anyone)
        if decision.outcome is Outcome.CONDITIONAL and set(_lower(decision.keys)) <= CHOSEN:
            return msgspec.structs.replace(decision, outcome=Outcome.ALLOW, keys=())
        if "aws:sourceip" in _lower(decision.keys):
            tried = [self._once(who, action, about, {"aws:SourceIp": one}, anyone=anyone) for one in ADDRESSES]
            if all(one.allowed for one in tried):
                return tried[0]
        return decision

    def _once(self, who: Principal, action: str, about: str, extra: dict[str, object], *, anyone: bool) -> Decision:
        arn = parse_arn(about)
        asked = (who, "" if arn is None else arn.region, self.owner, self.organization)
        extra = {**self.call.given, **extra}
        request = Request(
            principal=who,
            action=action,
            resource=about,
            resource_account=self.owner or None,
            context=context_of(*asked, extra, anyone=anyone) if extra else plain_context(*asked, anyone=anyone),
        )
        identity = () if who.type is PrincipalType.ANONYMOUS else (_EVERYTHING,)
        return evaluate(request, PolicySet(identity=identity, resource=self.document))

    def _opening(self, outsider: str, level: AccessLevel, found: list[tuple[str, Decision]]) -> Opening:
        sure = [(name, decision) for name, decision in found if decision.allowed]
        chosen = sure or found
        conditional = [decision for _, decision in chosen if decision.outcome is Outcome.CONDITIONAL]
        keys = min((decision.keys for decision in conditional), key=lambda names: (len(names), names), default=())
        unclear = not sure and not conditional
        statements = {
            reference.pointer
            for _, decision in chosen
            for reference in decision.statements
            if reference.policy is PolicyKind.RESOURCE
        }
        return Opening(
            outsider=outsider,
            access=level,
            actions=tuple(sorted({name for name, _ in chosen})),
            conditions=() if sure else keys,
            unknown="a statement of the resource policy could not be understood" if unclear else "",
            sources=tuple(sorted(place(self.policy, pointer) for pointer in statements)) or (self.policy.source,),
        )


def _lower(keys: Iterable[str]) -> list[str]:
    return [key.lower() for key in keys]


def _within(resource: str, document: Document) -> Iterator[str]:
    """Yield examples of what is in a resource: an object, and one for each pattern that is allowed something on."""
    if resource_kind(resource) == "s3:bucket":
        yield f"{resource}/any"
    for statement in document.statements:
        for pattern in statement.resources or ():
            if statement.effect == "Allow" and pattern.startswith(f"{resource}/") and "${" not in pattern:
                yield pattern.replace("*", "any").replace("?", "a")
