"""What one principal may do, action by action: to one resource, to many at once, or to any that it may choose.

Statements that no technique asks for are left out beforehand. Many targets are sorted into classes that every
statement, and every condition key, treats alike; the evaluator is asked once for each class.

Policies that were not seen grant nothing here, but may deny: what is allowed without them is not certain. Policies of
the organization that were not seen bear on all principals alike; it is for who asks to say so.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping

import msgspec
from msgspec import UNSET, UnsetType

from auditkit.policy.decision import Decision, Outcome
from auditkit.policy.documents import Condition, Document
from auditkit.policy.escalation.arns import Arns, places
from auditkit.policy.escalation.examples import SOMETHING, Examples, Sample
from auditkit.policy.escalation.facts import REGION, RESOURCE_TAGS, Facts, facts_of, mark_of, region_of, values_of_keys
from auditkit.policy.escalation.globs import glob
from auditkit.policy.escalation.minds import ALWAYS, Mind, too_long
from auditkit.policy.escalation.rulings import DENIED, Classes, Ruling, all_rulings, the_same
from auditkit.policy.escalation.satisfying import Value, refined
from auditkit.policy.escalation.slimming import FULL, slim
from auditkit.policy.escalation.subjects import Tags
from auditkit.policy.escalation.techniques import techniques
from auditkit.policy.evaluator import evaluate
from auditkit.policy.logic import Truth
from auditkit.policy.matching import Lookup, parse_arn
from auditkit.policy.principals import Principal
from auditkit.policy.request import Levels, Request
from auditkit.policy.resources import resource_kind
from auditkit.policy.subjects import audit_context
from auditkit.policy.wildcards import Variable, Wild, tokens

__all__ = ["Judge"]

_TOO_MANY = "some of the many resources that policies name"
_PRINCIPAL_TAG = "aws:principaltag/"
ValuesOf = Callable[[str], Mapping[str, Value]]
"""Gives the condition keys that are known of a request about a resource."""


class Judge(Mind):
    """One principal with its policies, ready to be asked.

    Parameters
    ----------
    policies
        Its policies.
    tags
        Its tags.

    Attributes
    ----------
    sees_tags
        Whether the tags of resources are known to it.
    """

    sees_tags = True

    def with_policies(self, *more: Document) -> "Judge":
        """Return the same principal with further identity policies."""
        given = () if isinstance(self.policies.identity, UnsetType) else self.policies.identity
        return Judge(msgspec.structs.replace(self.policies, identity=(*given, *more)), self.tags)

    def edited(self) -> "Judge":
        """Return the same principal with every permission; what it was allowed before adds nothing to that."""
        given = () if isinstance(self.policies.identity, UnsetType) else self.policies.identity
        denied = tuple(map(_denying, given))
        return Judge(msgspec.structs.replace(self.policies, identity=(*denied, FULL)), self.tags)

    def without(self, *documents: Document) -> "Judge":
        """Return the same principal without some of its identity policies, given as it has them."""
        given = () if isinstance(self.policies.identity, UnsetType) else self.policies.identity
        kept = tuple(one for one in given if not any(one is other for other in documents))
        return Judge(msgspec.structs.replace(self.policies, identity=kept), self.tags)

    def with_version(self, policy: str, document: Document) -> "Judge | None":
        """Return the same principal with another version of a managed policy; None where its policies were not seen."""
        given = self.policies.identity
        if isinstance(given, UnsetType):
            return None
        kept = (one for one in given if one.name != policy)
        return Judge(msgspec.structs.replace(self.policies, identity=(*kept, document)), self.tags)

    # ------------------------------------------------------------ one resource

    def rule(
        self,
        action: str,
        resource: str,
        *,
        owner: str = "",
        values: Mapping[str, Value] | None = None,
        tags: Tags | UnsetType = UNSET,
        resource_policy: Document | UnsetType | None = None,
        rcps: Levels = (),
        session: Principal | None = None,
    ) -> Ruling:
        """Decide one request.

        Parameters
        ----------
        action, resource
            What is asked for; ``"*"`` for an action that knows no resources.
        owner
            Account of the resource; its own where it is empty.
        values
            Condition keys known of the request; None for one that is absent.
        tags
            Tags of the resource.
        resource_policy
            Policy of the resource.
        rcps
            Resource control policies on the resource.
        session
            The session of the role that asks; None for any.
        """
        facts = self._about(action)
        owner = owner or self.account
        beside = [resource_policy] if isinstance(resource_policy, Document) else []
        beside += [document for level in rcps for document in level]
        about = facts_of((False, one) for document in beside for one in document.statements) if beside else Facts()
        keys = facts.keys | about.keys
        seen = tags if self.sees_tags else UNSET
        known = self._known(keys, resource, owner, seen, values or {}) if keys else {}
        if REGION in keys and (region := region_of(action, self.who.partition)):
            known[REGION] = region
        if session is not None:
            known["aws:principalarn"] = self.who.id
        policies = msgspec.structs.replace(self._policies(action), resource=resource_policy, rcp=rcps)
        request = Request(
            principal=session or self.who,
            action=action,
            resource=resource,
            resource_account=owner or None,
            context=self._base,
            wildcard_only=resource == "*",
        )

        def decide(more: Mapping[str, Value]) -> Decision:
            more = {**known, **more}
            context = audit_context(self.who, "", "", ALWAYS, self._context, more) if more else self._base
            return evaluate(msgspec.structs.replace(request, context=context), policies)

        decision = decide({})
        truth = _truth(decision)
        if decision.keys:
            hung = (*facts.conditions, *about.conditions), decision.keys
            alone = resource_policy is None and not rcps
            key = (action, owner, session, self.sign(action, resource), frozenset(known.items())) if alone else None
            truth = self._refine(lambda more: _truth(decide(more)), *hung, action=action, key=key)
        if truth is Truth.NO:
            return DENIED
        if truth is Truth.YES:
            return self._within_sight(Ruling(truth, statements=decision.statements))
        return self._within_sight(Ruling(truth, decision.keys, decision.missing, decision.statements))

    def _refine(
        self,
        settle: Callable[[Mapping[str, Value]], Truth],
        conditions: tuple[Condition, ...],
        keys: tuple[str, ...],
        *,
        action: str,
        key: Hashable,
    ) -> Truth:
        """Return what is left of an undecided answer, the same for all of a key that is not None."""
        found = self._refined.get(key)
        if found is None:
            found = refined(settle, conditions, keys, action=action, lookup=self._base.variable)
            if key is not None:
                self._refined[key] = found
        return found

    def _within_sight(self, ruling: Ruling) -> Ruling:
        """Return a ruling that owns that a policy was not seen, which may deny."""
        if self.whole:
            return ruling
        missing = tuple(sorted({*ruling.missing, "identity"}))
        return ruling._replace(truth=Truth.UNKNOWN, missing=missing)

    def _known(
        self, keys: frozenset[str], resource: str, owner: str, tags: Tags | UnsetType, values: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Return the values of those condition keys that are known."""
        known: dict[str, Value] = {"aws:resourceaccount": owner}
        for key in keys:
            prefix, _, name = key.partition("/")
            if key.startswith(_PRINCIPAL_TAG) and not isinstance(self.tags, UnsetType):
                known[key] = _tag(self.tags, name)
            elif f"{prefix}/" in RESOURCE_TAGS and not isinstance(tags, UnsetType):
                known[key] = _tag(tags, name)
        if REGION in keys and (arn := parse_arn(resource)) is not None and arn.region:
            known[REGION] = arn.region
        known.update(values)
        return {key: value for key, value in known.items() if not too_long(value)}

    # ------------------------------------------------------------ many resources

    def rule_many(
        self,
        action: str,
        arns: Arns,
        bits: int,
        *,
        values: Mapping[str, Value] | None = None,
        values_of: ValuesOf | None = None,
    ) -> Classes:
        """Decide about many resources of its own account.

        Parameters
        ----------
        action
            What is asked for.
        arns, bits
            Of which resources.
        values, values_of
            What else is known of all requests; and of a request about one of them, always the same for the same ARNs.
        """
        bits &= self.reached(action, arns)
        found = []
        for members in self.classes(action, arns, bits, values_of) if bits else ():
            first = arns.list[next(places(members))]
            known = {**(values_of(first) if values_of else {}), **(values or {})}
            ruling = self.rule(action, first, values=known, tags=arns.tags(first))
            if ruling.truth is not Truth.NO:
                found.append((ruling, the_same(members)))
        return found

    def reached(self, action: str, arns: Arns) -> int:
        """Return which resources statements that allow an action may cover, whatever else they say."""
        found = 0
        for statement in self._about(action).allows:
            if statement.resources is None:
                return arns.all
            for pattern in statement.resources:
                found |= arns.covered(pattern, variables=statement.variables, lookup=self._base.variable)
        return found

    def classes(self, action: str, arns: Arns, bits: int, values_of: ValuesOf | None = None) -> list[int]:
        """Sort resources into sets that no statement and no condition tells apart, in order of their first."""
        facts = self._about(action)
        classes = [bits]
        for pattern, variables in facts.patterns:
            covered = arns.covered(pattern, variables=variables, lookup=self._base.variable)
            classes = [part for members in classes for part in (members & covered, members & ~covered) if part]
        telling = frozenset(key for key in facts.keys if key.startswith((*RESOURCE_TAGS, REGION)))
        alike = [arns.alike(telling, lambda arn: mark_of(arn, arns.tags(arn), telling))] if telling else []
        if values_of is not None and facts.keys:
            alike.append(arns.alike((values_of, facts.keys), lambda arn: values_of_keys(values_of(arn), facts.keys)))
        for groups in alike:
            classes = [part for members in classes for group in groups if (part := members & group)]
        return sorted(classes, key=lambda members: members & -members)

    # ------------------------------------------------------------ any resource

    def rule_some(self, actions: tuple[str, ...], template: str, values: Mapping[str, Value] | None = None) -> Ruling:
        """Decide whether there is, or can be, a resource on which all of some actions are allowed.

        Parameters
        ----------
        actions
            What is asked for.
        template
            Of the ARN, as in the table of techniques; ``""`` where the actions know no resources.
        values
            Condition keys known of the requests; those of the table's ``tells`` of the actions that have them.
        """
        key = template, actions, tuple(sorted((values or {}).items(), key=str))
        if key not in self._some:
            sample = self.named(actions, template) if template else Sample(("*",))
            best = self._best(actions, sample.arns, values or {})
            if best.truth is Truth.NO and not sample.whole and self.holds(*actions):
                best = Ruling(Truth.UNKNOWN, missing=(_TOO_MANY,))
            self._some[key] = best
        return self._some[key]

    def rule_way(self, actions: tuple[str, ...], *, but: str = "", values: Mapping[str, Value] | None = None) -> Ruling:
        """Decide whether all of some actions are allowed, those on one kind of resource on one and the same.

        Parameters
        ----------
        actions
            What is asked for.
        but
            Kind of resource that is not looked at.
        values
            Condition keys known of the requests.
        """
        groups = (group for group in techniques().groups(actions) if not but or group[0] != but)
        return all_rulings(self.rule_some(of, template, values) for _, template, of in groups)

    def named(self, actions: tuple[str, ...], template: str, key: str = "") -> Sample:
        """Return ARNs of a template's kind, such that between them they meet what policies say of some actions.

        Parameters
        ----------
        actions
            What is asked for.
        template
            Of the ARNs.
        key
            Condition key (in lower case) whose values are such ARNs too.
        """
        asked = actions, template, key
        if asked not in self._named:
            self._named[asked] = self._sample(self.spoken(actions), template, key)
        return self._named[asked]

    def _sample(self, spoken: Iterable[tuple[Facts, Lookup]], template: str, key: str) -> Sample:
        """Return ARNs that between them meet what is said."""
        examples = self._examples(spoken, key)
        names = techniques().named.get(template, ("{name}",))
        found = [examples.named(template.replace("{name}", name)) for name in names]
        arns = dict.fromkeys(arn for sample in found for arn in sample.arns)
        return Sample(tuple(arns), whole=all(sample.whole for sample in found))

    def values_named(self, action: str, key: str) -> tuple[str, ...]:
        """Return the values that conditions about an action name of a key (in lower case)."""
        conditions = (one for one in self._about(action).conditions if one.key.lower() == key)
        return tuple(dict.fromkeys(value for condition in conditions for value in condition.values))

    @property
    def lookup(self) -> Lookup:
        """What is known of policy variables, whatever is asked for."""
        return self._base.variable

    def rule_any(self, action: str, template: str) -> Ruling:
        """Decide whether an action is allowed on a resource that no policy names, in some region."""
        return self._best((action,), self._examples(self.spoken((action,)), "").plain(template), {})

    def spoken(self, actions: Iterable[str]) -> list[tuple[Facts, Lookup]]:
        """Return what policies say of some actions, and what is known of the policy variables in it."""
        return [(self._about(action), self.lookup) for action in actions]

    def _examples(self, spoken: Iterable[tuple[Facts, Lookup]], key: str) -> Examples:
        regions: dict[str, None] = {}
        globs: dict[str, None] = {}
        for facts, lookup in spoken:
            named = [(value, True) for one in facts.conditions if one.key.lower() == key for value in one.values]
            globs.update((_glob(*pattern, lookup), None) for pattern in (*facts.patterns, *named))
            about = (one for one in facts.conditions if one.key.lower() == REGION)
            regions.update((value, None) for one in about for value in one.values)
        return Examples(self.who.partition or "aws", self.account, regions, globs)

    def _best(self, actions: tuple[str, ...], resources: Iterable[str], values: Mapping[str, Value]) -> Ruling:
        best = DENIED
        seen: set[Hashable] = set()
        for resource in resources:
            if not all(self.covers(action, resource) for action in actions):
                continue
            sign = tuple([self.sign(action, resource) for action in actions])
            if sign in seen:
                continue
            seen.add(sign)
            ruling = all_rulings(
                self.rule(action, resource, values=_narrowed(values, action, resource)) for action in actions
            )
            if ruling.truth > best.truth:
                best = ruling
            if best.sure or (best.truth is Truth.UNKNOWN and not self.whole):
                break
        return best


