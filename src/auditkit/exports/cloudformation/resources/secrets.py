"""AWS KMS, AWS Secrets Manager and Systems Manager Parameter Store."""

from collections import defaultdict

from auditkit.exports._answers import Place
from auditkit.exports.cloudformation._resource import Resource
from auditkit.exports.cloudformation._telling import Telling, place_of, policy_of

__all__ = ["tell"]


def tell(to: Telling) -> None:
    """Tell keys, secrets and parameters."""
    for key in to.of("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
        _key(to, key)
    _aliases(to)
    rotations = to.by("SecretId", of=["AWS::SecretsManager::RotationSchedule"])
    policies = to.by("SecretId", of=["AWS::SecretsManager::ResourcePolicy"])
    for secret in to.of("AWS::SecretsManager::Secret"):
        _secret(to, secret, rotations.get((place_of(secret), secret.identity.arn), []))
        found = policies.get((place_of(secret), secret.identity.arn), [])
        documents = [document for one in found if (document := one.node.at("ResourcePolicy")) is not None]
        tree = {"ResourcePolicy": policy_of(documents)}
        to.policy(secret, "secretsmanager.GetResourcePolicy", tree, secret.identity.arn)
    for rotation in to.of("AWS::SecretsManager::RotationSchedule"):
        if rotation.get("HostedRotationLambda") is not None:
            reason = "the function that rotates the secret is made by a transform, and is not in the template"
            to.note(rotation, reason, "Properties", "HostedRotationLambda")
    for parameter in to.of("AWS::SSM::Parameter"):
        members = {"Name": parameter.identity.name, "ARN": parameter.identity.arn}
        tree = to.tree(parameter, "ssm.ParameterMetadata", {"Policies": "", "Tags": ""}, members)
        to.give(parameter, "ssm.DescribeParameters", {"Parameters": [tree]}, complete=False)


def _key(to: Telling, key: Resource) -> None:
    name, enabled = key.identity.name, str(key.get("Enabled")).lower() != "false"
    members: dict[str, object] = {
        "KeyId": name,
        "Arn": key.identity.arn,
        "Enabled": enabled,
        "KeyState": "Enabled" if enabled else "Disabled",
        "KeyManager": "CUSTOMER",
        "KeyUsage": key.node.at("KeyUsage") or "ENCRYPT_DECRYPT",
    }
    tree = to.tree(key, "kms.KeyMetadata", members=members)
    to.give(key, "kms.DescribeKey", {"KeyMetadata": tree}, name)
    policy = key.node.at("KeyPolicy")
    if policy is not None:
        to.give(key, "kms.GetKeyPolicy", {"Policy": policy}, name)
    rotation = {
        "KeyRotationEnabled": key.node.at("EnableKeyRotation") or False,
        "RotationPeriodInDays": key.node.at("RotationPeriodInDays"),
    }
    to.give(key, "kms.GetKeyRotationStatus", rotation, name)
    to.give(key, "kms.ListResourceTags", {"Tags": key.node.at("Tags")}, name)


def _aliases(to: Telling) -> None:
    found: dict[Place, list[Resource]] = defaultdict(list)
    for alias in to.of("AWS::KMS::Alias"):
        found[place_of(alias)].append(alias)
    for place, aliases in found.items():
        items = [
            {"AliasName": alias.identity.name, "TargetKeyId": alias.text("TargetKeyId").rpartition("/")[2]}
            for alias in aliases
        ]
        to.give(aliases[0], "kms.ListAliases", {"Aliases": items}, place=place, complete=False)


def _secret(to: Telling, secret: Resource, rotations: list[Resource]) -> None:
    members: dict[str, object] = {"ARN": secret.identity.arn, "Name": secret.identity.name}
    if rotations:
        members["RotationEnabled"] = True
        members["RotationLambdaARN"] = rotations[0].node.at("RotationLambdaARN")
        members["RotationRules"] = rotations[0].node.at("RotationRules")
    tree = to.tree(secret, "secretsmanager.SecretListEntry", {"ReplicaRegions": ""}, members)
    to.give(secret, "secretsmanager.ListSecrets", {"SecretList": [tree]}, complete=False)
