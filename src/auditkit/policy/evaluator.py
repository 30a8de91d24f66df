"""The evaluator: one request against all policies that bear on it, by the order in which AWS decides.

Every step is worked out in three values, so that what cannot be decided stays undecided: a condition on a key that
nobody knows makes the answer *conditional*, a layer that was not available (``UNSET``) or a policy that cannot be
understood makes it *unknown*, unless the answer is the same either way.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import UnsetType

from auditkit.policy.decision import Block, Decision, Outcome, StatementRef
from auditkit.policy.documents import Document
from auditkit.policy.layers import EVERY_WAY, Layer, evaluate_documents
from auditkit.policy.logic import NO, UNCLEAR, YES, Truth, Verdict, all_of, any_of, negate
from auditkit.policy.principals import NamedAs, Principal, PrincipalType
from auditkit.policy.request import Levels, PolicySet, Request
from auditkit.policy.rules import always_allowed, needs_resource_policy, never_allowed, supports_rcp

__all__ = [
    "Judgement",
    "bounded_by",
    "evaluate",
    "in_order",
    "judge",
    "layers_of_principal",
    "layers_of_resource",
    "statements_of",
]

_BEYOND_SESSIONS = NamedAs.SESSION | NamedAs.ANYONE
"""Ways of naming a principal that are a grant to its very session (IAM User Guide, Principal, IAM role principals)."""
_BY_ACCOUNT = NamedAs.ACCOUNT | NamedAs.ROOT
_CAPS = ("scp", "endpoint")
_ORDER = ("scp", "rcp", "endpoint", "identity", "resource", "boundary", "session")
_BLOCKS = {name: Block(name) for name in _ORDER}


class _Matched(NamedTuple):
    """The layers that bear on a request, matched; a layer that does not apply is not in it."""

    request: Request
    layers: Mapping[Block, Layer]

    def named(self, name: str) -> Layer | None:
        """Return a layer that has no levels, None where it does not apply."""
        return self.layers.get(_BLOCKS[name])

    def cap(self, name: str, unseen: Verdict) -> Verdict:
        """Whether a layer that can only take away lets the request pass; one that does not apply does."""
        layer = self.named(name)
        return YES if layer is None else layer.allow(unseen)

    def resource(self, unseen: Verdict, ways: NamedAs = EVERY_WAY) -> Verdict:
        """Whether the resource's policy allows, naming the principal in one of the ways."""
        layer = self.named("resource")
        return NO if layer is None else layer.allow(unseen, ways=ways)

    def identity(self, unseen: Verdict) -> Verdict:
        """Whether identity policies allow; the root user needs none."""
        if self.request.principal.type is PrincipalType.ROOT:
            return YES
        return self.cap("identity", unseen)

    def granted(self, unseen: Verdict) -> Verdict:
        """Whether identity and resource policies grant it, within boundary and session policy."""
        if not self.request.principal.of_an_account:
            return self.resource(unseen)
        identity, boundary = self.identity(unseen), self.cap("boundary", unseen)
        session = self.cap("session", unseen)
        if not self.request.same_account:
            return all_of([identity, boundary, session, self.resource(unseen)])
        delegated = YES
        if needs_resource_policy(self.request):
            delegated = self.resource(unseen, _BY_ACCOUNT)
        return any_of(
            [
                all_of([identity, delegated, boundary, session]),
                all_of([self.resource(unseen, NamedAs.ROLE), boundary, session]),
                all_of([self.resource(unseen, NamedAs.USER), session]),
                self.resource(unseen, _BEYOND_SESSIONS),
            ]
        )

    def capped(self, unseen: Verdict) -> Verdict:
        """Whether service control policies (every level) and the endpoint's policy let it pass."""
        return all_of(layer.allow(unseen) for block, layer in self.layers.items() if block.layer in _CAPS)

    def denied(self, unseen: Verdict) -> Verdict:
        """Whether any layer denies explicitly."""
        return any_of(layer.deny(unseen) for layer in self.layers.values())

    def allowed(self, unseen: Verdict) -> Verdict:
        """Whether the request is allowed, taking ``unseen`` for what unavailable layers would say."""
        return self.allowed_unless(self.denied(unseen), unseen)

    def allowed_unless(self, denied: Verdict, unseen: Verdict) -> Verdict:
        """Whether the request is allowed as far as it is not denied."""
        return all_of([negate(denied), self.capped(unseen), self.granted(unseen)])


