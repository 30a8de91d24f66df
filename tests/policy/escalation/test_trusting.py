"""Trust: whom a role lets assume it, which services it admits, and passing it to them."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from tests.policy.cases import AWAY, FULL, HOME, allow, deny, doc
from tests.policy.escalation.building import (
    BOSS,
    START,
    arn,
    boss,
    estate,
    role,
    route,
    told,
    trust,
    user,
    workload,
)

LAMBDA, EC2 = "lambda.amazonaws.com", "ec2.amazonaws.com"
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
FUNCTION = f"arn:aws:lambda:eu-west-1:{HOME}:function:orders"
_NONE = ["arn:aws:ec2:::none"]
_MACHINES = "arn:aws:ec2:*:*:instance/*"
_PARTS = [f"arn:aws:ec2:*:*:{part}/*" for part in ("image", "network-interface", "security-group", "subnet", "volume")]
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}


def test_a_role_may_be_trusted_by_the_name_of_a_session() -> None:
    def found(session: str, *policies: dict[str, Any], **more: Any) -> list[tuple[str, str, bool]]:
        trusting = boss(f"arn:aws:sts::{HOME}:assumed-role/{session}")
        start = user(START, doc(allow("sts:AssumeRole", arn("role", "app/worker"))))
        return route(estate(start, role("app/worker", *policies, trusts=trust(HOME), **more), trusting))

    expected = [("sts-001", "worker", False), ("sts-001", BOSS, True)]
    assert found("worker/deploy") == expected  # within an account, naming the session is enough
    assert found("worker/deploy", doc(allow("sts:AssumeRole"))) == expected
    assert found("worker/deploy", boundary=doc(allow("s3:*"))) == expected
    assert found("worker/deploy", doc(deny("sts:AssumeRole"))) == []
    assert found("work/deploy") == []
    assert found("worker/deploy", scps=[[doc(allow("s3:*"))]]) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("${aws:username}", [False]),
        ("${aws:username}-*", [False]),
        ("ci-*", [False]),
        ("${aws:PrincipalTag/team}", [True]),
    ],
)
def test_whoever_assumes_a_role_chooses_the_name_of_the_session(name: str, expected: list[bool]) -> None:
    trusting = role(BOSS, FULL, trusts=trust(HOME, when={"StringLike": {"sts:RoleSessionName": name}}))
    start = msgspec.structs.replace(user(START, doc(allow("sts:AssumeRole"))), tags=UNSET)
    assert [conditional for _, _, conditional in route(estate(start, trusting))] == expected


def test_what_hangs_on_the_name_of_a_session_says_so() -> None:
    trusting = boss(f"arn:aws:sts::{HOME}:assumed-role/worker/deploy")
    found = told(estate(role("worker", trusts=trust(HOME)), trusting))
    (step,) = found["worker"].path
    assert step.missing == ("a session of the role by the name 'deploy'",)


@pytest.mark.parametrize(
    ("trusted", "may", "expected"),
    [
        (HOME, ["sts:AssumeRole"], True),
        (arn("user", START), [], True),  # within an account, naming the user is enough
        (HOME, [], False),
        (arn("user", "other"), ["sts:AssumeRole"], False),
        (LAMBDA, ["sts:AssumeRole"], False),
        (EC2, ["iam:PassRole", *MAKE], False),
        (LAMBDA, ["iam:PassRole", *MAKE], True),
        (LAMBDA, ["iam:PassRole", "lambda:CreateFunction"], False),
    ],
)
def test_a_role_admits_whom_its_trust_policy_names(trusted: str, may: list[str], expected: bool) -> None:
    found = estate(user(START, *([doc(allow(may))] if may else [])), boss(trusted))
    assert bool(route(found)) is expected


@pytest.mark.parametrize(
    ("passed_to", "expected"),
    [(LAMBDA, [False]), ([EC2, LAMBDA], [False]), (EC2, []), ("*.amazonaws.com", [False]), ("ecs*", [])],
)
def test_passing_hangs_on_the_service(passed_to: Any, expected: list[bool]) -> None:
    operator = "StringLike" if "*" in str(passed_to) else "StringEquals"
    when = {operator: {"iam:PassedToService": passed_to}}
    found = estate(user(START, doc(allow("iam:PassRole", when=when), allow(MAKE))), boss(LAMBDA))
    assert [conditional for _, _, conditional in route(found)] == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": HOME}}, [False]),
        ({"StringEquals": {"aws:SourceAccount": AWAY}}, []),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{HOME}:function:*"}}, [False]),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{HOME}:function:orders"}}, [True]),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{AWAY}:function:*"}}, []),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{HOME}:*"}}, [False]),
        ({"ArnNotLike": {"aws:SourceArn": f"arn:aws:lambda:*:{AWAY}:function:*"}}, [True]),
    ],
)
def test_a_service_may_be_trusted_for_some_of_what_it_does(when: dict[str, Any], expected: list[bool]) -> None:
    trusting = role(BOSS, FULL, trusts=trust(LAMBDA, when=when))
    found = estate(user(START, doc(allow(["iam:PassRole", *MAKE]))), trusting)
    assert [conditional for _, _, conditional in route(found)] == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("states.eu-west-1.amazonaws.com", True),
        ("states.us-gov-west-1.amazonaws.com", True),
        ("states.amazonaws.com.cn", True),
        ("states.cn-north-1.amazonaws.com.cn", True),
        ("xstates.amazonaws.com", False),
        ("states.other.amazonaws.com", False),
        ("states.eu-west-1.example.com", False),
    ],
)
def test_a_trust_policy_may_name_a_service_by_its_region(named: str, expected: bool) -> None:
    may = doc(allow(["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"]))
    trusting = doc({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": named}})
    found = route(estate(user(START, may), role(BOSS, FULL, trusts=trusting)))
    assert found == ([("states-create-machine", BOSS, False)] if expected else [])


def test_only_the_roles_that_may_be_passed_count() -> None:
    start = user(START, doc(allow("iam:PassRole", arn("role", "app-*")), allow(MAKE)))
    assert route(estate(start, boss(LAMBDA))) == []
    assert route(estate(start, role("app-boss", FULL, trusts=trust(LAMBDA)))) == [("lambda-001", "app-boss", False)]


def test_a_service_linked_role_is_nobodys() -> None:
    linked = role("aws-service-role/x.amazonaws.com/AWSServiceRoleForX", FULL, trusts=trust(LAMBDA))
    found = estate(user(START, doc(allow(["iam:PassRole", *MAKE]))), linked)
    assert route(found) == []
    assert not told(found)["AWSServiceRoleForX"].admin


def test_an_instance_needs_a_profile() -> None:
    run = ["iam:PassRole", "ec2:RunInstances"]
    profile = ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"]
    bare = boss(EC2, profile=False)
    assert route(estate(user(START, doc(allow(run))), boss(EC2))) == [("ec2-001", BOSS, False)]
    unseen = boss(EC2, profile=UNSET)
    helper = user("helper", doc(allow(profile)))
    assert route(estate(user(START, doc(allow(run))), bare, helper)) == [("ec2-001", BOSS, True)]
    assert route(estate(user(START, doc(allow(run))), bare)) == []
    assert route(estate(user(START, doc(allow(run))), unseen)) == [("ec2-001", BOSS, True)]
    assert route(estate(user(START, doc(allow([*run, *profile]))), unseen)) == [("ec2-001", BOSS, False)]
    assert route(estate(user(START, doc(allow([*run, *profile]))), bare)) == [("ec2-001", BOSS, False)]


def test_running_instances_needs_all_that_an_instance_is_made_of() -> None:
    only = doc(allow("iam:PassRole"), allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*"))
    assert route(estate(user(START, only), boss(EC2))) == []


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"ArnEquals": {"cloudformation:RoleArn": arn("role", BOSS)}}, [False]),
        ({"StringLike": {"cloudformation:RoleArn": "*role/b*"}}, [False]),
        ({"StringEquals": {"cloudformation:RoleArn": arn("role", "limited")}}, []),
        ({"Null": {"cloudformation:RoleArn": "true"}}, []),
        ({"ArnNotLike": {"cloudformation:RoleArn": "arn:aws:iam::*:role/limited"}}, [False]),
        ({"Null": {"cloudformation:TemplateUrl": "true"}}, [True]),
    ],
)
def test_a_stack_is_made_by_the_role_that_conditions_name(when: dict[str, Any], expected: list[bool]) -> None:
    own = doc(allow("iam:PassRole"), allow("cloudformation:CreateStack", when=when))
    limited = role("limited", doc(allow("s3:*")), trusts=trust("cloudformation.amazonaws.com"))
    found = route(estate(user(START, own), limited, boss("cloudformation.amazonaws.com")))
    assert [conditional for _, _, conditional in found] == expected


def test_conditions_may_tell_one_role_that_is_passed_from_another() -> None:
    only = {"ArnEquals": {"cloudformation:RoleArn": arn("role", "second")}}
    own = doc(allow("iam:PassRole"), allow(["cloudformation:CreateChangeSet"], when=only))
    more = doc(allow("cloudformation:ExecuteChangeSet"))
    bosses = [role(name, FULL, trusts=trust("cloudformation.amazonaws.com")) for name in ("first", "second")]
    expected = [("cloudformation-create-change-set", "second", False)]
    no_stacks = frozenset({(HOME, "stack")})
    assert route(estate(user(START, own, more), *bosses, seen=no_stacks)) == expected
    assert route(estate(user(START, own, more), bosses[0], seen=no_stacks)) == []


@pytest.mark.parametrize(
    ("operator", "profile", "on", "more", "expected"),
    [
        ("ArnEqualsIfExists", BOSS, "*", _NONE, [False]),
        ("ArnEqualsIfExists", "other", "*", _NONE, []),
        ("ArnEquals", BOSS, "*", _NONE, []),  # an image has no such key, and is to be allowed as well
        ("ArnEquals", BOSS, _MACHINES, _PARTS, [False]),
        ("ArnEquals", "other", _MACHINES, _PARTS, []),
        ("ArnNotEquals", BOSS, "*", _NONE, []),
        ("ArnNotEquals", "other", "*", _NONE, [False]),
    ],
)
def test_an_instance_is_run_with_the_profile_that_conditions_name(
    operator: str, profile: str, on: str, more: list[str], expected: list[bool]
) -> None:
    when = {operator: {"ec2:InstanceProfile": arn("instance-profile", profile)}}
    own = doc(allow("iam:PassRole"), allow("ec2:RunInstances", on, when=when), allow("ec2:RunInstances", more))
    assert [conditional for _, _, conditional in route(estate(user(START, own), boss(EC2)))] == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("AWS-RunShellScript", [("ssm-002", BOSS, False)]),
        ("AWS-RunPowerShell*", [("ssm-002", BOSS, False)]),
        ("AWS-RunRemoteScript", [("ssm-002", BOSS, False)]),
        ("AWS-RunPatchBaseline", []),
        ("AmazonCloudWatch-*", []),
    ],
)
def test_a_command_is_one_of_ones_own_by_few_documents(document: str, expected: list[Any]) -> None:
    on = [f"arn:aws:ssm:*::document/{document}", "arn:aws:ec2:*:*:instance/*"]
    machine = workload("instance", f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1", arn("role", BOSS))
    found = estate(
        user(START, doc(allow("ssm:SendCommand", on))),
        boss(EC2),
        workloads=(machine,),
        seen=frozenset({(HOME, "instance")}),
    )
    assert route(found) == expected
