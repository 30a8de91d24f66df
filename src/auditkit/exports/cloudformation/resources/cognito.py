"""Amazon Cognito."""

from auditkit.exports._answers import Node, Tree
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell user pools and identity pools."""
    for pool in to.of("AWS::Cognito::UserPool"):
        _user_pool(to, pool)
    for (place, pool_id), clients in to.by("UserPoolId", of=["AWS::Cognito::UserPoolClient"]).items():
        trees = [
            to.tree(client, "cognito-idp.UserPoolClientDescription", members={"ClientId": client.identity.name})
            for client in clients
        ]
        tree = {"UserPoolClients": trees}
        to.give(clients[0], "cognito-idp.ListUserPoolClients", tree, pool_id, place=place, complete=False)
    for (place, pool_id), groups in to.by("UserPoolId", of=["AWS::Cognito::UserPoolGroup"]).items():
        trees = [
            to.tree(group, "cognito-idp.GroupType", members={"GroupName": group.text("GroupName") or group.logical})
            for group in groups
        ]
        to.give(groups[0], "cognito-idp.ListGroups", {"Groups": trees}, pool_id, place=place, complete=False)
    for identities in to.of("AWS::Cognito::IdentityPool"):
        members = {
            "IdentityPoolId": identities.identity.name,
            "IdentityPoolName": identities.node.at("IdentityPoolName") or identities.identity.attributes["Name"],
            "IdentityPoolTags": identities.node.at("IdentityPoolTags"),
        }
        tree = to.tree(identities, "cognito-identity.IdentityPool", {"IdentityPoolTags": ""}, members)
        to.give(identities, "cognito-identity.DescribeIdentityPool", tree, identities.identity.name)
    for attachment in to.of("AWS::Cognito::IdentityPoolRoleAttachment"):
        _roles(to, attachment)


def _user_pool(to: Telling, pool: Resource) -> None:
    members = {
        "Id": pool.identity.name,
        "Arn": pool.identity.arn,
        "Name": pool.node.at("UserPoolName") or f"{pool.stack.name}-{pool.logical}",
        "UserPoolTags": pool.node.at("UserPoolTags"),
        "MfaConfiguration": pool.node.at("MfaConfiguration") or "OFF",
    }
    tree = to.tree(pool, "cognito-idp.UserPoolType", {"UserPoolTags": "", "Schema": ""}, members)
    to.give(pool, "cognito-idp.DescribeUserPool", {"UserPool": tree}, pool.identity.name)


def _roles(to: Telling, attachment: Resource) -> None:
    identity = attachment.text("IdentityPoolId")
    given = attachment.node.at("RoleMappings")
    mappings: dict[str, object] = {}
    for key in given.value if given is not None and isinstance(given.value, dict) else ():
        mapping = given.at(key) if given is not None else None
        if mapping is not None:
            provider = mapping.text("IdentityProvider") or key
            mappings[provider] = _mapping(to, mapping)
    tree = {"IdentityPoolId": identity, "Roles": attachment.node.at("Roles"), "RoleMappings": mappings}
    to.give(attachment, "cognito-identity.GetIdentityPoolRoles", tree, identity)


def _mapping(to: Telling, mapping: Node) -> Tree:
    return to.fitted(mapping, "cognito-identity.RoleMapping")
