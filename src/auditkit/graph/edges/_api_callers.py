"""Services that call functions on behalf of an entry: API Gateway, load balancers, user pools, IoT rules, agents."""

from collections.abc import Iterable, Sequence
from typing import Unpack

from auditkit.graph._build import Builder, Said
from auditkit.graph.callers import Caller
from auditkit.graph.edges._targets import NOT_PERMITTED, called_by_service
from auditkit.graph.schema import Interval
from auditkit.inventory import Source

__all__ = ["call_function"]

_ORDER = {True: 0, None: 1, False: 2}


def call_function(
    build: Builder,
    caller: str,
    function: str,
    *,
    hop: str,
    service: str,
    origins: Sequence[str],
    account: str,
    sources: Iterable[Source],
    role: str | None = None,
    **said: Unpack[Said],
) -> str:
    """Connect what calls a function with the function, and return the function's id.

    Parameters
    ----------
    caller
        Id of the node that calls.
    function
        ARN of the function, with or without qualifier, in whatever wrapping a setting uses.
    hop, sources, **said
        As of :meth:`Builder.triggers`.
    service
        Service principal that calls where there is no role.
    origins
        ARNs that the service may name as the source of the call; the one counts that the function's policy likes best.
    account
        Account of the origins.
    role
        ARN of the role it calls in.
    """
    target = build.reference(function)
    found, cost = list(sources), None
    if role:
        said["authentication"] = (0, f"Acts in the role {build.reference(role).label}.")
    else:
        arn = f"{target.id}:{target.qualifier}" if target.qualifier not in {"", "$LATEST"} else target.id
        best = Caller(Interval(0, 0.5), "Who may call it was not seen.", None)
        for number, origin in enumerate(origins):
            answer = called_by_service(build, arn, service=service, origin=origin, account=account)
            if answer is None:
                break
            if number == 0 or _ORDER[answer.permitted] < _ORDER[best.permitted]:
                best = answer
            if best.permitted:
                break
        said["authentication"] = (best.level, best.reason)
        found += best.sources
        if best.permitted is False:
            cost = 4
            said["detail"] = ", ".join(text for text in (said.get("detail", ""), NOT_PERMITTED) if text)
    if target.qualifier:
        said["qualifier"] = target.qualifier
    build.triggers(caller, target.id, hop=hop, sources=found, cost=cost, **said)
    return target.id