def _levels(name: str, levels: Levels | UnsetType, request: Request) -> Iterator[tuple[Block, Layer]]:
    if isinstance(levels, UnsetType):
        yield _BLOCKS[name], Layer(missing=True)
        return
    for level, documents in enumerate(levels):
        yield Block(name, level), evaluate_documents(documents, request, level=level)


def layers_of_principal(request: Request, policies: PolicySet) -> dict[Block, Layer]:
    """Return what the principal's own layers say to a request: its policies, boundary, session and control policies."""
    layers: dict[Block, Layer] = {}
    who = request.principal
    if not who.of_an_account:
        return layers

    def add(name: str, documents: tuple[Document, ...] | UnsetType | None) -> None:
        if isinstance(documents, UnsetType):
            layers[_BLOCKS[name]] = Layer(missing=True)
        elif documents is not None:
            layers[_BLOCKS[name]] = evaluate_documents(documents, request)

    add("identity", policies.identity)
    add("session", policies.session)
    if who.type is PrincipalType.FEDERATED_USER and policies.session is None:
        layers[_BLOCKS["session"]] = Layer()  # without a session policy its session has no permissions
    if who.type is not PrincipalType.ROOT:
        add("boundary", policies.boundary)
    if not who.service_linked:
        layers.update(_levels("scp", policies.scp, request))
    return layers


def bounded_by(who: Principal, boundary: tuple[Document, ...] | UnsetType | None) -> Truth:
    """Return whether a permissions boundary bears on a principal; unknown where it was not seen."""
    if not who.of_an_account or who.type is PrincipalType.ROOT or boundary is None:
        return Truth.NO
    return Truth.UNKNOWN if isinstance(boundary, UnsetType) else Truth.YES


def layers_of_resource(request: Request, policies: PolicySet, bounded: Truth) -> dict[Block, Layer]:
    """Return what the layers on the resource's side say to a request: its policy, the endpoint's, control policies.

    Parameters
    ----------
    request, policies
        As of :func:`evaluate`.
    bounded
        Whether the principal has a permissions boundary: :func:`bounded_by`.
    """
    layers: dict[Block, Layer] = {}
    if supports_rcp(request):
        layers.update(_levels("rcp", policies.rcp, request))
    sides = {
        "endpoint": policies.endpoint,
        "resource": (policies.resource,) if isinstance(policies.resource, Document) else policies.resource,
    }
    for name, documents in sides.items():
        if isinstance(documents, UnsetType):
            layers[_BLOCKS[name]] = Layer(missing=True)
        elif documents is not None:
            layers[_BLOCKS[name]] = evaluate_documents(documents, request, bounded=bounded)
    return layers


def _lacking(matched: _Matched) -> tuple[Block, ...]:
    """Name the layers that lack an Allow, where nothing denies explicitly."""
    blocks = [
        block for block, layer in matched.layers.items() if block.layer in _CAPS and not layer.allow(UNCLEAR).truth
    ]
    if not matched.granted(UNCLEAR).truth:
        blocks += _ungranted(matched)
    return tuple(sorted(blocks, key=_rank))


def _ungranted(matched: _Matched) -> Iterator[Block]:
    """Name which of identity, resource, boundary and session policy kept the request from being granted."""
    request = matched.request
    if not request.principal.of_an_account:
        yield Block("resource")
        return
    identity = not matched.identity(UNCLEAR).truth
    direct = bool(matched.resource(UNCLEAR, ~_BY_ACCOUNT).truth)
    delegated = bool(matched.resource(UNCLEAR, _BY_ACCOUNT).truth)
    if not request.same_account:
        lacking = {"identity": identity, "resource": not (direct or delegated)}
    elif needs_resource_policy(request):
        lacking = {"identity": identity and not direct, "resource": not (direct or delegated)}
    else:
        lacking = {"identity": identity and not direct}
        lacking["resource"] = lacking["identity"] and matched.named("resource") is not None
    lacking |= {name: not matched.cap(name, UNCLEAR).truth for name in ("boundary", "session")}
    yield from (Block(name) for name, lacks in lacking.items() if lacks)


