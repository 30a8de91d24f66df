"""Function URLs: who gets in at them, and the functions behind."""

from collections.abc import Iterable

import msgspec

from auditkit.graph._build import Builder, Said
from auditkit.graph.edges._api_permitted import permitted
from auditkit.graph.edges._senders import organization_node
from auditkit.graph.edges._urls import needs_both, open_to
from auditkit.graph.permissions import permissions_of
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.policy import TargetPolicies, Truth

__all__ = ["connect"]


def connect(build: Builder) -> None:
    """Say what the records of function URLs say."""
    _callers(build, [(url, _url(build, url)) for url in build.inventory.of(FunctionUrl)])


def _url(build: Builder, url: FunctionUrl) -> str:
    """Make the node of a URL, and connect it; return its id."""
    function = build.reference(url.function_arn)
    opened = open_to(build, url, function)
    node = build.add(url, label=f"URL of {url.name}", entry=opened.entry)
    said: Said = {"qualifier": function.qualifier, "unknown": opened.unknown, "conditions": opened.conditions}
    build.triggers(node, function.id, hop="function-url->lambda", sources=(url.source, *opened.sources), **said)
    for one in opened.named:
        organization = one.outsider.removeprefix("organization:")
        named = one.outsider == organization
        build.triggers(
            build.ref(one.outsider) if named else organization_node(build, organization),
            node,
            hop="client->function-url",
            sources=one.sources,
            authentication=(0, "AuthType AWS_IAM asks for a signature."),
            conditions=one.conditions,
            unknown=one.unknown,
        )
    return node


def _callers(build: Builder, urls: Iterable[tuple[FunctionUrl, str]]) -> None:
    """Connect roles and users with the URLs, each given with its node, that they may call by signed requests."""
    permissions = permissions_of(build.inventory)
    policies = {target.arn: target for target in permissions.targets}
    targets: dict[Truth, list[tuple[TargetPolicies, str]]] = {}
    for url, node in urls:
        function = build.reference(url.function_arn)
        target = policies.get(url.function_arn if function.qualifier else function.id)
        if url.auth_type == "AWS_IAM" and target is not None:
            by_url = {"lambda:FunctionUrlAuthType": url.auth_type, "lambda:InvokedViaFunctionUrl": "true"}
            known = msgspec.structs.replace(target, context={**target.context, **by_url})
            targets.setdefault(needs_both(build, url), []).append((known, node))
    for both, some in targets.items():
        permitted(
            build, some, action="lambda:InvokeFunctionUrl", besides="lambda:InvokeFunction" if both is Truth.YES else ""
        )
