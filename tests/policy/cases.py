"""Builders for policies and requests of the simulator's form."""

from typing import Any

from auditkit.policy import simulate

HOME = "111122223333"
AWAY = "444455556666"
USER = f"arn:aws:iam::{HOME}:user/alice"
ROLE = f"arn:aws:iam::{HOME}:role/app/worker"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/worker/run-1"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/carol"
ROOT = f"arn:aws:iam::{HOME}:root"
STRANGER = f"arn:aws:iam::{AWAY}:role/visitor"
OBJECT = "arn:aws:s3:::lake/raw/a.csv"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET_ROLE = f"arn:aws:iam::{HOME}:role/target"
ANYONE = {"type": "Anonymous"}

ALLOW, IMPLICIT, EXPLICIT = "ALLOW", "IMPLICIT_DENY", "EXPLICIT_DENY"


def doc(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    """Return a policy document."""
    return ({"Version": version} if version else {}) | {"Statement": list(statements)}


def statement(effect: str, action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a statement; ``who`` is its Principal, ``when`` its Condition, ``None`` leaves Action or Resource out."""
    made: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": resource}
    made = {name: value for name, value in made.items() if value is not None}
    names = {"who": "Principal", "unless": "NotPrincipal", "when": "Condition"}
    return made | {names.get(name, name): value for name, value in more.items()}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return an Allow statement."""
    return statement("Allow", action, resource, **more)


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a Deny statement."""
    return statement("Deny", action, resource, **more)


FULL = doc(allow())
NOTHING = doc(allow("ec2:DescribeInstances"))


def ask(
    principal: Any = USER,
    action: str = "s3:GetObject",
    target: str | None = OBJECT,
    /,
    *,
    account: str | None = HOME,
    context: dict[str, Any] | None = None,
    wildcard_only: bool = False,
    **policies: Any,
) -> dict[str, Any]:
    """Simulate one request and return the answer."""
    request = {"principal": principal, "action": action, "resource": target, "context": context or {}}
    if account is not None:
        request["resource_account"] = account
    if wildcard_only:
        request["wildcard_only_action"] = True
    (answer,) = simulate([{"id": "x", "request": request, "policies": policies}])
    return answer


def decision(*args: Any, **kwargs: Any) -> str:
    """Simulate one request and return the decision."""
    return ask(*args, **kwargs)["decision"]


def when(
    condition: dict[str, Any], context: dict[str, Any] | None = None, *, version: str | None = "2012-10-17"
) -> bool:
    """Whether a condition holds in a context, by a statement that hangs on it alone: with Allow and with Deny."""
    permits = decision(context=context, identity=[doc(allow(when=condition), version=version)]) == ALLOW
    forbids = decision(context=context, identity=[doc(allow(), deny(when=condition), version=version)]) == EXPLICIT
    assert permits == forbids
    return permits
