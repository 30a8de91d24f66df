"""Names that can be chosen: such that everything that policies say of them is met, by one principal or by two."""

from typing import Any

import pytest

from auditkit.policy.escalation import Escalations
from auditkit.policy.escalation.examples import Examples
from auditkit.policy.escalation.globs import MANY
from tests.policy.cases import HOME, allow, deny, doc
from tests.policy.escalation.building import START, arn, boss, estate, route, told, user
from tests.policy.escalation.test_together import functions, held, path

LAMBDA = boss("lambda.amazonaws.com")
PASS = allow("iam:PassRole", "*")


def made_and_run(made: list[str], run: list[str], **more: Any) -> Any:
    statements = PASS, allow("lambda:CreateFunction", made), allow("lambda:InvokeFunction", run)
    return estate(user(START, doc(*statements), **more), LAMBDA, seen=frozenset({(HOME, "function")}))


@pytest.mark.parametrize(
    ("made", "run", "expected"),
    [
        ("a*", "*b", True),
        ("team-*", "*-dev-*", True),
        ("a*b", "*c*", True),
        ("a?", "?b", True),
        ("a*", "b*", False),
        ("*a", "*b", False),
        ("orders", "a*", False),
    ],
)
def test_a_name_may_fit_two_patterns(made: str, run: str, *, expected: bool) -> None:
    assert bool(route(made_and_run(functions(made), functions(run)))) is expected
    assert bool(route(made_and_run(functions(run), functions(made)))) is expected


def test_a_name_may_fit_the_patterns_of_two_principals() -> None:
    one = [PASS, allow("lambda:CreateFunction", functions("a-*"))]
    run = [allow("lambda:InvokeFunction", functions("*-b"))]
    assert path(held(estate(LAMBDA), one, run))[-1] == ("one", "lambda-001", "boss", False)
    assert path(held(estate(LAMBDA), one, [allow("lambda:InvokeFunction", functions("b-*"))])) == []


def test_a_name_must_fit_what_bounds_it_as_well() -> None:
    inside = doc(allow(["iam:PassRole", "lambda:*"], [arn("role", "*"), *functions("*-b")]))
    assert route(made_and_run(functions("a-*"), functions("*"), boundary=inside))
    outside = doc(allow(["iam:PassRole", "lambda:*"], [arn("role", "*"), *functions("b-*")]))
    assert not route(made_and_run(functions("a-*"), functions("*"), boundary=outside))


def test_a_name_that_is_denied_is_not_taken() -> None:
    statements = PASS, allow("lambda:CreateFunction", functions("a*")), allow("lambda:InvokeFunction", functions("*b"))
    every = estate(user(START, doc(*statements, deny("lambda:CreateFunction", functions("*b")))), LAMBDA)
    assert told(every)[START].path == ()


def test_a_policy_that_may_be_attached_by_its_name_may_be_written() -> None:
    only = {"ArnLike": {"iam:PolicyARN": arn("policy", "*-b")}}
    statements = allow("iam:CreatePolicy", arn("policy", "a-*")), allow("iam:AttachUserPolicy", "*", when=only)
    assert route(estate(user(START, doc(*statements)))) != []


def test_too_many_names_to_try_are_told_and_are_no_no() -> None:
    many = [f"{START}-{number}-x" for number in range(300)]
    found = made_and_run(functions(*many), functions(*(f"{name}-y" for name in many)))
    (step,) = Escalations(found).principals[1].path
    assert step.conditional
    assert step.missing == ("some of the many resources that policies name",)
    assert route(made_and_run(functions(*many), functions(many[-1]))) == [("lambda-001", "boss", True)]


def test_many_names_that_lead_nowhere_without_being_too_many_are_a_no() -> None:
    few = [f"{START}-{number}-x" for number in range(100)]
    assert route(made_and_run(functions(*few), functions(*(f"{name}-y" for name in few)))) == []


@pytest.mark.parametrize("names", [[f"{number}-*" for number in range(3000)], ["x" * 600 + "*", "*y"]])
def test_too_many_patterns_and_too_long_ones_are_told_in_bounded_time(names: list[str]) -> None:
    patterns = [f"arn:aws:lambda:us-east-1:{HOME}:function:{name}".replace("*", MANY) for name in names]
    found = Examples("aws", HOME, (), patterns).named("arn:{partition}:lambda:{region}:{account}:function:{name}")
    assert not found.whole
