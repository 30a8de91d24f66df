"""AWS IAM in Terraform."""

from collections import defaultdict
from typing import Any

from auditkit.exports._answers import Node
from auditkit.exports.terraform._out import Out
from auditkit.exports.terraform._resources import Estate, Resource
from auditkit.inventory.arn import UNKNOWN_ACCOUNT, arn_of

__all__ = ["translate"]

_DETAILS = "iam.GetAccountAuthorizationDetails"
_KINDS = {"role": "RoleDetailList", "user": "UserDetailList", "group": "GroupDetailList"}


def translate(estate: Estate, out: Out) -> None:
    """Hand over roles, users, groups and managed policies."""
    profiles = defaultdict(list)
    for profile in estate.of("aws_iam_instance_profile"):
        profiles[profile.text("role")].append({"Arn": profile.arn})
    for kind, section in _KINDS.items():
        attached, inline, untold = _attached(estate, kind), _inline(estate, kind), _untold(estate, kind)
        for owner in estate.of(f"aws_iam_{kind}"):
            name = owner.text("name")
            title = kind.capitalize()
            item: dict[str, Any] = {
                f"{title}Name": name,
                "Arn": owner.arn,
                f"{title}Id": owner.either("unique_id"),
                "Path": owner.either("path"),
                "CreateDate": owner.either("create_date"),
                "AttachedManagedPolicies": _managed(owner, [*attached.get(name, []), *untold.get(name, [])]),
                f"{title}PolicyList": _policies(owner, inline.get(name, []), out),
                "Tags": owner.tags,
            }
            boundary = owner.text("permissions_boundary")
            if boundary:
                item["PermissionsBoundary"] = {
                    "PermissionsBoundaryType": "Policy",
                    "PermissionsBoundaryArn": boundary,
                }
            if kind == "role":
                item["AssumeRolePolicyDocument"] = owner.either("assume_role_policy")
                item["InstanceProfileList"] = profiles.get(name, [])
            if kind == "user":
                item["GroupList"] = _groups(estate, name)
            unseen = ("trust_policy",) if owner.unknown("assume_role_policy") else ()
            _detail(out, owner, section, item, unseen)
    for policy in estate.of("aws_iam_policy"):
        _managed_policy(policy, out)
    for provider in estate.of("aws_iam_openid_connect_provider"):
        out.give(
            provider,
            "iam.ListOpenIDConnectProviders",
            {"OpenIDConnectProviderList": [{"Arn": provider.arn}]},
            complete=False,
        )
    for provider in estate.of("aws_iam_saml_provider"):
        out.give(provider, "iam.ListSAMLProviders", {"SAMLProviderList": [{"Arn": provider.arn}]}, complete=False)


def _detail(out: Out, resource: Resource, section: str, item: dict[str, Any], unseen: tuple[str, ...] = ()) -> None:
    out.give(resource, _DETAILS, {section: [item]}, complete=False, unseen=unseen)


def _attached(estate: Estate, kind: str) -> dict[str, list[str]]:
    """Return ARNs of the managed policies that resources of their own attach, by the owner's name."""
    found: dict[str, list[str]] = defaultdict(list)
    for attachment in estate.of(f"aws_iam_{kind}_policy_attachment"):
        found[attachment.text(kind)].append(_policy_arn(attachment))
    for attachment in estate.of("aws_iam_policy_attachment"):
        for name in _listed(attachment, f"{kind}s"):
            found[name].append(_policy_arn(attachment))
    for exclusive in estate.of(f"aws_iam_{kind}_policy_attachments_exclusive"):
        found[exclusive.text(f"{kind}_name")] += _listed(exclusive, "policy_arns")
    return found


def _policy_arn(resource: Resource) -> str:
    """Return the ARN of the policy that a resource attaches, or one that stands for a policy that is not told."""
    told = resource.text("policy_arn")
    return told if told.startswith("arn:") else _stands_for(resource)


def _stands_for(resource: Resource) -> str:
    return arn_of("iam", f"policy/{resource.symbol}", account=resource.place.account or UNKNOWN_ACCOUNT)


def _untold(estate: Estate, kind: str) -> dict[str, list[str]]:
    """Return ARNs that stand for policies of which a plan does not tell whose they are, by who may be meant."""
    found: dict[str, list[str]] = defaultdict(list)
    for resource in estate.of(f"aws_iam_{kind}_policy", f"aws_iam_{kind}_policy_attachment"):
        if not resource.text(kind):
            for name in dict.fromkeys(estate.referred(resource, kind)):
                found[name].append(_stands_for(resource))
    return found


def _inline(estate: Estate, kind: str) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for policy in estate.of(f"aws_iam_{kind}_policy"):
        found[policy.text(kind)].append(policy)
    return found


def _listed(resource: Resource, name: str) -> list[str]:
    found = resource.at(name)
    return [item for item in found.value if isinstance(item, str)] if found and isinstance(found.value, list) else []


def _managed(owner: Resource, attached: list[str]) -> list[dict[str, str]]:
    arns = [arn for arn in (*attached, *_listed(owner, "managed_policy_arns")) if arn.startswith("arn:")]
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in dict.fromkeys(arns)]


def _policies(owner: Resource, own: list[Resource], out: Out) -> list[dict[str, Any]]:
    """Return inline policies: those of resources of their own, and those that the owner holds."""
    found: dict[str, dict[str, Any]] = {}
    for policy in own:
        name = policy.text("name") or policy.id.rpartition(":")[2] or policy.symbol
        found[name] = {"PolicyName": name, "PolicyDocument": policy.either("policy") or _unknown(policy, out)}
    for node in owner.node.each("inline_policy"):
        name, document = node.text("name"), node.at("policy")
        if name and document is not None:
            found.setdefault(name, {"PolicyName": name, "PolicyDocument": document})
    return list(found.values())


def _unknown(policy: Resource, out: Out) -> Node | None:
    if policy.unknown("policy"):
        out.unread(policy, "policy will be known only when the plan is applied")
    return None


def _groups(estate: Estate, user: str) -> list[str]:
    found = {
        group
        for membership in estate.of("aws_iam_user_group_membership")
        if membership.text("user") == user
        for group in _listed(membership, "groups")
    }
    found |= {
        membership.text("group")
        for membership in estate.of("aws_iam_group_membership")
        if user in _listed(membership, "users")
    }
    return sorted(found)


def _managed_policy(policy: Resource, out: Out) -> None:
    document = policy.either("policy")
    item = {
        "PolicyName": policy.text("name"),
        "Arn": policy.arn,
        "PolicyId": policy.either("policy_id"),
        "Path": policy.either("path"),
        "Description": policy.either("description"),
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": document}] if document else [],
        "Tags": policy.tags,
    }
    if document is None:
        out.unread(policy, "policy will be known only when the plan is applied")
    _detail(out, policy, "Policies", item)
