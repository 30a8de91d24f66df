"""The relation agrees with the evaluator on every pair."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from hypothesis import given, settings

from auditkit.policy import Outcome, relation
from auditkit.policy.layers import evaluate_documents
from auditkit.policy.relation.asking import Asker
from auditkit.policy.relation.shapes import KEY_USE
from auditkit.policy.relation.single import Known, request_of, settle, with_key
from tests.policy.relation.accounts import accounts

RANK = {Outcome.ALLOW: 2, Outcome.CONDITIONAL: 1, Outcome.UNKNOWN: 1}


def by_evaluator(found):
    """Settle every principal, target and action one by one, at every point; the most permissive answer counts."""
    account = found._account
    answers = {}
    for asker in account.askers:
        for place, target in enumerate(account.points.targets):
            if target.kind == KEY_USE or not (asker.only is None or place in asker.only):
                continue
            for bit, action in enumerate(target.shape.actions):
                point, decision = best(account, asker, place, bit)
                key = -1 if point is None else int(account.points.key_of[point])
                if key >= 0 and action.access == "read":
                    decision = with_key(decision, on_key(account.points, asker, key))
                if decision is not None and not decision.denied:
                    answers[asker.given.arn, target.given.arn, action.name] = account.points.texts[point], decision
    return answers


def best(account, asker, place, bit):
    """Return the most permissive decision over the points of a target, and where it was made.

    Of those that are not sure, what the principal's own policies allow comes first.
    """
    points, target = account.points, account.points.targets[place]
    known = Known.of(asker, target.given)
    found = None, None, 0
    for point in sorted(account.points.points_of(place), key=account.point_rank.__getitem__):
        if points.blocks[points.block_of[point]].mask >> bit & 1:
            action, text = target.shape.actions[bit].name, points.texts[point]
            decision = settle(known, asker.given, action, text)
            rank = 2 * RANK.get(decision.outcome, 0)
            if rank == 2:
                rank += is_own(asker.given.identity, request_of(known, action, text))
            if found[1] is None or rank > found[2]:
                found = point, decision, rank
    return found[:2]


def is_own(identity, request):
    """Return whether a principal's own policies allow a request, at least perhaps."""
    layer = evaluate_documents(identity, request) if isinstance(identity, tuple) else None
    return layer is not None and bool(layer.allows or layer.missing)


def on_key(points, asker: Asker, point: int):
    key = points.targets[points.target_of[point]].given
    return settle(Known.of(asker, key), asker.given, "kms:Decrypt", key.arn)


@settings(max_examples=120, deadline=None)
@given(accounts() | accounts(alike=True))
def test_relation_and_evaluator_agree(account):
    found = relation(*account)
    wanted = by_evaluator(found)
    given_ = {one.arn for one in account[0]}
    grants = {(one.principal, one.target, one.action): one for one in found}
    assert len(grants) == len(found) == sum(1 for _ in found)
    for key, grant in grants.items():
        resource, decision = wanted[key]
        if key[0] in given_:
            assert (grant.resource, grant.outcome) == (resource, decision.outcome)
        elif grant.resource != resource:  # of those that were not given, only what a policy grants them is told
            assert RANK[grant.outcome] <= RANK[decision.outcome]
            continue
        assert (grant.statements, grant.keys, grant.missing) == (decision.statements, decision.keys, decision.missing)
    masks = found.pairs()
    assert int(np.bitwise_count(masks.maybe).sum()) == len(grants)
    assert int(np.bitwise_count(masks.sure).sum()) == sum(one.outcome is Outcome.ALLOW for one in grants.values())
    assert {key for key in wanted if key[0] in given_} == {key for key in grants if key[0] in given_}


@settings(max_examples=30, deadline=None)
@given(accounts())
def test_all_ways_to_read_it_agree(account):
    found = relation(*account)
    grants = list(found)
    assert grants == sorted(grants, key=lambda one: (one.target, one.principal, one.action))
    with TemporaryDirectory() as folder:
        written = pd.read_parquet(found.to_parquet(Path(folder) / "grants.parquet"))
    rows = [tuple(row) for row in written.astype(str).itertuples(index=False)]
    wanted = [
        (one.principal, one.target, one.action, one.access, one.outcome, ", ".join(one.keys), ", ".join(one.missing))
        for one in grants
    ]
    assert sorted(rows) == sorted(wanted)
    for name in found.principals:
        assert list(found.of(name)) == [grant for grant in grants if grant.principal == name]
    for name in {grant.target for grant in grants}:
        assert list(found.on(name)) == [grant for grant in grants if grant.target == name]
