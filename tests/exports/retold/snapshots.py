"""The account as a snapshot of AWS Config: items of types of older services have the words of their API, in small
letters, those of newer ones the properties that CloudFormation has."""

import json
from urllib.parse import quote

from tests.exports.retold.account import ACCOUNT, REGIONS
from tests.exports.retold.templates import template_of

LIKE_TEMPLATES = {
    "AWS::AmazonMQ::Broker": "AWS::AmazonMQ::Broker",
    "AWS::AppSync::GraphQLApi": "AWS::AppSync::GraphQLApi",
    "AWS::Cognito::IdentityPool": "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPool": "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient": "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup": "AWS::Cognito::UserPoolGroup",
    "AWS::ECR::Repository": "AWS::ECR::Repository",
    "AWS::EFS::AccessPoint": "AWS::EFS::AccessPoint",
    "AWS::EFS::FileSystem": "AWS::EFS::FileSystem",
    "AWS::Events::ApiDestination": "AWS::Events::ApiDestination",
    "AWS::Events::Archive": "AWS::Events::Archive",
    "AWS::Events::Connection": "AWS::Events::Connection",
    "AWS::Events::EventBus": "AWS::Events::EventBus",
    "AWS::Events::Rule": "AWS::Events::Rule",
    "AWS::IAM::OIDCProvider": "AWS::IAM::OIDCProvider",
    "AWS::KMS::Alias": "AWS::KMS::Alias",
    "AWS::Kinesis::Stream": "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream": "AWS::KinesisFirehose::DeliveryStream",
    "AWS::OpenSearchService::Domain": "AWS::OpenSearch::Domain",
    "AWS::SecretsManager::Secret": "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine": "AWS::StepFunctions::StateMachine",
}
"""Types of templates -> those of items that have the same properties."""


