"""AWS IAM: as the account authorization details would show it."""

from collections import defaultdict
from collections.abc import Iterator

from auditkit.exports._answers import Node, Place, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, several

__all__ = ["tell"]

_DETAILS = "iam.GetAccountAuthorizationDetails"
_KINDS = {
    "AWS::IAM::Role": ("Roles", "RoleName", "RoleDetailList", "RolePolicyList"),
    "AWS::IAM::User": ("Users", "UserName", "UserDetailList", "UserPolicyList"),
    "AWS::IAM::Group": ("Groups", "GroupName", "GroupDetailList", "GroupPolicyList"),
}
_OWN = {
    "AWS::IAM::RolePolicy": ("Roles", "RoleName"),
    "AWS::IAM::UserPolicy": ("Users", "UserName"),
    "AWS::IAM::GroupPolicy": ("Groups", "GroupName"),
}
_Key = tuple[Place, str, str]
"""Place, kind (``"Roles"``) and name of a principal."""


def tell(to: Telling) -> None:
    """Tell roles, users, groups, managed policies and identity providers."""
    inline, attached, profiles = _policies(to), _attachments(to), _profiles(to)
    for kind, (group, named, section, policies) in _KINDS.items():
        for principal in to.of(kind):
            key = (place_of(principal), group, principal.identity.name)
            node = principal.node
            members: dict[str, object] = {
                named: principal.identity.name,
                "Arn": principal.identity.arn,
                "Path": node.at("Path") or "/",
                "AssumeRolePolicyDocument": node.at("AssumeRolePolicyDocument"),
                policies: [*(_inline(own) for own in several(node.at("Policies"))), *inline.get(key, ())],
                "AttachedManagedPolicies": _attached(node, attached.get(key, ())),
                "PermissionsBoundary": _boundary(node),
                "Tags": node.at("Tags") or [],
            }
            if group == "Roles":
                members["InstanceProfileList"] = [{"Arn": arn} for arn in profiles.get(key, ())]
            if group == "Users":
                members["GroupList"] = [*several(node.at("Groups")), *_groups(to, principal)]
            tree = Tree(node.source, members)
            to.give(principal, _DETAILS, {section: [tree]}, complete=False)
    for policy in to.of("AWS::IAM::ManagedPolicy"):
        _managed(to, policy)
    for provider in to.of("AWS::IAM::OIDCProvider"):
        listed = {"OpenIDConnectProviderList": [{"Arn": provider.identity.arn}]}
        to.give(provider, "iam.ListOpenIDConnectProviders", listed, complete=False)
    for provider in to.of("AWS::IAM::SAMLProvider"):
        listed = {"SAMLProviderList": [{"Arn": provider.identity.arn}]}
        to.give(provider, "iam.ListSAMLProviders", listed, complete=False)


def _inline(node: Node) -> Tree:
    return Tree(
        node.source,
        {"PolicyName": node.at("PolicyName") or "policy", "PolicyDocument": node.at("PolicyDocument")},
    )


def _boundary(node: Node) -> dict[str, object] | None:
    boundary = node.at("PermissionsBoundary")
    if boundary is None:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}


def _policies(to: Telling) -> dict[_Key, list[Tree]]:
    """Return the inline policies that are resources of their own, by the principal that has them."""
    found: dict[_Key, list[Tree]] = defaultdict(list)
    for policy in to.of("AWS::IAM::Policy"):
        for group, _, _, _ in _KINDS.values():
            for name in _names(policy, group):
                found[place_of(policy), group, name].append(_inline(policy.node))
    for kind, (group, key) in _OWN.items():
        for policy in to.of(kind):
            found[place_of(policy), group, policy.text(key)].append(_inline(policy.node))
    return found


def _attachments(to: Telling) -> dict[_Key, list[str]]:
    """Return the managed policies that name whom they are attached to, by the principal."""
    found: dict[_Key, list[str]] = defaultdict(list)
    for policy in to.of("AWS::IAM::ManagedPolicy"):
        for group, _, _, _ in _KINDS.values():
            for name in _names(policy, group):
                found[place_of(policy), group, name].append(policy.identity.arn)
    return found


def _profiles(to: Telling) -> dict[_Key, list[str]]:
    """Return the instance profiles by the role that they hand on."""
    found: dict[_Key, list[str]] = defaultdict(list)
    for profile in to.of("AWS::IAM::InstanceProfile"):
        for name in _names(profile, "Roles"):
            found[place_of(profile), "Roles", name].append(profile.identity.arn)
    return found


def _names(policy: Resource, group: str) -> Iterator[str]:
    return (item.value for item in several(policy.node.at(group)) if isinstance(item.value, str))


def _attached(node: Node, further: list[str] | tuple[()]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for item in several(node.at("ManagedPolicyArns")):
        name = item.value.rpartition("/")[2] if isinstance(item.value, str) else ""
        found.append({"PolicyName": name, "PolicyArn": item})
    return found + [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in further]


def _groups(to: Telling, user: Resource) -> list[str]:
    additions = to.of("AWS::IAM::UserToGroupAddition")
    name = user.identity.name
    return [added.text("GroupName") for added in additions if name in set(_names(added, "Users"))]


def _managed(to: Telling, policy: Resource) -> None:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": policy.node.at("PolicyDocument")}
    tree = Tree(
        policy.node.source,
        {
            "PolicyName": policy.identity.name,
            "Arn": policy.identity.arn,
            "Path": policy.node.at("Path") or "/",
            "DefaultVersionId": "v1",
            "PolicyVersionList": [version],
        },
    )
    to.give(policy, _DETAILS, {"Policies": [tree]}, complete=False)
