"""The parts of the relation, each beside a plain twin."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.policy import Outcome, PolicyKind, PrincipalPolicies, TargetPolicies, grants_of_answers, parse, relation
from auditkit.policy.matching import match_resource
from auditkit.policy.relation import examples, kernel
from auditkit.policy.relation.kernel import Rows, combine
from auditkit.policy.relation.patterns import Patterns
from tests.policy.cases import HOME, allow, deny, doc
from tests.policy.relation.accounts import accounts

BUCKETS = [f"arn:aws:s3:::{name}" for name in ("lake", "lake-blue", "lake-red", "other")]

# ---------------------------------------------------------------- the kernel

SIZE = 12
rows = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, SIZE - 1), st.integers(1, SIZE), st.integers(1, 15), st.integers(0, 3)
    ).map(lambda row: (row[0], row[1], min(row[1] + row[2], SIZE), row[3], row[4])),
    max_size=30,
)


@given(rows, st.sampled_from([1, 4, 1 << 20]))
def test_the_kernel_and_a_loop_over_points_agree(given_rows, at_once):
    ordered = sorted(given_rows)
    columns = [np.array([row[place] for row in ordered], dtype=np.int64) for place in range(5)]
    before, kernel._AT_ONCE = kernel._AT_ONCE, at_once
    try:
        found = combine(Rows(*columns[:3], columns[3].astype(np.uint64), columns[4].astype(np.int8)), 4, SIZE)
    finally:
        kernel._AT_ONCE = before
    told = {}
    for segment in zip(*(column[:].tolist() for column in found[:7]), strict=True):
        layer, start, end, *planes = segment
        for point in range(start, end):
            assert (layer, point) not in told
            told[layer, point] = tuple(planes)
    wanted = {}
    for layer, start, end, word, code in ordered:
        for point in range(start, end):
            planes = wanted.setdefault((layer, point), [0, 0, 0, 0])
            planes[code] |= word
            planes[code | 1] |= word
    assert told == {key: tuple(planes) for key, planes in wanted.items()}
    assert found.first.tolist() == [int(np.searchsorted(found.layer, layer)) for layer in range(5)]


# ---------------------------------------------------------------- patterns

WORDS = st.sampled_from(
    ["orders", "o*", "*", "?rders", "eu-west-1", "*-1", HOME, "function", "live", "", "a/b", "*/b", "**"]
)
TEXTS = sorted(
    f"arn:aws:lambda:{region}:{account}:function:{name}"
    for region in ("eu-west-1", "us-east-1")
    for account in (HOME, "orders")
    for name in ("orders", "orders:live", "a/b", "eu-west-1", HOME)
)


@settings(max_examples=400)
@given(
    st.lists(WORDS, min_size=1, max_size=7),
    st.sampled_from(["arn:aws:lambda:", "arn:*:lambda:", "arn:aws:s3:", "arn:a"]),
)
def test_patterns_and_the_matcher_agree(words, head):
    pattern = head + ":".join(words)
    found = Patterns([("lambda", TEXTS)]).covered(pattern)
    there = {TEXTS[place] for start, end in found for place in range(start, end)}
    wanted = {
        text for text in TEXTS if match_resource(pattern, text, variables=False, lookup=lambda _: None).truth.value == 2
    }
    assert there == wanted
    starts, ends, counts = Patterns([("lambda", TEXTS)]).covered_all([pattern])
    assert (list(zip(starts, ends, strict=True)), counts.tolist()) == (list(found), [len(found)])


BLOCKS = [
    ("lambda", TEXTS),
    ("s3", ["arn:aws:s3:::a/b", "arn:aws:s3:::orders", "arn:aws:s3:::orders/live"]),
    (
        "lambda",
        [
            f"arn:aws:lambda:eu-west-1:{HOME}:function:orders",
            f"arn:aws:lambda:eu-west-1:{HOME}:layer:orders:live",
            f"arn:aws:lambda:eu-west-1:{HOME}:layer:orders:live",
            "arn:aws:lambda:x",
        ],
    ),
]
PIECES = st.sampled_from(["orders", "*", "?", "o*", "*s", "o*s", "or?ers", "*e*", "live", HOME, "", "function", "*:*"])
HEADS = st.sampled_from(
    ["arn:aws:lambda:", "arn:aws:lambda:*:", "arn:*:lambda:", "arn:aws:s3:", "arn:aws:*:", "arn:a*:"]
)


@settings(max_examples=200)
@given(st.lists(st.tuples(HEADS, st.lists(PIECES, min_size=1, max_size=6)), min_size=1, max_size=20))
def test_many_patterns_at_once_and_the_matcher_agree(drawn):
    wanted = [head + ":".join(pieces) for head, pieces in drawn]
    texts = [text for _, block in BLOCKS for text in block]
    starts, ends, counts = Patterns(BLOCKS).covered_all(wanted)
    found = [set[int]() for _ in wanted]
    for owner, start, end in zip(np.repeat(np.arange(len(wanted)), counts), starts, ends, strict=True):
        assert not found[owner] & set(range(start, end))
        found[owner] |= set(range(start, end))
        assert len({sum(place >= at for at in (len(TEXTS), len(TEXTS) + 3)) for place in (start, end - 1)}) == 1
    for pattern, places in zip(wanted, found, strict=True):
        verdicts = (match_resource(pattern, text, variables=False, lookup=lambda _: None) for text in texts)
        assert places == {place for place, verdict in enumerate(verdicts) if verdict.truth.value == 2}


def test_a_pattern_that_would_be_a_bomb_takes_no_time():
    texts = [f"arn:aws:s3:::{'a' * 400}{number:04}" for number in range(300)]
    patterns = Patterns([("s3", texts)])
    assert not patterns.covered("arn:aws:s3:::" + "a*" * 150 + "b")
    assert not patterns.covered("arn:*:s3:*:*:" + "*a?" * 120 + "b")


# ---------------------------------------------------------------- targets


def test_control_policies_do_not_reach_trust_in_service_linked_roles():
    refuse = parse(doc(deny(who="*")), kind=PolicyKind.RCP)
    trust = parse(doc(allow("sts:*", who={"AWS": f"arn:aws:iam::{HOME}:role/x"})), kind=PolicyKind.RESOURCE)
    linked = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    roles = [
        TargetPolicies(arn=arn, account=HOME, resource_policy=trust, rcps=((refuse,),))
        for arn in (linked, linked.replace("aws-service-role", "work"))
    ]
    found = relation([_role(allow("sts:AssumeRole"))], roles, actions=["sts:AssumeRole"])
    assert {grant.target for grant in found} == {linked}


# ---------------------------------------------------------------- what statements name in targets


def _role(*statements, **more):
    identity = (parse(doc(*statements), kind=PolicyKind.IDENTITY),)
    return PrincipalPolicies(arn=f"arn:aws:iam::{HOME}:role/x", account=HOME, identity=identity, scps=None, **more)


def _buckets(*arns):
    return [TargetPolicies(arn=arn, account=HOME, resource_policy=None, rcps=None) for arn in arns or BUCKETS]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("arn:aws:s3:::lake-*/raw/*", {"arn:aws:s3:::lake-blue/raw/-", "arn:aws:s3:::lake-red/raw/-"}),
        ("arn:aws:s3:::lake/raw/*.csv", {"arn:aws:s3:::lake/raw/-.csv"}),
        ("arn:aws:s3:::lake-${aws:PrincipalTag/team}/x/*", {"arn:aws:s3:::lake-red/x/-"}),
        ("arn:aws:s3:::other/${aws:PrincipalTag/team}/*", {"arn:aws:s3:::other/red/-"}),
        ("arn:aws:s3:::*", {f"{bucket}/-" for bucket in BUCKETS}),
    ],
)
def test_what_a_pattern_names_in_buckets(pattern, found):
    role = _role(allow("s3:GetObject", pattern), context={"aws:PrincipalTag/team": "red"})
    grants = relation([role], _buckets(), actions=["s3:GetObject"])
    assert {grant.resource for grant in grants} == found


@pytest.mark.parametrize("most", [0, 10])
def test_patterns_that_were_too_many_are_counted(monkeypatch, most):
    monkeypatch.setattr(examples, "MAX_EXAMPLES", most)
    role = _role(allow("s3:GetObject", ["arn:aws:s3:::lake-*/raw/*", "arn:aws:s3:::lake*"]))
    found = relation([role], _buckets(), actions=["s3:GetObject"])
    assert found.left_out == (0 if most else 2)  # it may go on behind either slash
    assert {grant.resource for grant in found} == {f"{bucket}/-" for bucket in BUCKETS[:3]}


def test_one_deny_of_a_part_does_not_hide_the_rest():
    role = _role(allow("s3:GetObject", "arn:aws:s3:::lake/*"), deny("s3:GetObject", "arn:aws:s3:::lake/-"),
                 allow("s3:GetObject", "arn:aws:s3:::lake/open/*"))  # fmt: skip
    (grant,) = relation([role], _buckets("arn:aws:s3:::lake"), actions=["s3:GetObject"])
    assert grant.resource == "arn:aws:s3:::lake/open/-"


# ---------------------------------------------------------------- scopes


def _told(grants):
    """Return what is told of grants, but for the policies of the targets themselves."""
    return [
        (grant.action, grant.outcome, [str(ref) for ref in grant.statements if ref.policy is not PolicyKind.RESOURCE])
        for grant in grants
    ]


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_all_of_a_scope_is_as_its_first(account):
    found = relation(*account)
    pairs = found.pairs()
    for number in range(len(found.principals)):
        scopes = [tuple(scope.tolist()) for scope in found.scopes(number)]
        assert (
            sorted(target for scope in scopes for target in scope) == pairs.target[pairs.principal == number].tolist()
        )
        for first, *others in scopes:
            wanted = _told(found.grants_of(number, first))
            assert all(_told(found.grants_of(number, other)) == wanted for other in others)


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_what_is_answered_of_one_target_is_so_of_all_that_are_named_with_it(account):
    found = relation(*account)
    pairs = found.pairs()
    for number, name in enumerate(found.principals):
        told = [(target, targets[0], answers) for targets, answers in found.answers(number) for target in targets]
        assert sorted(target for target, _, _ in told) == pairs.target[pairs.principal == number].tolist()
        for target, first, answers in told:
            arn, length = found.targets[target], len(found.targets[first])
            moved = [answer._replace(resource=arn + answer.resource[length:]) for answer in answers]
            assert tuple(grants_of_answers(name, arn, moved)) == found.grants_of(number, target)


def test_targets_with_policies_of_their_own_are_answered_together_where_these_say_nothing_to_one():
    role = _role(allow("s3:GetObject", "arn:aws:s3:::lake*/*"))
    policies = [
        parse(doc({**allow("s3:GetObject", f"{bucket}/*"), "Principal": {"AWS": role.arn + str(number)}}),
              kind=PolicyKind.RESOURCE)
        for number, bucket in enumerate(BUCKETS)
    ]  # fmt: skip
    targets = [
        msgspec.structs.replace(target, resource_policy=policy)
        for target, policy in zip(_buckets(), policies, strict=True)
    ]
    found = relation([role], targets, actions=["s3:GetObject"])
    assert [targets for targets, _ in found.answers(0)] == [[0, 1, 2]]


def test_control_policies_that_allow_everything_keep_no_targets_apart_and_those_that_speak_of_some_do():
    everything = parse(doc({**allow("*", "*"), "Principal": "*"}), kind=PolicyKind.RCP)
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKETS[1]}/*",
              "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "data"}}}  # fmt: skip
    role = _role(allow("s3:GetObject", "arn:aws:s3:::lake*/*"))

    def answered(*policies):
        rcps = ((everything, *policies),)
        targets = [msgspec.structs.replace(target, rcps=rcps) for target in _buckets()]
        return [
            (targets, [answer.decision.outcome for answer in answers])
            for targets, answers in relation([role], targets, actions=["s3:GetObject"]).answers(0)
        ]

    assert answered() == [([0, 1, 2], [Outcome.ALLOW])]
    assert answered(parse(doc(denial), kind=PolicyKind.RCP)) == [
        ([0, 2], [Outcome.ALLOW]),
        ([1], [Outcome.CONDITIONAL]),
    ]


def test_a_wide_statement_is_one_scope():
    found = relation([_role(allow("s3:GetObject", "arn:aws:s3:::lake*/*"))], _buckets())
    assert [scope.tolist() for scope in found.scopes(0)] == [[0, 1, 2]]
