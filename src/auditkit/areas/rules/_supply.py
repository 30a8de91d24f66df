"""What a function's code is deployed from: an object in S3, or an image in a repository, and who may replace it."""

from collections.abc import Iterator
from typing import NamedTuple

from auditkit.areas.scene import Scene
from auditkit.graph.grounds import statement_sources
from auditkit.graph.schema import AccessLevel
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function
from auditkit.policy import Decision, Outcome, can

__all__ = ["Replacement", "replacements"]

_ONLY_DENY = frozenset({"scp", "rcp", "resource"})
"""Layers that, within an account, take away from what a policy of the principal's own gives."""
_WRITES = frozenset({AccessLevel.WRITE, AccessLevel.ADMIN})


class Replacement(NamedTuple):
    """A role that may replace what a function is deployed from.

    Attributes
    ----------
    role, function
        The role's ARN; the function whose code it is.
    what
        ARN of the object or repository.
    sources
        The statements that let it.
    missing
        Condition keys or layers that it hangs on; empty where it is given.
    """

    role: str
    function: Function
    what: str
    sources: tuple[Source, ...]
    missing: tuple[str, ...] = ()


def replacements(scene: Scene) -> Iterator[Replacement]:
    """Yield who, of the roles that functions run as, may replace what functions are deployed from."""
    principals = {one.arn: one for one in scene.permissions.principals}
    targets = {one.arn: one for one in scene.permissions.targets}
    for function in scene.functions:
        for store, action, what in _supplies(function):
            target = targets.get(store)
            if target is None:
                continue
            writers = {role for role, edge in scene.permitted_on(store) if edge.access in _WRITES}
            for role in sorted(writers & principals.keys() & scene.functions_of_role.keys()):
                decision = can(principals[role], target, action, resource=what, key=targets.get(target.key_arn or ""))
                if not decision.denied:
                    sources = statement_sources(decision.statements)
                    yield Replacement(role, function, what, sources, _hangs_on(decision))


def _supplies(function: Function) -> Iterator[tuple[str, str, str]]:
    """Yield the store that the code comes from, the action that replaces it, and what the action is asked about."""
    if isinstance(function.code_object, str):
        yield function.code_object.partition("/")[0], "s3:PutObject", function.code_object
    image = function.image_uri
    if isinstance(image, str) and "@" not in image:  # a digest names one image for good
        host, _, name = image.partition("/")
        account, _, rest = host.partition(".dkr.ecr.")
        region, _, suffix = rest.partition(".")
        arn = parse_arn(function.function_arn)
        if suffix and arn is not None:
            repository = f"arn:{arn.partition}:ecr:{region}:{account}:repository/{name.partition(':')[0]}"
            yield repository, "ecr:PutImage", repository


def _hangs_on(decision: Decision) -> tuple[str, ...]:
    if decision.outcome is Outcome.ALLOW:
        return ()
    allowed = any(reference.effect == "Allow" for reference in decision.statements)
    layers = [str(layer) for layer in decision.missing if not allowed or str(layer) not in _ONLY_DENY]
    return (*decision.keys, *layers)