def _denying(document: Document) -> Document:
    """Return a document with nothing but what it denies, as far as techniques ask for it."""
    return document.with_statements(tuple(one for one in slim(document).statements if one.effect == "Deny"))


def _glob(pattern: str, variables: bool, lookup: Lookup) -> str:  # noqa: FBT001 -- as a pair
    """Return a pattern with its variables filled in; one that nobody knows is some name."""
    pieces: list[str | Wild] = []
    for token in tokens(pattern, variables=variables):
        if isinstance(token, Variable):
            value = lookup(token.key)
            pieces.append(value if isinstance(value, str) else token.default or SOMETHING)
        else:
            pieces.append(token)
    return glob(pieces)


def _narrowed(values: Mapping[str, Value], action: str, resource: str) -> Mapping[str, Value]:
    """Return those condition keys that a request about a resource has, as far as they tell which role it is about."""
    if not values:
        return values
    tells = techniques().told.get(action.lower(), ())
    foreign = {tell.key.lower() for tell in techniques().tells} - {tell.key.lower() for tell in tells}
    known = {key: value for key, value in values.items() if key not in foreign}
    absent = (tell.key.lower() for tell in tells if tell.on not in {"", resource_kind(resource)})
    return known | {key: None for key in absent if key in known}


def _tag(tags: Tags, name: str) -> str | None:
    """Return a tag by its key, whose case conditions ignore; None where there is none."""
    return next((value for key, value in sorted(tags.items()) if key.lower() == name), None)


def _truth(decision: Decision) -> Truth:
    if decision.outcome is Outcome.ALLOW:
        return Truth.YES
    return Truth.NO if decision.denied else Truth.UNKNOWN
