"""Resource types of AWS Config that more than one response describes."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from auditkit.exports._answers import Node, Tree
from auditkit.exports._out import Out
from auditkit.exports._shapes import fitted, shape_of
from auditkit.exports.config._buckets import tell_bucket
from auditkit.exports.config._items import Item
from auditkit.exports.config._kinds import pairs, policy_of, tell_tags

__all__ = ["GROUPS", "SPECIAL"]

Fields = dict[str, Any]
_DETAILS = "iam.GetAccountAuthorizationDetails"


# ---------------------------------------------------------------- functions, keys


def _function(item: Item, out: Out) -> None:
    configuration = item.fit(
        "lambda", "FunctionConfiguration", {"functionArn": "FunctionArn", "kmskeyArn": "KMSKeyArn"}
    )
    configuration.setdefault("FunctionArn", item.arn)
    configuration.setdefault("FunctionName", item.name or item.id)
    seen = "Environment" in configuration
    unseen = ["image_uri", "resolved_image_uri", *([] if seen else ["environment"])]
    unseen += [] if item.tags is not None else ["tags"]
    out.partly(item, "lambda.ListFunctions")
    name = item.name or item.id
    shown = {"Configuration": Tree(item.source, configuration), "Tags": item.tags}
    out.give(item, "lambda.GetFunction", shown, name, unseen=unseen)
    policy = policy_of(item.more("Policy"))
    if policy is not None:
        out.give(item, "lambda.GetPolicy", {"Policy": policy}, name)
    concurrency = item.more("Concurrency")
    if concurrency is not None:
        reserved = fitted(concurrency, shape_of("lambda", "GetFunctionConcurrencyResponse"))
        out.give(item, "lambda.GetFunctionConcurrency", reserved if isinstance(reserved, dict) else {}, name)


def _key(item: Item, out: Out) -> None:
    metadata = item.fit("kms", "KeyMetadata", {"arn": "Arn", "awsaccountId": "AWSAccountId"})
    metadata.setdefault("Arn", item.arn)
    metadata.setdefault("KeyId", item.id)
    out.partly(item, "kms.ListKeys")
    out.give(item, "kms.DescribeKey", {"KeyMetadata": metadata}, item.id)
    policy = policy_of(item.more("Policy"))
    if policy is not None:
        out.give(item, "kms.GetKeyPolicy", {"Policy": policy}, item.id)
    rotation = item.more("KeyRotationStatus")
    if rotation is not None and isinstance(rotation.value, bool):
        out.give(item, "kms.GetKeyRotationStatus", {"KeyRotationEnabled": rotation.value}, item.id)
    if item.tags is not None:
        out.give(item, "kms.ListResourceTags", {"Tags": pairs(item.tags, "TagKey", "TagValue")}, item.id)


# ---------------------------------------------------------------- identities


def _identity(section: str, title: str) -> Callable[[Item, Out], None]:
    shapes = {"RoleDetailList": "RoleDetail", "UserDetailList": "UserDetail", "GroupDetailList": "GroupDetail"}

    def hand_over(item: Item, out: Out) -> None:
        tree = item.fit("iam", shapes[section], {"arn": "Arn", "tags": ""})
        tree.setdefault("Arn", item.arn)
        tree.setdefault(f"{title}Name", item.name)
        if section != "GroupDetailList":
            tree["Tags"] = pairs(item.tags)
        unseen = () if item.configuration.at("assumeRolePolicyDocument") or title != "Role" else ("trust_policy",)
        out.give(item, _DETAILS, {section: [Tree(item.source, tree)]}, complete=False, unseen=unseen)

    return hand_over


def _policy(item: Item, out: Out) -> None:
    tree = item.fit("iam", "ManagedPolicyDetail", {"arn": "Arn"})
    tree.setdefault("Arn", item.arn)
    tree.setdefault("PolicyName", item.name)
    out.give(item, _DETAILS, {"Policies": [Tree(item.source, tree)]}, complete=False)


def _provider(call: str, key: str) -> Callable[[Item, Out], None]:
    def hand_over(item: Item, out: Out) -> None:
        out.give(item, call, {key: [{"Arn": item.arn}]}, complete=False)

    return hand_over


# ---------------------------------------------------------------- queues, topics, events


_QUEUE_ATTRIBUTES = (
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "MaximumMessageSize",
    "DelaySeconds",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
    "RedrivePolicy",
    "RedriveAllowPolicy",
)


def _queue(item: Item, out: Out) -> None:
    raw = item.configuration
    url = raw.text("QueueUrl") or item.id
    attributes = {"QueueArn": item.arn, **{name: raw.at(name) for name in _QUEUE_ATTRIBUTES}}
    attributes["Policy"] = policy_of(raw.at("Policy"))
    out.partly(item, "sqs.ListQueues")
    out.give(item, "sqs.GetQueueAttributes", {"Attributes": attributes}, url)
    if item.tags is not None:
        out.give(item, "sqs.ListQueueTags", {"Tags": item.tags}, url)


def _topic(item: Item, out: Out) -> None:
    raw = item.configuration
    names = ("Owner", "KmsMasterKeyId", "FifoTopic", "SignatureVersion")
    policy = policy_of(raw.at("Policy"))
    attributes = {"TopicArn": item.arn, **{name: raw.at(name) for name in names}, "Policy": policy}
    out.partly(item, "sns.ListTopics")
    unseen = () if policy is not None else ("policy",)  # a topic always has one
    out.give(item, "sns.GetTopicAttributes", {"Attributes": attributes}, item.arn, unseen=unseen)
    if item.tags is not None:
        out.give(item, "sns.ListTagsForResource", {"Tags": pairs(item.tags)}, item.arn)


def _bus(item: Item, out: Out) -> None:
    tree = item.fit("events", "DescribeEventBusResponse", {})
    tree |= {"Arn": item.arn, "Policy": policy_of(item.configuration.at("Policy"))}
    tree.setdefault("Name", item.name)
    out.partly(item, "events.ListEventBuses")
    out.give(item, "events.DescribeEventBus", tree, item.name)
    if item.tags is not None:
        out.give(item, "events.ListTagsForResource", {"Tags": pairs(item.tags)}, item.arn)


def _rule(item: Item, out: Out) -> None:
    raw = item.configuration
    tree = item.fit("events", "Rule", {"Id": "", "Targets": ""})
    bus = (raw.text("EventBusName") or "default").rpartition("/")[2]
    tree |= {"Arn": item.arn or raw.text("Arn"), "EventBusName": bus}
    tree.setdefault("Name", item.name)
    out.give(item, "events.ListRules", {"Rules": [tree]}, bus, complete=False)
    targets = raw.at("Targets")
    if targets is not None:
        shown = [fitted(target, shape_of("events", "Target")) for target in raw.each("Targets")]
        name = raw.text("Name") or item.name
        out.give(item, "events.ListTargetsByRule", {"Targets": shown}, bus, name)


# ---------------------------------------------------------------- APIs, CloudFront


def _rest_stages(items: list[Item], out: Out) -> None:
    for api, stages in _by_api(items, "/restapis/").items():
        trees = [Tree(item.source, item.fit("apigateway", "Stage", {"tags": "", "arn": ""})) for item in stages]
        out.give(stages[0], "apigateway.GetStages", {"item": trees}, api, complete=False)


def _http_stages(items: list[Item], out: Out) -> None:
    for api, stages in _by_api(items, "/apis/").items():
        trees = [Tree(item.source, item.fit("apigatewayv2", "Stage", {"tags": ""})) for item in stages]
        out.give(stages[0], "apigatewayv2.GetStages", {"Items": trees}, api, complete=False)


def _by_api(items: list[Item], mark: str) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        api = item.arn.partition(mark)[2].partition("/")[0]
        if api:
            found[api].append(item)
    return found


def _distribution(item: Item, out: Out) -> None:
    inner = item.configuration.at("distributionConfig") or item.configuration.at("DistributionConfig")
    shape = shape_of("cloudfront", "DistributionSummary")
    names = {"aRN": "ARN", "arn": "ARN"}
    parts = [fitted(node, shape, names) for node in (inner, item.configuration) if node is not None]
    tree: Fields = {}
    for part in parts:
        tree |= part if isinstance(part, dict) else {}
    tree["ARN"] = item.arn or tree.get("ARN")
    tree.setdefault("Id", item.id)
    out.give(item, "cloudfront.ListDistributions", {"DistributionList": {"Items": [tree]}}, complete=False)
    tell_tags(item, out)


def _account_block(item: Item, out: Out) -> None:
    block = fitted(item.configuration, shape_of("s3", "PublicAccessBlockConfiguration"))
    tree = {"PublicAccessBlockConfiguration": block}
    out.give(item, "s3control.GetPublicAccessBlock", tree, item.place.account)


# ---------------------------------------------------------------- security groups


def _security_group(item: Item, out: Out) -> None:
    raw = item.configuration
    tree = item.fit("ec2", "SecurityGroup", {"ipPermissions": "", "ipPermissionsEgress": "", "tags": ""})
    tree.setdefault("GroupId", item.id)
    tree["IpPermissions"] = [_permission(node) for node in raw.each("ipPermissions")]
    tree["IpPermissionsEgress"] = [_permission(node) for node in raw.each("ipPermissionsEgress")]
    tree["Tags"] = pairs(item.tags)
    out.give(item, "ec2.DescribeSecurityGroups", {"SecurityGroups": [tree]}, complete=False)


def _permission(node: Node) -> Fields:
    """Return a rule; ranges of addresses stand as objects beside an older list of texts, or in that alone."""
    found = fitted(node, shape_of("ec2", "IpPermission"), {"ipRanges": ""})
    tree: Fields = found if isinstance(found, dict) else {}
    ranges, older = node.at("ipv4Ranges"), node.at("ipRanges")
    listed = older.value if older is not None and isinstance(older.value, list) else []
    tree["IpRanges"] = (
        [{"CidrIp": one.at("cidrIp")} for one in node.each("ipv4Ranges")]
        if ranges is not None
        else [one if isinstance(one, dict) else {"CidrIp": one} for one in listed]
    )
    return tree


# ---------------------------------------------------------------- policies, and other parts


def _attached(call: str, key: str, *names: str) -> Callable[[Item, Out], None]:
    """Return what hands over a policy that stands in the configuration of a resource."""

    def hand_over(item: Item, out: Out) -> None:
        found = next((policy for name in names if (policy := policy_of(item.configuration.at(name)))), None)
        if found is not None:
            argument = item.name or item.id
            out.give(item, call, {key: found}, argument if not argument.startswith("arn:") else _last(argument))

    return hand_over


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _cluster_policy(item: Item, out: Out) -> None:
    arn = item.configuration.text("ClusterArn") or item.configuration.text("clusterArn") or item.id
    policy = policy_of(item.configuration.at("Policy"))
    if policy is not None:
        out.give(item, "kafka.GetClusterPolicy", {"Policy": policy}, arn)


def _table(item: Item, out: Out) -> None:
    name = item.name or item.id
    backups = item.more("ContinuousBackupsDescription")
    if backups is not None:
        tree = {"ContinuousBackupsDescription": fitted(backups, shape_of("dynamodb", "ContinuousBackupsDescription"))}
        out.give(item, "dynamodb.DescribeContinuousBackups", tree, name)
    if item.tags is not None:
        out.give(item, "dynamodb.ListTagsOfResource", {"Tags": pairs(item.tags)}, name)


def _delivery(item: Item, out: Out) -> None:
    raw = item.configuration
    destinations = []
    members = shape_of("firehose", "DestinationDescription").members
    for member, shape in members.items():
        node = raw.at(member.replace("Description", "Configuration"))
        if node is not None:
            renames = {"S3Configuration": "S3DestinationDescription", "S3BackupConfiguration": "S3BackupDescription"}
            destinations.append({member: fitted(node, shape, renames)})
    stream = raw.at("KinesisStreamSourceConfiguration")
    source = {"KinesisStreamSourceDescription": fitted(stream, shape_of("firehose", "KinesisStreamSourceDescription"))}
    tree = {
        "DeliveryStreamName": raw.text("DeliveryStreamName") or item.name,
        "DeliveryStreamARN": item.arn,
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": raw.at("DeliveryStreamType"),
        "Source": source if stream is not None else None,
        "Destinations": destinations,
    }
    out.partly(item, "firehose.ListDeliveryStreams")
    described = {"DeliveryStreamDescription": tree}
    out.give(item, "firehose.DescribeDeliveryStream", described, item.name, unseen=("tags",))
    tell_tags(item, out)


def _stream(item: Item, out: Out) -> None:
    if item.tags is not None:
        out.give(item, "kinesis.ListTagsForStream", {"Tags": pairs(item.tags)}, item.name)


def _machine(item: Item, out: Out) -> None:
    if item.tags is not None:
        out.give(item, "stepfunctions.ListTagsForResource", {"tags": pairs(item.tags, "key", "value")}, item.arn)


def _aliases(items: list[Item], out: Out) -> None:
    for place in sorted({item.place for item in items}):
        own = [item for item in items if item.place == place]
        shown = [Tree(item.source, item.fit("kms", "AliasListEntry", {})) for item in own]
        out.give(own[0], "kms.ListAliases", {"Aliases": shown}, complete=False)


def _pool_parts(call: str, key: str, shape: str) -> Callable[[list[Item], Out], None]:
    def hand_over(items: list[Item], out: Out) -> None:
        pools: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            pools[item.configuration.text("UserPoolId")].append(item)
        for pool, own in pools.items():
            trees = [Tree(item.source, item.fit("cognito-idp", shape, {})) for item in own]
            if pool:
                out.give(own[0], call, {key: trees}, pool, complete=False)

    return hand_over


SPECIAL: dict[str, Callable[[Item, Out], None]] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::DynamoDB::Table": _table,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::ECR::Repository": _attached("ecr.GetRepositoryPolicy", "policyText", "RepositoryPolicyText"),
    "AWS::EFS::FileSystem": _attached("efs.DescribeFileSystemPolicy", "Policy", "FileSystemPolicy"),
    "AWS::Events::EventBus": _bus,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Group": _identity("GroupDetailList", "Group"),
    "AWS::IAM::OIDCProvider": _provider("iam.ListOpenIDConnectProviders", "OpenIDConnectProviderList"),
    "AWS::IAM::Policy": _policy,
    "AWS::IAM::Role": _identity("RoleDetailList", "Role"),
    "AWS::IAM::SAMLProvider": _provider("iam.ListSAMLProviders", "SAMLProviderList"),
    "AWS::IAM::User": _identity("UserDetailList", "User"),
    "AWS::KMS::Key": _key,
    "AWS::Kinesis::Stream": _stream,
    "AWS::KinesisFirehose::DeliveryStream": _delivery,
    "AWS::Lambda::Function": _function,
    "AWS::MSK::ClusterPolicy": _cluster_policy,
    "AWS::S3::AccountPublicAccessBlock": _account_block,
    "AWS::S3::Bucket": tell_bucket,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::StepFunctions::StateMachine": _machine,
}
GROUPS: dict[str, Callable[[list[Item], Out], None]] = {
    "AWS::ApiGateway::Stage": _rest_stages,
    "AWS::ApiGatewayV2::Stage": _http_stages,
    "AWS::Cognito::UserPoolClient": _pool_parts(
        "cognito-idp.ListUserPoolClients", "UserPoolClients", "UserPoolClientDescription"
    ),
    "AWS::Cognito::UserPoolGroup": _pool_parts("cognito-idp.ListGroups", "Groups", "GroupType"),
    "AWS::KMS::Alias": _aliases,
}
