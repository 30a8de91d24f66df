"""Places outside the export that policies in it name: who may act there, and where functions may carry data to.

Every grant is an edge of the trust view. A function whose role has one may carry data there, or fetch it: a permission
alone makes the hop *permitted*; a variable of the function that names the place as well makes it *referenced*. Whether
the other side lets anybody in is not known.
"""

from collections.abc import Iterable

from auditkit.graph._build import Builder, Said
from auditkit.graph._refs import reference
from auditkit.graph.edges._granted import edges_of_grants
from auditkit.graph.edges._names import CALL_ACTIONS, DATA_ACTIONS, bucket_of, digest_of
from auditkit.graph.edges.references import doubts
from auditkit.graph.foreign import foreign_grants
from auditkit.graph.grounds import statement_sources
from auditkit.graph.permissions import permissions_of
from auditkit.graph.schema import EdgeKind, Evidence
from auditkit.graph.store_factors import store_factors
from auditkit.inventory import STORE_KINDS, Kind, Source
from auditkit.inventory.records.functions import Function
from auditkit.policy import Grant

__all__ = ["connect"]

_CALLED = {Kind.FUNCTION: "function->lambda", Kind.STATE_MACHINE: "function->states"}


def connect(build: Builder) -> None:
    """Say what the policies of principals are made for elsewhere."""
    found = foreign_grants(permissions_of(build.inventory), build.inventory, build.boundaries.own)
    by_role: dict[str, list[tuple[str, tuple[Grant, ...]]]] = {}
    for (principal, target), grants in found.items():
        by_role.setdefault(principal, []).append((target, grants))
        for edge in edges_of_grants(build, grants):
            build.edge(principal, build.ref(target), edge)
    for function in build.inventory.of(Function):
        role = reference(function.role).id if function.role else ""
        for target, grants in by_role.get(role, ()):
            _hops(build, function, target, grants)


def _hops(build: Builder, function: Function, target: str, grants: Iterable[Grant]) -> None:
    kind = build.reference(target).kind
    if kind in _CALLED:
        _hop(build, function, target, EdgeKind.CALLS, [grant for grant in grants if grant.action in CALL_ACTIONS])
    elif kind in STORE_KINDS - {Kind.KEY}:  # what a key encrypts moves with its store
        for access, edge in (("read", EdgeKind.READS), ("write", EdgeKind.WRITES)):
            _hop(build, function, target, edge, [grant for grant in grants if grant.action in DATA_ACTIONS[access]])


def _hop(build: Builder, function: Function, target: str, kind: EdgeKind, grants: list[Grant]) -> None:
    if not grants:
        return
    variables = _named_by(function, target)
    said: Said = {
        "label": ", ".join(variables or sorted({grant.action.partition(":")[2] for grant in grants})),
        "evidence": Evidence.REFERENCED if variables else Evidence.PERMITTED,
    }
    said["conditions"], said["unknown"] = doubts(grants)
    hop = _CALLED.get(build.reference(target).kind, "")
    if not hop:
        subnets = function.vpc_config.subnet_ids if function.vpc_config else ()
        hop, levels = store_factors(build, target, subnets=subnets)
        said.update(levels)  # type: ignore[typeddict-item]
    sources: set[Source] = {source for grant in grants for source in statement_sources(grant.statements)}
    sources |= {function.source.at("Environment", "Variables", key) for key in variables}
    ends = (target, function.id) if kind is EdgeKind.READS else (function.id, target)
    build.flow(*ends, kind=kind, hop=hop, sources=sorted(sources) or (function.source,), **said)


def _named_by(function: Function, target: str) -> list[str]:
    """Return the variables of a function whose value is the name of something elsewhere."""
    variables = function.environment if isinstance(function.environment, dict) else {}
    name = reference(target).label
    texts = {target, *((name, f"s3://{name}", f"s3://{name}/") if reference(target).kind is Kind.BUCKET else ())}
    digests = {digest_of(text) for text in texts}
    return sorted(
        key
        for key, value in variables.items()
        if value.sha256 in digests or (value.arn and reference(value.arn).id == target) or bucket_of(value) == name
    )
