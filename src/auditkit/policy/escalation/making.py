"""Users, roles and permission sets that a principal makes anew, to become them."""

from collections.abc import Iterable, Iterator
from itertools import product

from auditkit.policy.escalation.attaching import BOUNDARY, POLICY, Attaching
from auditkit.policy.escalation.judging import Judge
from auditkit.policy.escalation.moves import Move, single
from auditkit.policy.escalation.newcomers import newcomer
from auditkit.policy.escalation.rulings import DENIED, Ruling, all_rulings
from auditkit.policy.escalation.techniques import Modify, Way
from auditkit.policy.escalation.trusts import naming_only
from auditkit.policy.escalation.world import World
from auditkit.policy.logic import Truth

__all__ = ["Making"]

_KINDS = {"iam-new-user": "user", "iam-new-role": "role"}
"""What ways of making somebody new make, if it is neither of these a permission set."""
_BOUNDS = 8
"""How many boundaries that conditions name are tried."""
_REWRITES = "iam:CreatePolicyVersion"


class Making:
    """Whom one principal can make.

    Parameters
    ----------
    world, judge
        All principals, and who is asked.
    attaching
        What the principal may attach.
    """

    def __init__(self, world: World, judge: Judge, attaching: Attaching) -> None:
        self._world, self._judge, self._attaching = world, judge, attaching

    def fresh(self, technique: Modify, way: Way) -> Iterator[Move]:
        """Yield the step that makes somebody new, if there is one."""
        made, permissions = self._made_by(way)
        ruling = self._world.existing(self._judge.account, way.exists, made)
        if ruling.truth is Truth.NO:
            return
        kind = _KINDS.get(way.id, "")
        if technique.outside:
            missing = (*ruling.missing, "who governs IAM Identity Center")
            ruling = ruling._replace(truth=Truth.UNKNOWN, missing=missing)
        one = newcomer(self._judge, kind or "role")
        if kind == "role":
            assumed = self._judge.rule("sts:AssumeRole", one.arn, resource_policy=naming_only(self._judge.who.id))
            ruling = all_rulings([ruling, assumed])
        if ruling.truth:
            key = self._key(way)
            node = self._world.make(key, Judge(one), key[-1])
            yield single(way.id, permissions, node, ruling)

    def new(self, way: Way) -> int:
        """Return the node of whom a way makes, as a bit; 0 where nobody has made it yet."""
        node = self._world.made(self._key(way))
        return 1 << node if node >= 0 else 0

    def _key(self, way: Way) -> tuple[str, str, str]:
        """Return what makes the node of whom a way makes this one, its name last."""
        kind = _KINDS.get(way.id, "")
        name = newcomer(self._judge, kind).arn if kind else "arn:aws:sso:::permissionSet/new"
        return "new", self._judge.account, name

    def _made_by(self, way: Way) -> tuple[Ruling, tuple[str, ...]]:
        """Decide about making somebody new whom no boundary bounds in the end, and tell by which actions."""
        if not self._judge.holds(*way.permissions):
            return DENIED, way.permissions
        boundaries: list[str | None] = [None]
        if any(self._judge.speaks_of(action, BOUNDARY) for action in way.permissions):
            boundaries += [self._attaching.strongest[0], *self._world.attachable.get(self._judge.account, ())]
        attached = self._attaching.strong if any(map(self._attaching.limited, way.permissions)) else ("",)
        rulings = (
            self._judge.rule_way(way.permissions, values={BOUNDARY: bound, POLICY: policy})
            for bound in boundaries
            for policy in attached
        )
        best = max(rulings, key=lambda ruling: ruling.truth), way.permissions
        if not best[0].sure and len(boundaries) > 1:
            best = max((best, *self._unbound_then(way, attached)), key=lambda one: one[0].truth)
        return best

    def _unbound_then(self, way: Way, attached: Iterable[str]) -> Iterator[tuple[Ruling, tuple[str, ...]]]:
        """Decide about making somebody new within a boundary, which is taken away or written anew afterwards."""
        named = (value for action in way.permissions for value in self._judge.values_named(action, BOUNDARY))
        bounds = [value for value in dict.fromkeys(named) if not set(value) & {"*", "?", "$"}][:_BOUNDS]
        for bound, policy in product(bounds, attached):
            values = {BOUNDARY: bound, POLICY: policy}
            action = f"iam:Delete{_KINDS.get(way.id, '').title()}PermissionsBoundary"
            if self._judge.holds(action):
                permissions = (*way.permissions, action)
                yield self._judge.rule_way(permissions, values=values), permissions
            if self._judge.holds(_REWRITES) and bound in self._world.policies.place:
                written = self._judge.rule(_REWRITES, bound, tags=self._world.policies.tags(bound))
                made = self._judge.rule_way(way.permissions, values=values)
                yield all_rulings([made, written]), (*way.permissions, _REWRITES)
