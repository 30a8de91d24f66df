"""Laws of escalation, on random small accounts."""

from itertools import pairwise
from typing import Any
from unittest import mock

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.policy import PolicyKind, parse
from auditkit.policy.escalation import Escalation, Escalations, Estate, Identity, world
from tests.policy.cases import HOME, doc
from tests.policy.escalation.building import arn, estate, group, managed, role, told, trust, user, workload

USERS, ROLES = ("ann", "bob"), ("build", "ops")
FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"
ACTIONS = (
    "*",
    "iam:*",
    "iam:PassRole",
    "iam:AddUserToGroup",
    "iam:Attach*",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:Delete*Boundary",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "lambda:*",
    "lambda:UpdateFunctionCode",
    "sts:AssumeRole",
)
RESOURCES = (
    "*",
    arn("user", "*"),
    arn("user", "${aws:username}"),
    arn("role", "*"),
    arn("role", "ops"),
    arn("group", "*"),
    arn("policy", "*"),
    FUNCTION,
)
CONDITIONS: tuple[dict[str, Any] | None, ...] = (
    None,
    None,
    None,
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
)

statements = st.builds(
    lambda effect, action, resource, when: (
        {"Effect": effect, "Action": action, "Resource": resource} | ({"Condition": when} if when else {})
    ),
    st.sampled_from(("Allow", "Allow", "Allow", "Deny")),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from(CONDITIONS),
)
policies = st.lists(statements, max_size=3)
trusted = st.sampled_from((HOME, "lambda.amazonaws.com", arn("user", "ann"), arn("role", "build")))
boundaries = st.sampled_from((None, None, [{"Effect": "Allow", "Action": ["iam:*", "sts:*"], "Resource": "*"}]))


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an account as plain data."""
    names = (*USERS, *ROLES)
    return {
        "policies": {name: draw(policies) for name in names},
        "boundaries": {name: draw(boundaries) for name in names},
        "trusts": {name: draw(trusted) for name in ROLES},
        "group": draw(policies),
        "versions": (draw(policies), draw(policies)),
        "functions": draw(st.booleans()),
        "tags": draw(st.sampled_from(({}, {"team": "red"}))),
    }


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return plain data with the last part of ARNs, and keys, renamed."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(renamed(item, names) for item in value)
    if isinstance(value, str) and value.startswith("arn:aws:iam:"):
        head, slash, name = value.rpartition("/")
        return f"{head}{slash}{names.get(name, name)}"
    return value


def built(plan: dict[str, Any], names: dict[str, str] | None = None) -> Estate:
    names = names or {}
    plan = renamed(plan, names)
    own, helpers = (
        managed("own", *(doc(*version) for version in plan["versions"])),
        group("helpers", doc(*plan["group"])),
    )

    def more(name: str, *, holds: bool) -> dict[str, Any]:
        bound = plan["boundaries"][name]
        return {
            "boundary": doc(*bound) if bound else None,
            "tags": plan["tags"],
            "managed": (own,) if holds else (),
        }

    (ann, bob), (build, ops) = ([names.get(name, name) for name in kind] for kind in (USERS, ROLES))
    mine = {name: doc(*policy) for name, policy in plan["policies"].items()}
    trusts = {name: trust(one) for name, one in plan["trusts"].items()}
    people = [
        user(ann, mine[ann], **more(ann, holds=True)),
        user(bob, mine[bob], groups=(helpers,), **more(bob, holds=False)),
        role(build, mine[build], trusts=trusts[build], **more(build, holds=False)),
        role(ops, mine[ops], trusts=trusts[ops], **more(ops, holds=True)),
    ]
    functions = (workload("function", FUNCTION, arn("role", ops)),) if plan["functions"] else ()
    seen = frozenset({(HOME, "function")} if plan["functions"] else ())
    return estate(*people, groups=(helpers,), policies=(own,), workloads=functions, seen=seen)


def with_controls(plan: dict[str, Any], *controls: dict[str, Any]) -> Estate:
    """Build an account under the control policies of an organization."""
    level = tuple(parse(one, kind=PolicyKind.SCP) for one in controls)

    def under(one: Identity) -> Identity:
        return msgspec.structs.replace(one, policies=msgspec.structs.replace(one.policies, scps=(level,)))

    found = built(plan)
    return msgspec.structs.replace(found, identities=tuple(map(under, found.identities)))


def power(one: Escalation) -> int:
    """Return how far a principal gets: 3 an administrator, or certain to become one; 1 under conditions; 0 not."""
    return 3 if one.admin or (one.escalates and not one.conditional) else 1 if one.escalates else 0


def chained(one: Escalation) -> bool:
    """Whether each step of a path goes on from the last."""
    return all(step.target == following.origin for step, following in pairwise(one.path))


def powers(plan: dict[str, Any]) -> dict[str, int]:
    return {name: power(one) for name, one in told(built(plan)).items()}


def with_more(plan: dict[str, Any], who: str, statement: dict[str, Any]) -> dict[str, Any]:
    return plan | {"policies": plan["policies"] | {who: [*plan["policies"][who], statement]}}


@given(plan=plans(), who=st.sampled_from((*USERS, *ROLES)), statement=statements)
@settings(max_examples=60)
def test_one_more_deny_helps_nobody_and_one_more_allow_hinders_nobody(
    plan: dict[str, Any], who: str, statement: dict[str, Any]
) -> None:
    before, after = powers(plan), powers(with_more(plan, who, statement))
    for name in before:
        assert after[name] <= before[name] if statement["Effect"] == "Deny" else after[name] >= before[name]


@given(plan=plans())
@settings(max_examples=25)
def test_names_and_the_order_of_statements_do_not_matter(plan: dict[str, Any]) -> None:
    names = {"ann": "alpha", "bob": "zed", "build": "omega", "ops": "aardvark"}
    turned = plan | {"policies": {name: own[::-1] for name, own in plan["policies"].items()}}
    before, after = told(built(plan)), told(built(turned, names))
    for name, one in before.items():
        other = after[names[name]]
        assert (one.admin, one.escalates, one.conditional) == (other.admin, other.escalates, other.conditional)
        # of principals held together, it is open which are told of first
        assert len(one.path) == len(other.path) or not (chained(one) or chained(other))


@given(plan=plans())
@settings(max_examples=25)
def test_the_same_account_is_told_the_same_way_and_paths_hang_together(plan: dict[str, Any]) -> None:
    found = told(built(plan))
    assert found == told(built(plan))
    for one in found.values():
        assert not one.path or one.path[0].origin == one.principal
        held = {one.principal}
        for step in one.path:
            assert step.origin in held
            held.add(step.target)
        assert not (one.admin and one.path)


@given(plan=plans())
@settings(max_examples=25)
def test_who_has_forgotten_what_was_asked_answers_the_same(plan: dict[str, Any]) -> None:
    found = built(plan)
    reached = {one.arn: list(Escalations(found).reach(one.arn)) for one in found.identities}
    wanted = told(found)
    with mock.patch.object(world, "AWAKE", 1):
        assert told(found) == wanted
        assert {name: list(Escalations(found).reach(name)) for name in reached} == reached