def small(value):
    """Return an answer of the API with names that begin with small letters."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: small(item) for key, item in value.items()}
    return [small(item) for item in value] if isinstance(value, list) else value


class Snapshot:
    """A snapshot that is being written."""

    def __init__(self, account):
        self.account = account
        self.items = []

    def add(self, kind, region, arn, name, configuration, *, tags=(), supplementary=None, identity=""):
        tags = tags or self.account.tags.get(arn)
        shown = dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags or []}
        self.items.append(
            {
                "configurationItemVersion": "1.3",
                "configurationItemCaptureTime": "2026-11-02T06:00:00.000Z",
                "configurationItemStatus": "OK",
                "awsAccountId": ACCOUNT,
                "awsRegion": region,
                "ARN": arn,
                "resourceType": kind,
                "resourceId": identity or name,
                "resourceName": name,
                "configuration": configuration,
                "supplementaryConfiguration": supplementary or {},
                "tags": shown,
                "relationships": [],
            }
        )


def snapshots(account):
    to = Snapshot(account)
    for part in (functions, identities, buckets, messages, tables, keys, networks, servers, apis, edge):
        part(to, account)
    for region in REGIONS:
        like_templates(to, account, region)
    text = json.dumps({"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": to.items})
    return {"snapshot.json": text}


def like_templates(to, account, region):
    template = template_of(account, region)
    arns = {}
    for arn, found in template.by_arn.items():
        if found.get("Fn::GetAtt", ["", "Arn"])[1] != "StreamArn":
            arns[found.get("Ref") or found["Fn::GetAtt"][0]] = arn
    policies = [
        one["Properties"] for one in template.resources.values() if one["Type"] == "AWS::Events::EventBusPolicy"
    ]
    for logical, resource in template.resources.items():
        kind, said, physical = resource["Type"], dict(resource["Properties"]), template.physical[logical]
        if kind not in LIKE_TEMPLATES:
            continue
        arn = arns.get(logical, physical)
        if kind == "AWS::Events::EventBus":
            own = [one["Statement"] for one in policies if one["EventBusName"] == physical]
            said["Policy"] = {"Version": "2012-10-17", "Statement": own}
        name = said.get("Name") or said.get("RuleName") or arn.rpartition(":")[2].rpartition("/")[2]
        name = {"AWS::ECR::Repository": physical, "AWS::Cognito::UserPool": said.get("UserPoolName")}.get(kind) or name
        tags = said.pop("Tags", None) or said.pop("FileSystemTags", None) or said.pop("AccessPointTags", None)
        tags = tags or said.pop("UserPoolTags", None) or said.pop("IdentityPoolTags", None) or []
        if kind == "AWS::AmazonMQ::Broker":
            arn = arn.replace(":broker:", ":broker:warehouse:")
        if kind == "AWS::AppSync::GraphQLApi":
            said["ApiId"] = physical.rpartition("/")[2]
        if kind == "AWS::Cognito::UserPoolClient":
            said["ClientId"] = physical
        if kind == "AWS::Events::Connection":
            said.pop("AuthParameters")
        to.add(LIKE_TEMPLATES[kind], region, arn, name, said, tags=tags, identity=physical)


# ---------------------------------------------------------------- functions, identities


def functions(to, account):
    for region, name, answer in account.each("lambda-get-function"):
        said = small({key: value for key, value in answer["Configuration"].items() if key != "Environment"})
        said["state"] = {"value": said.pop("state", "Active")}
        supplementary = {"Tags": "{}"}
        policy = account.one("lambda-get-policy", region, name).get("Policy")
        if policy:
            supplementary["Policy"] = json.dumps(policy)
        reserved = answer.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        supplementary["Concurrency"] = json.dumps(
            {} if reserved is None else {"reservedConcurrentExecutions": float(reserved)}
        )
        arn = answer["Configuration"]["FunctionArn"]
        to.add(
            "AWS::Lambda::Function", region, arn, name, said, tags=answer.get("Tags", {}), supplementary=supplementary
        )


def encoded(policy):
    return quote(json.dumps(policy), safe="")


def identities(to, account):
    details = account.one("iam-get-account-authorization-details", "global", "")
    for key, kind, inline in (
        ("RoleDetailList", "Role", "RolePolicyList"),
        ("UserDetailList", "User", "UserPolicyList"),
        ("GroupDetailList", "Group", "GroupPolicyList"),
    ):
        for detail in details[key]:
            said = small(detail)
            own = inline[:1].lower() + inline[1:]
            said[own] = [
                {"policyName": one["PolicyName"], "policyDocument": encoded(one["PolicyDocument"])}
                for one in detail[inline]
            ]
            if kind == "Role":
                said["assumeRolePolicyDocument"] = encoded(detail["AssumeRolePolicyDocument"])
            tags = detail.get("Tags", [])
            to.add(f"AWS::IAM::{kind}", "global", detail["Arn"], detail[f"{kind}Name"], said, tags=tags)
    for policy in details["Policies"]:
        if not policy["Arn"].startswith("arn:aws:iam::aws:"):
            said = small(policy)
            for version, detail in zip(said["policyVersionList"], policy["PolicyVersionList"], strict=True):
                version["document"] = encoded(detail["Document"])
            to.add("AWS::IAM::Policy", "global", policy["Arn"], policy["PolicyName"], said)


# ---------------------------------------------------------------- stores


def buckets(to, account):
    for _, _, bucket in account.each("s3-list-buckets", "Buckets"):
        name = bucket["Name"]

        def answer(call, name=name):
            return account.one(call, "global", name)

        region = answer("s3-get-bucket-location").get("LocationConstraint") or "us-east-1"
        supplementary = {"BucketPolicy": {"policyText": answer("s3-get-bucket-policy").get("Policy")}}
        supplementary["BucketNotificationConfiguration"] = _notified(answer("s3-get-bucket-notification-configuration"))
        supplementary["BucketVersioningConfiguration"] = {
            "status": answer("s3-get-bucket-versioning").get("Status", "Off"),
            "isMfaDeleteEnabled": None,
        }
        blocked = answer("s3-get-public-access-block").get("PublicAccessBlockConfiguration")
        if blocked:
            supplementary["PublicAccessBlockConfiguration"] = small(blocked)
        supplementary["ServerSideEncryptionConfiguration"] = {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
                        "kmsMasterKeyID": rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID"),
                    },
                    "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
                }
                for rule in answer("s3-get-bucket-encryption")["ServerSideEncryptionConfiguration"]["Rules"]
            ]
        }
        copied = answer("s3-get-bucket-replication").get("ReplicationConfiguration")
        if copied:
            supplementary["BucketReplicationConfiguration"] = {
                "roleARN": copied["Role"],
                "rules": {
                    rule["ID"]: {
                        "status": rule["Status"],
                        "filter": {"predicate": {"type": 1, "prefix": ""}},
                        "destinationConfig": {
                            "bucketARN": rule["Destination"]["Bucket"],
                            "account": rule["Destination"].get("Account"),
                        },
                    }
                    for rule in copied["Rules"]
                },
            }
        tags = answer("s3-get-bucket-tagging").get("TagSet", [])
        arn = f"arn:aws:s3:::{name}"
        to.add("AWS::S3::Bucket", region, arn, name, {"name": name}, tags=tags, supplementary=supplementary)


def _notified(answer):
    found = {}
    for key, member, ours in (
        ("LambdaFunctionConfigurations", "LambdaFunctionArn", "functionARN"),
        ("QueueConfigurations", "QueueArn", "queueARN"),
        ("TopicConfigurations", "TopicArn", "topicARN"),
    ):
        for config in answer.get(key, []):
            rules = config.get("Filter", {}).get("Key", {}).get("FilterRules", [])
            listed = [{"name": rule["Name"].title(), "value": rule["Value"]} for rule in rules]
            found[config["Id"]] = {
                "events": config["Events"],
                "filter": {"s3KeyFilter": {"filterRules": listed}} if rules else None,
                ours: config[member],
                "type": key.removesuffix("s"),
            }
    said = {"configurations": found}
    return said | ({"eventBridgeConfiguration": {}} if "EventBridgeConfiguration" in answer else {})


def messages(to, account):
    for region, url, answer in account.each("sqs-get-queue-attributes"):
        said = answer["Attributes"] | {"QueueUrl": url}
        arn = said["QueueArn"]
        tags = account.one("sqs-list-queue-tags", region, url).get("Tags", {})
        to.add("AWS::SQS::Queue", region, arn, arn.rpartition(":")[2], said, tags=tags, identity=url)
    for region, arn, answer in account.each("sns-get-topic-attributes"):
        tags = account.one("sns-list-tags-for-resource", region, arn).get("Tags", [])
        to.add("AWS::SNS::Topic", region, arn, arn.rpartition(":")[2], answer["Attributes"], tags=tags)


def tables(to, account):
    for region, name, answer in account.each("dynamodb-describe-table"):
        table = answer["Table"]
        said = {key: value for key, value in small(table).items() if key != "sSEDescription"}
        sse = table.get("SSEDescription")
        if sse:
            said["ssedescription"] = {
                "status": sse["Status"],
                "ssetype": sse["SSEType"],
                "kmsmasterKeyArn": sse["KMSMasterKeyArn"],
            }
        backups = account.one("dynamodb-describe-continuous-backups", region, name)["ContinuousBackupsDescription"]
        tags = account.one("dynamodb-list-tags-of-resource", region, table["TableArn"]).get("Tags", [])
        supplementary = {"ContinuousBackupsDescription": small(backups)}
        to.add("AWS::DynamoDB::Table", region, table["TableArn"], name, said, tags=tags, supplementary=supplementary)


def keys(to, account):
    for region, key, answer in account.each("kms-describe-key"):
        metadata = answer["KeyMetadata"]
        said = small(metadata) | {"awsaccountId": ACCOUNT}
        said.pop("aWSAccountId")
        policy = account.one("kms-get-key-policy", region, key)["Policy"]
        rotated = account.one("kms-get-key-rotation-status", region, key)["KeyRotationEnabled"]
        tags = account.one("kms-list-resource-tags", region, key).get("Tags", [])
        shown = {tag["TagKey"]: tag["TagValue"] for tag in tags}
        supplementary = {"KeyRotationStatus": rotated, "Policy": json.dumps(policy)}
        to.add("AWS::KMS::Key", region, metadata["Arn"], key, said, tags=shown, supplementary=supplementary)


# ---------------------------------------------------------------- networks, servers


def networks(to, account):
    for call, key, kind, name, resource in (
        ("ec2-describe-vpcs", "Vpcs", "VPC", "VpcId", "vpc"),
        ("ec2-describe-subnets", "Subnets", "Subnet", "SubnetId", "subnet"),
        ("ec2-describe-route-tables", "RouteTables", "RouteTable", "RouteTableId", "route-table"),
        ("ec2-describe-nat-gateways", "NatGateways", "NatGateway", "NatGatewayId", "natgateway"),
        ("ec2-describe-vpc-endpoints", "VpcEndpoints", "VPCEndpoint", "VpcEndpointId", "vpc-endpoint"),
    ):
        for region, _, item in account.each(call, key):
            arn = f"arn:aws:ec2:{region}:{ACCOUNT}:{resource}/{item[name]}"
            to.add(f"AWS::EC2::{kind}", region, arn, item[name], small(item), tags=item.get("Tags", []))
    for region, _, group in account.each("ec2-describe-security-groups", "SecurityGroups"):
        said = small(group)
        for key in ("ipPermissions", "ipPermissionsEgress"):
            for rule in said[key]:
                rule["ipv4Ranges"] = rule.pop("ipRanges")
                rule["ipRanges"] = [one["cidrIp"] for one in rule["ipv4Ranges"]]
        name = group["GroupId"]
        arn = f"arn:aws:ec2:{region}:{ACCOUNT}:security-group/{name}"
        to.add("AWS::EC2::SecurityGroup", region, arn, name, said, tags=group.get("Tags", []))


def servers(to, account):
    for region, _, cluster in account.each("rds-describe-db-clusters", "DBClusters"):
        said = small(cluster)
        to.add(
            "AWS::RDS::DBCluster",
            region,
            cluster["DBClusterArn"],
            cluster["DBClusterIdentifier"],
            said,
            tags=cluster["TagList"],
        )
    for region, _, instance in account.each("rds-describe-db-instances", "DBInstances"):
        said = small(instance)
        to.add(
            "AWS::RDS::DBInstance",
            region,
            instance["DBInstanceArn"],
            instance["DBInstanceIdentifier"],
            said,
            tags=instance["TagList"],
        )
    for region, _, balancer in account.each("elbv2-describe-load-balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        to.add("AWS::ElasticLoadBalancingV2::LoadBalancer", region, arn, balancer["LoadBalancerName"], small(balancer))
    for region, _, listener in account.each("elbv2-describe-listeners", "Listeners"):
        arn = listener["ListenerArn"]
        to.add(
            "AWS::ElasticLoadBalancingV2::Listener", region, arn, arn.rpartition("/")[2], small(listener), identity=arn
        )


# ---------------------------------------------------------------- APIs, the edge


def apis(to, account):
    for region, _, api in account.each("apigateway-get-rest-apis", "items"):
        arn = f"arn:aws:apigateway:{region}::/restapis/{api['id']}"
        to.add("AWS::ApiGateway::RestApi", region, arn, api["name"], api, tags=api.get("tags", {}), identity=api["id"])
        for stage in account.one("apigateway-get-stages", region, api["id"])["item"]:
            name = stage["stageName"]
            to.add("AWS::ApiGateway::Stage", region, f"{arn}/stages/{name}", name, stage, tags=stage.get("tags", {}))
    for region, _, api in account.each("apigatewayv2-get-apis", "Items"):
        arn = f"arn:aws:apigateway:{region}::/apis/{api['ApiId']}"
        to.add("AWS::ApiGatewayV2::Api", region, arn, api["Name"], small(api), tags=api.get("Tags", {}))
        for stage in account.one("apigatewayv2-get-stages", region, api["ApiId"])["Items"]:
            name = stage["StageName"]
            to.add("AWS::ApiGatewayV2::Stage", region, f"{arn}/stages/{name}", name, small(stage))


def edge(to, account):
    for _, _, answer in account.each("cloudfront-list-distributions"):
        for one in answer["DistributionList"]["Items"]:
            config = account.one("cloudfront-get-distribution-config", "global", one["Id"])["DistributionConfig"]
            said = {"id": one["Id"], "aRN": one["ARN"], "status": one["Status"], "domainName": one["DomainName"]}
            said["distributionConfig"] = small(config)
            to.add("AWS::CloudFront::Distribution", "us-east-1", one["ARN"], "", said, identity=one["Id"])
