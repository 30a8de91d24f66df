"""Every function a perimeter: statements of roles that code runs as which name every action, or every resource."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from auditkit.areas.answers import Answer, Rule, failed, passed, some, unknown, warned
from auditkit.areas.scene import Scene
from auditkit.graph._documents import place
from auditkit.inventory import PolicyText, Record, Source, UnsetType
from auditkit.inventory.records.iot import DevicePolicy
from auditkit.inventory.records.schedules import Pipe, Schedule
from auditkit.inventory.records.statemachines import StateMachine
from auditkit.inventory.records.streams import DeliveryStream
from auditkit.policy import (
    Document,
    Outcome,
    PolicyKind,
    PolicySet,
    PrincipalPolicies,
    Request,
    Statement,
    TrackedAction,
    allows_action,
    audit_context,
    evaluate,
    match_action,
    parse,
    parse_arn,
    principal,
    tracked_actions,
)
from auditkit.policy.documents import Written

__all__ = ["RULES", "every_action", "place_of", "unseen_roles"]

_POLICIES = "iam:GetAccountAuthorizationDetails"
_DATA = frozenset(
    {"backup", "cognito-idp", "dynamodb", "es", "events", "iam", "iot", "kinesis", "kms", "lambda", "rds-data", "s3"}
    | {"secretsmanager", "ses", "sns", "sqs", "ssm", "states", "sts"}
)
"""Services that hold data, copies of it, or the users of an application, run code, or speak to things and people."""
_ASK_BOTH = frozenset({"kms", "sts"})
"""Services whose resources must allow as well, even within the account."""
_HARMLESS = frozenset({"list", "metadata", "tag"})
_EVERY = re.compile(r"[*?]+(?:[:/][*?]+)*")


class _Wide(NamedTuple):
    """What a statement gives too widely."""

    said: str
    conditional: bool
    source: Source


def unseen_roles(scene: Scene) -> Iterator[Answer]:
    """Yield UNKNOWN for everything of which only the list was seen, which does not tell its role."""
    unseen: list[tuple[Record, str]] = [
        *((one, "stepfunctions:DescribeStateMachine") for one in scene.inventory.of(StateMachine) if not one.role_arn),
        *((one, "scheduler:GetSchedule") for one in scene.inventory.of(Schedule) if not one.target),
        *((one, "pipes:DescribePipe") for one in scene.inventory.of(Pipe) if not one.role_arn),
        *((one, "firehose:DescribeDeliveryStream") for one in scene.inventory.of(DeliveryStream) if not one.described),
    ]
    for record, call in unseen:
        yield unknown(record, f"its role ({call})", at=record.source)


def role_wildcards(scene: Scene) -> Iterator[Answer]:
    """Judge the statements of the role of everything that acts in one: actions and resources on data."""
    yield from unseen_roles(scene)
    for arn, role, by in scene.roles_of_runs:
        policies = scene.principals.get(arn)
        if role is None or policies is None or isinstance(policies.identity, UnsetType):
            yield unknown(arn if role is None else role, _POLICIES, at=by[0])
            continue
        unreadable = [document.name for document in policies.identity if not document.readable]
        found = [wide for document in policies.identity for wide in _wide(policies, document)]
        for wide in found:
            where = wide.source.pointer
            if wide.conditional:
                yield warned(role, f"{wide.said}, as far as a condition lets it", at=wide.source, place=where)
            else:
                yield failed(role, wide.said, at=wide.source, place=where)
        if unreadable:
            yield unknown(role, [f"the policy {name}" for name in unreadable], at=role.source)
        elif not found:
            said = "no statement gives every action of a service that holds data, or every resource"
            yield passed(role, said, at=role.source)
    yield from _device_policies(scene)


def _device_policies(scene: Scene) -> Iterator[Answer]:
    """Judge what things may do: AWS IoT, Policy variables: each thing should be held to topics and a client of its own.

    AWS IoT Device Defender calls a policy overly permissive that lets a thing connect as any client, or publish and
    subscribe to any topic.
    """
    for record in scene.inventory.of(DevicePolicy):
        policy = record.policy
        if isinstance(policy, UnsetType):
            yield unknown(record, "iot:GetPolicy", at=record.source)
            continue
        statements = parse(policy.document, kind=PolicyKind.IDENTITY).statements if policy is not None else ()
        wide = [(statement, said) for statement in statements if (said := _of_things(statement))]
        for statement, said in wide:
            source = place(policy, statement.pointer) if policy is not None else record.source
            if statement.conditions:
                yield warned(record, f"{said}, as far as a condition lets it", at=source, place=source.pointer)
            else:
                yield failed(record, said, at=source, place=source.pointer)
        if any(statement.unclear for statement in statements):
            yield unknown(record, "a statement that could not be understood", at=record.source)
        elif not wide:
            yield passed(record, "it names what a thing may do, and on what", at=record.source)


def _of_things(statement: Statement) -> str:
    """Return what a statement gives every thing that should be of one thing alone, ``""`` for nothing."""
    matched = _matched(statement.actions, statement.not_actions)
    if statement.effect != "Allow" or statement.unclear or not any(one.name.startswith("iot:") for one in matched):
        return ""
    held = any("${" in text for text in statement.resources or ())
    if not _every_resource(statement) and not (every_action(statement) and not held):
        return ""
    told = some(statement.actions or [f"all but {some(statement.not_actions or ())}"])
    return f"{told} on {some(statement.resources or ['*'])}: one thing may act as any other"


def _wide(policies: PrincipalPolicies, document: Document) -> Iterator[_Wide]:
    for statement in document.those(_is_wide):
        if statement.effect != "Allow" or (statement.unclear and not _lacks_its_resource(statement)):
            continue
        matched = _matched(statement.actions, statement.not_actions)
        every = every_action(statement)
        pattern = _every_resource(statement)
        if not matched or (not every and not pattern):
            continue
        outcome = _best(policies, matched, statement, pattern)
        if outcome is not None:
            source = place_of(document, statement)
            actions = some(_telling(statement, matched))
            where = "every resource" if pattern else some(statement.resources or ["what a plan does not tell"])
            yield _Wide(f"{actions} on {where}", outcome is not Outcome.ALLOW, source)


def _telling(statement: Statement, matched: tuple[TrackedAction, ...]) -> list[str]:
    """Return the actions of a statement that give something on data; beside them may stand others, which harm less."""
    if statement.not_actions is not None:
        return [f"all but {some(statement.not_actions)}"]
    names = [action.name for action in matched]
    return [named for named in statement.actions or () if any(match_action((named,), name) for name in names)]


def _lacks_its_resource(statement: Statement) -> bool:
    """Return whether nothing is unclear but what a statement is about, because it does not say so."""
    return statement.unclear == {"resource"} and statement.resources is None and statement.not_resources is None


def place_of(document: Document, statement: Statement) -> Source:
    """Return where a statement stands."""
    assert isinstance(document.source, PolicyText)
    return place(document.source, statement.pointer)


@cache
def _data_actions() -> tuple[TrackedAction, ...]:
    return tuple(
        action
        for action in tracked_actions().values()
        if action.name.partition(":")[0] in _DATA and action.access not in _HARMLESS and action.resources
    )


@lru_cache(maxsize=4096)
def _matched(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> tuple[TrackedAction, ...]:
    """Return the actions on data that a statement gives; many roles hold the same statements."""
    if not_actions is not None:
        return tuple(action for action in _data_actions() if not match_action(not_actions, action.name))
    return tuple(action for action in _data_actions() if match_action(actions or (), action.name))


def every_action(statement: Statement) -> bool:
    """Return whether a statement names all actions of a service, or of all."""
    return statement.not_actions is not None or _names_every(statement.actions or ())


def gives_every_action(written: Written) -> bool:
    """Return whether a statement, as it is written, allows all actions of a service, or of all."""
    return written.effect == "Allow" and _has_every_action(written)


def _has_every_action(written: Written) -> bool:
    actions = written.actions
    return isinstance(written.not_actions, tuple) or (isinstance(actions, tuple) and _names_every(actions))


def _is_wide(written: Written) -> bool:
    """Return whether a statement, as it is written, may be wide in its actions or in its resources."""
    if written.effect != "Allow":
        return False
    resources = written.resources
    every = isinstance(written.not_resources, tuple) or (
        isinstance(resources, tuple) and any(map(_is_every, resources))
    )
    return every or _has_every_action(written)


@lru_cache(maxsize=1 << 14)
def _names_every(actions: tuple[str, ...]) -> bool:
    return any(pattern.rpartition(":")[2].strip("*") == "" for pattern in actions)


def _every_resource(statement: Statement) -> str:
    """Return the pattern by which a statement names every resource of a kind, ``""`` for none."""
    if statement.not_resources is not None:
        return "*"
    return next((pattern for pattern in statement.resources or () if _is_every(pattern)), "")


def _is_every(pattern: str) -> bool:
    return pattern.endswith(("*", "?")) and _ends_in_every(pattern)


@lru_cache(maxsize=1 << 14)
def _ends_in_every(pattern: str) -> bool:
    if _EVERY.fullmatch(pattern):
        return True
    arn = parse_arn(pattern)
    if arn is None:
        return False
    head, _, rest = arn.resource.partition("/" if "/" in arn.resource else ":")
    if arn.service in {"s3", ""} or not rest:  # buckets and what is not known: a name stands before the slash, no kind
        return bool(_EVERY.fullmatch(arn.resource))
    return not set(head) & set("*?") and bool(_EVERY.fullmatch(rest))


def _best(
    policies: PrincipalPolicies, actions: tuple[TrackedAction, ...], statement: Statement, pattern: str
) -> Outcome | None:
    """Return the best outcome of an action on an example of what a statement names; ``None`` where all are denied."""
    best: Outcome | None = None
    boundary = policies.boundary if isinstance(policies.boundary, Document) else None
    for action in actions:
        if boundary is not None and boundary.readable and not allows_action(boundary, action.name):
            continue
        if statement.unclear:
            return Outcome.CONDITIONAL if statement.conditions else Outcome.ALLOW
        for example in _examples(policies, action, statement, pattern):
            outcome = _decided(policies, action, example)
            if outcome is Outcome.ALLOW:
                return outcome
            if outcome in {Outcome.CONDITIONAL, Outcome.UNKNOWN}:
                best = outcome
    return best


def _examples(policies: PrincipalPolicies, action: TrackedAction, statement: Statement, pattern: str) -> Iterator[str]:
    named = [text for text in (pattern, *(statement.resources or ())) if parse_arn(text) is not None]
    for text in dict.fromkeys(named):
        yield text.replace("*", "example").replace("?", "x")
    if not named:
        for kind in sorted(action.resources):
            service, _, what = kind.partition(":")
            region = "" if service in {"s3", "iam"} else "eu-west-1"
            account = "" if service == "s3" else policies.account
            yield f"arn:aws:{service}:{region}:{account}:{_NAMES.get(kind, f'{what}/example')}"


_NAMES = {
    "s3:bucket": "example",
    "s3:object": "example/example",
    "sqs:queue": "example",
    "sns:topic": "example",
    "lambda:function": "function:example",
    "secretsmanager:secret": "secret:example",
    "states:stateMachine": "stateMachine:example",
}


def _decided(policies: PrincipalPolicies, action: TrackedAction, resource: str) -> Outcome:
    who = principal(policies.arn)
    request = Request(
        principal=who,
        action=action.name,
        resource=resource,
        resource_account=policies.account or None,
        context=audit_context(who, resource, policies.account, policies.context),
    )
    # What the organization's policies might forbid, where they were not seen, makes no statement narrower.
    scp = () if isinstance(policies.scps, UnsetType) else policies.scps or ()
    boundary = (policies.boundary,) if isinstance(policies.boundary, Document) else policies.boundary
    # The policies of keys and the trust of roles must allow, and many leave it to IAM.
    service = action.name.partition(":")[0]
    leaves = _leaving_to_iam(policies.account, service) if service in _ASK_BOTH else None
    bearing = PolicySet(identity=policies.identity, boundary=boundary, scp=scp, rcp=(), resource=leaves)
    return evaluate(request, bearing).outcome


@lru_cache(maxsize=64)
def _leaving_to_iam(account: str, service: str) -> Document:
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": f"{service}:*", "Resource": "*"}
    return parse({"Version": "2012-10-17", "Statement": [statement]}, kind=PolicyKind.RESOURCE)


RULES: dict[str, Rule] = {"perim.role-wildcards": role_wildcards}
