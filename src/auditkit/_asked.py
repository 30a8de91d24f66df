"""Whom and what a question is about, found by ARN or by name; and where the statements stand that answer it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from auditkit.errors import PolicyError
from auditkit.graph.grounds import statement_sources
from auditkit.graph.permissions import Permissions
from auditkit.inventory import UNSET, Inventory
from auditkit.inventory.arn import parse_arn
from auditkit.inventory.records.functions import FunctionUrl
from auditkit.policy import PrincipalPolicies, StatementRef, TargetPolicies, tracked_actions

__all__ = [
    "BY_URL",
    "by_url",
    "check_action",
    "find_principal",
    "find_resource",
    "hint",
    "joined",
    "misspelt",
    "sources_of",
    "target_of",
    "tracked",
    "unseen_policies",
]

_NEAR = 5


def check_action(action: str) -> None:
    """Refuse what is no action in full."""
    service, colon, name = action.partition(":")
    if not (service and colon and name) or "*" in action or "?" in action:
        raise PolicyError(f"{action!r} is no action in full, like s3:GetObject")


def misspelt(action: str) -> str:
    """Return what speaks against an action that auditkit does not track, ``""`` for one that it does.

    AWS has more actions than are tracked, so that it need not be wrong; but no policy allows what there is not.
    """
    known = tracked_actions()
    if action.lower() in known:
        return ""
    near = [known[name].name for name in get_close_matches(action.lower(), known, n=_NEAR)]
    meant = f"; did you mean {', '.join(near)}?" if near else ""
    return f"{action} is none of the actions that auditkit tracks: if it is misspelt, the answer means nothing{meant}"


def tracked(permissions: Permissions, action: str) -> str | None:
    """Return the name of an action in lower case, None for all."""
    if action == "*":
        return None
    check_action(action)
    known = permissions.relation.tracked
    if action.lower() not in known:
        service = action.partition(":")[0].lower()
        near = get_close_matches(action.lower(), known, n=_NEAR)
        near = near or [name for name in known if name.startswith(f"{service}:")]
        named = ", ".join(known[name].name for name in near)
        raise PolicyError(f"{action!r} is not tracked" + (f"; did you mean {named}?" if near else ""))
    return action.lower()


def find_principal(permissions: Permissions, text: str) -> PrincipalPolicies:
    """Return the role or user with this ARN or name."""
    known = {one.arn: one for one in permissions.principals}
    if text in known:
        return known[text]
    found = [arn for arn in known if arn.rpartition("/")[2] == text]
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise PolicyError(f"{text!r} is the name of several: {', '.join(sorted(found))}")
    raise PolicyError(f"there is no role or user {text!r}{_near(text, known)}")


def find_resource(permissions: Permissions, text: str) -> str:
    """Return an ARN as it is, and that of the resource with this name."""
    if parse_arn(text) is not None:
        return text
    targets = permissions.relation.targets
    found = sorted({arn for arn in targets if arn.rpartition(":")[2].rpartition("/")[2] == text})
    if len(found) == 1:
        return found[0]
    if found:
        raise PolicyError(f"{text!r} is the name of several: {', '.join(found)}")
    raise PolicyError(f"{text!r} is neither an ARN nor the name of a resource{hint(permissions, text)}")


def hint(permissions: Permissions, text: str) -> str:
    """Return what a message offers in place of a resource that there is not."""
    return _near(text, permissions.relation.targets)


def _near(text: str, arns: Iterable[str]) -> str:
    """Return a few ARNs that hold a text, or else some with a name that is written like it, as the end of a message."""
    known = sorted(set(arns))
    near = [arn for arn in known if text.lower() in arn.lower()][:_NEAR]
    if not near:
        names = {arn.rpartition(":")[2].rpartition("/")[2]: arn for arn in known}
        near = [names[name] for name in get_close_matches(text, names, n=_NEAR)]
    return f"; did you mean {', '.join(near)}?" if near else ""


def target_of(targets: dict[str, TargetPolicies], arn: str) -> TargetPolicies:
    """Return the resource that an ARN is of or lies in; one that nobody has seen where there is none."""
    for end in range(len(arn), 0, -1):
        if (end == len(arn) or arn[end] in "/:") and arn[:end] in targets:
            return targets[arn[:end]]
    return TargetPolicies(arn=arn)


BY_URL = "lambda:invokefunctionurl"
"""The action that is asked for by a function's URL alone, in lower case."""


def by_url(inventory: Inventory, target: TargetPolicies) -> TargetPolicies:
    """Return a function as it is asked by its URLs, whose ``AuthType`` a policy may want."""
    types = {
        url.auth_type
        for url in inventory.of(FunctionUrl)
        if url.function_arn == target.arn or url.function_arn.startswith(f"{target.arn}:")
    }
    known = {key: value for key, value in target.context.items() if key.lower() not in _OF_URLS}
    if len(types) == 1:
        known |= {"lambda:FunctionUrlAuthType": types.pop()}
    return msgspec.structs.replace(target, context=known)


_OF_URLS = frozenset({"lambda:functionurlauthtype", "lambda:invokedviafunctionurl"})


def sources_of(inventory: Inventory, statements: tuple[StatementRef, ...], *names: str) -> str:
    """Return where statements stand; where there is none, the records of principal and target."""
    found = statement_sources(statements)
    records = [inventory.get(name) for name in names]
    return joined(found or [source for record in records if record is not None for source in record.sources])


def joined(sources: Iterable[object]) -> str:
    """Return sources in one cell."""
    return "; ".join(map(str, sources))


def unseen_policies(inventory: Inventory, permissions: Permissions) -> tuple[str, ...]:
    """Return which policies no answer rests on, because the export does not hold them; none where all are there."""
    principals, targets = permissions.principals, permissions.targets
    strange = sorted({call.account for call in inventory.coverage} - {one.account for one in principals} - {""})
    found = [f"the users and roles of {', '.join(strange)}"] if strange else []
    without = sum(one.identity is UNSET for one in principals)
    if without:
        found.append(f"policies of {without} of {len(principals)} users and roles")
    if any(one.scps is UNSET for one in principals):
        found.append("service control policies")
    closed = sum(one.resource_policy is UNSET for one in targets)
    if closed:
        found.append(f"the resource policies of {closed} of {len(targets)} resources")
    return tuple(found)
