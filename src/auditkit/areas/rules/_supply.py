"""What a function's code is deployed from: an object in S3, or an image in a repository, and who may replace it."""

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from auditkit.areas.scene import Scene
from auditkit.graph.grounds import is_grounded, lacking, statement_sources, within_account
from auditkit.graph.schema import AccessLevel, Edge, EdgeKind
from auditkit.inventory import Source
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import Function
from auditkit.policy import Decision, Outcome, PrincipalPolicies, TargetPolicies, allows_action, can

__all__ = ["Replacement", "replacements"]

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
    principals, targets = scene.principals, scene.targets
    roles = principals.keys() & scene.functions_of_role.keys()
    elsewhere: dict[tuple[str, str], tuple[Function, str]] = {}
    for function in scene.functions:
        for store, action, what in _supplies(function):
            target = targets.get(store)
            if target is None:
                elsewhere.setdefault((store, action), (function, what))
                continue
            writers = scene.neighbours.ids(scene.neighbours.who(store, _writes).tolist())
            for role in sorted(roles.intersection(writers)):
                decision = can(principals[role], target, action, resource=what, key=targets.get(target.key_arn or ""))
                if not decision.denied and is_grounded(decision):
                    sources = statement_sources(decision.statements)
                    yield Replacement(role, function, what, sources, _hangs_on(decision, role, store))
    writing = [principals[role] for role in sorted(roles)]
    for (store, action), (function, what) in sorted(elsewhere.items(), key=itemgetter(0)):
        yield from _not_seen(writing, store, action, function, what)


def _writes(edge: Edge) -> bool:
    return edge.kind is EdgeKind.PERMITS and edge.access in _WRITES


def _not_seen(
    roles: list[PrincipalPolicies], store: str, action: str, function: Function, what: str
) -> Iterator[Replacement]:
    """Yield who might replace what lies in a store that the export does not hold: its policy decides as well."""
    for role in roles:
        documents = role.identity if isinstance(role.identity, tuple) else ()
        if any(document.readable and allows_action(document, action) for document in documents):
            decision = can(role, TargetPolicies(arn=store), action, resource=what)
            if not decision.denied and is_grounded(decision):
                sources = statement_sources(decision.statements)
                yield Replacement(role.arn, function, what, sources, (f"the policy of {store}",))


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


def _hangs_on(decision: Decision, role: str, store: str) -> tuple[str, ...]:
    """Return what a decision hangs on, but for what could only take away from what is given."""
    if decision.outcome is Outcome.ALLOW:
        return ()
    what = lacking(decision, near=within_account(role, store))
    return (*decision.keys, *([what.words] if what.doubtful else []))