class Judgement(NamedTuple):
    """The answer to a request, but for the statements: these are those of the layers whose truth is told here.

    Attributes
    ----------
    outcome, blocks, keys, missing, rule
        As of :class:`~auditkit.policy.decision.Decision`.
    allows, denies
        Truths of the statements that decided: those that allow, then those that deny.
    """

    outcome: Outcome
    blocks: tuple[Block, ...] = ()
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    rule: str = ""
    allows: frozenset[Truth] = frozenset()
    denies: frozenset[Truth] = frozenset()

    def decision(self, statements: tuple[StatementRef, ...] = ()) -> Decision:
        """Return the decision, with the statements that decided."""
        return Decision(
            outcome=self.outcome,
            blocks=self.blocks,
            statements=statements,
            keys=self.keys,
            missing=self.missing,
            rule=self.rule,
        )


_SURE, _OPEN = frozenset({Truth.YES}), frozenset({Truth.UNKNOWN})
_EITHER = _SURE | _OPEN


def _rank(block: Block) -> tuple[int, int]:
    return _ORDER.index(block.layer), block.level or 0


def in_order(layers: Mapping[Block, Layer]) -> list[Layer]:
    """Return layers in the order in which decisions tell their statements."""
    return [layers[block] for block in sorted(layers, key=_rank)]


def statements_of(judgement: Judgement, layers: Iterable[Layer]) -> tuple[StatementRef, ...]:
    """Return the statements that decided, of layers in order."""
    layers = list(layers)
    allows = (hit.ref for layer in layers for hit in layer.allows if hit.verdict.truth in judgement.allows)
    denies = (hit.ref for layer in layers for hit in layer.denies if hit.verdict.truth in judgement.denies)
    return (*allows, *denies)


def _undecided(matched: _Matched, verdict: Verdict, absent: set[str]) -> Judgement:
    hits = (hit for layer in matched.layers.values() for hit in (*layer.allows, *layer.denies))
    unclear = {hit.ref.policy.value for hit in hits if hit.verdict.unclear}
    missing = absent | unclear if verdict.unclear else absent
    outcome = Outcome.UNKNOWN if missing else Outcome.CONDITIONAL
    return Judgement(
        outcome, keys=tuple(sorted(verdict.keys)), missing=tuple(sorted(missing)), allows=_EITHER, denies=_OPEN
    )


def judge(request: Request, layers: Mapping[Block, Layer]) -> Judgement:
    """Decide one request by the layers that bear on it, matched.

    Parameters
    ----------
    request
        The request.
    layers
        What each layer says to it; one that does not apply is not among them.
    """
    matched = _Matched(request, layers)
    denied = matched.denied(UNCLEAR)
    if denied.truth is Truth.YES:
        blocks = [block for block, layer in layers.items() if layer.deny(UNCLEAR).truth is Truth.YES]
        return Judgement(Outcome.EXPLICIT_DENY, blocks=tuple(sorted(blocks, key=_rank)), denies=_SURE)
    if rule := never_allowed(request):
        return Judgement(Outcome.IMPLICIT_DENY, blocks=(Block("aws"),), rule=rule)
    verdict = matched.allowed_unless(denied, UNCLEAR)
    if verdict.truth is Truth.NO:
        return Judgement(Outcome.IMPLICIT_DENY, blocks=_lacking(matched))
    if verdict.truth is Truth.YES:
        return Judgement(Outcome.ALLOW, allows=_SURE)
    absent = {block.layer for block, layer in layers.items() if layer.missing}
    if absent and matched.allowed(YES).truth == matched.allowed(NO).truth:
        absent = set()  # the same either way
    return _undecided(matched, verdict if absent else matched.allowed(YES), absent)


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Decide one request.

    Parameters
    ----------
    request
        The request.
    policies
        All policies that bear on it; a layer that is ``UNSET`` was not available.

    Returns
    -------
    Decision
        With the layers that blocked, the statements that decided, and what it hangs on where it is undecided.
    """
    if rule := always_allowed(request):
        return Decision(outcome=Outcome.ALLOW, rule=rule)
    bounded = bounded_by(request.principal, policies.boundary)
    layers = layers_of_principal(request, policies) | layers_of_resource(request, policies, bounded)
    judgement = judge(request, layers)
    return judgement.decision(statements_of(judgement, in_order(layers)))
