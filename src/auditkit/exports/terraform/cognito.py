"""Amazon Cognito in Terraform: pools of users, pools of identities and the roles that these give."""

import re
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.terraform._out import Out, block
from auditkit.exports.terraform._resources import Estate, Resource

__all__ = ["translate"]

_GUESTS, _MEMBERS = "unauthenticated", "authenticated"
_GUEST_WORDS = re.compile(r"un_?auth|guest|anonym|visitor", re.IGNORECASE)
_MEMBER_WORDS = re.compile(r"auth|user|member|signed_?in|logged_?in", re.IGNORECASE)


def translate(estate: Estate, out: Out) -> None:
    """Hand over pools of users and of identities."""
    for pool in estate.of("aws_cognito_user_pool"):
        tree = pool.fit("cognito-idp", "UserPoolType", password_policy="", tags="", lambda_config="")
        tree["Id"] = pool.id
        password = pool.first("password_policy")
        if password is not None:
            shape = shape_of("cognito-idp", "PasswordPolicyType")
            tree["Policies"] = {"PasswordPolicy": fitted(password, shape)}
        hooks = pool.first("lambda_config")
        tree["LambdaConfig"] = _hooks(hooks) if hooks is not None else None
        tree["UserPoolTags"] = pool.tags
        out.partly(pool, "cognito-idp.ListUserPools")
        out.give(pool, "cognito-idp.DescribeUserPool", {"UserPool": tree}, pool.id)
    for kind, call, key, shape_name in (
        ("aws_cognito_user_pool_client", "ListUserPoolClients", "UserPoolClients", "UserPoolClientDescription"),
        ("aws_cognito_user_group", "ListGroups", "Groups", "GroupType"),
    ):
        for (_, pool_id), found in estate.groups("user_pool_id", kind).items():
            trees = []
            for one in found:
                names = {"id": "ClientId", "name": "ClientName"} if key == "UserPoolClients" else {"name": "GroupName"}
                tree = one.fit("cognito-idp", shape_name, **names)
                trees.append(Tree(one.source, {**tree, "ClientId": one.id} if key == "UserPoolClients" else tree))
            out.give(found[0], f"cognito-idp.{call}", {key: trees}, pool_id, complete=False)
    _identity_pools(estate, out)


def _identity_pools(estate: Estate, out: Out) -> None:
    for pool in estate.of("aws_cognito_identity_pool"):
        tree = pool.fit(
            "cognito-identity",
            "IdentityPool",
            id="IdentityPoolId",
            openid_connect_provider_arns="OpenIdConnectProviderARNs",
            saml_provider_arns="SamlProviderARNs",
            tags="",
        )
        out.partly(pool, "cognito-identity.ListIdentityPools")
        described = {**tree, "IdentityPoolId": pool.id, "IdentityPoolTags": pool.tags}
        out.give(pool, "cognito-identity.DescribeIdentityPool", described, pool.id)
    for roles in estate.of("aws_cognito_identity_pool_roles_attachment"):
        _attached_roles(roles, out)


def _attached_roles(attachment: Resource, out: Out) -> None:
    """Hand over the roles of a pool; where a plan does not tell whose a role is, they stay unseen."""
    told = _told_apart(attachment.at("roles"))
    if told is None:
        out.unread(attachment, "which role guests get will be known only when the plan is applied")
        return
    mappings = {}
    for node in attachment.node.each("role_mapping"):
        rules = [
            block(rule, Claim="claim", MatchType="match_type", RoleARN="role_arn") for rule in node.each("mapping_rule")
        ]
        mappings[node.text("identity_provider")] = {
            "Type": node.text("type"),
            "AmbiguousRoleResolution": node.text("ambiguous_role_resolution") or None,
            "RulesConfiguration": {"Rules": rules} if rules else None,
        }
    pool_id = attachment.text("identity_pool_id")
    tree = {"IdentityPoolId": pool_id, "Roles": told, "RoleMappings": mappings}
    out.give(attachment, "cognito-identity.GetIdentityPoolRoles", tree, pool_id)


def _told_apart(roles: Node | None) -> Node | None:
    """Return the roles of a pool by who gets them; ``None`` where that is not told of every role.

    A plan may tell no more than what the map of roles refers to: such a role stands under its reference, in
    parentheses. What it is called there says whose it is; what is left over is that of who is left over.
    """
    if roles is None or not isinstance(roles.value, dict):
        return roles
    placed = {key: role for key, role in roles.value.items() if not key.startswith("(")}
    loose = {key: role for key, role in roles.value.items() if key.startswith("(")}
    for reference in [*loose]:
        who = _GUESTS if _GUEST_WORDS.search(reference) else _MEMBERS if _MEMBER_WORDS.search(reference) else ""
        if who and who not in placed:
            placed[who] = loose.pop(reference)
    left = [who for who in (_GUESTS, _MEMBERS) if who not in placed]
    if len(left) == len(loose) == 1:
        placed[left[0]] = next(iter(loose.values()))
        loose = {}
    return None if loose else Node(placed, roles.source)


def _hooks(node: Node) -> Any:  # noqa: ANN401 -- a tree
    tree = fitted(node, shape_of("cognito-idp", "LambdaConfigType"))
    if not isinstance(tree, dict):
        return tree
    return {key: value for key, value in tree.items() if not isinstance(value, Node) or value.value}
