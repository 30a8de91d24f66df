"""Responses of AWS KMS, AWS Secrets Manager and Systems Manager Parameter Store."""

from collections import defaultdict

from auditkit.exports._attached import policy_text, tags_of
from auditkit.exports._reading import Handler, Reading, Response
from auditkit.exports.services._fields import enrich, listed, one
from auditkit.inventory.records.keys import Key, KeyGrant, KeyMetadata, KeyRotation, Parameter, Secret

__all__ = ["HANDLERS"]


def _list_keys(response: Response, reading: Reading) -> None:
    for key, _, _ in reading.each(response, Key, "Keys"):
        key.id, key.name = key.key_arn, key.key_id
        reading.add(key)


def _describe_key(response: Response, reading: Reading) -> None:
    item = reading.value(dict, response, "KeyMetadata")
    if not item:
        return
    shape = {**item, "KeyArn": item.get("Arn")}
    key = reading.convert(response, Key, shape, "KeyMetadata")
    if key is not None:
        key.id, key.name = key.key_arn, key.key_id
        found = one(response, reading, KeyMetadata, "KeyMetadata")
        key.metadata = found
        reading.add(key)


def _list_aliases(response: Response, reading: Reading) -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for _, item, source in reading.items(response, "Aliases"):
        name, target = item.get("AliasName"), item.get("TargetKeyId")
        if not isinstance(name, str):
            reading.not_read(source, "wrong shape: an alias without AliasName")
        elif isinstance(target, str):  # AWS reserves names for keys that do not exist yet
            names[target].append(name)

    def attach(read: Reading) -> None:
        for key in read.find(Key, account=response.account, region=response.region):
            found = tuple(sorted(names.get(key.key_id, ())))
            read.enrich(Key, key.id, response.at("Aliases"), aliases=found)

    reading.later(attach)


def _get_key_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("Policy"), response.at("Policy"), reading)
    enrich(response, reading, Key, "Policy", policy=policy)


def _list_grants(response: Response, reading: Reading) -> None:
    enrich(response, reading, Key, "Grants", grants=listed(response, reading, KeyGrant, "Grants"))


def _get_rotation(response: Response, reading: Reading) -> None:
    enrich(response, reading, Key, rotation=one(response, reading, KeyRotation) if response.payload else None)


def _list_key_tags(response: Response, reading: Reading) -> None:
    enrich(response, reading, Key, "Tags", tags=tags_of(response.payload.get("Tags"), response.at("Tags"), reading))


def _list_secrets(response: Response, reading: Reading) -> None:
    for secret, item, source in reading.each(response, Secret, "SecretList"):
        secret.id, secret.name = secret.arn, secret.secret_name
        secret.tags = tags_of(item.get("Tags"), source.at("Tags"), reading)
        reading.add(secret)


def _get_secret_policy(response: Response, reading: Reading) -> None:
    policy = policy_text(response.payload.get("ResourcePolicy"), response.at("ResourcePolicy"), reading)
    key = response.argument() or response.payload.get("ARN")
    enrich(response, reading, Secret, "ResourcePolicy", key=str(key), policy=policy)


def _describe_parameters(response: Response, reading: Reading) -> None:
    for parameter, _, source in reading.each(response, Parameter, "Parameters"):
        name = parameter.parameter_name
        if not parameter.arn and not (response.account and response.region):
            reading.not_read(source, "a parameter without ARN in a file that tells neither account nor region")
            continue
        parameter.id = parameter.arn or response.arn("ssm", f"parameter/{name.removeprefix('/')}")
        parameter.name = name
        reading.add(parameter)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("kms", "DescribeKey"): _describe_key,
    ("kms", "GetKeyPolicy"): _get_key_policy,
    ("kms", "GetKeyRotationStatus"): _get_rotation,
    ("kms", "ListAliases"): _list_aliases,
    ("kms", "ListGrants"): _list_grants,
    ("kms", "ListKeys"): _list_keys,
    ("kms", "ListResourceTags"): _list_key_tags,
    ("secretsmanager", "GetResourcePolicy"): _get_secret_policy,
    ("secretsmanager", "ListSecrets"): _list_secrets,
    ("ssm", "DescribeParameters"): _describe_parameters,
}
